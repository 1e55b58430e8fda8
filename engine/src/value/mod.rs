//! The engine's own value type: what flows along links.
//!
//! A [`Value`] is a scalar held inline or a shared pointer to a text, list, map, blob reference or sealed secret; it is
//! 16 bytes and a clone copies a pointer. It comes and goes through serde (typed inputs and outputs of blocks), through
//! JSON text (see [`crate::json`]) and through [`Path`]s that select and build inside it. It knows nothing of graphs.
//!
//! # Wire form
//!
//! Natural JSON, with four forms for what JSON cannot say. Non-finite floats are `{"$float":"inf"}` (`"-inf"`, `"nan"`),
//! blobs `{"$blob":"sha256:..","bytes":n}` with an optional `"media_type"`, sealed secrets
//! `{"$sealed":{"key_id":"..","ciphertext":".."}}`. A map that has the keys of such a form is wrapped as `{"$map":{..}}`,
//! and so is a map whose only key is `$map`. Reading undoes this, so that writing and reading is the identity for every
//! value; a form whose content does not fit is read as the plain map it is.

mod compare;
mod convert;
mod de;
mod decode;
mod encode;
mod error;
mod handed;
mod hash;
mod key;
mod list;
mod macros;
mod map;
mod names;
mod opaque;
mod path;
mod pin;
mod schema;
mod ser;
mod shared;
mod slots;
mod stash;
mod text;
mod weight;
mod wire;

use std::fmt;
use std::sync::Arc;

pub use de::from_value;
pub use error::{DecodeError, EncodeError};
pub use hash::{CanonicalHasher, ContentHash, HashError};
pub use list::List;
pub use map::{Map, MapIntoIter, MapIter};
pub use opaque::{BlobRef, Sealed};
pub use path::{Path, PathError, Step};
pub use pin::{Pin, encode_variant};
pub use ser::to_value;
pub use shared::Shared;
pub use slots::from_slots;
pub use text::Text;
pub use weight::Excess;

pub(crate) use names::Names;
pub(crate) use wire::{BLOB, BYTES, CIPHERTEXT, FLOAT, KEY_ID, MEDIA_TYPE, SEALED};
pub(crate) use wire::{MAP as WIRE_MAP, float_name, is_reserved_shape, settle_map};

/// A value that flows along links. Clone copies at most a pointer.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// An integer that fits 64 bits with sign.
    Int(i64),
    /// An integer above `i64::MAX`. Make it with `Value::from(u64)`, which keeps smaller ones in `Int`.
    Uint(u64),
    /// A floating point number.
    Float(f64),
    /// A text.
    Text(Text),
    /// A list of values.
    List(List),
    /// Values by key, in order.
    Map(Map),
    /// A reference to bytes that are kept outside the graph.
    Blob(Arc<BlobRef>),
    /// A secret that only the host can open.
    Sealed(Arc<Sealed>),
}

impl Value {
    /// Returns true for `Null`.
    #[must_use]
    #[inline]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the truth value, if this is one.
    #[must_use]
    #[inline]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// Returns the integer, if this is one and it fits.
    #[must_use]
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            Self::Uint(n) => i64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// Returns the integer, if this is one and it fits.
    #[must_use]
    #[inline]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Int(n) => u64::try_from(*n).ok(),
            Self::Uint(n) => Some(*n),
            _ => None,
        }
    }

    /// Returns any number as the nearest float.
    #[must_use]
    #[inline]
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(n) => Some(*n as f64),
            Self::Uint(n) => Some(*n as f64),
            Self::Float(n) => Some(*n),
            _ => None,
        }
    }

    /// Returns the text, if this is one.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    /// Returns the text, if this is one, to be cloned without a copy.
    #[must_use]
    #[inline]
    pub const fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the list, if this is one.
    #[must_use]
    #[inline]
    pub const fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// Returns the map, if this is one.
    #[must_use]
    #[inline]
    pub const fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns what stands under a key, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// Returns the word that messages use: `null`, `bool`, `integer`, `number`, `text`, `list`, `map`, `blob` or `secret`.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) => "integer",
            Self::Float(_) => "number",
            Self::Text(_) => "text",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Blob(_) => "blob",
            Self::Sealed(_) => "secret",
        }
    }
}

/// Writes compact JSON in wire form, except that a sealed secret is shown as `"[sealed]"`: what is displayed goes into
/// messages and logs. [`crate::json::to_json`] writes all of it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::json::display(self, f)
    }
}

#[cfg(test)]
pub(crate) mod tests;
