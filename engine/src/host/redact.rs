//! Takes secrets out of what is about to be seen.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::value::{Map, Text, Value};

use super::Secret;

/// What stands in place of a secret.
const MARK: &str = "[redacted]";

/// Shorter secrets are not looked for: they would be found everywhere.
const SHORTEST: usize = 4;

/// Shorter secrets are looked for as they are, and not in other forms, for the same reason.
const SHORTEST_ENCODED: usize = 8;

/// Finds the secrets it was told of, as they are and in the forms they take on their way: in base64 (both alphabets, at
/// any place), percent-encoded, as in a form, escaped as in JSON and as in HTML, and in hexadecimal digits. Cheap to clone;
/// clones are the same.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    forms: Vec<Vec<u8>>,
    finder: Option<AhoCorasick>,
}

impl Redactor {
    /// Returns a redactor that knows no secrets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes this secret out of everything from here on. One of fewer than four bytes is not looked for.
    pub fn learn(&self, secret: &Secret) {
        let secret = secret.expose().trim();
        if secret.len() < SHORTEST {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.forms.iter().any(|form| form == secret.as_bytes()) {
            return;
        }
        for form in forms(secret) {
            if !known.forms.contains(&form) {
                known.forms.push(form);
            }
        }
        // A list of plain texts of this size always builds; without a finder nothing would be let through unseen, so the
        // whole text is withheld: see `finder`.
        known.finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&known.forms)
            .ok();
    }

    fn replaced(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.forms.is_empty() {
            return None;
        }
        let Some(finder) = &known.finder else {
            return Some(MARK.into());
        };
        finder.find(bytes)?;
        let mut clean = Vec::with_capacity(bytes.len());
        finder.replace_all_with_bytes(bytes, &mut clean, |_, _, clean| {
            clean.extend_from_slice(MARK.as_bytes());
            true
        });
        Some(clean)
    }

    /// Says whether there is a secret in a text.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        matches!(self.clean(text), Cow::Owned(_))
    }

    /// Returns how many bytes at the end of a text may be the beginning of a secret, so that what comes next must be seen
    /// with them.
    pub(crate) fn unfinished(&self, text: &str) -> usize {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let text = text.as_bytes();
        let unfinished = |form: &Vec<u8>| {
            let most = form.len().saturating_sub(1).min(text.len());
            let begins = |n: &usize| form.get(..*n).is_some_and(|start| text.ends_with(start));
            (1..=most).rev().find(begins).unwrap_or_default()
        };
        known.forms.iter().map(unfinished).max().unwrap_or_default()
    }

    /// Returns the text without the secrets in it.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.replaced(text.as_bytes()) {
            None => Cow::Borrowed(text),
            // A form is a whole number of characters, so what is left is text.
            Some(clean) => Cow::Owned(String::from_utf8_lossy(&clean).into_owned()),
        }
    }

    /// Returns the bytes without the secrets in them.
    #[must_use]
    pub fn clean_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.replaced(&bytes).unwrap_or(bytes)
    }

    /// Returns the value without the secrets in its texts and keys; what holds none is shared.
    #[must_use]
    pub fn clean_value(&self, value: &Value) -> Value {
        self.changed(value).unwrap_or_else(|| value.clone())
    }

    fn changed(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Text(text) => match self.clean(text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(clean) => Some(Value::from(clean)),
            },
            Value::List(list) => {
                let changed: Vec<_> = list.iter().map(|item| self.changed(item)).collect();
                if changed.iter().all(Option::is_none) {
                    return None;
                }
                let items = changed.into_iter().zip(list.iter());
                Some(
                    items
                        .map(|(new, old)| new.unwrap_or_else(|| old.clone()))
                        .collect(),
                )
            }
            Value::Map(map) => {
                let mut any = false;
                let mut clean = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    let new = self.changed(value);
                    let key_clean = self.clean(key);
                    any |= new.is_some() || matches!(key_clean, Cow::Owned(_));
                    clean.insert(
                        Text::from(&*key_clean),
                        new.unwrap_or_else(|| value.clone()),
                    );
                }
                any.then(|| Value::Map(clean))
            }
            // A secret of digits may have become a number on its way.
            Value::Int(_) | Value::Float(_) => {
                let shown = crate::json::to_json(value);
                self.finds(&shown).then(|| Value::from(MARK))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// The forms that a secret takes on its way.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let mut forms = vec![bytes.to_vec()];
    if bytes.len() < SHORTEST_ENCODED {
        return forms;
    }
    for (ascii, slash) in [(false, false), (false, true), (true, false), (true, true)] {
        forms.push(escaped(secret, ascii, slash).into_bytes());
    }
    for apostrophe in ["&#39;", "&#x27;", "&apos;", "'"] {
        forms.push(in_html(secret, apostrophe).into_bytes());
    }
    for shift in 0..3 {
        let standard = base64_inside(bytes, shift);
        let url: Vec<u8> = standard
            .iter()
            .map(|byte| match byte {
                b'+' => b'-',
                b'/' => b'_',
                other => *other,
            })
            .collect();
        forms.extend([standard, url]);
    }
    for strict in [false, true] {
        let percent = percent(bytes, strict);
        forms.extend([lower_digits(&percent), percent]);
    }
    forms.push(in_form(bytes));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    forms.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
    forms
}

/// The same with the digits behind each `%` in lower case.
fn lower_digits(percent: &[u8]) -> Vec<u8> {
    let mut behind = 0_u8;
    let lower = |byte: &u8| {
        let is_digit = behind > 0;
        behind = if *byte == b'%' {
            2
        } else {
            behind.saturating_sub(1)
        };
        if is_digit {
            byte.to_ascii_lowercase()
        } else {
            *byte
        }
    };
    percent.iter().map(lower).collect()
}

/// As inside a JSON text; some writers leave nothing but ASCII as it is, some escape slashes, some both.
fn escaped(secret: &str, ascii: bool, slash: bool) -> String {
    let text = crate::json::to_json(&Value::from(secret));
    let text = text.strip_prefix('"').unwrap_or(&text);
    let text = text.strip_suffix('"').unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '/' if slash => out.push_str("\\/"),
            c if ascii && !c.is_ascii() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// As inside an HTML text or attribute.
fn in_html(secret: &str, apostrophe: &str) -> String {
    let mut out = String::with_capacity(secret.len());
    for c in secret.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str(apostrophe),
            c => out.push(c),
        }
    }
    out
}

/// As in a form (`application/x-www-form-urlencoded`, the URL standard).
fn in_form(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        match byte {
            b' ' => out.push(b'+'),
            byte if byte.is_ascii_alphanumeric() || b"*-._".contains(byte) => out.push(*byte),
            byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}

/// Percent-encoded: everything but RFC 3986's unreserved characters, or what browsers encode within a path.
fn percent(bytes: &[u8], strict: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        let keep = byte.is_ascii_alphanumeric()
            || b"-._~".contains(byte)
            || !strict && b"!$&'()*+,;=:@/".contains(byte);
        if keep {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 (RFC 4648) with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = ALPHABET.get((group >> (18 - 6 * place)) as usize & 63);
            let in_use = place <= chunk.len();
            text.push(
                digit
                    .filter(|_| in_use)
                    .map_or('=', |digit| char::from(*digit)),
            );
        }
    }
    text
}

/// The part of the base64 form that holds wherever the bytes stand behind `shift` others: the digits that no byte beside
/// them has a share in.
fn base64_inside(bytes: &[u8], shift: usize) -> Vec<u8> {
    let mut shifted = vec![0_u8; shift];
    shifted.extend_from_slice(bytes);
    let text = base64(&shifted);
    let first = (shift * 8).div_ceil(6);
    let last = shifted.len() * 8 / 6;
    text.as_bytes()
        .get(first..last)
        .unwrap_or_default()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    const CANARY: &str = "ca/na+ry \"s3cr3t\" ünd\\so";

    fn redactor() -> Redactor {
        let redactor = Redactor::new();
        redactor.learn(&Secret::new(CANARY));
        redactor
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(redactor().clean(text), expected);
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn every_form_is_found() {
        check(&format!("a {CANARY} b"), "a [redacted] b");
        check(
            &crate::json::to_json(&Value::from(CANARY)),
            "\"[redacted]\"",
        );
        let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
        check(&hex, "[redacted]");
        check("ca%2Fna%2Bry%20%22s3cr3t%22%20%C3%BCnd%5Cso", "[redacted]");
        check("ca%2fna%2bry%20%22s3cr3t%22%20%c3%bcnd%5cso", "[redacted]");
        check("ca%2Fna%2Bry+%22s3cr3t%22+%C3%BCnd%5Cso", "[redacted]");
        check("ca/na+ry &quot;s3cr3t&quot; ünd\\so", "[redacted]");
        check("ca\\/na+ry \\\"s3cr3t\\\" \\u00fcnd\\\\so", "[redacted]");
        check("ca/na+ry \\\"s3cr3t\\\" \\u00fcnd\\\\so", "[redacted]");
        check("ca/na+ry%20%22s3cr3t%22%20%C3%BCnd%5Cso", "[redacted]");
    }

    #[test]
    fn base64_is_found_behind_anything() {
        for before in ["", "u", "us", "user:", "a longer user:"] {
            for after in ["", "x", "xy", "xyz"] {
                let coded = base64(format!("{before}{CANARY}{after}").as_bytes());
                for coded in [coded.replace('+', "-").replace('/', "_"), coded] {
                    let clean = redactor().clean(&coded).into_owned();
                    assert!(clean.contains(MARK), "{before} {after}");
                    // At most the digits that a byte beside it has a share in are left.
                    assert!(
                        clean.len() <= MARK.len() + (before.len() + after.len() + 2) * 4 / 3 + 6
                    );
                }
            }
        }
    }

    #[test]
    fn values_are_cleaned_in_their_texts_and_keys() {
        let dirty = value!({ "a": [1, CANARY], CANARY: { "deep": (format!("x{CANARY}")) }, "same": "text" });
        let clean = redactor().clean_value(&dirty);
        assert_eq!(
            clean,
            value!({ "a": [1, "[redacted]"], "[redacted]": { "deep": "x[redacted]" }, "same": "text" })
        );
    }

    #[test]
    fn a_secret_of_digits_is_found_as_a_number() {
        let redactor = Redactor::new();
        redactor.learn(&Secret::new("8412907365"));
        let clean = redactor.clean_value(&value!([8412907365_i64, 841290736, 8412907365.5, true]));
        assert_eq!(clean, value!(["[redacted]", 841290736, "[redacted]", true]));
    }

    #[test]
    fn an_end_that_may_be_a_beginning_is_told() {
        let redactor = redactor();
        for (text, expected) in [
            ("", 0),
            ("nothing", 0),
            ("so it was c", 1),
            ("ca/na+ry \"s3", 12),
            ("ca/na+rx", 0),
            ("ünd ca%2Fn", 6),
        ] {
            assert_eq!(redactor.unfinished(text), expected, "{text}");
        }
    }

    #[test]
    fn short_secrets_are_not_looked_for_everywhere() {
        let redactor = Redactor::new();
        redactor.learn(&Secret::new("abc"));
        assert_eq!(redactor.clean("abc"), "abc");
        redactor.learn(&Secret::new("abcde"));
        assert_eq!(redactor.clean("abcde YWJjZGU="), "[redacted] YWJjZGU=");
    }
}
