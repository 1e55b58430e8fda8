//! `dictionary.replace_value`: a dictionary with another value at a key.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::key::Key;

/// Puts a value in the place of another in a dictionary.
pub(super) struct ReplaceValue;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary.
    dictionary: Map,
    /// The key whose value is replaced; it must be there.
    key: Key,
    /// The new value.
    value: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The dictionary with the new value, at the same place.
    UpdatedDictionary(Map),
    /// The value that was there.
    OldValue(Value),
}

impl Block for ReplaceValue {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.replace_value",
        1,
        "Puts a value in the place of another in a dictionary.",
    )
    .category(Category::Dictionary)
    .details(
        "Keys of a dictionary are texts: the number 1 as a key is not the key \"1\", and is \
             never there.",
    )
    .autogpt(
        "27e31876-18b6-44f3-ab97-f6226d8b3889",
        "ReplaceDictionaryValueBlock",
    )
    .examples(&[
        Example::new(
            "there",
            r#"{"dictionary": {"b": 1, "a": 2}, "key": "b", "value": 3}"#,
            r#"[["updated_dictionary", {"b": 3, "a": 2}], ["old_value", 1]]"#,
        ),
        Example::new(
            "not there",
            r#"{"dictionary": {"1": 1}, "key": 1, "value": 2}"#,
            r#"[["error", "'1' not found"]]"#,
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
        } = input;
        let place = key
            .text()
            .and_then(|key| dictionary.get_mut(key))
            .ok_or_else(|| key.not_found())?;
        let old = std::mem::replace(place, value);
        out.emit(Output::UpdatedDictionary(dictionary)).await?;
        out.emit(Output::OldValue(old)).await?;
        Ok(())
    }
}
