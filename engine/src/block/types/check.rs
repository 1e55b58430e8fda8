//! Does a value fit its type, and if not, what exactly is wrong.

use std::fmt;

use crate::value::{Path, Step, Value};

use super::{ObjectType, PinType, python};

/// The longest description of a found value, in characters.
const MAX_FOUND: usize = 60;

/// A value that does not fit: where inside it, what would do, what is there.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub struct Mismatch {
    /// The place inside the checked value; empty for the value as a whole.
    pub path: Path,
    /// What would do, in plain words.
    pub expected: String,
    /// What is there: its type and the beginning of its text, at most 60 characters. A secret is never shown.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at {}: ", self.path)?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl PinType {
    /// Whether a value is of this type. Allocates nothing.
    ///
    /// A number without fraction counts as an integer; a bool is neither. A secret that is still sealed fits
    /// [`PinType::Any`] only, since nobody can tell what it is.
    #[inline]
    #[must_use]
    pub fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _)
            | (Self::Null, Value::Null)
            | (Self::Bool, Value::Bool(_))
            | (Self::Integer, Value::Int(_) | Value::Uint(_))
            | (Self::Number, Value::Int(_) | Value::Uint(_) | Value::Float(_))
            | (Self::Text, Value::Text(_))
            | (Self::Blob, Value::Blob(_)) => true,
            // The fraction of an infinity is NaN, so that infinities are no integers.
            (Self::Integer, Value::Float(float)) => float.fract() == 0.0,
            (
                Self::List(_) | Self::Map(_) | Self::Object(_) | Self::Enum(_) | Self::Union(_),
                _,
            ) => self.fits_inside(value),
            _ => false,
        }
    }

    fn fits_inside(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::List(ty), Value::List(items)) => {
                ty.is_any() || items.iter().all(|item| ty.fits(item))
            }
            (Self::Map(ty), Value::Map(map)) => {
                ty.is_any() || map.values().all(|value| ty.fits(value))
            }
            (Self::Object(object), Value::Map(map)) => {
                let mut n_known = 0;
                for field in &object.fields {
                    match map.get(field.name.as_str()) {
                        Some(value) if field.ty.fits(value) => n_known += 1,
                        None if !field.required => {}
                        _ => return false,
                    }
                }
                object.open || n_known == map.len()
            }
            (Self::Enum(values), _) => values.iter().any(|one| one.loosely_eq(value)),
            (Self::Union(members), _) => members.iter().any(|member| member.fits(value)),
            _ => false,
        }
    }

    /// Checks a value against this type.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] names the innermost place that can be told, and what would do there.
    pub fn check(&self, value: &Value) -> Result<(), Mismatch> {
        if self.fits(value) {
            Ok(())
        } else {
            Err(explain(self, value))
        }
    }
}

/// One step from a value that does not fit towards the reason.
enum Reason<'a> {
    /// This part of it does not fit; no step for the same value under a narrower type.
    Part(Option<Step>, &'a PinType, &'a Value),
    /// A required key is not there.
    Missing(Step, &'a PinType),
    /// A key is there that must not be.
    Unknown(&'a ObjectType, &'a str),
    /// The value as a whole.
    Whole,
}

#[cold]
fn explain(ty: &PinType, value: &Value) -> Mismatch {
    let mut path = Path::default();
    let (mut ty, mut value) = (ty, value);
    loop {
        let (expected, found) = match reason(ty, value) {
            Reason::Part(step, part_ty, part) => {
                if let Some(step) = step {
                    path.push(step);
                }
                (ty, value) = (part_ty, part);
                continue;
            }
            Reason::Missing(step, field_ty) => {
                path.push(step);
                (field_ty.to_string(), "nothing".to_owned())
            }
            Reason::Unknown(object, key) => (object.to_string(), clip("key ", &Value::from(key))),
            Reason::Whole => (ty.to_string(), describe(value)),
        };
        return Mismatch {
            path,
            expected,
            found,
        };
    }
}

fn reason<'a>(ty: &'a PinType, value: &'a Value) -> Reason<'a> {
    let part = match (ty, value) {
        (PinType::List(item_ty), Value::List(items)) => (0_i64..)
            .zip(items.iter())
            .find(|(_, item)| !item_ty.fits(item))
            .map(|(i, item)| Reason::Part(Some(Step::Index(i)), item_ty, item)),
        (PinType::Map(value_ty), Value::Map(map)) => map
            .iter()
            .find(|(_, value)| !value_ty.fits(value))
            .map(|(key, value)| Reason::Part(Some(Step::Key(key.clone())), value_ty, value)),
        (PinType::Object(object), Value::Map(map)) => object
            .fields
            .iter()
            .find_map(|field| {
                let step = || Step::Key(field.name.clone());
                match map.get(field.name.as_str()) {
                    Some(value) => (!field.ty.fits(value))
                        .then(|| Reason::Part(Some(step()), &field.ty, value)),
                    None => field.required.then(|| Reason::Missing(step(), &field.ty)),
                }
            })
            .or_else(|| {
                let unknown = map
                    .keys()
                    .find(|key| object.field(key.as_str()).is_none())?;
                (!object.open).then(|| Reason::Unknown(object, unknown.as_str()))
            }),
        // Where one member alone is of the value's kind, it is the one that was meant.
        (PinType::Union(members), _) => {
            let mut alike = members.iter().filter(|member| member.same_container(value));
            match (alike.next(), alike.next()) {
                (Some(only), None) => Some(Reason::Part(None, only, value)),
                _ => None,
            }
        }
        _ => None,
    };
    part.unwrap_or(Reason::Whole)
}

impl PinType {
    /// Whether type and value are both lists or both maps.
    pub(super) fn same_container(&self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::List(_), Value::List(_)) | (Self::Map(_) | Self::Object(_), Value::Map(_))
        )
    }
}

/// Says what a value is: its type and the beginning of its text.
fn describe(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) => value.to_string(),
        Value::Sealed(_) => "secret".to_owned(),
        _ => clip(&format!("{} ", value.type_name()), value),
    }
}

/// Writes a prefix and as much of a value as there is room for, however long the value is.
fn clip(prefix: &str, value: &Value) -> String {
    let mut out = Clip {
        text: prefix.to_owned(),
        room: MAX_FOUND.saturating_sub(prefix.chars().count() + 1),
    };
    if python::write_json(&mut out, value, false).is_err() {
        out.text.push('…');
    }
    out.text
}

/// A writer that stops when it is full.
struct Clip {
    text: String,
    room: usize,
}

impl fmt::Write for Clip {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        part.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.room = self.room.checked_sub(1).ok_or(fmt::Error)?;
        self.text.push(c);
        Ok(())
    }
}
