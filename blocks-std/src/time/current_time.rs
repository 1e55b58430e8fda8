//! `time.current_time`: the time of day.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moment::{Format, Parts};

/// Tells the time of day.
pub(super) struct CurrentTime;

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
    /// The time of day.
    Time(String),
}

impl Block for CurrentTime {
    const INFO: BlockInfo = BlockInfo::new("time.current_time", 2, "Tells the time of day.")
        .category(Category::Time)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Clock])
        .autogpt(
            "a892b8d9-3e4e-4e9c-9c1e-75f8efcf1bfa",
            "GetCurrentTimeBlock",
        )
        .examples(&[Example::new(
            "as usual",
            r#"{"trigger": "go"}"#,
            r#"[["time", "09:05:07"]]"#,
        )
        .varies()]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let now = input.format_type.now(cx)?;
        out.emit(Output::Time(input.format_type.write(&now, Parts::Time)))
            .await?;
        Ok(())
    }
}
