//! Calls of tools: made one after the other or at the same time, and told to the model as text.

use futures_util::future::join_all;
use graphloom::json::to_json;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Text, Value};

use super::toolbox::Ready;

/// What a model is told where a tool gave nothing.
const NOTHING: &str = "The tool ended and gave nothing.";

/// What a model is told of a failure whose message is not for it.
const FAILED: &str = "The tool failed.";

/// How calls are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// All calls of an answer at the same time.
    pub(super) parallel: bool,
    /// The model is told why a tool failed.
    pub(super) tells_failures: bool,
}

/// Makes calls, and returns what the model is told of each, in the order of the calls.
///
/// # Errors
/// [`BlockError::Cancelled`], and what is the operator's to mend. That a tool fails is told to the model.
pub(super) async fn make(
    cx: &Context,
    calls: Vec<Ready>,
    way: Way,
) -> Result<Vec<Text>, BlockError> {
    if way.parallel {
        let results = join_all(calls.into_iter().map(|call| one(cx, call, way))).await;
        return results.into_iter().collect();
    }
    let mut results = Vec::with_capacity(calls.len());
    for call in calls {
        results.push(one(cx, call, way).await?);
    }
    Ok(results)
}

async fn one(cx: &Context, call: Ready, way: Way) -> Result<Text, BlockError> {
    match cx.call_tool(call.tool, call.arguments).await {
        Ok(gave) => Ok(told(gave)),
        Err(BlockError::Failed { message, .. }) => Ok(match way.tells_failures {
            true => Text::from(format!("The tool failed: {message}")),
            false => Text::from(FAILED),
        }),
        Err(error) => Err(error),
    }
}

/// Returns what a tool gave: a JSON object with a list of values for each pin.
fn told(gave: Vec<(Text, Value)>) -> Text {
    if gave.is_empty() {
        return Text::from(NOTHING);
    }
    let mut pins: Vec<(Text, Vec<Value>)> = Vec::new();
    for (pin, value) in gave {
        match pins.iter_mut().find(|(known, _)| *known == pin) {
            Some((_, values)) => values.push(value),
            None => pins.push((pin, vec![value])),
        }
    }
    Text::from(to_json(&pins.into_iter().collect::<Map>().into()))
}

/// Returns a value as a model is told it: a text as it is, all else as JSON.
pub(crate) fn said(value: &Value) -> Text {
    match value {
        Value::Text(text) => text.clone(),
        other => Text::from(to_json(other)),
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn values_are_told_by_pin() {
        assert_eq!(told(Vec::new()), NOTHING);
        let gave = vec![
            (Text::from("item"), value!(1)),
            (Text::from("key"), value!("a")),
            (Text::from("item"), value!({"b": null})),
        ];
        assert_eq!(told(gave), r#"{"item":[1,{"b":null}],"key":["a"]}"#);
        assert_eq!(said(&value!("as it is")), "as it is");
        assert_eq!(said(&value!(["a"])), r#"["a"]"#);
    }
}
