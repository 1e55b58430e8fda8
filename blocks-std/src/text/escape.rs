//! `text.escape`: a text as plain ASCII with escapes.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size;
use crate::python::write_escape;

/// Writes a text as plain ASCII with escapes.
pub(super) struct Escape;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to write.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text with `\\n`, `\\t`, `\\r`, `\\\\` and numeric escapes.
    EncodedText(String),
}

impl Block for Escape {
    const INFO: BlockInfo = BlockInfo::new(
        "text.escape",
        1,
        "Writes a text as plain ASCII with escapes.",
    )
    .details("As Python's `unicode_escape`. `text.unescape` undoes it.")
    .category(Category::Text)
    .autogpt("5185f32e-4b65-4ecf-8fbb-873f003f09d6", "TextEncoderBlock")
    .examples(&[Example::new(
        "line break and accent",
        r#"{"text": "a\né"}"#,
        r#"[["encoded_text", "a\\n\\xe9"]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::EncodedText(escape(&input.text)?)).await?;
        Ok(())
    }
}

fn escape(text: &str) -> Result<String, BlockError> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            // Writing to a String cannot fail.
            c => drop(write_escape(&mut out, c)),
        }
        size::check(out.len())?;
    }
    Ok(out)
}
