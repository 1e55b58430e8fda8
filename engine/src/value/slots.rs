//! Decoding a struct from slots: names beside values, some of them absent. This is how a firing's inputs reach a block.

use serde::de::{DeserializeOwned, Deserializer, Error, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::de::{Entries, Variant};
use super::handed::Handed;
use super::{DecodeError, Text, Value, stash};

/// Decodes a struct from its field names and as many values; a field whose slot is `None` is absent.
///
/// # Errors
///
/// Returns the field, and where inside it, that does not fit.
pub fn from_slots<T: DeserializeOwned>(
    names: &[Text],
    values: &[Option<Value>],
) -> Result<T, DecodeError> {
    T::deserialize(Slots { names, values })
}

struct Slots<'de> {
    names: &'de [Text],
    values: &'de [Option<Value>],
}

impl<'de> Slots<'de> {
    #[inline]
    fn present(&self) -> impl Iterator<Item = (&'de Text, &'de Value)> + use<'de> {
        self.names
            .iter()
            .zip(self.values)
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

impl<'de> Deserializer<'de> for Slots<'de> {
    type Error = DecodeError;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_map(Entries::new(self.present()))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    /// A block that takes all its inputs as one `Map` or `Value` gets one with the values shared.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if matches!(name, stash::MAP | stash::VALUE) {
            visitor.visit_newtype_struct(Handed(self.present().collect()))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let mut present = self.present();
        match (present.next(), present.next()) {
            (Some((name, value)), None) => visitor.visit_enum(Variant {
                name,
                value: Some(value),
            }),
            _ => Err(Error::invalid_type(Unexpected::Map, &"exactly one value")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct map
        struct identifier ignored_any
    }
}
