//! Conversions into a [`Value`].

use std::sync::Arc;

use super::{BlobRef, List, Map, Sealed, Text, Value};

macro_rules! from {
    ($($source:ty => $convert:expr;)+) => {
        $(impl From<$source> for Value {
            #[inline]
            fn from(source: $source) -> Self {
                let convert: fn($source) -> Self = $convert;
                convert(source)
            }
        })+
    };
}

from! {
    () => |()| Value::Null;
    bool => Value::Bool;
    i8 => |n| Value::Int(n.into());
    i16 => |n| Value::Int(n.into());
    i32 => |n| Value::Int(n.into());
    i64 => Value::Int;
    u8 => |n| Value::Int(n.into());
    u16 => |n| Value::Int(n.into());
    u32 => |n| Value::Int(n.into());
    u64 => |n| i64::try_from(n).map_or(Value::Uint(n), Value::Int);
    usize => |n| Value::from(n as u64);
    f64 => Value::Float;
    &str => |text| Value::Text(text.into());
    String => |text| Value::Text(text.into());
    &String => |text| Value::Text(text.into());
    Text => Value::Text;
    &Text => |text| Value::Text(text.clone());
    List => Value::List;
    Map => Value::Map;
    BlobRef => |blob| Value::Blob(Arc::new(blob));
    Sealed => |sealed| Value::Sealed(Arc::new(sealed));
    &Value => |value| value.clone();
}

impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(items: Vec<V>) -> Self {
        items.into_iter().collect()
    }
}

impl<V: Into<Value>, const N: usize> From<[V; N]> for Value {
    fn from(items: [V; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<V: Into<Value>> FromIterator<V> for Value {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

impl<K: Into<Text>, V: Into<Value>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::Map(entries.into_iter().collect())
    }
}
