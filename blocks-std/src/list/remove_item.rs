//! `list.remove_item`: a list without one of its items.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::position::item;
use crate::given::given;
use crate::python::equals;

/// Removes one item of a list, by index or by value.
pub(super) struct RemoveItem;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    list: List,
    /// Removes the first item that equals this value, unless `index` is given. Default: none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Value")]
    value: Option<Value>,
    /// Removes the item at this index: 0 is the first, -1 the last. Default: none.
    #[serde(default)]
    index: Option<i64>,
    /// Returns the item that was removed. Default: false.
    #[serde(default)]
    return_item: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The list without the item.
    UpdatedList(List),
    /// The item that was removed, if asked for.
    RemovedItem(Value),
}

impl Block for RemoveItem {
    const INFO: BlockInfo = BlockInfo::new(
        "list.remove_item",
        1,
        "Removes one item of a list, by index or by value.",
    )
    .category(Category::List)
    .details(
        "Values are equal by what they say: 1, 1.0 and true are equal, \"1\" is not; the \
             order of keys does not matter.",
    )
    .autogpt(
        "d93c5a93-ac7e-41c1-ae5c-ef67e6e9b826",
        "RemoveFromListBlock",
    )
    .examples(&[
        Example::new(
            "by value",
            r#"{"list": ["a", "b", "a"], "value": "a"}"#,
            r#"[["updated_list", ["b", "a"]]]"#,
        ),
        Example::new(
            "by index",
            r#"{"list": [1, 2], "index": -2, "return_item": true}"#,
            r#"[["updated_list", [2]], ["removed_item", 1]]"#,
        ),
        Example::new(
            "not there",
            r#"{"list": [1], "value": 5}"#,
            r#"[["error", "not found"]]"#,
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
        let Input {
            mut list,
            value,
            index,
            return_item,
        } = input;
        let at = match (index, value) {
            (Some(index), _) => item(index, list.len()),
            (None, Some(value)) => list.iter().position(|item| equals(item, &value)),
            (None, None) => None,
        };
        // The words are those of AutoGPT: graphs made for it compare them.
        let at = at.ok_or_else(|| BlockError::input("Index or value not found"))?;
        let removed = list.make_mut().remove(at);
        out.emit(Output::UpdatedList(list)).await?;
        if return_item {
            out.emit(Output::RemovedItem(removed)).await?;
        }
        Ok(())
    }
}
