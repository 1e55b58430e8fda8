//! The deserialiser that hands over a value by pointer.

use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{DecodeError, Value, stash};

/// Gives its value to one of our types; see [`stash`]. What serde sees is a unit.
pub(super) struct Handed(pub(super) Value);

impl<'de> Deserializer<'de> for Handed {
    type Error = DecodeError;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        stash::holding(self.0, || visitor.visit_unit())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
