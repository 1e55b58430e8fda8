//! `hash.digest`: a short text that stands for a long one.

use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Text};
use md5::Md5;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::base64::{Alphabet, decode_any, encode};

/// Computes the digest of a text.
pub(super) struct Digest;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text, or bytes in the form that `form` says.
    text: Text,
    /// How the text stands for bytes.
    #[serde(default)]
    form: Form,
    /// How to compute it.
    #[serde(default)]
    algorithm: Algorithm,
    /// How to write it.
    #[serde(default)]
    encoding: Encoding,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Form {
    /// It is a text; its bytes are those of UTF-8.
    #[default]
    Text,
    /// Two hexadecimal digits a byte.
    Hex,
    /// As `text.decode_base64` reads it.
    Base64,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Algorithm {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
    /// SHA-1. Unsafe: two texts with one digest can be made. Only for what asks for it.
    Sha1,
    /// MD5. Unsafe: two texts with one digest are made in seconds. Only for what asks for it.
    Md5,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Encoding {
    /// Hexadecimal digits, lower-case.
    #[default]
    Hex,
    /// Base64 with the usual signs.
    Base64,
    /// Base64 with the signs for addresses, not filled up.
    Base64Url,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The digest.
    Digest(String),
}

impl Block for Digest {
    const INFO: BlockInfo = BlockInfo::new(
        "hash.digest",
        1,
        "Computes the digest of a text: equal texts have equal ones.",
    )
    .details(
        "For telling whether something has changed, and for names. `sha1` and `md5` are unsafe wherever someone may \
         gain from two texts with one digest, and none of them is fit for passwords.",
    )
    .category(Category::Data)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "as usual",
            r#"{"text": "abc"}"#,
            r#"[["digest", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]]"#,
        ),
        Example::new(
            "sha512 in base64",
            r#"{"text": "abc", "algorithm": "sha512", "encoding": "base64"}"#,
            r#"[["digest", "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="]]"#,
        ),
        Example::new(
            "md5 of bytes",
            r#"{"text": "616263", "form": "hex", "algorithm": "md5"}"#,
            r#"[["digest", "900150983cd24fb0d6963f7d28e17f72"]]"#,
        ),
        Example::new(
            "sha1",
            r#"{"text": "YWJj", "form": "base64", "algorithm": "sha1", "encoding": "base64_url"}"#,
            r#"[["digest", "qZk-NkcGgWq6PiVxeFDCbJzQ2J0"]]"#,
        ),
        Example::new(
            "no bytes",
            r#"{"text": "6x", "form": "hex"}"#,
            r#"[["error", "the text is not hex"]]"#,
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
        let bytes = match input.form {
            Form::Text => None,
            Form::Hex => Some(from_hex(&input.text).ok_or_else(|| {
                BlockError::input("the text is not hex: two of 0-9 and a-f for each byte")
            })?),
            Form::Base64 => Some(
                decode_any(&input.text)
                    .ok_or_else(|| BlockError::input("the text is not base64"))?,
            ),
        };
        let bytes = bytes.as_deref().unwrap_or(input.text.as_bytes());
        let digest = digest(bytes, input.algorithm);
        let digest = match input.encoding {
            Encoding::Hex => digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            Encoding::Base64 => encode(&digest, Alphabet::Standard),
            Encoding::Base64Url => encode(&digest, Alphabet::Url),
        };
        out.emit(Output::Digest(digest)).await?;
        Ok(())
    }
}

fn digest(bytes: &[u8], algorithm: Algorithm) -> Vec<u8> {
    use sha2::Digest as _;
    match algorithm {
        Algorithm::Sha256 => Sha256::digest(bytes).to_vec(),
        Algorithm::Sha512 => Sha512::digest(bytes).to_vec(),
        Algorithm::Sha1 => Sha1::digest(bytes).to_vec(),
        Algorithm::Md5 => Md5::digest(bytes).to_vec(),
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut digits = text.chars();
    while let Some(high) = digits.next() {
        let (high, low) = (high.to_digit(16)?, digits.next()?.to_digit(16)?);
        bytes.push((high << 4 | low) as u8);
    }
    Some(bytes)
}
