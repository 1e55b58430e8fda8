//! `dictionary.is_empty`: whether a dictionary has no entries.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Says whether a dictionary is empty.
pub(super) struct IsEmpty;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary.
    dictionary: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// True if it has no entries.
    IsEmpty(bool),
}

impl Block for IsEmpty {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.is_empty",
        1,
        "Says whether a dictionary is empty.",
    )
    .category(Category::Dictionary)
    .autogpt(
        "a3cf3f64-6bb9-4cc6-9900-608a0b3359b0",
        "DictionaryIsEmptyBlock",
    )
    .examples(&[
        Example::new("empty", r#"{"dictionary": {}}"#, r#"[["is_empty", true]]"#),
        Example::new(
            "an empty key",
            r#"{"dictionary": {"": ""}}"#,
            r#"[["is_empty", false]]"#,
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
        out.emit(Output::IsEmpty(input.dictionary.is_empty()))
            .await?;
        Ok(())
    }
}
