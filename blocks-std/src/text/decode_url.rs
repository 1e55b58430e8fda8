//! `text.decode_url`: a text without its percent escapes.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Reads a text with percent escapes.
pub(super) struct DecodeUrl;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text with escapes such as `%20`.
    text: Text,
    /// It is from a form or a query: `+` is a blank.
    #[serde(default)]
    form: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text without escapes.
    DecodedText(String),
}

impl Block for DecodeUrl {
    const INFO: BlockInfo = BlockInfo::new(
        "text.decode_url",
        1,
        "Puts the characters that are meant in place of percent escapes, once.",
    )
    .details("What is decoded is not decoded again: `%2541` is `%41`.")
    .category(Category::Text)
    .examples(&[
        Example::new(
            "a part",
            r#"{"text": "a%20b%2f%C3%BC+"}"#,
            r#"[["decoded_text", "a b/ü+"]]"#,
        ),
        Example::new(
            "a form",
            r#"{"text": "a+b%2B", "form": true}"#,
            r#"[["decoded_text", "a b+"]]"#,
        ),
        Example::new(
            "no escape",
            r#"{"text": "100%zz"}"#,
            r#"[["error", "two hexadecimal digits"]]"#,
        ),
        Example::new(
            "not a text",
            r#"{"text": "%ff"}"#,
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
        let decoded = decode(&input.text, input.form)?;
        out.emit(Output::DecodedText(decoded)).await?;
        Ok(())
    }
}

fn decode(text: &str, form: bool) -> Result<String, BlockError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Err(BlockError::input(
                        "a `%` is not followed by two hexadecimal digits; a `%` by itself is written `%25`",
                    ));
                };
                (high << 4 | low) as u8
            }
            b'+' if form => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|error| {
        BlockError::input(format!(
            "the bytes are no UTF-8 text (byte {})",
            error.utf8_error().valid_up_to()
        ))
    })
}
