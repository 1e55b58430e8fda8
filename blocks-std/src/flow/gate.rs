//! `flow.gate`: on or off.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lets a value pass or holds it up.
pub(super) struct Gate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value.
    value: Value,
    /// Whether it may pass. Over an ordinary link each value needs one of its own; over a sticky link the last one
    /// holds for all that follow.
    open: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, if it may pass.
    Passed(Value),
    /// The value, if it may not.
    Stopped(Value),
}

impl Block for Gate {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.gate",
        1,
        "Lets a value pass if a condition is true, and sends it another way if not.",
    )
    .category(Category::Flow)
    .examples(&[
        Example::new(
            "open",
            r#"{"value": "a", "open": true}"#,
            r#"[["passed", "a"]]"#,
        ),
        Example::new(
            "closed",
            r#"{"value": null, "open": false}"#,
            r#"[["stopped", null]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(if input.open {
            Output::Passed(input.value)
        } else {
            Output::Stopped(input.value)
        })
        .await?;
        Ok(())
    }
}
