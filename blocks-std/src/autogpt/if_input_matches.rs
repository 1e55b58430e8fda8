//! `autogpt.if_input_matches`: one way or the other, by equality after a conversion.

use graphloom::block::types::PinType;
use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::equals;

/// Sends a value one way or the other, by equality after a conversion.
pub(super) struct IfInputMatches;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to compare.
    input: Value,
    /// What to compare it with; converted to the type of the input first.
    value: Value,
    /// What to emit when they are equal.
    yes_value: Option<Value>,
    /// What to emit when they are not.
    no_value: Option<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Whether they are equal.
    Result(bool),
    /// What is sent on when they are.
    #[serde(rename = "yes_output")]
    Yes(Option<Value>),
    /// What is sent on when they are not.
    #[serde(rename = "no_output")]
    No(Option<Value>),
}

impl Block for IfInputMatches {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.if_input_matches",
        1,
        "Compares two values for equality and sends one of two others on its way.",
    )
    .details(
        "Unlike `flow.if`: the value is first converted to the type of the input, in which a text that is no number \
         becomes 0 and a fraction is cut off: 0 matches `x`, and 10 matches 10.5.",
    )
    .category(Category::Flow)
    .native("flow.if")
    .autogpt("6dbbc4b3-ca6c-42b6-b508-da52d23e13f2", "IfInputMatchesBlock")
    .examples(&[
        Example::new(
            "converted",
            r#"{"input": 10, "value": "10", "yes_value": "Y"}"#,
            r#"[["result", true], ["yes_output", "Y"]]"#,
        ),
        Example::new(
            "nothing to send",
            r#"{"input": "a", "value": "b"}"#,
            r#"[["result", false], ["no_output", null]]"#,
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
        let same = equals(&input.input, &converted(&input.input, input.value));
        out.emit(Output::Result(same)).await?;
        out.emit(if same {
            Output::Yes(input.yes_value)
        } else {
            Output::No(input.no_value)
        })
        .await?;
        Ok(())
    }
}

/// Converts a value to the type of another.
fn converted(like: &Value, value: Value) -> Value {
    let ty = match like {
        Value::Bool(_) => PinType::Bool,
        Value::Int(_) | Value::Uint(_) => PinType::Integer,
        Value::Float(_) => PinType::Number,
        Value::Text(_) => PinType::Text,
        Value::List(_) => PinType::list(PinType::Any),
        Value::Map(_) => PinType::map(PinType::Any),
        _ => PinType::Any,
    };
    ty.coerce_lenient(value)
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn what_is_compared_is_converted() {
        let check = |input: Value, value: Value, same| {
            assert_eq!(
                equals(&input, &converted(&input, value.clone())),
                same,
                "{input} {value}"
            );
        };
        check(value!({"a": 1}), value!("{\"a\": 1}"), true);
        check(value!(0), value!("x"), true);
        check(value!(10), value!(10.5), true);
        check(
            value!(9_007_199_254_740_993_i64),
            value!("9007199254740993"),
            false,
        );
        check(value!([1]), value!(1), true);
        check(value!("10"), value!(10.0), false);
        check(value!("True"), value!(true), false);
        check(value!(0), value!(false), true);
    }
}
