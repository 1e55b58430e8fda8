//! Pin types: what values an input or output pin takes, as a small lattice.
//!
//! A type is read once from a block's JSON schema ([`PinType::from_schema`]) and then used three ways: to prove or
//! refuse a link before anything runs ([`fit`]), to check a value at a firing ([`PinType::fits`],
//! [`PinType::check`]), and to convert it ([`PinType::coerce_strict`], [`PinType::coerce_lenient`]).
//!
//! INVARIANT: a type is never narrower than the schema it was read from. What a schema says beyond the lattice
//! (ranges, patterns, dependent keys) is left to the block; a value that its schema allows always fits.

mod check;
mod display;
mod inside;
mod lenient;
mod link;
mod number;
mod python;
mod python_read;
mod schema;
mod strict;
#[cfg(test)]
mod tests;
mod to_schema;

use std::sync::Arc;

use crate::value::{Text, Value};

pub use check::Mismatch;
pub use link::{Fit, fit};
pub use number::number_from_text;
pub use python::python_json;

/// The values that a pin takes. Cheap to clone; `Display` says it in plain words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PinType {
    /// Any value at all.
    Any,
    /// Nothing but null.
    Null,
    /// True or false.
    Bool,
    /// A whole number. As in JSON Schema, 3.0 is one.
    Integer,
    /// Any number.
    Number,
    /// A text.
    Text,
    /// A list whose items are all of one type.
    List(Box<PinType>),
    /// A map with any keys whose values are all of one type.
    Map(Box<PinType>),
    /// A map with known keys.
    Object(Arc<ObjectType>),
    /// One of these values; numbers compare by value.
    Enum(Arc<[Value]>),
    /// A reference to a blob.
    Blob,
    /// A value of at least one of these types. Made by [`PinType::union`], which keeps it flat.
    Union(Arc<[PinType]>),
}

/// A map with known keys, see [`PinType::Object`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectType {
    /// The known keys.
    pub fields: Vec<Field>,
    /// Whether further keys, with any value, are allowed.
    pub open: bool,
}

/// One known key of an [`ObjectType`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// The key.
    pub name: Text,
    /// What its value must be when the key is there.
    pub ty: PinType,
    /// Whether the key must be there.
    pub required: bool,
}

impl Field {
    /// Returns a field.
    pub fn new(name: impl Into<Text>, ty: PinType, required: bool) -> Self {
        Self {
            name: name.into(),
            ty,
            required,
        }
    }
}

impl ObjectType {
    /// Returns an object type; `open` allows keys besides the fields.
    #[must_use]
    pub fn new(fields: Vec<Field>, open: bool) -> Self {
        Self { fields, open }
    }

    /// Returns the field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.as_str() == name)
    }
}

impl PinType {
    /// Returns the type of lists of `item`.
    #[must_use]
    pub fn list(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    /// Returns the type of maps to `value`.
    #[must_use]
    pub fn map(value: Self) -> Self {
        Self::Map(Box::new(value))
    }

    /// Returns the type of maps with these keys; `open` allows further ones.
    #[must_use]
    pub fn object(fields: Vec<Field>, open: bool) -> Self {
        Self::Object(Arc::new(ObjectType::new(fields, open)))
    }

    /// Returns the type of these values. A null among them becomes the type null, so that it reads
    /// `one of "a", "b" or null`.
    pub fn one_of<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        let (nulls, values): (Vec<Value>, Vec<Value>) =
            values.into_iter().map(Into::into).partition(Value::is_null);
        if nulls.is_empty() {
            return Self::Enum(values.into());
        }
        if values.is_empty() {
            return Self::Null;
        }
        Self::Union(Arc::from([Self::Enum(values.into()), Self::Null]))
    }

    /// Returns the type of values that fit at least one member: flat, without repetition, its enums joined into one.
    /// Any member that takes anything makes it [`PinType::Any`], and so does an empty list.
    pub fn union(members: impl IntoIterator<Item = Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for member in members {
            match member {
                Self::Any => return Self::Any,
                Self::Union(inner) => inner.iter().for_each(|one| join(&mut flat, one.clone())),
                other => join(&mut flat, other),
            }
        }
        match flat.len() {
            0 => Self::Any,
            1 => flat.pop().unwrap_or(Self::Any),
            _ => Self::Union(flat.into()),
        }
    }

    /// Whether every value fits.
    #[inline]
    #[must_use]
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Whether null fits.
    #[must_use]
    pub fn nullable(&self) -> bool {
        self.fits(&Value::Null)
    }
}

/// Adds a member to a flat union.
fn join(flat: &mut Vec<PinType>, member: PinType) {
    if let PinType::Enum(more) = &member
        && let Some(PinType::Enum(known)) =
            flat.iter_mut().find(|one| matches!(one, PinType::Enum(_)))
    {
        let mut all = known.to_vec();
        for value in more.iter() {
            if !all.contains(value) {
                all.push(value.clone());
            }
        }
        *known = all.into();
    } else if !flat.contains(&member) {
        flat.push(member);
    }
}
