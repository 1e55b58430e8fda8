//! JSON strings: what stands between two quotes.

use std::borrow::Cow;

/// Why a string cannot be read, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextProblem {
    pub(crate) at: usize,
    pub(crate) message: &'static str,
}

/// Reads a string whose opening quote is just before `start`; returns it and the offset behind its closing quote.
pub(crate) fn unquote(source: &str, start: usize) -> Result<(Cow<'_, str>, usize), TextProblem> {
    let mut at = start;
    let mut text = String::new();
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let plain = rest
            .bytes()
            .position(|b| b == b'"' || b == b'\\' || b < 0x20)
            .unwrap_or(rest.len());
        let (before, rest) = rest.split_at(plain);
        at += plain;
        match rest.bytes().next() {
            Some(b'"') => {
                // Most strings have no escape.
                if text.is_empty() {
                    return Ok((Cow::Borrowed(before), at + 1));
                }
                text.push_str(before);
                return Ok((Cow::Owned(text), at + 1));
            }
            Some(b'\\') => {
                text.push_str(before);
                let (c, length) = escape(rest).map_err(|message| TextProblem { at, message })?;
                text.push(c);
                at += length;
            }
            Some(_) => {
                return Err(TextProblem {
                    at,
                    message: "a text may not hold a control character unescaped",
                });
            }
            None => {
                return Err(TextProblem {
                    at,
                    message: "the text is not closed",
                });
            }
        }
    }
}

/// Reads one escape at the beginning of `text`; returns the character and how many bytes the escape took.
fn escape(text: &str) -> Result<(char, usize), &'static str> {
    let c = match text.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        Some(_) => {
            return Err(
                "no such escape; one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX would do",
            );
        }
        None => return Err("the text is not closed"),
    };
    Ok((c, 2))
}

/// Reads `\uXXXX`, or two of them that make one character.
fn unicode(text: &str) -> Result<(char, usize), &'static str> {
    const LONE: &str = "half a surrogate pair is not a character";
    let first = hex(text, 2).ok_or("\\u needs four hexadecimal digits")?;
    match first {
        0xd800..=0xdbff => {
            let paired = text.get(6..8) == Some("\\u");
            let second = paired
                .then(|| hex(text, 8))
                .flatten()
                .filter(|second| (0xdc00..=0xdfff).contains(second));
            let low = second.ok_or(LONE)? - 0xdc00;
            let c = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low);
            c.map(|c| (c, 12)).ok_or(LONE)
        }
        other => char::from_u32(other).map(|c| (c, 6)).ok_or(LONE),
    }
}

fn hex(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    let fits = digits.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
