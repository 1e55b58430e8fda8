//! `flow.merge`: several streams as one.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Passes on what arrives, from wherever it comes.
pub(super) struct Merge;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The values; any number of links may lead here, and each value that one brings is passed on by itself.
    value: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The next value.
    Value(Value),
}

impl Block for Merge {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.merge",
        1,
        "Passes on values from several links, each as it arrives.",
    )
    .details(
        "Brings branches together again, of which one or all have something. Values of one link keep their order; those of \
         different links come as they arrive. To wait for one of each, use `flow.zip`; for all, `list.collect`.",
    )
    .category(Category::Flow)
    .examples(&[Example::new(
        "a value",
        r#"{"value": [1, null]}"#,
        r#"[["value", [1, null]]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Value(input.value)).await?;
        Ok(())
    }
}
