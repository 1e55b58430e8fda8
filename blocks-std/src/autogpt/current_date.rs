//! `autogpt.current_date`: the date.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::integer_from_text;
use crate::time::{Format, Parts, days_later};

/// Tells the date, or one some days before or after.
pub(super) struct CurrentDate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Any text: it says when to tell the time, not what.
    #[serde(rename = "trigger")]
    _trigger: String,
    /// How many days to subtract; a negative number gives a later date.
    #[serde(default)]
    offset: Offset,
    /// How to write it.
    #[serde(default)]
    format_type: Format,
}

/// A whole number, or the text of one.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Offset {
    Whole(i64),
    Text(String),
}

impl Default for Offset {
    fn default() -> Self {
        Self::Whole(0)
    }
}

impl Offset {
    fn days(&self) -> i64 {
        match self {
            Self::Whole(days) => *days,
            Self::Text(text) => integer_from_text(text).unwrap_or(0),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The date.
    Date(String),
}

impl Block for CurrentDate {
    const INFO: BlockInfo = BlockInfo::new("autogpt.current_date", 2, "Tells the date, or one some days before or after.")
        .details(
            "Unlike `time.current_date`: the offset is subtracted, and a text that is no whole number counts as 0.",
        )
        .category(Category::Time)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Clock])
        .native("time.current_date")
        .autogpt("b29c1b50-5d0e-4d9f-8f9d-1b0e6fcbf0b1", "GetCurrentDateBlock")
        .examples(&[
            Example::new("as usual", r#"{"trigger": "go"}"#, r#"[["date", "2026-03-08"]]"#).varies(),
            Example::new(
                "too far",
                r#"{"trigger": "go", "offset": 99999999}"#,
                r#"[["error", "out of range"]]"#,
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
        let now = days_later(&now, input.offset.days().saturating_neg())?;
        out.emit(Output::Date(input.format_type.write(&now, Parts::Date)))
            .await?;
        Ok(())
    }
}
