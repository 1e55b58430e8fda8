//! Writing values through serde, by pointer into our own serialiser and in wire form into any other.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use super::{List, Map, Sealed, Text, Value, stash, wire};

impl Serialize for Value {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(stash::VALUE, &Plain(self))
    }
}

impl Serialize for Text {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(stash::TEXT, &Plain(self))
    }
}

impl Serialize for List {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(stash::LIST, &Plain(self))
    }
}

/// In the form of a [`Value::Map`]: wrapped in `$map` if its keys are those of a wire form.
impl Serialize for Map {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(stash::MAP, &Plain(self))
    }
}

/// What stands inside the newtype: hands over a pointer if it is wanted, else writes itself.
struct Plain<'a, T>(&'a T);

impl Serialize for Plain<'_, Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if stash::offer(|| self.0.clone()) {
            return serializer.serialize_unit();
        }
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(n) => serializer.serialize_i64(*n),
            Value::Uint(n) => serializer.serialize_u64(*n),
            Value::Float(n) => match wire::float_name(*n) {
                None => serializer.serialize_f64(*n),
                Some(name) => one(serializer, wire::FLOAT, name),
            },
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(list) => serializer.collect_seq(list.iter().map(Plain)),
            Value::Map(map) => write_map(map, serializer),
            Value::Blob(blob) => {
                let mut fields =
                    serializer.serialize_map(Some(2 + usize::from(blob.media_type.is_some())))?;
                fields.serialize_entry(wire::BLOB, blob.hash.as_str())?;
                fields.serialize_entry(wire::BYTES, &blob.bytes)?;
                if let Some(media_type) = &blob.media_type {
                    fields.serialize_entry(wire::MEDIA_TYPE, media_type.as_str())?;
                }
                fields.end()
            }
            Value::Sealed(sealed) => one(serializer, wire::SEALED, &Plain(&**sealed)),
        }
    }
}

impl Serialize for Plain<'_, Text> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if stash::offer(|| Value::Text(self.0.clone())) {
            return serializer.serialize_unit();
        }
        serializer.serialize_str(self.0)
    }
}

impl Serialize for Plain<'_, List> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if stash::offer(|| Value::List(self.0.clone())) {
            return serializer.serialize_unit();
        }
        let mut items = serializer.serialize_seq(Some(self.0.len()))?;
        self.0
            .iter()
            .try_for_each(|item| items.serialize_element(&Plain(item)))?;
        items.end()
    }
}

impl Serialize for Plain<'_, Map> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if stash::offer(|| Value::Map(self.0.clone())) {
            return serializer.serialize_unit();
        }
        write_map(self.0, serializer)
    }
}

impl Serialize for Plain<'_, Sealed> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(Some(2))?;
        fields.serialize_entry(wire::KEY_ID, self.0.key_id().as_str())?;
        fields.serialize_entry(wire::CIPHERTEXT, self.0.ciphertext().as_str())?;
        fields.end()
    }
}

/// The entries of a map without a wrapper.
struct Entries<'a>(&'a Map);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|(key, value)| (key.as_str(), Plain(value))),
        )
    }
}

fn write_map<S: Serializer>(map: &Map, serializer: S) -> Result<S::Ok, S::Error> {
    if wire::is_reserved_shape(map) {
        one(serializer, wire::MAP, &Entries(map))
    } else {
        Entries(map).serialize(serializer)
    }
}

fn one<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    key: &str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}
