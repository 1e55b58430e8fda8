//! Values as the JSON text that AutoGPT's Python writes: the text form under lenient coercion.

use std::fmt::{self, Write};

use crate::value::{MapIter, Value};

/// Writes a value as Python's `json.dumps` does: `", "` and `": "` between parts, non-ASCII characters as `\uXXXX`,
/// floats as Python prints them (`1.0`, `1e+16`, `Infinity`).
///
/// A blob is written as its reference, a sealed secret as the text `[sealed]`.
#[must_use]
pub fn python_json(value: &Value) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_json(&mut out, value, true);
    out
}

/// What is being written: a container and what is left of it.
enum Open<'a> {
    List(std::slice::Iter<'a, Value>),
    Map(MapIter<'a>),
}

/// Writes a value with Python's separators, without recursion, since values built by blocks may be of any depth. Stops
/// at the first error of the writer.
pub(super) fn write_json(out: &mut impl Write, value: &Value, ascii: bool) -> fmt::Result {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut next = Some(value);
    let mut first = true;
    loop {
        if let Some(value) = next.take() {
            match value {
                Value::List(items) => {
                    out.write_char('[')?;
                    open.push(Open::List(items.iter()));
                    first = true;
                }
                Value::Map(map) => {
                    out.write_char('{')?;
                    open.push(Open::Map(map.iter()));
                    first = true;
                }
                scalar => {
                    write_scalar(out, scalar, ascii)?;
                    first = false;
                }
            }
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
            out.write_char(end)?;
            open.pop();
            first = false;
        } else if !first {
            out.write_str(", ")?;
        }
        if let Some(key) = key {
            write_text(out, key.as_str(), ascii)?;
            out.write_str(": ")?;
        }
    }
}

fn write_scalar(out: &mut impl Write, value: &Value, ascii: bool) -> fmt::Result {
    match value {
        Value::Bool(truth) => write!(out, "{truth}"),
        Value::Int(integer) => write!(out, "{integer}"),
        Value::Uint(integer) => write!(out, "{integer}"),
        Value::Float(float) => write_float(out, *float),
        Value::Text(text) => write_text(out, text.as_str(), ascii),
        Value::Blob(blob) => {
            out.write_str("{\"$blob\": ")?;
            write_text(out, blob.hash.as_str(), ascii)?;
            write!(out, ", \"bytes\": {}", blob.bytes)?;
            if let Some(media_type) = &blob.media_type {
                out.write_str(", \"media_type\": ")?;
                write_text(out, media_type.as_str(), ascii)?;
            }
            out.write_char('}')
        }
        Value::Sealed(_) => out.write_str("\"[sealed]\""),
        // Containers do not come here.
        Value::Null | Value::List(_) | Value::Map(_) => out.write_str("null"),
    }
}

/// Writes the shortest digits that read back as the same float; Python goes over to an exponent below 1e-4 and from
/// 1e16 on, and writes it with a sign and at least two digits.
fn write_float(out: &mut impl Write, float: f64) -> fmt::Result {
    if float.is_nan() {
        return out.write_str("NaN");
    }
    if float.is_infinite() {
        return out.write_str(if float > 0.0 { "Infinity" } else { "-Infinity" });
    }
    if float.is_sign_negative() {
        out.write_char('-')?;
    }
    let shortest = shortest(float.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return write!(out, "{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    let digits = mantissa.replace('.', "");
    let Ok(n_before) = usize::try_from(exponent + 1) else {
        return write!(
            out,
            "0.{:0<1$}{digits}",
            "",
            exponent.unsigned_abs() as usize - 1
        );
    };
    match digits.split_at_checked(n_before) {
        Some(("", after)) => write!(out, "0.{after}"),
        Some((before, "")) => write!(out, "{before}.0"),
        Some((before, after)) => write!(out, "{before}.{after}"),
        None => write!(out, "{digits:0<n_before$}.0"),
    }
}

/// Returns the shortest digits of a float with an exponent. Where two texts of that length are equally near, Python
/// takes the even one and Rust the greater; asked for a number of digits, Rust takes the even one too.
fn shortest(float: f64) -> String {
    // Fewer digits than this leave no room for two texts of one float.
    const MIN_DIGITS: usize = 15;
    let shortest = format!("{float:e}");
    let n_digits = shortest
        .bytes()
        .take_while(|byte| *byte != b'e')
        .filter(u8::is_ascii_digit)
        .count();
    if n_digits < MIN_DIGITS {
        return shortest;
    }
    let even = format!("{float:.0$e}", n_digits - 1);
    if even.parse() == Ok(float) {
        even
    } else {
        shortest
    }
}

fn write_text(out: &mut impl Write, text: &str, ascii: bool) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\x08' => out.write_str("\\b")?,
            '\x0c' => out.write_str("\\f")?,
            ' '..='~' => out.write_char(c)?,
            _ if ascii || c.is_control() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            _ => out.write_char(c)?,
        }
    }
    out.write_char('"')
}
