//! Inputs of any value where null and nothing are not the same.

use graphloom::Value;
use serde::{Deserialize, Deserializer};

/// Decodes an input that was given, null or not; with `#[serde(default)]`, one that was not given is `None`.
pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
