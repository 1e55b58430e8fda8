//! Reading values through serde: by pointer out of our own deserialiser, from the wire form out of any other.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::{List, Map, Text, Value, stash, wire};
use crate::json::read_number;

/// One of our types: its magic name, and how it comes out of a value.
trait Ours: Sized {
    const NAME: &'static str;
    const EXPECTED: &'static str;

    /// Gives the value back if it is of another type.
    fn from_value(value: Value) -> Result<Self, Value>;
}

macro_rules! ours {
    ($($type:ident, $name:expr, $expected:literal, $from_value:expr;)+) => {
        $(
            impl Ours for $type {
                const NAME: &'static str = $name;
                const EXPECTED: &'static str = $expected;

                #[inline]
                fn from_value(value: Value) -> Result<Self, Value> {
                    let from_value: fn(Value) -> Result<Self, Value> = $from_value;
                    from_value(value)
                }
            }

            impl<'de> Deserialize<'de> for $type {
                #[inline]
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_newtype_struct(Self::NAME, Outer(PhantomData))
                }
            }
        )+
    };
}

ours! {
    Value, stash::VALUE, "any value", Ok;
    Text, stash::TEXT, "a text", |value| if let Value::Text(text) = value { Ok(text) } else { Err(value) };
    List, stash::LIST, "a list", |value| if let Value::List(list) = value { Ok(list) } else { Err(value) };
    Map, stash::MAP, "a map", |value| if let Value::Map(map) = value { Ok(map) } else { Err(value) };
}

macro_rules! scalars {
    ($($visit:ident($($name:ident: $type:ty)?);)+) => {
        $(fn $visit<E: Error>(self $(, $name: $type)?) -> Result<T, E> {
            finish(|wire| wire.$visit($($name)?))
        })+
    };
}

/// Meets the newtype. What is inside is either a unit that stands for a value handed over, or the wire form.
struct Outer<T>(PhantomData<fn() -> T>);

impl<'de, T: Ours> Visitor<'de> for Outer<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        if T::NAME == stash::TEXT {
            // Formats that do not describe themselves must be told what comes.
            finish(|wire| deserializer.deserialize_string(wire))
        } else {
            finish(|wire| deserializer.deserialize_any(wire))
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        finish(|wire| deserializer.deserialize_any(wire))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        finish(|wire| wire.visit_seq(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        finish(|wire| wire.visit_map(map))
    }

    // Some deserialisers, those of plain Rust values among them, do not show newtypes and come straight to the content.
    scalars! {
        visit_unit();
        visit_none();
        visit_bool(b: bool);
        visit_i64(n: i64);
        visit_u64(n: u64);
        visit_f64(n: f64);
        visit_str(text: &str);
        visit_string(text: String);
    }
}

/// Reads the content and makes it one of our types.
fn finish<T: Ours, E: Error>(read: impl FnOnce(Wire<'_>) -> Result<Value, E>) -> Result<T, E> {
    let reserved = Cell::new(false);
    let mut value = read(Wire {
        reserved: &reserved,
        under_map: false,
        expected: T::EXPECTED,
    })?;
    if reserved.get() {
        wire::settle(&mut value);
    }
    T::from_value(value).map_err(|other| Error::invalid_type(unexpected(&other), &T::EXPECTED))
}

/// Names a value in an error of serde's.
pub(super) fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(b) => Unexpected::Bool(*b),
        Value::Int(n) => Unexpected::Signed(*n),
        Value::Uint(n) => Unexpected::Unsigned(*n),
        Value::Float(n) => Unexpected::Float(*n),
        Value::Text(text) => Unexpected::Str(text),
        Value::List(_) => Unexpected::Seq,
        Value::Map(_) => Unexpected::Map,
        Value::Blob(_) => Unexpected::Other("a blob"),
        Value::Sealed(_) => Unexpected::Other("a sealed secret"),
    }
}

/// Builds the tree as it is written. Wire forms can only be told when a map is complete and one knows what is around
/// it, so they are left as they are and their presence is noted.
#[derive(Clone, Copy)]
struct Wire<'a> {
    /// Set when a map has the keys of a wire form.
    reserved: &'a Cell<bool>,
    /// This is what stands under `$map`: it may only look like a number of serde_json's.
    under_map: bool,
    expected: &'static str,
}

impl Wire<'_> {
    fn child(self, key: Option<&str>) -> Self {
        Self {
            under_map: key == Some(wire::MAP),
            expected: Value::EXPECTED,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Wire<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Wire<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(stash::take().unwrap_or_default())
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Int(n))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Value, E> {
        Ok(Value::from(n))
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<Value, E> {
        Ok(Value::Float(n))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        // A hint may come from the outside and lie.
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(4096));
        while let Some(item) = seq.next_element_seed(self.child(None))? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::with_capacity(map.size_hint().unwrap_or(0).min(4096));
        while let Some(key) = map.next_key::<Text>()? {
            let value = map.next_value_seed(self.child(Some(&key)))?;
            entries.insert(key, value);
        }
        if wire::is_reserved_shape(&entries) {
            match number(&entries) {
                Some(digits) if !self.under_map => {
                    return read_number(digits).map_err(|_| {
                        Error::invalid_value(Unexpected::Str(digits), &"a number that fits 64 bits")
                    });
                }
                _ => self.reserved.set(true),
            }
        }
        Ok(Value::Map(entries))
    }
}

/// Returns the digits if a map is a number as serde_json hands it over with `arbitrary_precision`.
fn number(map: &Map) -> Option<&str> {
    map.get(wire::NUMBER).filter(|_| map.len() == 1)?.as_str()
}
