//! `web.read_feed`: the news of a site.

use std::time::Duration;

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::address;
use super::feed::{self, About, Item};

/// Reads a news feed.
pub(super) struct ReadFeed;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address of the feed.
    url: Text,
    /// Only what came out after this time (`2024-03-01T09:30:00Z`); what has no date is left out then.
    after: Option<Text>,
    /// How many items there may be; those that stand first stay.
    #[serde(default = "usual_items")]
    max_items: u32,
    /// How long it may take, in milliseconds; the host's limit holds too.
    timeout_ms: Option<u64>,
}

const fn usual_items() -> u32 {
    1_000
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What the feed is about.
    Feed(About),
    /// Its items, in its order.
    Items(Vec<Item>),
}

impl Block for ReadFeed {
    const INFO: BlockInfo = BlockInfo::new(
        "web.read_feed",
        1,
        "Reads a news feed: RSS, Atom or JSON Feed.",
    )
    .details("A feed may have 8 MiB. Links are absolute. What a description says is not looked at: it may be HTML, of anyone.")
    .category(Category::Web)
    .feature("feed")
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Http]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        address::host_need(literals, "url")
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let after = match &input.after {
            None => None,
            Some(text) => Some(text.parse::<jiff::Timestamp>().map_err(|error| {
                BlockError::input(format!(
                    "\"after\" is no time as 2024-03-01T09:30:00Z: {error}"
                ))
            })?),
        };
        let timeout = input.timeout_ms.map(|ms| Duration::from_millis(ms.max(1)));
        let (about, mut items) = feed::get(cx, &input.url, timeout).await?;
        if let Some(after) = after {
            items.retain(|item| item.is_after(after.as_millisecond()));
        }
        items.truncate(input.max_items as usize);
        out.emit(Output::Feed(about)).await?;
        out.emit(Output::Items(items)).await?;
        Ok(())
    }
}
