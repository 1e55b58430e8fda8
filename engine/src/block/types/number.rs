//! Numbers between texts, floats and integers, by the rules of AutoGPT's Python.

use crate::value::Value;

/// The largest integer up to which every integer is a float of its own.
pub(super) const MAX_EXACT: i64 = 1 << 53;

/// Reads a number as Python's `float()` does: surrounding white space, underscores between digits, decimal digits of
/// any script, `inf` and `nan` are accepted; hexadecimal is not. Too large a number is an infinity.
#[must_use]
pub fn number_from_text(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_space);
    if text.bytes().all(|byte| byte.is_ascii() && byte != b'_') {
        return text.parse().ok();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut after_digit = false;
    while let Some(c) = chars.next() {
        if c == '_' {
            let before_digit = chars
                .peek()
                .is_some_and(|next| decimal_digit(*next).is_some());
            if !(after_digit && before_digit) {
                return None;
            }
            after_digit = false;
        } else {
            let digit = decimal_digit(c);
            after_digit = digit.is_some();
            plain.push(digit.unwrap_or(c));
        }
    }
    plain.parse().ok()
}

/// Whether Python takes a character for white space: Unicode's, and four separators of ASCII.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Returns the ASCII digit for a decimal digit of any script.
fn decimal_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = u32::from(c);
    let before = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    char::from_digit(code - ZEROS.get(before)?, 10)
}

/// The zeros of all scripts with decimal digits (Unicode general category Nd); nine digits follow each.
const ZEROS: [u32; 65] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

/// Returns the integer that a float without fraction is, if it is small enough to be the only one that it can mean.
pub(super) fn exact_integer(float: f64) -> Option<Value> {
    (float.fract() == 0.0 && float.abs() <= MAX_EXACT as f64).then_some(Value::Int(float as i64))
}

/// Returns the float that an integer is, if no other integer is that float.
pub(super) fn exact_float(integer: i64) -> Option<Value> {
    (-MAX_EXACT..=MAX_EXACT)
        .contains(&integer)
        .then_some(Value::Float(integer as f64))
}

/// Cuts a float off to an integer. One without an integer (an infinity, NaN) gives zero, and one too large for 64 bits
/// stays a float, which is an integer all the same.
pub(super) fn truncate(float: f64) -> Value {
    // Powers of two and so exact; the upper ones are the first that do not fit.
    const I64_END: f64 = 9_223_372_036_854_775_808.0;
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    if !float.is_finite() {
        Value::Int(0)
    } else if (-I64_END..I64_END).contains(&float) {
        Value::Int(float as i64)
    } else if (I64_END..U64_END).contains(&float) {
        Value::from(float as u64)
    } else {
        Value::Float(float)
    }
}
