//! Parts of answers: what is not there, or of another type, is empty.

use graphloom::{Text, Value};

/// Returns a text.
pub(super) fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a count.
pub(super) fn count(of: &Value, key: &str) -> u64 {
    of.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// Says whether something is true.
pub(super) fn is(of: &Value, key: &str) -> bool {
    of.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// Returns a list.
pub(super) fn list<'v>(of: &'v Value, key: &str) -> &'v [Value] {
    of.get(key)
        .and_then(Value::as_list)
        .map_or(&[], |list| &list[..])
}

/// Returns the texts of a list.
pub(super) fn texts<'v>(of: &'v Value, key: &str) -> Vec<&'v str> {
    list(of, key).iter().filter_map(Value::as_str).collect()
}

/// Returns what stands under the names of a map.
pub(super) fn pairs<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = (&'v Text, &'v Value)> {
    let map = of.get(key).and_then(Value::as_map);
    map.into_iter().flat_map(|map| map.iter())
}
