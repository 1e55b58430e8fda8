//! `text.combine`: several texts as one.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size;

/// Joins texts to one.
pub(super) struct Combine;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The texts, in order.
    input: Vec<Text>,
    /// What stands between two of them.
    #[serde(default)]
    delimiter: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The texts with the delimiter between them.
    Output(String),
}

impl Block for Combine {
    const INFO: BlockInfo = BlockInfo::new("text.combine", 1, "Joins texts to one.")
        .category(Category::Text)
        .autogpt("e30a4d42-7b7d-4e6a-b36e-1f9b8e3b7d85", "CombineTextsBlock")
        .examples(&[
            Example::new(
                "with a delimiter",
                r#"{"input": ["a", "b"], "delimiter": ", "}"#,
                r#"[["output", "a, b"]]"#,
            ),
            Example::new("nothing", r#"{"input": []}"#, r#"[["output", ""]]"#),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let Input { input, delimiter } = input;
        let delimiters = delimiter
            .len()
            .saturating_mul(input.len().saturating_sub(1));
        size::check(
            input
                .iter()
                .map(|text| text.len())
                .fold(delimiters, usize::saturating_add),
        )?;
        let texts: Vec<&str> = input.iter().map(Text::as_str).collect();
        out.emit(Output::Output(texts.join(&delimiter))).await?;
        Ok(())
    }
}
