//! `text.encode_url`: a text with percent escapes.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size::Bounded;

/// Writes a text so that it can stand in an address.
pub(super) struct EncodeUrl;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to write.
    text: Text,
    /// Where it is to stand.
    #[serde(default)]
    place: Place,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Place {
    /// Anywhere, as one part: all but letters, digits and `-._~` is escaped.
    #[default]
    Component,
    /// A path: `/` stays too.
    Path,
    /// The body of a form: blanks become `+`.
    Form,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text with escapes such as `%20`.
    EncodedText(String),
}

impl Block for EncodeUrl {
    const INFO: BlockInfo = BlockInfo::new(
        "text.encode_url",
        1,
        "Writes a text with percent escapes, so that it can stand in an address.",
    )
    .details("RFC 3986; `text.decode_url` undoes it.")
    .category(Category::Text)
    .examples(&[
        Example::new(
            "a part",
            r#"{"text": "a b/ü&~"}"#,
            r#"[["encoded_text", "a%20b%2F%C3%BC%26~"]]"#,
        ),
        Example::new(
            "a path",
            r#"{"text": "a b/ü", "place": "path"}"#,
            r#"[["encoded_text", "a%20b/%C3%BC"]]"#,
        ),
        Example::new(
            "a form",
            r#"{"text": "a b+~", "place": "form"}"#,
            r#"[["encoded_text", "a+b%2B%7E"]]"#,
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
        let mut encoded = Bounded::default();
        let written = encode(&mut encoded, &input.text, input.place);
        out.emit(Output::EncodedText(encoded.finish(written)?))
            .await?;
        Ok(())
    }
}

fn encode(out: &mut impl std::fmt::Write, text: &str, place: Place) -> std::fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                out.write_char(char::from(byte))?;
            }
            b'~' if place != Place::Form => out.write_char('~')?,
            b'*' if place == Place::Form => out.write_char('*')?,
            b'/' if place == Place::Path => out.write_char('/')?,
            b' ' if place == Place::Form => out.write_char('+')?,
            other => write!(out, "%{other:02X}")?,
        }
    }
    Ok(())
}
