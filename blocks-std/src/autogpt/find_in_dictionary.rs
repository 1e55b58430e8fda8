//! `autogpt.find_in_dictionary`: a value at a key, wherever AutoGPT looks for it.

use graphloom::json::{Limits, read_value};
use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dictionary::Key;
use crate::python::type_name;

/// Returns the value at a key as AutoGPT finds it.
pub(super) struct FindInDictionary;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary, the list, or the JSON text of one.
    input: Value,
    /// The key in a dictionary, or in each dictionary of a list; or the index in a list, 0 for the first item.
    key: Key,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value; for a text key in a list, the list of the values found.
    Output(Value),
    /// The input as it came, if nothing is found.
    Missing(Value),
}

impl Block for FindInDictionary {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.find_in_dictionary",
        1,
        "Returns the value at a key as AutoGPT finds it.",
    )
    .category(Category::Dictionary)
    .details(
        "Unlike `dictionary.find_value`, a text is read as JSON first, and fails if it is \
             none; an index counts from the start only; a text key in a list is looked up in each \
             of its dictionaries, or gives an empty list where the first item is none; and \
             Python's parts of a number (`real`, `imag`, `numerator`, `denominator`) are keys.",
    )
    .native("dictionary.find_value")
    .autogpt(
        "0e50422c-6dee-4145-83d6-3a5a392f65de",
        "FindInDictionaryBlock",
    )
    .examples(&[
        Example::new(
            "in a JSON text",
            r#"{"input": "{\"a\": 5}", "key": "a"}"#,
            r#"[["output", 5]]"#,
        ),
        Example::new(
            "in each dictionary of a list",
            r#"{"input": [{"a": 1}, {"b": 2}, {"a": 3}], "key": "a"}"#,
            r#"[["output", [1, 3]]]"#,
        ),
        Example::new(
            "not there",
            r#"{"input": {"a": 1}, "key": "b"}"#,
            r#"[["missing", {"a": 1}]]"#,
        ),
        Example::new(
            "not JSON",
            r#"{"input": "not json", "key": "a"}"#,
            r#"[["error", "not JSON"]]"#,
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
        let Input { input, key } = input;
        let looked_at = match &input {
            Value::Text(json) => read_json(json)?,
            other => other.clone(),
        };
        match find(&looked_at, &key)? {
            Some(value) => out.emit(Output::Output(value)).await?,
            None => out.emit(Output::Missing(input)).await?,
        }
        Ok(())
    }
}

/// A JSON text nested deeper than this is refused.
const MAX_DEPTH: u32 = 512;

fn read_json(json: &str) -> Result<Value, BlockError> {
    let limits = Limits::default().with_max_depth(MAX_DEPTH);
    read_value(json.as_bytes(), &limits).map_err(|faults| {
        let why = faults.0.first().map_or(String::new(), |fault| {
            let (line, column) = (fault.line.unwrap_or(1), fault.column.unwrap_or(1));
            format!(": {} at line {line}, column {column}", fault.message)
        });
        BlockError::input(format!("the input is a text but not JSON{why}"))
    })
}

/// Returns what AutoGPT finds, or `None` where it says that it is missing.
fn find(value: &Value, key: &Key) -> Result<Option<Value>, BlockError> {
    Ok(match (value, key) {
        (Value::Map(map), Key::Text(key)) => map.get(key).cloned(),
        (Value::List(list), Key::Integer(index)) => usize::try_from(*index)
            .ok()
            .and_then(|at| list.get(at))
            .cloned(),
        (Value::List(list), Key::Text(key)) => Some(pluck(list, key)?),
        (other, Key::Text(key)) => attribute(other, key),
        _ => None,
    })
}

/// Looks a key up in every item; what the first item is decides how.
fn pluck(list: &[Value], key: &str) -> Result<Value, BlockError> {
    let in_dictionaries = list.first().is_some_and(|first| first.get(key).is_some());
    if !in_dictionaries {
        return Ok(list
            .iter()
            .filter_map(|item| attribute(item, key))
            .collect());
    }
    let mut found = Vec::new();
    for item in list {
        match item {
            Value::Map(map) => found.extend(map.get(key).cloned()),
            // Python looks for the key as a part of the text or an item of the list, and fails where it finds it.
            Value::Text(text) if !text.contains(key) => {}
            Value::List(items) if !items.iter().any(|item| item.as_str() == Some(key)) => {}
            other => {
                return Err(BlockError::input(format!(
                    "the list has a {} between its dictionaries, which has no keys",
                    type_name(other)
                )));
            }
        }
    }
    Ok(found.into())
}

/// Returns the part of a number that Python calls by this name.
fn attribute(value: &Value, name: &str) -> Option<Value> {
    let whole = match value {
        Value::Bool(truth) => Value::from(i64::from(*truth)),
        Value::Int(_) | Value::Uint(_) => value.clone(),
        Value::Float(_) => {
            return match name {
                "real" => Some(value.clone()),
                "imag" => Some(Value::from(0.0)),
                _ => None,
            };
        }
        _ => return None,
    };
    match name {
        "real" | "numerator" => Some(whole),
        "imag" => Some(Value::from(0)),
        "denominator" => Some(Value::from(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn what_is_found() {
        let text = |key: &str| Key::Text(key.to_owned());
        for (input, key, expected) in [
            (value!({"a": null}), text("a"), Some(value!(null))),
            (value!({"a": {"b": 2}}), text("a.b"), None),
            (value!({"1": "s"}), Key::Integer(1), None),
            (value!([10, 20]), Key::Integer(0), Some(value!(10))),
            (value!([10, 20]), Key::Integer(2), None),
            (value!([10, 20]), Key::Integer(-1), None),
            (value!([10, 20]), text("-1"), Some(value!([]))),
            (value!([10, true]), text("real"), Some(value!([10, 1]))),
            (value!([]), text("a"), Some(value!([]))),
            (
                value!([{"a": null}, {}, {"a": 1}]),
                text("a"),
                Some(value!([null, 1])),
            ),
            (value!([{"b": 1}, {"a": 2}]), text("a"), Some(value!([]))),
            (value!([5, {"a": 3}]), text("a"), Some(value!([]))),
            (value!([{"a": 3}, "b", ["c"]]), text("a"), Some(value!([3]))),
            (value!(true), text("real"), Some(value!(1))),
            (value!(2.5), text("imag"), Some(value!(0.0))),
            (value!(2.5), text("numerator"), None),
            (value!(5), text("x"), None),
            (value!(null), text("x"), None),
        ] {
            assert_eq!(find(&input, &key), Ok(expected), "{input} {key:?}");
        }
        assert!(find(&value!([{"a": 3}, 5]), &text("a")).is_err());
        assert!(find(&value!([{"a": 3}, "abc"]), &text("a")).is_err());
    }
}
