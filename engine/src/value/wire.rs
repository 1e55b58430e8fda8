//! The forms in which values that JSON cannot say are written, and how a map that looks like one is kept apart.

use std::sync::Arc;

use super::{BlobRef, Map, Sealed, Value};

pub(crate) const FLOAT: &str = "$float";
pub(crate) const BLOB: &str = "$blob";
pub(crate) const SEALED: &str = "$sealed";
pub(crate) const MAP: &str = "$map";
pub(crate) const BYTES: &str = "bytes";
pub(crate) const MEDIA_TYPE: &str = "media_type";
pub(crate) const KEY_ID: &str = "key_id";
pub(crate) const CIPHERTEXT: &str = "ciphertext";

/// The key under which serde_json hands over a number when its feature `arbitrary_precision` is on, which any crate in
/// the build can do. A map of that one key is escaped too: else it would come back as a number.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

/// Returns how a float that JSON cannot say is named.
pub(crate) const fn float_name(float: f64) -> Option<&'static str> {
    if float.is_finite() {
        None
    } else if float.is_nan() {
        Some("nan")
    } else if float > 0.0 {
        Some("inf")
    } else {
        Some("-inf")
    }
}

/// Returns true if a map has the keys of a wire form, so that it must be written inside `$map` to stay a map.
#[inline]
pub(crate) fn is_reserved_shape(map: &Map) -> bool {
    match map.len() {
        1 => map
            .get_index(0)
            .is_some_and(|(key, _)| is_reserved_key(key)),
        2 => map.contains_key(BLOB) && map.contains_key(BYTES),
        3 => map.contains_key(BLOB) && map.contains_key(BYTES) && map.contains_key(MEDIA_TYPE),
        _ => false,
    }
}

#[inline]
pub(super) fn is_reserved_key(key: &str) -> bool {
    key.starts_with('$') && matches!(key, FLOAT | BLOB | SEALED | MAP | NUMBER)
}

/// Turns wire forms into the values they stand for, all the way down. For a tree that came through serde as it is written.
pub(super) fn settle(value: &mut Value) {
    match value {
        Value::List(list) => list.make_mut().iter_mut().for_each(settle),
        Value::Map(map) => {
            if let Some(inner) = unwrap_map(map) {
                *value = Value::Map(inner);
                return;
            }
            map.values_mut().for_each(settle);
            if let Some(meant) = settle_map(map).or_else(|| settle_number(map)) {
                *value = meant;
            }
        }
        _ => {}
    }
}

fn settle_number(map: &Map) -> Option<Value> {
    let digits = map.get(NUMBER).filter(|_| map.len() == 1)?;
    crate::json::read_number(digits.as_str()?).ok()
}

/// Returns the map inside `{"$map":{..}}`, its own shape left alone and what it holds settled.
fn unwrap_map(map: &mut Map) -> Option<Map> {
    if map.len() != 1 {
        return None;
    }
    let Value::Map(inner) = map.get_mut(MAP)? else {
        return None;
    };
    let mut inner = std::mem::take(inner);
    inner.values_mut().for_each(settle);
    Some(inner)
}

/// Returns what one map stands for if it is a wire form other than `$map`; what it holds is settled already.
pub(crate) fn settle_map(map: &Map) -> Option<Value> {
    if !is_reserved_shape(map) {
        return None;
    }
    if let Some(name) = map.get(FLOAT) {
        return match name.as_str()? {
            "inf" => Some(Value::Float(f64::INFINITY)),
            "-inf" => Some(Value::Float(f64::NEG_INFINITY)),
            "nan" => Some(Value::Float(f64::NAN)),
            _ => None,
        };
    }
    if let Some(hash) = map.get(BLOB) {
        let media_type = match map.get(MEDIA_TYPE) {
            Some(media_type) => Some(media_type.as_text()?.clone()),
            None => None,
        };
        let blob = BlobRef {
            hash: hash.as_text()?.clone(),
            bytes: map.get(BYTES)?.as_u64()?,
            media_type,
        };
        return Some(Value::Blob(Arc::new(blob)));
    }
    if let Some(sealed) = map.get(SEALED) {
        let sealed = sealed.as_map().filter(|sealed| sealed.len() == 2)?;
        let (key_id, ciphertext) = (
            sealed.get(KEY_ID)?.as_text()?,
            sealed.get(CIPHERTEXT)?.as_text()?,
        );
        return Some(Value::Sealed(Arc::new(Sealed::new(key_id, ciphertext))));
    }
    None
}
