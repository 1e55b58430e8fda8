//! Keys of maps on their way into and out of Rust types.

use serde::de::{Deserializer, Visitor};
use serde::ser::{Error, Impossible, Serializer};
use serde::{Serialize, forward_to_deserialize_any};

use super::handed::Handed;
use super::{DecodeError, EncodeError, Text, Value, de::Variant, stash};

/// Lends a key. Where an integer or a bool is asked for, the key is read as one.
pub(super) struct KeyDeserializer<'de>(pub(super) &'de Text);

macro_rules! read_as {
    ($($deserialize:ident $type:ty => $visit:ident;)+) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            match self.0.parse::<$type>() {
                Ok(key) => visitor.$visit(key),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        })+
    };
}

impl<'de> Deserializer<'de> for KeyDeserializer<'de> {
    type Error = DecodeError;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_borrowed_str(self.0)
    }

    read_as! {
        deserialize_bool bool => visit_bool;
        deserialize_i8 i64 => visit_i64;
        deserialize_i16 i64 => visit_i64;
        deserialize_i32 i64 => visit_i64;
        deserialize_i64 i64 => visit_i64;
        deserialize_i128 i128 => visit_i128;
        deserialize_u8 u64 => visit_u64;
        deserialize_u16 u64 => visit_u64;
        deserialize_u32 u64 => visit_u64;
        deserialize_u64 u64 => visit_u64;
        deserialize_u128 u128 => visit_u128;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if matches!(name, stash::TEXT | stash::VALUE) {
            visitor.visit_newtype_struct(Handed(Value::Text(self.0.clone())))
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
        visitor.visit_enum(Variant {
            name: self.0,
            value: None,
        })
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Makes a key: of a text, a character, an integer, a bool or a variant without a value.
pub(super) struct KeySerializer;

fn no_key<T>() -> Result<T, EncodeError> {
    Err(EncodeError::custom(
        "a key of a map is neither a text nor an integer nor a bool",
    ))
}

macro_rules! written {
    ($($serialize:ident $type:ty;)+) => {
        $(fn $serialize(self, key: $type) -> Result<Text, EncodeError> {
            Ok(key.to_string().into())
        })+
    };
}

impl Serializer for KeySerializer {
    type Ok = Text;
    type Error = EncodeError;
    type SerializeSeq = Impossible<Text, EncodeError>;
    type SerializeTuple = Impossible<Text, EncodeError>;
    type SerializeTupleStruct = Impossible<Text, EncodeError>;
    type SerializeTupleVariant = Impossible<Text, EncodeError>;
    type SerializeMap = Impossible<Text, EncodeError>;
    type SerializeStruct = Impossible<Text, EncodeError>;
    type SerializeStructVariant = Impossible<Text, EncodeError>;

    written! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_char char;
        serialize_str &str;
    }

    fn serialize_f32(self, _: f32) -> Result<Text, EncodeError> {
        no_key()
    }

    fn serialize_f64(self, _: f64) -> Result<Text, EncodeError> {
        no_key()
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Text, EncodeError> {
        no_key()
    }

    fn serialize_none(self) -> Result<Text, EncodeError> {
        no_key()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<Text, EncodeError> {
        key.serialize(self)
    }

    fn serialize_unit(self) -> Result<Text, EncodeError> {
        match stash::take() {
            Some(Value::Text(key)) => Ok(key),
            _ => no_key(),
        }
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Text, EncodeError> {
        no_key()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Text, EncodeError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        key: &T,
    ) -> Result<Text, EncodeError> {
        if name == stash::TEXT {
            stash::wanting(|| key.serialize(self))
        } else {
            key.serialize(self)
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Text, EncodeError> {
        no_key()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, EncodeError> {
        no_key()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, EncodeError> {
        no_key()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, EncodeError> {
        no_key()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, EncodeError> {
        no_key()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, EncodeError> {
        no_key()
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, EncodeError> {
        no_key()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, EncodeError> {
        no_key()
    }
}
