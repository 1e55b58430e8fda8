//! Any value as the text that AutoGPT's pattern blocks search.

use std::borrow::Cow;

use graphloom::Value;

use crate::python::compact_json;

/// Returns a text as it is, anything else as compact JSON.
pub(super) fn searched(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(compact_json(other)),
    }
}
