//! `dictionary.create`: a dictionary of the given entries.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes a dictionary of the given entries.
pub(super) struct Create;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The entries; a link to `values.name` sets one of them.
    values: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The dictionary.
    Dictionary(Map),
}

impl Block for Create {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.create",
        1,
        "Makes a dictionary of the given entries.",
    )
    .category(Category::Dictionary)
    .autogpt(
        "b924ddf4-de4f-4b56-9a85-358930dcbc91",
        "CreateDictionaryBlock",
    )
    .examples(&[Example::new(
        "one entry",
        r#"{"values": {"a": {"b": [1]}}}"#,
        r#"[["dictionary", {"a": {"b": [1]}}]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Dictionary(input.values)).await?;
        Ok(())
    }
}
