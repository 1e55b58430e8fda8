//! A value with a type that is decoded only when asked for.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::{DecodeError, Value, from_value};

/// A value that is meant to be a `T` but stays as it is until [`get`](Self::get) is called.
///
/// For fields of inputs and outputs that are large and mostly passed on: taking and emitting one copies a pointer. To a
/// graph's author it has the schema of `T`.
pub struct Shared<T> {
    value: Value,
    /// Holds no `T`, so it is as shareable as a value whatever `T` is.
    meant: PhantomData<fn() -> T>,
}

impl<T> Shared<T> {
    /// Returns a value that is meant to be a `T`; nothing is checked yet.
    #[must_use]
    pub const fn new(value: Value) -> Self {
        Self {
            value,
            meant: PhantomData,
        }
    }

    /// Returns the value as it is.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the value as it is.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }
}

impl<T: DeserializeOwned> Shared<T> {
    /// Decodes the value, each time anew.
    ///
    /// # Errors
    ///
    /// Returns where inside the value something does not fit the type.
    pub fn get(&self) -> Result<T, DecodeError> {
        from_value(&self.value)
    }
}

impl<T> From<Shared<T>> for Value {
    fn from(shared: Shared<T>) -> Self {
        shared.value
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> Eq for Shared<T> {}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> Serialize for Shared<T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Shared<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::new)
    }
}
