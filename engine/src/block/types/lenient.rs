//! Conversion by AutoGPT's table: what the `lenient` policy allows, which is nearly anything.

use crate::value::{List, Map, Value};

use super::PinType;
use super::number::{is_space, number_from_text, truncate};
use super::python::python_json;
use super::python_read::read_json;
use super::strict::{change_items, change_values, settle_member};

/// A type nested deeper than this leaves what is inside unchanged; it bounds the recursion.
const MAX_DEPTH: u32 = 64;

impl PinType {
    /// Converts a value to this type by AutoGPT's rules. The result need not fit: whoever calls this checks it
    /// ([`PinType::check`]), and a value that nothing was done for is refused there.
    ///
    /// | to | from |
    /// |---|---|
    /// | text | anything else: its JSON text ([`python_json`]) |
    /// | integer, number | text: read as a float, unreadable gives 0; list, map: its length; a bool stays a bool for an integer (and is refused) and becomes 0.0 or 1.0 for a number |
    /// | bool | text: `true` in any case or `1`; anything else: false if zero or empty |
    /// | list | text in brackets: read as JSON; map: its `[key, value]` pairs; anything else: a list of it alone |
    /// | map | text: read as JSON; list: keys `"0"`, `"1"`, …; anything else: `{"value": it}` |
    /// | union | the first member it fits, else the first that it can be converted to |
    /// | any, null, object, enum, blob | unchanged |
    ///
    /// Items of lists and values of maps are converted in turn. A null stays null, except inside a list or map. A
    /// value that fits is changed only in the form of its numbers, as [`PinType::coerce_strict`] does, but without its
    /// bound (an integer beyond 2^53 becomes the nearest float at a number pin). Blobs and secrets become part of a
    /// list or map at most.
    #[must_use]
    pub fn coerce_lenient(&self, value: Value) -> Value {
        if value.is_null() {
            return value;
        }
        convert(self, &value, 0).unwrap_or(value)
    }
}

/// Returns the value converted, or `None` if it stays as it is.
fn convert(ty: &PinType, value: &Value, depth: u32) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match ty {
        PinType::Text => to_text(value),
        PinType::Integer => to_integer(value),
        PinType::Number => to_number(value),
        PinType::Bool => to_bool(value),
        PinType::List(item_ty) => to_list(item_ty, value, depth),
        PinType::Map(value_ty) => to_map(value_ty, value, depth),
        PinType::Union(members) => to_member(members, value, depth),
        PinType::Object(_) => ty.fits(value).then(|| ty.settle(value)).flatten(),
        PinType::Any | PinType::Null | PinType::Enum(_) | PinType::Blob => None,
    }
}

fn to_text(value: &Value) -> Option<Value> {
    match value {
        Value::Text(_) | Value::Blob(_) | Value::Sealed(_) => None,
        other => Some(Value::from(python_json(other))),
    }
}

fn to_integer(value: &Value) -> Option<Value> {
    match value {
        // Python's bool is an int, so that AutoGPT leaves it alone and its schema check then refuses it.
        Value::Int(_) | Value::Uint(_) | Value::Bool(_) | Value::Blob(_) | Value::Sealed(_) => None,
        Value::Float(float) => match truncate(*float) {
            Value::Float(_) => None,
            integer => Some(integer),
        },
        Value::Text(text) => Some(truncate(number_from_text(text.as_str()).unwrap_or(0.0))),
        Value::List(items) => Some(Value::from(items.len())),
        Value::Map(map) => Some(Value::from(map.len())),
        Value::Null => Some(Value::Int(0)),
    }
}

fn to_number(value: &Value) -> Option<Value> {
    Some(Value::Float(match value {
        Value::Float(_) | Value::Blob(_) | Value::Sealed(_) => return None,
        Value::Int(_) | Value::Uint(_) => value.as_f64()?,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Text(text) => number_from_text(text.as_str()).unwrap_or(0.0),
        Value::List(items) => items.len() as f64,
        Value::Map(map) => map.len() as f64,
        Value::Null => 0.0,
    }))
}

fn to_bool(value: &Value) -> Option<Value> {
    Some(Value::Bool(match value {
        Value::Bool(_) | Value::Blob(_) | Value::Sealed(_) => return None,
        Value::Text(text) => text.eq_ignore_ascii_case("true") || text.as_str() == "1",
        Value::Int(integer) => *integer != 0,
        Value::Uint(integer) => *integer != 0,
        Value::Float(float) => *float != 0.0,
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Null => false,
    }))
}

fn to_list(item_ty: &PinType, value: &Value, depth: u32) -> Option<Value> {
    let made = match value {
        Value::List(items) => return convert_items(item_ty, items, depth).map(Value::List),
        Value::Text(text) => list_from_text(text.as_str()),
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| Value::from([Value::from(key), value.clone()]))
            .collect(),
        other => List::from(vec![other.clone()]),
    };
    Some(Value::List(
        convert_items(item_ty, &made, depth).unwrap_or(made),
    ))
}

fn list_from_text(text: &str) -> List {
    let text = text.trim_matches(is_space);
    let bracketed = text.starts_with('[') && text.ends_with(']');
    match bracketed.then(|| read_json(text)).flatten() {
        Some(Value::List(items)) => items,
        _ => List::from(vec![Value::from(text)]),
    }
}

fn convert_items(ty: &PinType, items: &List, depth: u32) -> Option<List> {
    if ty.is_any() {
        return None;
    }
    change_items(items, |item| convert(ty, item, depth + 1))
}

fn to_map(value_ty: &PinType, value: &Value, depth: u32) -> Option<Value> {
    let made = match value {
        Value::Map(map) => return convert_values(value_ty, map, depth).map(Value::Map),
        Value::Text(text) => match read_json(text.as_str()) {
            Some(Value::Map(map)) => map,
            Some(other) => single(other),
            None => single(value.clone()),
        },
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| (i.to_string(), item.clone()))
            .collect(),
        other => single(other.clone()),
    };
    Some(Value::Map(
        convert_values(value_ty, &made, depth).unwrap_or(made),
    ))
}

fn single(value: Value) -> Map {
    Map::from_iter([("value", value)])
}

fn convert_values(ty: &PinType, map: &Map, depth: u32) -> Option<Map> {
    if ty.is_any() {
        return None;
    }
    change_values(map, |value| convert(ty, value, depth + 1))
}

fn to_member(members: &[PinType], value: &Value, depth: u32) -> Option<Value> {
    if members.iter().any(|member| member.fits(value)) {
        return settle_member(members, value);
    }
    if matches!(value, Value::Bool(_)) && members.contains(&PinType::Integer) {
        return None;
    }
    // A list stays a list if it can, whatever stands first.
    let alike = members.iter().filter(|member| member.same_container(value));
    let others = members
        .iter()
        .filter(|member| !member.same_container(value));
    alike
        .chain(others)
        .find_map(|member| convert(member, value, depth + 1).filter(|new| member.fits(new)))
}
