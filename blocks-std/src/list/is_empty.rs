//! `list.is_empty`: whether a list has no items.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Says whether a list is empty.
pub(super) struct IsEmpty;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    list: List,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// True if it has no items.
    IsEmpty(bool),
}

impl Block for IsEmpty {
    const INFO: BlockInfo = BlockInfo::new("list.is_empty", 1, "Says whether a list is empty.")
        .category(Category::List)
        .autogpt("896ed73b-27d0-41be-813c-c1c1dc856c03", "ListIsEmptyBlock")
        .examples(&[
            Example::new("empty", r#"{"list": []}"#, r#"[["is_empty", true]]"#),
            Example::new(
                "an empty list inside",
                r#"{"list": [[]]}"#,
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
        out.emit(Output::IsEmpty(input.list.is_empty())).await?;
        Ok(())
    }
}
