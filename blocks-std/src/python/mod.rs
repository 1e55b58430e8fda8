//! Values as Python sees them: truth, equality, order, and the texts that it prints.
//!
//! AutoGPT's blocks are written in Python, and graphs made for it rely on what Python does with any value.

mod compare;
mod printable;
mod text;

use graphloom::Value;

pub(crate) use compare::{Unordered, compare, equals};
pub(crate) use text::{compact_json, float_repr, repr, str, text_repr, write_escape};

/// Whether Python takes a value for true: all but null, false, zero and what is empty.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Int(integer) => *integer != 0,
        Value::Uint(integer) => *integer != 0,
        Value::Float(float) => *float != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
        _ => true,
    }
}

/// Python's name for the type of a value, as its messages have it.
pub(crate) const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Uint(_) => "int",
        Value::Float(_) => "float",
        Value::Text(_) => "str",
        Value::List(_) => "list",
        Value::Map(_) => "dict",
        _ => "object",
    }
}

/// Whether Python takes a character for white space: Unicode's, and four separators of ASCII.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Reads a whole number as Python's `int` does from a text: white space around it, a sign, underscores between digits.
pub(crate) fn integer_from_text(text: &str) -> Option<i64> {
    let text = text.trim_matches(is_space);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits
        .split('_')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    whole.then(|| text.replace('_', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn integers_are_read_as_python_reads_them() {
        for (text, expected) in [
            (" +1_000\n", Some(1_000)),
            ("-7", Some(-7)),
            ("1.5", None),
            ("1__0", None),
            ("", None),
            ("_1", None),
            ("- 1", None),
        ] {
            assert_eq!(integer_from_text(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_empty_or_zero_is_false() {
        for no in [
            value!(null),
            value!(0),
            value!(0.0),
            value!(-0.0),
            value!(""),
            value!([]),
            value!({}),
            value!(false),
        ] {
            assert!(!truthy(&no), "{no}");
        }
        for yes in [
            value!(true),
            value!(-1),
            value!(f64::NAN),
            value!(" "),
            value!([null]),
            value!({"a": null}),
        ] {
            assert!(truthy(&yes), "{yes}");
        }
    }
}
