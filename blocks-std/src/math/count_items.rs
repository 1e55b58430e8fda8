//! `math.count_items`: how many there are.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// How many there are.
    Count(u64),
}

impl Block for CountItems {
    const INFO: BlockInfo = BlockInfo::new(
        "math.count_items",
        1,
        "Counts the items of a list, the entries of a map or the characters of a text.",
    )
    .details("Characters are Unicode code points: a letter with a combining accent is two.")
    .category(Category::Math)
    .examples(&[
        Example::new("list", r#"{"collection": [1, null]}"#, r#"[["count", 2]]"#),
        Example::new("text", r#"{"collection": "héy"}"#, r#"[["count", 3]]"#),
        Example::new(
            "not a collection",
            r#"{"collection": 5}"#,
            r#"[["error", "cannot be counted"]]"#,
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
        let Some(n) = count(&input.collection) else {
            return Err(BlockError::input(format!(
                "a value of type {} cannot be counted: give a list, a map or a text",
                input.collection.type_name()
            )));
        };
        out.emit(Output::Count(n as u64)).await?;
        Ok(())
    }
}

/// Returns the number of items, entries or characters, if the value has such.
pub(crate) fn count(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.chars().count()),
        Value::List(items) => Some(items.len()),
        Value::Map(map) => Some(map.len()),
        _ => None,
    }
}
