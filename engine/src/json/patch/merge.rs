//! JSON Merge Patch (RFC 7386): a document that says only what is to be different.

use crate::value::{Map, Value};

/// Changes a document by a merge patch: a map is merged key by key, `null` takes a key out, and anything else is put in the
/// place of what was there.
///
/// Nothing can be set to `null` by it, and a list is replaced as a whole: for those there is
/// [`apply`](super::apply). It goes down the patch on the stack: whoever takes one from outside keeps it to a depth, as
/// [`read_value`](crate::json::read_value) does.
pub fn merge(document: &mut Value, patch: &Value) {
    let Value::Map(patch) = patch else {
        *document = patch.clone();
        return;
    };
    if !matches!(document, Value::Map(_)) {
        *document = Map::new().into();
    }
    let Value::Map(map) = document else {
        return;
    };
    for (key, change) in patch.iter() {
        if change.is_null() {
            map.remove(key);
            continue;
        }
        match map.get_mut(key) {
            Some(value) => merge(value, change),
            None => {
                let mut value = Value::Null;
                merge(&mut value, change);
                map.insert(key.clone(), value);
            }
        }
    }
}
