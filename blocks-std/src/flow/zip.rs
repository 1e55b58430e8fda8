//! `flow.zip`: streams side by side.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Waits for one value of each stream.
pub(super) struct Zip;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// One value of each: link to `values.NAME` for a map, or to `values[0]`, `values[1]`, … for a list.
    values: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The values that came first, then those that came second, and so on.
    Values(Value),
}

impl Block for Zip {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.zip",
        1,
        "Brings the values of several streams together: the first of each, the second of each, and so on.",
    )
    .details(
        "What is left of a stream that is longer than another is reported as stalled when the run ends. For two lists \
         instead of streams use `list.zip`.",
    )
    .category(Category::Flow)
    .examples(&[Example::new(
        "two streams",
        r#"{"values": {"name": "Ada", "born": 1815}}"#,
        r#"[["values", {"name": "Ada", "born": 1815}]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Values(input.values)).await?;
        Ok(())
    }
}
