//! Encoding a Rust type as a value: [`to_value`] and the serialiser behind it.

use std::cell::RefCell;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::key::KeySerializer;
use super::names::Names;
use super::{EncodeError, Map, Text, Value, stash, wire};
use crate::json::read_number;

/// Encodes a Rust value. Parts of it that are values themselves are shared, not copied.
///
/// # Errors
///
/// Returns an error if the type refuses, has keys that are no texts, or an integer that does not fit 64 bits.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, EncodeError> {
    value.serialize(ValueSerializer)
}

#[derive(Clone, Copy)]
pub(super) struct ValueSerializer;

macro_rules! converted {
    ($($serialize:ident $type:ty;)+) => {
        $(#[inline]
        fn $serialize(self, value: $type) -> Result<Value, EncodeError> {
            Ok(Value::from(value))
        })+
    };
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = EncodeError;
    type SerializeSeq = ListBuilder;
    type SerializeTuple = ListBuilder;
    type SerializeTupleStruct = ListBuilder;
    type SerializeTupleVariant = Tagged<ListBuilder>;
    type SerializeMap = MapBuilder;
    type SerializeStruct = MapBuilder;
    type SerializeStructVariant = Tagged<MapBuilder>;

    converted! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_f64 f64;
        serialize_str &str;
    }

    fn serialize_i128(self, n: i128) -> Result<Value, EncodeError> {
        let value = i64::try_from(n)
            .map(Value::from)
            .or_else(|_| u64::try_from(n).map(Value::from));
        value.map_err(|_| EncodeError::custom(format!("the integer {n} does not fit 64 bits")))
    }

    fn serialize_u128(self, n: u128) -> Result<Value, EncodeError> {
        let value = u64::try_from(n).map(Value::from);
        value.map_err(|_| EncodeError::custom(format!("the integer {n} does not fit 64 bits")))
    }

    fn serialize_f32(self, n: f32) -> Result<Value, EncodeError> {
        Ok(Value::Float(n.into()))
    }

    fn serialize_char(self, c: char) -> Result<Value, EncodeError> {
        Ok(Value::from(String::from(c)))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, EncodeError> {
        Ok(bytes.iter().copied().collect())
    }

    fn serialize_none(self) -> Result<Value, EncodeError> {
        Ok(Value::Null)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, EncodeError> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<Value, EncodeError> {
        Ok(stash::take().unwrap_or_default())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, EncodeError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, EncodeError> {
        Ok(Value::from(variant))
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, EncodeError> {
        if stash::is_ours(name) {
            stash::wanting(|| value.serialize(self))
        } else {
            value.serialize(self)
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, EncodeError> {
        Ok(tagged(variant, value.serialize(self)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListBuilder, EncodeError> {
        Ok(ListBuilder(Vec::with_capacity(length.unwrap_or(0))))
    }

    fn serialize_tuple(self, length: usize) -> Result<ListBuilder, EncodeError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<ListBuilder, EncodeError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<ListBuilder>, EncodeError> {
        Ok(Tagged {
            variant,
            content: self.serialize_seq(Some(length))?,
        })
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MapBuilder, EncodeError> {
        Ok(MapBuilder {
            map: Map::with_capacity(length.unwrap_or(0)),
            key: None,
            is_number: false,
        })
    }

    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<MapBuilder, EncodeError> {
        let builder = self.serialize_map(Some(length))?;
        Ok(MapBuilder {
            is_number: name == wire::NUMBER,
            ..builder
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<MapBuilder>, EncodeError> {
        Ok(Tagged {
            variant,
            content: self.serialize_map(Some(length))?,
        })
    }
}

thread_local! {
    static NAMES: RefCell<Names> = const { RefCell::new(Names::new()) };
}

/// Returns the key for a field or variant. The same few come with every firing.
fn field_name(name: &'static str) -> Text {
    NAMES.with_borrow_mut(|names| names.get(name))
}

fn tagged(variant: &'static str, content: Value) -> Value {
    Value::from_iter([(field_name(variant), content)])
}

/// The content of a variant that is being built, and the variant's name.
pub(super) struct Tagged<B> {
    variant: &'static str,
    content: B,
}

pub(super) struct ListBuilder(Vec<Value>);

impl SerializeSeq for ListBuilder {
    type Ok = Value;
    type Error = EncodeError;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), EncodeError> {
        self.0.push(item.serialize(ValueSerializer)?);
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<Value, EncodeError> {
        Ok(Value::List(self.0.into()))
    }
}

pub(super) struct MapBuilder {
    map: Map,
    key: Option<Text>,
    /// This is a number of serde_json's, which it writes as a struct when its feature `arbitrary_precision` is on.
    is_number: bool,
}

impl SerializeMap for MapBuilder {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.key = Some(key.serialize(KeySerializer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let Some(key) = self.key.take() else {
            return Err(EncodeError::custom("a value came before its key"));
        };
        self.map.insert(key, value.serialize(ValueSerializer)?);
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<Value, EncodeError> {
        Ok(Value::Map(self.map))
    }
}

impl SerializeStruct for MapBuilder {
    type Ok = Value;
    type Error = EncodeError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.map
            .insert(field_name(key), value.serialize(ValueSerializer)?);
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<Value, EncodeError> {
        if self.is_number {
            let digits = self
                .map
                .get(wire::NUMBER)
                .and_then(Value::as_str)
                .unwrap_or_default();
            return read_number(digits).map_err(|_| {
                EncodeError::custom(format!("the number {digits} does not fit 64 bits"))
            });
        }
        Ok(Value::Map(self.map))
    }
}

// The other traits differ in name only.
macro_rules! same_as_seq {
    ($($trait:ident :: $method:ident),+) => {
        $(impl $trait for ListBuilder {
            type Ok = Value;
            type Error = EncodeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), EncodeError> {
                SerializeSeq::serialize_element(self, item)
            }

            #[inline]
            fn end(self) -> Result<Value, EncodeError> {
                SerializeSeq::end(self)
            }
        })+
    };
}

same_as_seq!(
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field
);

impl SerializeTupleVariant for Tagged<ListBuilder> {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), EncodeError> {
        SerializeSeq::serialize_element(&mut self.content, item)
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(tagged(self.variant, SerializeSeq::end(self.content)?))
    }
}

impl SerializeStructVariant for Tagged<MapBuilder> {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        SerializeStruct::serialize_field(&mut self.content, key, value)
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(tagged(self.variant, SerializeStruct::end(self.content)?))
    }
}
