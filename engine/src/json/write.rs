//! Writing values as JSON, in the wire form that [`crate::value`](mod@crate::value) describes.

use std::fmt::{self, Write};

use crate::value::{
    BLOB, BYTES, CIPHERTEXT, FLOAT, KEY_ID, MEDIA_TYPE, Map, SEALED, Value, WIRE_MAP, float_name,
    is_reserved_shape,
};

/// Returns a value as compact JSON in wire form.
#[must_use]
pub fn to_json(value: &Value) -> String {
    let mut json = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_json(&mut json, value);
    json
}

/// Returns a value as JSON in wire form, indented by two spaces, without a line end at its end.
#[must_use]
pub fn to_json_pretty(value: &Value) -> String {
    let mut json = String::new();
    let _ = write_json_pretty(&mut json, value);
    json
}

/// Writes the same as [`to_json`] where a text of any length is no good: a writer that has enough refuses more.
///
/// # Errors
///
/// Returns what the writer returns.
pub fn write_json(out: &mut impl Write, value: &Value) -> fmt::Result {
    Writer {
        out,
        indent: None,
        hide: false,
    }
    .value(value)
}

/// Writes the same as [`to_json_pretty`] where a text of any length is no good.
///
/// # Errors
///
/// Returns what the writer returns.
pub fn write_json_pretty(out: &mut impl Write, value: &Value) -> fmt::Result {
    Writer {
        out,
        indent: Some(0),
        hide: false,
    }
    .value(value)
}

/// Writes compact JSON for messages: what is sealed is not shown.
pub(crate) fn display(value: &Value, out: &mut impl Write) -> fmt::Result {
    Writer {
        out,
        indent: None,
        hide: true,
    }
    .value(value)
}

/// Writes a text with quotes and escapes.
pub(crate) fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some(plain) = rest
        .bytes()
        .position(|b| b == b'"' || b == b'\\' || b < 0x20)
    {
        // What was found is one byte long, so both cuts are between characters.
        let (before, from) = rest.split_at(plain);
        let (special, after) = from.split_at(1);
        out.write_str(before)?;
        match special {
            "\"" => out.write_str("\\\"")?,
            "\\" => out.write_str("\\\\")?,
            "\n" => out.write_str("\\n")?,
            "\r" => out.write_str("\\r")?,
            "\t" => out.write_str("\\t")?,
            "\u{8}" => out.write_str("\\b")?,
            "\u{c}" => out.write_str("\\f")?,
            control => control
                .bytes()
                .try_for_each(|b| write!(out, "\\u{b:04x}"))?,
        }
        rest = after;
    }
    out.write_str(rest)?;
    out.write_char('"')
}

/// Writes a float that is a number: with a point or an exponent, so that it is read as a float.
pub(super) fn float_text<T>(float: f64, write: impl FnOnce(fmt::Arguments<'_>) -> T) -> T {
    write(format_args!("{float:?}"))
}

struct Writer<'a, W> {
    out: &'a mut W,
    /// How deep we are, if lines are broken.
    indent: Option<usize>,
    /// Sealed secrets are shown as a word.
    hide: bool,
}

impl<W: Write> Writer<'_, W> {
    fn value(&mut self, value: &Value) -> fmt::Result {
        match value {
            Value::Null => self.out.write_str("null"),
            Value::Bool(true) => self.out.write_str("true"),
            Value::Bool(false) => self.out.write_str("false"),
            Value::Int(n) => write!(self.out, "{n}"),
            Value::Uint(n) => write!(self.out, "{n}"),
            Value::Float(n) => match float_name(*n) {
                None => self.float(*n),
                Some(name) => self.wrapped([(FLOAT, Field::Text(name))]),
            },
            Value::Text(text) => write_text(self.out, text),
            Value::List(list) => {
                self.sequence('[', ']', list.iter(), |writer, item| writer.value(item))
            }
            Value::Map(map) if is_reserved_shape(map) => {
                self.wrapped([(WIRE_MAP, Field::Entries(map))])
            }
            Value::Map(map) => self.field(&Field::Entries(map)),
            Value::Blob(blob) => {
                let media_type = blob
                    .media_type
                    .as_ref()
                    .map(|media_type| (MEDIA_TYPE, Field::Text(media_type)));
                let fields = [
                    (BLOB, Field::Text(&blob.hash)),
                    (BYTES, Field::Number(blob.bytes)),
                ];
                self.wrapped(fields.into_iter().chain(media_type))
            }
            Value::Sealed(_) if self.hide => self.out.write_str("\"[sealed]\""),
            Value::Sealed(sealed) => {
                self.wrapped([(SEALED, Field::Sealed(sealed.key_id(), sealed.ciphertext()))])
            }
        }
    }

    /// Writes the shortest digits that read back as the same float; there is always a point or an exponent, which keeps
    /// it a float.
    fn float(&mut self, float: f64) -> fmt::Result {
        float_text(float, |text| self.out.write_fmt(text))
    }

    fn wrapped<'v>(
        &mut self,
        fields: impl IntoIterator<Item = (&'v str, Field<'v>)>,
    ) -> fmt::Result {
        self.sequence('{', '}', fields.into_iter(), |writer, (key, field)| {
            writer.key(key)?;
            writer.field(&field)
        })
    }

    fn field(&mut self, field: &Field<'_>) -> fmt::Result {
        match *field {
            Field::Text(text) => write_text(self.out, text),
            Field::Number(n) => write!(self.out, "{n}"),
            Field::Entries(map) => self.sequence('{', '}', map.iter(), |writer, (key, value)| {
                writer.key(key)?;
                writer.value(value)
            }),
            Field::Sealed(key_id, ciphertext) => self.wrapped([
                (KEY_ID, Field::Text(key_id)),
                (CIPHERTEXT, Field::Text(ciphertext)),
            ]),
        }
    }

    fn key(&mut self, key: &str) -> fmt::Result {
        write_text(self.out, key)?;
        self.out
            .write_str(if self.indent.is_some() { ": " } else { ":" })
    }

    fn sequence<T>(
        &mut self,
        open: char,
        close: char,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T) -> fmt::Result,
    ) -> fmt::Result {
        self.out.write_char(open)?;
        self.indent = self.indent.map(|indent| indent + 1);
        let mut is_empty = true;
        for item in items {
            if !is_empty {
                self.out.write_char(',')?;
            }
            is_empty = false;
            self.line()?;
            write(self, item)?;
        }
        self.indent = self.indent.map(|indent| indent - 1);
        if !is_empty {
            self.line()?;
        }
        self.out.write_char(close)
    }

    fn line(&mut self) -> fmt::Result {
        let Some(indent) = self.indent else {
            return Ok(());
        };
        self.out.write_char('\n')?;
        (0..indent).try_for_each(|_| self.out.write_str("  "))
    }
}

/// What stands under the keys of the wire forms.
enum Field<'a> {
    Text(&'a str),
    Number(u64),
    Entries(&'a Map),
    Sealed(&'a str, &'a str),
}
