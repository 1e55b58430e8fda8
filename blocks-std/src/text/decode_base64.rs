//! `text.decode_base64`: the text that base64 stands for.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base64::decode_any;

/// Reads base64.
pub(super) struct DecodeBase64;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The base64, with the usual signs or those for addresses, filled up with `=` or not, in one line or many.
    text: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text that it stands for.
    DecodedText(String),
}

impl Block for DecodeBase64 {
    const INFO: BlockInfo = BlockInfo::new("text.decode_base64", 1, "Reads a text out of base64.")
        .details("RFC 4648. Bytes that are no UTF-8 text are an error.")
        .category(Category::Text)
        .examples(&[
            Example::new(
                "usual",
                r#"{"text": "w7w/Pg=="}"#,
                r#"[["decoded_text", "ü?>"]]"#,
            ),
            Example::new(
                "for addresses",
                r#"{"text": "w7w_Pg"}"#,
                r#"[["decoded_text", "ü?>"]]"#,
            ),
            Example::new(
                "not base64",
                r#"{"text": "a b!"}"#,
                r#"[["error", "is not base64"]]"#,
            ),
            Example::new(
                "not a text",
                r#"{"text": "/w=="}"#,
                r#"[["error", "are no UTF-8 text"]]"#,
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
        let bytes = decode_any(&input.text).ok_or_else(|| {
            BlockError::input("this is not base64: letters, digits, `+` and `/` (or `-` and `_`), `=` at the end only")
        })?;
        let decoded = String::from_utf8(bytes).map_err(|error| {
            BlockError::input(format!(
                "the bytes are no UTF-8 text (byte {})",
                error.utf8_error().valid_up_to()
            ))
        })?;
        out.emit(Output::DecodedText(decoded)).await?;
        Ok(())
    }
}
