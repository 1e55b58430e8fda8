//! `list.collect`: a stream as a list.

use graphloom::prelude::*;
use graphloom::{Category, Example, Gather, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Collects everything that arrives into one list.
pub(super) struct Collect;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The items, one at a time. The block waits until no more can come.
    items: Gather<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// All items, in the order in which they arrived.
    List(Vec<Value>),
}

impl Block for Collect {
    const INFO: BlockInfo = BlockInfo::new(
        "list.collect",
        1,
        "Collects everything that arrives into one list.",
    )
    .category(Category::List)
    .examples(&[Example::new(
        "three items",
        r#"{"items": [1, "a", null]}"#,
        r#"[["list", [1, "a", null]]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::List(input.items.0)).await?;
        Ok(())
    }
}
