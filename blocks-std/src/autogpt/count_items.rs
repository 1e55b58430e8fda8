//! `autogpt.count_items`: how many there are, or -1.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::count;

/// Counts the items of a list, the entries of a map or the characters of a text.
pub(super) struct CountItems;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What to count: a list, a map or a text.
    collection: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// How many there are; -1 for what cannot be counted.
    Count(i64),
}

impl Block for CountItems {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.count_items",
        1,
        "Counts the items of a list, the entries of a map or the characters of a text; -1 for anything else.",
    )
    .details("Unlike `math.count_items`, gives -1 where that one fails.")
    .category(Category::Math)
    .native("math.count_items")
    .autogpt("3c9c2f42-b0c3-435f-ba35-05f7a25c772a", "CountItemsBlock")
    .examples(&[
        Example::new("list", r#"{"collection": [1, null]}"#, r#"[["count", 2]]"#),
        Example::new("a number", r#"{"collection": 5}"#, r#"[["count", -1]]"#),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let count = count(&input.collection).and_then(|n| i64::try_from(n).ok());
        out.emit(Output::Count(count.unwrap_or(-1))).await?;
        Ok(())
    }
}
