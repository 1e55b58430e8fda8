//! The presets that come with this crate.

use std::sync::OnceLock;

use graphloom::block::{BoxFuture, Inputs, Literals, Needs, Shape, ShapeError};
use graphloom::prelude::*;
use graphloom::{DynBlock, DynEmitter, Registry, RegistryError};

use super::Preset;

/// A file of `presets/`. Read when it is first asked for, once a program: reading all of them is more than a short-lived
/// program does otherwise, and what a preset says of itself is kept for good.
struct Source {
    id: &'static str,
    /// The AutoGPT block that it stands in for.
    alias: Option<&'static str>,
    text: &'static str,
    preset: OnceLock<Result<Preset, ShapeError>>,
}

macro_rules! sources {
    ($($id:literal $(as $alias:literal)?,)+) => {
        /// Adds the presets of this crate.
        pub(crate) fn register(registry: &mut Registry) -> Result<(), RegistryError> {
            $({
                static SOURCE: Source = Source {
                    id: $id,
                    alias: sources!(@alias $($alias)?),
                    text: include_str!(concat!("../../presets/", $id, ".json")),
                    preset: OnceLock::new(),
                };
                registry.add_unread(SOURCE.id, SOURCE.alias, Standard(&SOURCE))?;
            })+
            Ok(())
        }
    };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
}

// Every file, in the order of the names, with the alias that it declares: a test compares.
sources! {
    "airtable.create_record",
    "airtable.list_records",
    "brave.search",
    "deepl.translate",
    "discord.list_messages",
    "discord.reply_to_message" as "7226cb99-6e7b-4672-b6b2-acec95336eec",
    "discord.send_message" as "d0822ab5-9f8a-44a3-8971-531dd0178b6b",
    "discord.send_webhook",
    "elevenlabs.speak",
    "exa.search",
    "firecrawl.scrape_page",
    "github.create_comment",
    "github.create_issue",
    "github.get_file",
    "github.list_issues",
    "google_maps.find_places",
    "ideogram.generate_image" as "6ab085e2-20b3-4055-bc3e-08036e01eca6",
    "jina.read_page" as "436c3984-57fd-4b85-8e9a-459b356883bd",
    "jina.search" as "87840993-2053-44b7-8da4-187ad4ee518c",
    "linear.create_issue",
    "medium.publish_post" as "3f7b2dcb-4a78-4e3f-b0f1-88132e1b89df",
    "notion.create_page",
    "open_meteo.forecast",
    "openai.create_embedding",
    "openweathermap.current_weather" as "f7a8b2c3-6d4e-5f8b-9e7f-6d4e5f8b9e7f",
    "perplexity.ask",
    "resend.send_mail",
    "slack.post_message",
    "tavily.search",
    "telegram.send_message" as "787678ad-1f47-4efc-89df-643f9908621a",
    "todoist.create_task",
    "twilio.send_sms",
    "wikipedia.get_summary" as "f5b0f5d0-1862-4d61-94be-3ad0fa772760",
    "wolfram.ask" as "b7710ce4-68ef-4e82-9a2f-f0b874ef9c7d",
}

/// What stands for a preset that cannot be read; a test reads all of them.
const UNREADABLE: &BlockInfo =
    &BlockInfo::new("preset.unreadable", 1, "A preset that cannot be read.");

struct Standard(&'static Source);

impl Standard {
    fn preset(&self) -> &'static Result<Preset, ShapeError> {
        self.0.preset.get_or_init(|| {
            Preset::from_json(self.0.text.as_bytes())
                .map_err(|errors| ShapeError::new("", errors.to_string()))
        })
    }
}

impl DynBlock for Standard {
    fn info(&self) -> &BlockInfo {
        self.preset().as_ref().map_or(UNREADABLE, DynBlock::info)
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        match self.preset() {
            Ok(preset) => preset.describe(),
            Err(error) => Err(error.clone()),
        }
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let preset = self.preset().as_ref();
        preset.map_or_else(
            |_| Needs::default(),
            |preset| DynBlock::needs(preset, literals),
        )
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        match self.preset() {
            Ok(preset) => preset.run(cx, inputs, out),
            Err(error) => Box::pin(std::future::ready(Err(BlockError::Bug {
                message: error.to_string(),
            }))),
        }
    }
}
