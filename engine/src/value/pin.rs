//! Encoding an output: a variant of an enum is the pin, what it holds is the value.

use serde::ser::{
    Error, Impossible, Serialize, SerializeStruct, SerializeStructVariant, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::ser::{ListBuilder, MapBuilder, ValueSerializer};
use super::{EncodeError, Value, stash};

/// An encoded output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pin {
    /// Which variant it is, from 0, in the order of the enum.
    pub index: u32,
    /// The variant's name as serialised.
    pub name: &'static str,
    /// What it holds.
    pub value: Value,
}

/// Encodes one variant of an externally tagged enum; parts that are values themselves are shared, not copied.
///
/// # Errors
///
/// Returns an error if the type is not such an enum, if the variant holds nothing, or as [`to_value`](super::to_value) does.
pub fn encode_variant<T: Serialize>(output: &T) -> Result<Pin, EncodeError> {
    output.serialize(PinSerializer)
}

struct PinSerializer;

fn no_pin<T>() -> Result<T, EncodeError> {
    Err(EncodeError::custom(
        "an output must be an enum whose variants each hold a value",
    ))
}

macro_rules! no_pin {
    ($($serialize:ident($($type:ty),*) -> $ok:ty;)+) => {
        $(fn $serialize(self, $(_: $type),*) -> Result<$ok, EncodeError> {
            no_pin()
        })+
    };
}

impl Serializer for PinSerializer {
    type Ok = Pin;
    type Error = EncodeError;
    type SerializeSeq = Impossible<Pin, EncodeError>;
    type SerializeTuple = Impossible<Pin, EncodeError>;
    type SerializeTupleStruct = Impossible<Pin, EncodeError>;
    type SerializeTupleVariant = PinBuilder<ListBuilder>;
    type SerializeMap = Impossible<Pin, EncodeError>;
    type SerializeStruct = Impossible<Pin, EncodeError>;
    type SerializeStructVariant = PinBuilder<MapBuilder>;

    no_pin! {
        serialize_bool(bool) -> Pin;
        serialize_i8(i8) -> Pin;
        serialize_i16(i16) -> Pin;
        serialize_i32(i32) -> Pin;
        serialize_i64(i64) -> Pin;
        serialize_u8(u8) -> Pin;
        serialize_u16(u16) -> Pin;
        serialize_u32(u32) -> Pin;
        serialize_u64(u64) -> Pin;
        serialize_f32(f32) -> Pin;
        serialize_f64(f64) -> Pin;
        serialize_char(char) -> Pin;
        serialize_str(&str) -> Pin;
        serialize_bytes(&[u8]) -> Pin;
        serialize_none() -> Pin;
        serialize_unit() -> Pin;
        serialize_unit_struct(&'static str) -> Pin;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<Pin, EncodeError> {
        Err(EncodeError::custom(format!(
            "the output variant `{name}` holds no value"
        )))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, output: &T) -> Result<Pin, EncodeError> {
        output.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        output: &T,
    ) -> Result<Pin, EncodeError> {
        if stash::is_ours(name) {
            no_pin()
        } else {
            output.serialize(self)
        }
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Pin, EncodeError> {
        Ok(Pin {
            index,
            name,
            value: value.serialize(ValueSerializer)?,
        })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        length: usize,
    ) -> Result<PinBuilder<ListBuilder>, EncodeError> {
        Ok(PinBuilder {
            index,
            name,
            content: ValueSerializer.serialize_tuple_struct(name, length)?,
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        length: usize,
    ) -> Result<PinBuilder<MapBuilder>, EncodeError> {
        Ok(PinBuilder {
            index,
            name,
            content: ValueSerializer.serialize_struct(name, length)?,
        })
    }
}

struct PinBuilder<B> {
    index: u32,
    name: &'static str,
    content: B,
}

impl SerializeTupleVariant for PinBuilder<ListBuilder> {
    type Ok = Pin;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), EncodeError> {
        SerializeTupleStruct::serialize_field(&mut self.content, item)
    }

    fn end(self) -> Result<Pin, EncodeError> {
        Ok(Pin {
            index: self.index,
            name: self.name,
            value: SerializeTupleStruct::end(self.content)?,
        })
    }
}

impl SerializeStructVariant for PinBuilder<MapBuilder> {
    type Ok = Pin;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        SerializeStruct::serialize_field(&mut self.content, key, value)
    }

    fn end(self) -> Result<Pin, EncodeError> {
        Ok(Pin {
            index: self.index,
            name: self.name,
            value: SerializeStruct::end(self.content)?,
        })
    }
}
