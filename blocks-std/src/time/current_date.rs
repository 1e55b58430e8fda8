//! `time.current_date`: the date.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moment::{Format, Parts, days_later};

/// Tells the date, or one some days before or after.
pub(super) struct CurrentDate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Any text: it says when to tell the time, not what.
    #[serde(rename = "trigger")]
    _trigger: String,
    /// How many days to add; a negative number gives an earlier date.
    #[serde(default)]
    offset_days: i64,
    /// How to write it.
    #[serde(default)]
    format_type: Format,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The date.
    Date(String),
}

impl Block for CurrentDate {
    const INFO: BlockInfo = BlockInfo::new(
        "time.current_date",
        2,
        "Tells the date, or one some days before or after.",
    )
    .category(Category::Time)
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Clock])
    .examples(&[
        Example::new(
            "as usual",
            r#"{"trigger": "go"}"#,
            r#"[["date", "2026-03-08"]]"#,
        )
        .varies(),
        Example::new(
            "too far",
            r#"{"trigger": "go", "offset_days": 99999999}"#,
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
        let now = days_later(&now, input.offset_days)?;
        out.emit(Output::Date(input.format_type.write(&now, Parts::Date)))
            .await?;
        Ok(())
    }
}
