//! `dictionary.find_value`: the value at a key.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::key::Key;
use crate::list::item;

/// Returns the value at a key of a dictionary, or at an index of a list.
pub(super) struct FindValue;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary, or the list.
    input: Value,
    /// The key in a dictionary; in a list the index, 0 for the first item, -1 for the last.
    key: Key,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, which may be null.
    Output(Value),
    /// What was looked through, if there is no such key or index, or it is neither a dictionary nor a list.
    Missing(Value),
}

impl Block for FindValue {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.find_value",
        1,
        "Returns the value at a key of a dictionary, or at an index of a list.",
    )
    .category(Category::Dictionary)
    .details(
        "Keys of a dictionary are texts: the number 1 as a key is not the key \"1\", and is \
             never there.",
    )
    .examples(&[
        Example::new(
            "a key",
            r#"{"input": {"a": 1}, "key": "a"}"#,
            r#"[["output", 1]]"#,
        ),
        Example::new(
            "an index",
            r#"{"input": [10, 20], "key": -1}"#,
            r#"[["output", 20]]"#,
        ),
        Example::new(
            "not there",
            r#"{"input": {"a": 1}, "key": "b"}"#,
            r#"[["missing", {"a": 1}]]"#,
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
        let Input { input, key } = input;
        let found = match (&input, &key) {
            (Value::Map(map), Key::Text(key)) => map.get(key),
            (Value::List(list), Key::Integer(index)) => {
                item(*index, list.len()).and_then(|at| list.get(at))
            }
            _ => None,
        };
        match found.cloned() {
            Some(value) => out.emit(Output::Output(value)).await?,
            None => out.emit(Output::Missing(input)).await?,
        }
        Ok(())
    }
}
