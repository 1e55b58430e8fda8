//! JSON Schema: what the block asks of the validator, and what it must not let through to it.

use graphloom::Value;
use serde_json::{Number, Value as Json};

mod cost;

pub(super) use cost::check as check_cost;

/// Returns a value as the validator takes it. Numbers that JSON cannot say and secrets were refused before; a blob is the
/// map that it is written as.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(n) => Json::from(*n),
        Value::Uint(n) => Json::from(*n),
        Value::Float(n) => Number::from_f64(*n).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(list) => list.iter().map(to_json).collect(),
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| (key.as_str().to_owned(), to_json(value)))
            .collect(),
        Value::Blob(_) => serde_json::to_value(value).unwrap_or_default(),
        _ => Json::Null,
    }
}
