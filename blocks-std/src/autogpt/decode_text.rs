//! `autogpt.decode_text`: a text without its escapes, and without its other characters.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::unescape;

/// Puts the characters that are meant in place of escapes.
pub(super) struct DecodeText;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text with escapes.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text without escapes.
    DecodedText(String),
}

impl Block for DecodeText {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.decode_text",
        1,
        "Puts the characters that are meant in place of escapes such as `\\n` and `\\u00e9`.",
    )
    .details("Unlike `text.unescape`, takes each byte of a character beyond ASCII for a character: `é` becomes `Ã©`.")
    .category(Category::Text)
    .native("text.unescape")
    .autogpt("2570e8fe-8447-43ed-84c7-70d657923231", "TextDecoderBlock")
    .examples(&[
        Example::new(
            "escape",
            r#"{"text": "a\\n\\u00e9"}"#,
            r#"[["decoded_text", "a\né"]]"#,
        ),
        Example::new(
            "accent",
            r#"{"text": "é"}"#,
            r#"[["decoded_text", "Ã©"]]"#,
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
        let bytes_as_chars: String = input.text.bytes().map(char::from).collect();
        out.emit(Output::DecodedText(unescape(&bytes_as_chars)?))
            .await?;
        Ok(())
    }
}
