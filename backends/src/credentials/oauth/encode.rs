//! Texts as they stand in addresses and forms.

use std::borrow::Cow;
use std::fmt::Write;

/// Adds a text with everything encoded but RFC 3986's unreserved characters.
pub(super) fn percent(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Returns pairs as `a=1&b=2`.
pub(super) fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        percent(&mut out, name);
        out.push('=');
        percent(&mut out, value);
    }
    out
}

/// Reads pairs; what is no UTF-8 when decoded is left out.
pub(super) fn read_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((plain(name)?, plain(value)?))
    })
}

fn plain(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

/// Returns a text of others as it may be shown: short, and of characters that can be seen.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    const ENOUGH: usize = 200;
    let fits = |c: char| !c.is_control();
    if text.chars().count() <= ENOUGH && text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| fits(*c)).take(ENOUGH).collect())
}
