//! Types in plain words, for people who never saw a JSON schema.

use std::fmt;

use crate::value::Value;

use super::{ObjectType, PinType};

/// More names than this are counted and not written out.
const MAX_NAMES: usize = 16;

impl fmt::Display for PinType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Integer => f.write_str("integer"),
            Self::Number => f.write_str("number"),
            Self::Text => f.write_str("text"),
            Self::Blob => f.write_str("blob"),
            Self::List(item) => inner(f, "list of ", item),
            Self::Map(value) => inner(f, "map of ", value),
            Self::Object(object) => write!(f, "{object}"),
            Self::Enum(values) => {
                match values.len() {
                    0 => return f.write_str("no value"),
                    1 => {}
                    _ => f.write_str("one of ")?,
                }
                names(f, values.iter(), values.len())
            }
            Self::Union(members) => {
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        f.write_str(if i + 1 == members.len() { " or " } else { ", " })?;
                    }
                    write!(f, "{member}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for ObjectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fields.is_empty() {
            return f.write_str(if self.open { "object" } else { "empty object" });
        }
        f.write_str("object with ")?;
        let quoted = self
            .fields
            .iter()
            .map(|field| Value::from(field.name.clone()));
        names(f, quoted, self.fields.len())
    }
}

fn names(
    f: &mut fmt::Formatter<'_>,
    all: impl Iterator<Item = impl fmt::Display>,
    count: usize,
) -> fmt::Result {
    for (i, name) in all.take(MAX_NAMES).enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{name}")?;
    }
    match count.saturating_sub(MAX_NAMES) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

/// Writes what is inside a list or map, in brackets where "list of text or null" could be read two ways.
fn inner(f: &mut fmt::Formatter<'_>, prefix: &str, ty: &PinType) -> fmt::Result {
    match ty {
        PinType::Union(_) => write!(f, "{prefix}({ty})"),
        _ => write!(f, "{prefix}{ty}"),
    }
}
