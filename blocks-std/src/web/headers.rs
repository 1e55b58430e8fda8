//! Header lines of a request.

use graphloom::host::{HttpRequest, Part};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Text, Value};

/// A request has this many header lines at most.
const MAX_LINES: usize = 256;

/// The value of a header line has this many bytes at most.
const MAX_LINE_BYTES: usize = 16 << 10;

/// Lines that say how the request is carried. The client writes them; a `Host` of its own would reach another site on the
/// same machine than the one that was judged.
const CLIENTS_OWN: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Returns the name of a header line, if it can be one.
pub(super) fn name(name: &str) -> Result<Text, BlockError> {
    let letters = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    if name.is_empty() || name.len() > MAX_LINE_BYTES || !name.bytes().all(letters) {
        return Err(BlockError::input(format!(
            "{name:?} is not the name of a header: expected letters, digits and -"
        )));
    }
    if CLIENTS_OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(BlockError::input(format!(
            "the header \"{name}\" is written by the web client and cannot be set"
        )));
    }
    Ok(Text::from(name))
}

/// Refuses what cannot stand in a header line, or would be another one.
fn check(name: &str, value: &str) -> Result<(), BlockError> {
    if value.len() > MAX_LINE_BYTES {
        return Err(BlockError::input(format!(
            "the header \"{name}\" has {} bytes, and may have {MAX_LINE_BYTES}",
            value.len()
        )));
    }
    let odd = |c: char| c.is_control() && c != '\t';
    if value.contains(odd) {
        return Err(BlockError::input(format!(
            "the value of the header \"{name}\" has a line end or another control character in it"
        )));
    }
    Ok(())
}

/// Adds header lines: texts, numbers, truth values, secrets; null says nothing.
pub(super) fn add(
    cx: &Context,
    mut request: HttpRequest,
    headers: &Map,
) -> Result<HttpRequest, BlockError> {
    if headers.len() > MAX_LINES {
        return Err(BlockError::input(format!(
            "there are {} headers, and there may be {MAX_LINES}",
            headers.len()
        )));
    }
    for (key, value) in headers.iter() {
        let key = name(key)?;
        if let Some(part) = part(cx, value, &format!("the header \"{key}\""))? {
            if let Part::Text(text) = &part {
                check(&key, text)?;
            }
            request = request.header(key, part);
        }
    }
    Ok(request)
}

/// Returns a value as a part of a request; `what` it is for stands in the message.
pub(super) fn part(cx: &Context, value: &Value, what: &str) -> Result<Option<Part>, BlockError> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Text(text) => Part::from(text.clone()),
        Value::Sealed(sealed) => Part::from(cx.unseal(sealed)?),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            Part::from(graphloom::json::to_json(value))
        }
        other => {
            return Err(BlockError::input(format!(
                "{what} is a {}: expected a text, a number or a truth value",
                other.type_name()
            )));
        }
    }))
}

/// Says whether a request has a header line of this name.
pub(super) fn has(request: &HttpRequest, name: &str) -> bool {
    request
        .headers
        .iter()
        .any(|(own, _)| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_lines() {
        assert_eq!(name("X-Key").unwrap().as_str(), "X-Key");
        for bad in [
            "",
            "a b",
            "a:b",
            "a\r\nb",
            "é",
            "Host",
            "content-length",
            "Transfer-Encoding",
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
        assert!(check("a", "b\tc é").is_ok());
        for bad in ["a\r\nb: c", "a\nb", "a\0", "a\u{7f}"] {
            assert!(check("a", bad).is_err(), "{bad:?}");
        }
        assert!(check("a", &"a".repeat(MAX_LINE_BYTES + 1)).is_err());
    }
}
