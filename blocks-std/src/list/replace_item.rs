//! `list.replace_item`: a list with another item at an index.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::position::{item, out_of_range};

/// Puts a value in the place of an item of a list.
pub(super) struct ReplaceItem;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    list: List,
    /// Which item: 0 is the first, -1 the last.
    index: i64,
    /// What to put there.
    value: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The list with the new item.
    UpdatedList(List),
    /// The item that was there.
    OldItem(Value),
}

impl Block for ReplaceItem {
    const INFO: BlockInfo = BlockInfo::new(
        "list.replace_item",
        1,
        "Puts a value in the place of an item of a list.",
    )
    .category(Category::List)
    .autogpt(
        "fbf62922-bea1-4a3d-8bac-23587f810b38",
        "ReplaceListItemBlock",
    )
    .examples(&[
        Example::new(
            "the last",
            r#"{"list": [1, 2, 3], "index": -1, "value": "a"}"#,
            r#"[["updated_list", [1, 2, "a"]], ["old_item", 3]]"#,
        ),
        Example::new(
            "beyond the end",
            r#"{"list": [], "index": 0, "value": 1}"#,
            r#"[["error", "out of range"]]"#,
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
            index,
            value,
        } = input;
        let at = item(index, list.len()).ok_or_else(out_of_range)?;
        let place = list.make_mut().get_mut(at).ok_or_else(out_of_range)?;
        let old = std::mem::replace(place, value);
        out.emit(Output::UpdatedList(list)).await?;
        out.emit(Output::OldItem(old)).await?;
        Ok(())
    }
}
