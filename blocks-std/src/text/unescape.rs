//! `text.unescape`: a text without its escapes.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Puts the characters that are meant in place of escapes.
pub(super) struct Unescape;

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

impl Block for Unescape {
    const INFO: BlockInfo = BlockInfo::new(
        "text.unescape",
        1,
        "Puts the characters that are meant in place of escapes such as `\\n` and `\\u00e9`.",
    )
    .details("As Python's `unicode_escape`, but all other characters stay. An unknown escape stays as it is written.")
    .category(Category::Text)
    .examples(&[
        Example::new(
            "line break and accent",
            r#"{"text": "a\\né\\u00e9"}"#,
            r#"[["decoded_text", "a\néé"]]"#,
        ),
        Example::new(
            "cut off",
            r#"{"text": "\\x4"}"#,
            r#"[["error", "2 hexadecimal digits"]]"#,
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
        out.emit(Output::DecodedText(unescape(&input.text)?))
            .await?;
        Ok(())
    }
}

/// Reads the escapes of Python's `unicode_escape` but names of characters.
pub(crate) fn unescape(text: &str) -> Result<String, BlockError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = escape.chars();
        let Some(c) = chars.next() else {
            return Err(BlockError::input(
                "the text ends in a backslash, which escapes nothing",
            ));
        };
        rest = chars.as_str();
        match c {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(c),
            'a' => out.push('\x07'),
            'b' => out.push('\x08'),
            'f' => out.push('\x0C'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0B'),
            'x' => rest = code(&mut out, rest, 2)?,
            'u' => rest = code(&mut out, rest, 4)?,
            'U' => rest = code(&mut out, rest, 8)?,
            'N' => {
                return Err(BlockError::input(
                    "names of characters (\\N{…}) are not known: write the code as \\u2022",
                ));
            }
            '0'..='7' => {
                let n_more = rest
                    .bytes()
                    .take(2)
                    .take_while(|b| (b'0'..=b'7').contains(b))
                    .count();
                let (more, after) = rest.split_at_checked(n_more).unwrap_or(("", rest));
                let code = u32::from_str_radix(&format!("{c}{more}"), 8).unwrap_or(0);
                // Three octal digits are at most U+01FF.
                out.extend(char::from_u32(code));
                rest = after;
            }
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Reads a code of this many hexadecimal digits, and of two codes that are halves of one character both.
fn code<'t>(out: &mut String, rest: &'t str, n_digits: usize) -> Result<&'t str, BlockError> {
    let Some((code, after)) = digits(rest, n_digits) else {
        return Err(BlockError::input(format!(
            "an escape has less than {n_digits} hexadecimal digits"
        )));
    };
    if let Some(c) = char::from_u32(code) {
        out.push(c);
        return Ok(after);
    }
    let low = after.strip_prefix("\\u").and_then(|after| digits(after, 4));
    if let Some((low, after)) = low
        && let (Ok(high), Ok(low)) = (u16::try_from(code), u16::try_from(low))
        && let Some(Ok(c)) = char::decode_utf16([high, low]).next()
    {
        out.push(c);
        return Ok(after);
    }
    Err(BlockError::input(format!(
        "{code:x} is not the code of a character"
    )))
}

fn digits(text: &str, n: usize) -> Option<(u32, &str)> {
    let (digits, after) = text.split_at_checked(n)?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
        .map(|code| (code, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_pythons() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(unescape(text).ok().as_deref(), expected, "{text}");
        };
        check(r"\x41\u0042\U00000043\103", Some("ABCC"));
        check(r"\18 \8 \1", Some("\u{1}8 \\8 \u{1}"));
        check(r"\ud83d\ude00", Some("\u{1F600}"));
        check(r"\400", Some("\u{100}"));
        check("a\\\nb", Some("ab"));
        check(r"\ud83d", None);
        check(r"\U00110000", None);
        check(r"bad\x", None);
        check(r"\xé1", None);
        check("\\", None);
    }
}
