//! Values as the texts that Python makes of them.

use std::fmt::{self, Write};

use graphloom::Value;
use graphloom::block::types::python_json;
use graphloom::value::MapIter;

use super::printable::is_printable;

/// Writes a value as Python's `repr`: `[1, 'b', None, True, {'k': 1.0}]`.
pub(crate) fn repr(value: &Value) -> String {
    written(value, &Repr)
}

/// Writes a value as Python's `str`: a text is itself, all else its `repr`.
pub(crate) fn str(value: &Value) -> String {
    match value {
        Value::Text(text) => text.as_str().to_owned(),
        other => repr(other),
    }
}

/// Writes a value as JSON without blanks, characters as they are and floats as Python prints them (`1.0`, `1e+16`).
pub(crate) fn compact_json(value: &Value) -> String {
    written(value, &Compact)
}

/// Writes a float as Python does: `1.0`, `1e+16`, `inf`, `nan`.
pub(crate) fn float_repr(float: f64) -> String {
    if float.is_nan() {
        "nan".to_owned()
    } else if float.is_infinite() {
        if float < 0.0 { "-inf" } else { "inf" }.to_owned()
    } else {
        python_json(&Value::Float(float))
    }
}

/// Writes a text as Python's `repr` of it: quoted, with what cannot be printed as an escape.
pub(crate) fn text_repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    // Writing to a String cannot fail.
    let _ = write_repr(&mut out, text);
    out
}

fn write_repr(out: &mut String, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => write_escape(out, c)?,
        }
    }
    out.push(quote);
    Ok(())
}

/// Writes a character as the shortest of Python's numeric escapes: `\x0c`, `\u200d`, `\U0001f44d`.
pub(crate) fn write_escape(out: &mut String, c: char) -> fmt::Result {
    match u32::from(c) {
        code @ ..=0xff => write!(out, "\\x{code:02x}"),
        code @ ..=0xffff => write!(out, "\\u{code:04x}"),
        code => write!(out, "\\U{code:08x}"),
    }
}

/// How a value is written.
trait Style {
    const COMMA: &'static str;
    const COLON: &'static str;

    fn scalar(&self, out: &mut String, value: &Value) -> fmt::Result;
    fn text(&self, out: &mut String, text: &str) -> fmt::Result;
}

struct Repr;

impl Style for Repr {
    const COMMA: &'static str = ", ";
    const COLON: &'static str = ": ";

    fn scalar(&self, out: &mut String, value: &Value) -> fmt::Result {
        match value {
            Value::Null => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Float(float) => out.push_str(&float_repr(*float)),
            other => write!(out, "{other}")?,
        }
        Ok(())
    }

    fn text(&self, out: &mut String, text: &str) -> fmt::Result {
        write_repr(out, text)
    }
}

struct Compact;

impl Style for Compact {
    const COMMA: &'static str = ",";
    const COLON: &'static str = ":";

    fn scalar(&self, out: &mut String, value: &Value) -> fmt::Result {
        match value {
            Value::Float(_) => out.push_str(&python_json(value)),
            other => write!(out, "{other}")?,
        }
        Ok(())
    }

    fn text(&self, out: &mut String, text: &str) -> fmt::Result {
        write!(out, "{}", Value::from(text))
    }
}

enum Open<'a> {
    List(std::slice::Iter<'a, Value>),
    Map(MapIter<'a>),
}

/// Writes without recursion, since values built by blocks may be of any depth.
fn written<S: Style>(value: &Value, style: &S) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, value, style);
    out
}

fn write<S: Style>(out: &mut String, value: &Value, style: &S) -> fmt::Result {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut next = Some(value);
    let mut first = true;
    loop {
        match next.take() {
            Some(Value::List(items)) => {
                out.push('[');
                open.push(Open::List(items.iter()));
                first = true;
            }
            Some(Value::Map(map)) => {
                out.push('{');
                open.push(Open::Map(map.iter()));
                first = true;
            }
            Some(Value::Text(text)) => {
                style.text(out, text)?;
                first = false;
            }
            Some(scalar) => {
                style.scalar(out, scalar)?;
                first = false;
            }
            None => {}
        }
        let (key, end) = match open.last_mut() {
            None => return Ok(()),
            Some(Open::List(items)) => {
                next = items.next();
                (None, ']')
            }
            Some(Open::Map(entries)) => {
                let entry = entries.next();
                next = entry.map(|(_, value)| value);
                (entry.map(|(key, _)| key), '}')
            }
        };
        if next.is_none() {
            out.push(end);
            open.pop();
            first = false;
            continue;
        }
        if !first {
            out.push_str(S::COMMA);
        }
        if let Some(key) = key {
            style.text(out, key)?;
            out.push_str(S::COLON);
        }
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn reprs_are_pythons() {
        let check = |value: Value, expected: &str| assert_eq!(repr(&value), expected);
        check(
            value!([1, "b", null, true, {"k": 1.0}]),
            "[1, 'b', None, True, {'k': 1.0}]",
        );
        check(
            value!({"a": [], "b": {}, "c": [[], []]}),
            "{'a': [], 'b': {}, 'c': [[], []]}",
        );
        check(value!("it's"), "\"it's\"");
        check(value!("it's \"so\""), "'it\\'s \"so\"'");
        check(
            value!("a\n\\\u{0}\u{200d}é\u{1F600}\u{E0001}"),
            "'a\\n\\\\\\x00\\u200dé\u{1F600}\\U000e0001'",
        );
        check(value!([1e16, f64::NEG_INFINITY]), "[1e+16, -inf]");
        check(value!(u64::MAX), "18446744073709551615");
    }

    #[test]
    fn compact_json_keeps_characters_and_python_floats() {
        let value = value!({"a": [1.0, true, null, 1e308], "é": "\"\n"});
        assert_eq!(
            compact_json(&value),
            "{\"a\":[1.0,true,null,1e+308],\"é\":\"\\\"\\n\"}"
        );
    }

    #[test]
    fn a_text_is_its_own_str() {
        assert_eq!(str(&value!("x")), "x");
        assert_eq!(str(&value!(["x"])), "['x']");
        assert_eq!(float_repr(-0.0), "-0.0");
    }
}
