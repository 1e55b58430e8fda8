//! `text.split`: parts of a text between delimiters.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Splits a text at a delimiter.
pub(super) struct Split;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to split.
    text: String,
    /// Where to split; must not be empty.
    delimiter: String,
    /// Removes white space around each part.
    #[serde(default = "yes")]
    strip: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The parts, in order; none for an empty text.
    Texts(Vec<String>),
}

impl Block for Split {
    const INFO: BlockInfo = BlockInfo::new("text.split", 1, "Splits a text at a delimiter.")
        .category(Category::Text)
        .autogpt("d5ea33c8-a575-477a-b42f-2fe3be5055ec", "TextSplitBlock")
        .examples(&[Example::new(
            "words",
            r#"{"text": "red, green", "delimiter": ","}"#,
            r#"[["texts", ["red", "green"]]]"#,
        )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let Input {
            text,
            delimiter,
            strip,
        } = input;
        if text.is_empty() {
            out.emit(Output::Texts(Vec::new())).await?;
            return Ok(());
        }
        if delimiter.is_empty() {
            return Err(BlockError::input(
                "the delimiter is empty: give the text that stands between the parts",
            ));
        }
        let parts = text.split(delimiter.as_str());
        let texts = if strip {
            parts.map(|part| part.trim().to_owned()).collect()
        } else {
            parts.map(str::to_owned).collect()
        };
        out.emit(Output::Texts(texts)).await?;
        Ok(())
    }
}
