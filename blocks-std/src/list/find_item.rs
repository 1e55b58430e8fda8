//! `list.find_item`: where a value stands in a list.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::equals;

/// Finds the first item of a list that equals a value.
pub(super) struct FindItem;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list to look through.
    list: List,
    /// The value to look for.
    value: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Where it stands, 0 for the first item; nothing if it is not there.
    Index(usize),
    /// Whether it is there.
    Found(bool),
    /// The value that was looked for, if it is not there.
    NotFoundValue(Value),
}

impl Block for FindItem {
    const INFO: BlockInfo = BlockInfo::new(
        "list.find_item",
        1,
        "Finds the first item of a list that equals a value.",
    )
    .category(Category::List)
    .details(
        "Values are equal by what they say: 1, 1.0 and true are equal, \"1\" is not; the \
             order of keys does not matter.",
    )
    .autogpt("5e2c6d0a-1e37-489f-b1d0-8e1812b23333", "FindInListBlock")
    .examples(&[
        Example::new(
            "there",
            r#"{"list": ["a", "b"], "value": "b"}"#,
            r#"[["index", 1], ["found", true]]"#,
        ),
        Example::new(
            "not there",
            r#"{"list": [1], "value": "1"}"#,
            r#"[["found", false], ["not_found_value", "1"]]"#,
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
        let Input { list, value } = input;
        match list.iter().position(|item| equals(item, &value)) {
            Some(index) => {
                out.emit(Output::Index(index)).await?;
                out.emit(Output::Found(true)).await?;
            }
            None => {
                out.emit(Output::Found(false)).await?;
                out.emit(Output::NotFoundValue(value)).await?;
            }
        }
        Ok(())
    }
}
