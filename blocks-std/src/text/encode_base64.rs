//! `text.encode_base64`: a text as base64.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size;
use crate::base64::{Alphabet, encode};

/// Writes a text as base64.
pub(super) struct EncodeBase64;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to write; its bytes are those of UTF-8.
    text: Text,
    /// Which signs to use.
    #[serde(default)]
    alphabet: Signs,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Signs {
    /// The usual ones, `+` and `/` among them, filled up with `=`.
    #[default]
    Standard,
    /// `-` and `_` instead, not filled up: for addresses, file names and tokens.
    Url,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text as base64, in one line.
    EncodedText(String),
}

impl Block for EncodeBase64 {
    const INFO: BlockInfo = BlockInfo::new("text.encode_base64", 1, "Writes a text as base64.")
        .details("RFC 4648. `text.decode_base64` undoes it.")
        .category(Category::Text)
        .examples(&[
            Example::new(
                "usual",
                r#"{"text": "ü?>"}"#,
                r#"[["encoded_text", "w7w/Pg=="]]"#,
            ),
            Example::new(
                "for addresses",
                r#"{"text": "ü?>", "alphabet": "url"}"#,
                r#"[["encoded_text", "w7w_Pg"]]"#,
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
        size::check(input.text.len().saturating_mul(4) / 3)?;
        let alphabet = match input.alphabet {
            Signs::Standard => Alphabet::Standard,
            Signs::Url => Alphabet::Url,
        };
        let encoded = encode(input.text.as_bytes(), alphabet);
        out.emit(Output::EncodedText(encoded)).await?;
        Ok(())
    }
}
