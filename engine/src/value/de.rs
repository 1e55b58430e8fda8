//! Decoding a value into a Rust type: [`from_value`] and the deserialiser behind it.
//!
//! Strings are lent, and fields that are values themselves (`Value`, `Text`, `List`, `Map`, `Shared`) get the pointer. Every
//! error learns on its way out at which key or position it happened.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::decode::unexpected;
use super::handed::Handed;
use super::key::KeyDeserializer;
use super::{DecodeError, List, MapIter, Text, Value, stash, wire};

/// Decodes a value into a Rust type.
///
/// # Errors
///
/// Returns where inside the value something does not fit the type.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    T::deserialize(value)
}

impl<'de> IntoDeserializer<'de, DecodeError> for &'de Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! scalars {
    ($visit:ident: $($deserialize:ident)+) => {
        $(#[inline]
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            $visit(self, visitor)
        })+
    };
}

/// Maps are lent as they are to types that ask for a map or a struct. Types that take anything, such as an untagged enum
/// or another JSON value type, see the wire form.
impl<'de> Deserializer<'de> for &'de Value {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Int(n) => visitor.visit_i64(*n),
            Value::Uint(n) => visitor.visit_u64(*n),
            Value::Float(n) if n.is_finite() => visitor.visit_f64(*n),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(list) => visit_list(list, visitor),
            Value::Map(map) if !wire::is_reserved_shape(map) => visit_entries(map.iter(), visitor),
            Value::Map(_) | Value::Float(_) | Value::Blob(_) | Value::Sealed(_) => {
                visitor.visit_map(WireForm { value: self, at: 0 })
            }
        }
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Value::Map(map) => visit_entries(map.iter(), visitor),
            other => other.deserialize_any(visitor),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self {
            // A derived struct would take a list field by field, which no graph means.
            Value::List(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            other => other.deserialize_map(visitor),
        }
    }

    scalars! {
        visit_scalar:
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_identifier
    }

    scalars! {
        visit_float:
        deserialize_f32 deserialize_f64
    }

    scalars! {
        visit_integer:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let is_wanted = match self {
            Value::Text(_) => matches!(name, stash::TEXT | stash::VALUE),
            Value::List(_) => matches!(name, stash::LIST | stash::VALUE),
            Value::Map(_) => matches!(name, stash::MAP | stash::VALUE),
            _ => name == stash::VALUE,
        };
        if is_wanted {
            visitor.visit_newtype_struct(Handed(self.clone()))
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
        let variant = match self {
            Value::Text(name) => Some(Variant { name, value: None }),
            Value::Map(map) if map.len() == 1 => map.get_index(0).map(|(name, value)| Variant {
                name,
                value: Some(value),
            }),
            _ => None,
        };
        match variant {
            Some(variant) => visitor.visit_enum(variant),
            None => Err(Error::invalid_type(
                unexpected(self),
                &"the name of a variant or a map with that one key",
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct seq tuple tuple_struct
    }
}

/// Lends a number to a type that is a float, unless it is an integer for which there is no float: it would be rounded,
/// and nobody told.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "whether something is lost is the question"
)]
fn visit_float<'de, V: Visitor<'de>>(
    value: &'de Value,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let integer = match value {
        Value::Int(n) => i128::from(*n),
        Value::Uint(n) => i128::from(*n),
        _ => 0,
    };
    if (integer as f64) as i128 == integer {
        visit_scalar(value, visitor)
    } else {
        Err(Error::custom(format_args!(
            "the integer {integer} has no float of its value"
        )))
    }
}

/// Lends a scalar to a type that is one. What is none is named as it is, not as its wire form.
#[inline]
fn visit_scalar<'de, V: Visitor<'de>>(
    value: &'de Value,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match value {
        Value::Null => visitor.visit_unit(),
        Value::Bool(b) => visitor.visit_bool(*b),
        Value::Int(n) => visitor.visit_i64(*n),
        Value::Uint(n) => visitor.visit_u64(*n),
        Value::Float(n) => visitor.visit_f64(*n),
        Value::Text(text) => visitor.visit_borrowed_str(text),
        other => Err(Error::invalid_type(unexpected(other), &visitor)),
    }
}

/// Lends a number to a type that is an integer: a whole one is one, as for JSON Schema and for the pins' types.
#[inline]
fn visit_integer<'de, V: Visitor<'de>>(
    value: &'de Value,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match value {
        Value::Float(n) if n.fract() == 0.0 && n.abs() <= EXACT => visitor.visit_i64(*n as i64),
        other => visit_scalar(other, visitor),
    }
}

/// Up to here (2^53) each integer is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Lends the items of a list; what the visitor does not take is an error.
fn visit_list<'de, V: Visitor<'de>>(list: &'de List, visitor: V) -> Result<V::Value, DecodeError> {
    let mut items = Items(list.iter().enumerate());
    let result = visitor.visit_seq(&mut items)?;
    if items.0.len() > 0 {
        let taken = list.len() - items.0.len();
        return Err(Error::invalid_length(
            list.len(),
            &format!("{taken} items").as_str(),
        ));
    }
    Ok(result)
}

struct Items<'de>(std::iter::Enumerate<std::slice::Iter<'de, Value>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some((index, item)) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(item)
            .map(Some)
            .map_err(|error| error.under_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

#[inline]
fn visit_entries<'de, V: Visitor<'de>>(
    entries: MapIter<'de>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    visitor.visit_map(Entries {
        entries,
        here: None,
    })
}

/// Lends keys and values one after another.
pub(super) struct Entries<'de, I> {
    entries: I,
    here: Option<(&'de Text, &'de Value)>,
}

impl<I> Entries<'_, I> {
    #[inline]
    pub(super) const fn new(entries: I) -> Self {
        Self {
            entries,
            here: None,
        }
    }
}

impl<'de, I: Iterator<Item = (&'de Text, &'de Value)>> MapAccess<'de> for Entries<'de, I> {
    type Error = DecodeError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.here = self.entries.next();
        let Some((key, _)) = self.here else {
            return Ok(None);
        };
        seed.deserialize(KeyDeserializer(key))
            .map(Some)
            .map_err(|error| error.under_key(key))
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        let Some((key, value)) = self.here.take() else {
            return Err(Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(value)
            .map_err(|error| error.under_key(key))
    }

    fn size_hint(&self) -> Option<usize> {
        // Exact for a map, unknown where entries may be absent.
        let (low, high) = self.entries.size_hint();
        (Some(low) == high).then_some(low)
    }
}

/// A variant of an externally tagged enum.
pub(super) struct Variant<'de> {
    pub(super) name: &'de Text,
    pub(super) value: Option<&'de Value>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self), DecodeError> {
        Ok((seed.deserialize(KeyDeserializer(self.name))?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<&'de Value, DecodeError> {
        self.value
            .ok_or_else(|| Error::invalid_type(Unexpected::UnitVariant, &"a variant with a value"))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.value {
            None | Some(Value::Null) => Ok(()),
            Some(other) => {
                Err(DecodeError::invalid_type(unexpected(other), &"null").under_key(self.name))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.content()?)
            .map_err(|error| error.under_key(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.content()?
            .deserialize_any(visitor)
            .map_err(|error| error.under_key(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.content()?
            .deserialize_struct("", fields, visitor)
            .map_err(|error| error.under_key(self.name))
    }
}

/// Lends the entries of a wire form.
struct WireForm<'de> {
    value: &'de Value,
    at: usize,
}

impl<'de> MapAccess<'de> for WireForm<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let key = match (self.value, self.at) {
            (Value::Float(_), 0) => wire::FLOAT,
            (Value::Map(_), 0) => wire::MAP,
            (Value::Sealed(_), 0) => wire::SEALED,
            (Value::Blob(_), 0) => wire::BLOB,
            (Value::Blob(_), 1) => wire::BYTES,
            (Value::Blob(blob), 2) if blob.media_type.is_some() => wire::MEDIA_TYPE,
            _ => return Ok(None),
        };
        self.at += 1;
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        match (self.value, self.at) {
            (Value::Float(n), _) => seed.deserialize(BorrowedStrDeserializer::new(
                wire::float_name(*n).unwrap_or_default(),
            )),
            (Value::Map(map), _) => seed.deserialize(serde::de::value::MapAccessDeserializer::new(
                Entries::new(map.iter()),
            )),
            (Value::Sealed(sealed), _) => {
                let fields = [
                    (wire::KEY_ID, sealed.key_id().as_str()),
                    (wire::CIPHERTEXT, sealed.ciphertext().as_str()),
                ];
                let fields = fields.map(|(key, text)| {
                    (
                        BorrowedStrDeserializer::new(key),
                        BorrowedStrDeserializer::new(text),
                    )
                });
                seed.deserialize(serde::de::value::MapDeserializer::new(fields.into_iter()))
            }
            (Value::Blob(blob), 1) => seed.deserialize(BorrowedStrDeserializer::new(&blob.hash)),
            (Value::Blob(blob), 2) => seed.deserialize(blob.bytes.into_deserializer()),
            (Value::Blob(blob), _) => seed.deserialize(BorrowedStrDeserializer::new(
                blob.media_type.as_deref().unwrap_or_default(),
            )),
            _ => Err(Error::custom("a value was asked for before its key")),
        }
    }
}
