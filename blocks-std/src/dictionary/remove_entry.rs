//! `dictionary.remove_entry`: a dictionary without one of its keys.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::key::Key;

/// Removes a key of a dictionary.
pub(super) struct RemoveEntry;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary.
    dictionary: Map,
    /// The key to remove.
    key: Key,
    /// Returns the value that was removed. Default: false.
    #[serde(default)]
    return_value: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The dictionary without the key; the rest keeps its order.
    UpdatedDictionary(Map),
    /// The value that was removed, if asked for.
    RemovedValue(Value),
}

impl Block for RemoveEntry {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.remove_entry",
        1,
        "Removes a key of a dictionary.",
    )
    .category(Category::Dictionary)
    .details(
        "Keys of a dictionary are texts: the number 1 as a key is not the key \"1\", and is \
             never there.",
    )
    .autogpt(
        "46afe2ea-c613-43f8-95ff-6692c3ef6876",
        "RemoveFromDictionaryBlock",
    )
    .examples(&[
        Example::new(
            "there",
            r#"{"dictionary": {"a": 1, "b": 2}, "key": "a", "return_value": true}"#,
            r#"[["updated_dictionary", {"b": 2}], ["removed_value", 1]]"#,
        ),
        Example::new(
            "not there",
            r#"{"dictionary": {}, "key": "x"}"#,
            r#"[["error", "'x' not found"]]"#,
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
            return_value,
        } = input;
        let removed = key
            .text()
            .and_then(|key| dictionary.remove(key))
            .ok_or_else(|| key.not_found())?;
        out.emit(Output::UpdatedDictionary(dictionary)).await?;
        if return_value {
            out.emit(Output::RemovedValue(removed)).await?;
        }
        Ok(())
    }
}
