//! `time.current_date_time`: the present moment.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moment::{Format, Parts};

/// Tells the date and the time of day.
pub(super) struct CurrentDateTime;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Any text: it says when to tell the time, not what.
    #[serde(rename = "trigger")]
    _trigger: String,
    /// How to write it.
    #[serde(default)]
    format_type: Format,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The date and the time of day.
    DateTime(String),
}

impl Block for CurrentDateTime {
    const INFO: BlockInfo = BlockInfo::new("time.current_date_time", 2, "Tells the date and the time of day.")
        .category(Category::Time)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Clock])
        .autogpt("716a67b3-6760-42e7-86dc-18645c6e00fc", "GetCurrentDateAndTimeBlock")
        .examples(&[
            Example::new("as usual", r#"{"trigger": "go"}"#, r#"[["date_time", "2026-03-08 09:05:07"]]"#).varies(),
            Example::new(
                "no such time zone",
                r#"{"trigger": "go", "format_type": {"discriminator": "iso8601", "timezone": "Mars/Base"}}"#,
                r#"[["error", "there is no time zone"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let now = input.format_type.now(cx)?;
        out.emit(Output::DateTime(input.format_type.write(&now, Parts::Both)))
            .await?;
        Ok(())
    }
}
