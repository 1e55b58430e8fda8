//! `list.get_item`: one item of a list.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::position::{item, out_of_range};

/// Returns the item of a list at an index.
pub(super) struct GetItem;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    list: List,
    /// Which item: 0 is the first, -1 the last.
    index: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The item.
    Item(Value),
}

impl Block for GetItem {
    const INFO: BlockInfo = BlockInfo::new(
        "list.get_item",
        1,
        "Returns the item of a list at an index.",
    )
    .category(Category::List)
    .autogpt("262ca24c-1025-43cf-a578-534e23234e97", "GetListItemBlock")
    .examples(&[
        Example::new(
            "the last",
            r#"{"list": [1, 2, 3], "index": -1}"#,
            r#"[["item", 3]]"#,
        ),
        Example::new(
            "beyond the end",
            r#"{"list": [1, 2], "index": 2}"#,
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
        let Input { list, index } = input;
        let at = item(index, list.len()).ok_or_else(out_of_range)?;
        let found = list.get(at).cloned().ok_or_else(out_of_range)?;
        out.emit(Output::Item(found)).await?;
        Ok(())
    }
}
