//! Repairs: the JSON Patch operations that faults offer.

use crate::block::types::PinType;
use crate::block::{InputPin, Shape};
use crate::fault::Fault;
use crate::graph::Graph;
use crate::value::{Map, Value};

/// Quotes names for a message: `"a", "b"`; at most twelve of them.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = all
        .iter()
        .take(12)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = all.len().saturating_sub(12);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    shown.join(", ") + &tail
}

/// Shows a value in a message, cut where it is long.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

pub(super) fn set_input(
    mut fault: Fault,
    graph: &Graph,
    node: usize,
    key: &str,
    value: Value,
) -> Fault {
    fault.fix.extend(graph.set_input(node, key, value));
    fault
}

/// Returns a value for a missing input: what an example of the block uses, else the plainest value of the type that
/// fits. `None` where none can be told.
pub(super) fn stand_in(pin: &InputPin, examples: &[crate::block::Example]) -> Option<Value> {
    let shown = examples.iter().find_map(|example| {
        let inputs: Map = serde_json::from_str(example.inputs).ok()?;
        inputs.get(pin.name.as_str()).cloned()
    });
    shown
        .filter(|value| pin.ty.fits(value))
        .or_else(|| plain(&pin.ty))
}

/// Returns the plainest value of a type; `None` where none can be made up.
pub(crate) fn plain(ty: &PinType) -> Option<Value> {
    let value = match ty {
        PinType::Any | PinType::Text => Value::from(""),
        PinType::Null => Value::Null,
        PinType::Bool => Value::from(false),
        PinType::Integer => Value::from(0),
        PinType::Number => Value::from(0.0),
        PinType::List(_) => Value::from(Vec::<Value>::new()),
        PinType::Map(_) => Value::from(Map::new()),
        PinType::Object(object) => {
            let fields = object.fields.iter().filter(|field| field.required);
            fields
                .map(|field| Some((field.name.clone(), plain(&field.ty)?)))
                .collect::<Option<Map>>()?
                .into()
        }
        PinType::Enum(values) => values.first()?.clone(),
        PinType::Union(members) => return members.iter().find_map(plain),
        PinType::Blob => return None,
    };
    Some(value)
}

/// Returns what a literal that does not fit may have been meant as: the value that the lenient table makes of it, or
/// the nearest allowed word.
pub(super) fn meant(ty: &PinType, found: &Value) -> Option<Value> {
    if let (PinType::Enum(values), Some(text)) = (ty, found.as_str()) {
        let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        if let Some(word) = crate::fault::nearest(text, words.iter().copied()).first() {
            return Some(Value::from(word.as_str()));
        }
        return values.first().cloned();
    }
    let unlike = matches!((ty, found), (PinType::Integer | PinType::Number, Value::Text(text)) if crate::block::types::number_from_text(text.as_str()).is_none())
        || matches!((ty, found), (PinType::Bool, Value::Text(text)) if !matches!(text.as_str(), "true" | "false" | "1" | "0"));
    let converted = ty.coerce_lenient(found.clone());
    if !unlike && ty.fits(&converted) {
        return Some(converted);
    }
    plain(ty)
}

pub(super) fn input_names(shape: &Shape) -> impl Iterator<Item = &str> {
    shape.inputs.iter().map(|pin| pin.name.as_str())
}

pub(super) fn output_names(shape: &Shape) -> impl Iterator<Item = &str> {
    shape
        .outputs
        .iter()
        .map(|pin| pin.name.as_str())
        .chain([crate::block::ERROR_PIN])
}
