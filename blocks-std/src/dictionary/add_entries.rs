//! `dictionary.add_entries`: one or more entries put into a dictionary.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::given::given;

/// Sets one or more keys of a dictionary.
pub(super) struct AddEntries;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary to add to. Default: an empty one.
    #[serde(default)]
    dictionary: Map,
    /// One key to set. Default, and "": none.
    #[serde(default)]
    key: Text,
    /// The value for `key`. Default: none, and nothing is set. A null that is given is set.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Value")]
    value: Option<Value>,
    /// Keys and values to set, after `key`. Default: none.
    #[serde(default)]
    entries: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The dictionary with the new entries; a key that was there keeps its place.
    UpdatedDictionary(Map),
}

impl Block for AddEntries {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.add_entries",
        1,
        "Sets one or more keys of a dictionary.",
    )
    .category(Category::Dictionary)
    .autogpt(
        "31d1064e-7446-4693-a7d4-65e5ca1180d1",
        "AddToDictionaryBlock",
    )
    .examples(&[
        Example::new(
            "one entry",
            r#"{"dictionary": {"z": 1}, "key": "m", "value": 3}"#,
            r#"[["updated_dictionary", {"z": 1, "m": 3}]]"#,
        ),
        Example::new(
            "several entries",
            r#"{"dictionary": {"a": 1}, "key": "a", "value": 2, "entries": {"a": 3, "b": 4}}"#,
            r#"[["updated_dictionary", {"a": 3, "b": 4}]]"#,
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
            mut dictionary,
            key,
            value,
            entries,
        } = input;
        if let Some(value) = value
            && !key.is_empty()
        {
            dictionary.insert(key, value);
        }
        dictionary.extend(entries);
        out.emit(Output::UpdatedDictionary(dictionary)).await?;
        Ok(())
    }
}
