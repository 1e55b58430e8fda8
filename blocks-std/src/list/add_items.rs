//! `list.add_items`: one or more items put into a list.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::position::gap;
use crate::given::given;

/// Puts one or more items into a list.
pub(super) struct AddItems;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list to add to. Default: an empty one.
    #[serde(default)]
    list: List,
    /// One item to add, after `entries`. Default: none. A null that is given is added.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Value")]
    entry: Option<Value>,
    /// Items to add. Default: none.
    #[serde(default)]
    entries: List,
    /// Where to add: before the item with this index, 0 for the start; negative counts from the end, and what lies
    /// outside is the nearest end. Default: at the end.
    #[serde(default)]
    position: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The list with the new items.
    UpdatedList(List),
}

impl Block for AddItems {
    const INFO: BlockInfo =
        BlockInfo::new("list.add_items", 1, "Puts one or more items into a list.")
            .category(Category::List)
            .autogpt("aeb08fc1-2fc1-4141-bc8e-f758f183a822", "AddToListBlock")
            .examples(&[
                Example::new(
                    "at the end",
                    r#"{"list": [1], "entries": [2, 3], "entry": 4}"#,
                    r#"[["updated_list", [1, 2, 3, 4]]]"#,
                ),
                Example::new(
                    "before the last item",
                    r#"{"list": [1, 2, 3], "entry": 9, "position": -1}"#,
                    r#"[["updated_list", [1, 2, 9, 3]]]"#,
                ),
                Example::new(
                    "a list as one item",
                    r#"{"list": [1, 2], "entry": [3]}"#,
                    r#"[["updated_list", [1, 2, [3]]]]"#,
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
            entry,
            entries,
            position,
        } = input;
        let items = list.make_mut();
        let at = position.map_or(items.len(), |position| gap(position, items.len()));
        items.splice(at..at, entries.iter().cloned().chain(entry));
        out.emit(Output::UpdatedList(list)).await?;
        Ok(())
    }
}
