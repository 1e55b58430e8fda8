//! `data.convert`: a value as one of another type, if it says the same there.

use graphloom::block::types::number_from_text;
use graphloom::json::{Limits, parse, to_json};
use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Converts a value to a type, if it says the same there.
pub(super) struct Convert;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to convert.
    value: Value,
    /// The type to convert it to.
    #[serde(rename = "type")]
    ty: Type,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Type {
    Text,
    Integer,
    Number,
    Bool,
    List,
    Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The converted value.
    Value(Value),
}

impl Block for Convert {
    const INFO: BlockInfo = BlockInfo::new(
        "data.convert",
        1,
        "Converts a value to a type; one that would lose its meaning is an error.",
    )
    .details(
        "A text is read as the type: `12`, `true`, `[1]`, `{}`. Anything becomes its JSON as a text. A number without \
         fraction becomes an integer, a bool 0 or 1, a map the list of its `[key, value]` pairs and such a list a map.",
    )
    .category(Category::Data)
    .examples(&[
        Example::new(
            "text to list",
            r#"{"value": "[1, 2]", "type": "list"}"#,
            r#"[["value", [1, 2]]]"#,
        ),
        Example::new(
            "list to text",
            r#"{"value": [1, null], "type": "text"}"#,
            r#"[["value", "[1,null]"]]"#,
        ),
        Example::new(
            "not a number",
            r#"{"value": "many", "type": "number"}"#,
            r#"[["error", "cannot be converted"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let from = input.value.type_name();
        let Some(value) = convert(input.value, input.ty) else {
            let ty = format!("{:?}", input.ty).to_lowercase();
            return Err(BlockError::input(format!(
                "this value of type {from} cannot be converted to {ty} without losing its meaning"
            )));
        };
        out.emit(Output::Value(value)).await?;
        Ok(())
    }
}

fn convert(value: Value, ty: Type) -> Option<Value> {
    match ty {
        Type::Text => Some(match value {
            Value::Text(_) => value,
            Value::Blob(_) | Value::Sealed(_) => return None,
            other => Value::from(to_json(&other)),
        }),
        Type::Integer => integer(value),
        Type::Number => number(&value).map(Value::Float),
        Type::Bool => bool(&value).map(Value::Bool),
        Type::List => list(value),
        Type::Map => map(value),
    }
}

fn integer(value: Value) -> Option<Value> {
    match value {
        Value::Int(_) | Value::Uint(_) => Some(value),
        Value::Bool(truth) => Some(Value::Int(i64::from(truth))),
        Value::Float(float) => whole(float),
        Value::Text(text) => match text.trim().parse::<i64>() {
            Ok(integer) => Some(Value::Int(integer)),
            Err(_) => whole(number_from_text(&text)?),
        },
        _ => None,
    }
}

fn whole(float: f64) -> Option<Value> {
    // The upper bound is the first that does not fit; both are powers of two and so exact.
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    (fits && float.fract() == 0.0).then_some(Value::Int(float as i64))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Text(text) => number_from_text(text),
        other => other.as_f64(),
    }
}

fn bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        other if other.as_f64() == Some(1.0) => Some(true),
        other if other.as_f64() == Some(0.0) => Some(false),
        _ => None,
    }
}

fn list(value: Value) -> Option<Value> {
    match value {
        Value::List(_) => Some(value),
        Value::Map(map) => Some(
            map.iter()
                .map(|(key, value)| Value::from([Value::Text(key.clone()), value.clone()]))
                .collect(),
        ),
        Value::Text(text) => read(&text).filter(|read| read.as_list().is_some()),
        _ => None,
    }
}

fn map(value: Value) -> Option<Value> {
    match value {
        Value::Map(_) => Some(value),
        Value::List(items) => pairs(&items),
        Value::Text(text) => read(&text).filter(|read| read.as_map().is_some()),
        _ => None,
    }
}

fn pairs(items: &List) -> Option<Value> {
    let pair = |item: &Value| match item.as_list().map(|pair| &**pair) {
        Some([Value::Text(key), value]) => Some((key.clone(), value.clone())),
        _ => None,
    };
    items
        .iter()
        .map(pair)
        .collect::<Option<Vec<_>>>()
        .map(|pairs| pairs.into_iter().collect())
}

fn read(text: &str) -> Option<Value> {
    let parsed = parse(text.as_bytes(), &Limits::default());
    parsed
        .faults
        .is_empty()
        .then_some(parsed.tree)?
        .map(|tree| tree.root.to_value())
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn meaning_is_kept_or_refused() {
        let check = |value: Value, ty, expected: Option<Value>| {
            assert_eq!(convert(value.clone(), ty), expected, "{value} to {ty:?}");
        };
        check(value!(" 12 "), Type::Integer, Some(value!(12)));
        check(
            value!("9223372036854775807"),
            Type::Integer,
            Some(value!(i64::MAX)),
        );
        check(value!("1e3"), Type::Integer, Some(value!(1000)));
        check(value!(1.5), Type::Integer, None);
        check(value!(1e300), Type::Integer, None);
        check(value!(true), Type::Number, Some(value!(1.0)));
        check(value!("no"), Type::Bool, None);
        check(value!("False"), Type::Bool, Some(value!(false)));
        check(value!({"a": 1}), Type::List, Some(value!([["a", 1]])));
        check(value!([["a", 1]]), Type::Map, Some(value!({"a": 1})));
        check(value!([1]), Type::Map, None);
        check(value!("{\"a\": 1}"), Type::Map, Some(value!({"a": 1})));
        check(value!(5), Type::List, None);
        check(value!(null), Type::Text, Some(value!("null")));
    }
}
