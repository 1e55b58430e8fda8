//! `flow.each`: one item after the other.

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Emits the items of a list or map one after the other.
pub(super) struct Each;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list or map to go through.
    items: Items,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Items {
    List(List),
    Map(Map),
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The next item.
    Item(Value),
    /// Its place in the list, from 0, or its key in the map.
    Key(Value),
}

impl Block for Each {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.each",
        1,
        "Emits the items of a list or map one after the other, each with its key.",
    )
    .category(Category::Flow)
    .examples(&[
        Example::new(
            "list",
            r#"{"items": ["a", null]}"#,
            r#"[["item", "a"], ["key", 0], ["item", null], ["key", 1]]"#,
        ),
        Example::new(
            "map",
            r#"{"items": {"k": "v"}}"#,
            r#"[["item", "v"], ["key", "k"]]"#,
        ),
        Example::new("nothing", r#"{"items": []}"#, "[]"),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        match input.items {
            Items::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    out.emit(Output::Item(item.clone())).await?;
                    out.emit(Output::Key(Value::from(index))).await?;
                }
            }
            Items::Map(map) => {
                for (key, item) in map.iter() {
                    out.emit(Output::Item(item.clone())).await?;
                    out.emit(Output::Key(Value::Text(key.clone()))).await?;
                }
            }
        }
        Ok(())
    }
}
