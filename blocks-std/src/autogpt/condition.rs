//! `autogpt.condition`: one way or the other, by a comparison in which texts count as numbers.

use graphloom::block::types::number_from_text;
use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flow::Operator;
use crate::python::{Unordered, compare, equals, is_space};

/// Sends a value one way or the other, by a comparison.
pub(super) struct Condition;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The first value.
    value1: Value,
    /// How to compare.
    operator: Operator,
    /// The second value.
    value2: Value,
    /// What to emit when the comparison holds; the first value when there is none.
    yes_value: Option<Value>,
    /// What to emit when it does not; the second value when there is none.
    no_value: Option<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Whether the comparison holds.
    Result(bool),
    /// What is sent on when it does.
    #[serde(rename = "yes_output")]
    Yes(Value),
    /// What is sent on when it does not.
    #[serde(rename = "no_output")]
    No(Value),
}

impl Block for Condition {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.condition",
        1,
        "Compares two values and sends one on its way: yes or no.",
    )
    .details(
        "Unlike `flow.if`: a text that reads as a number is that number, others lose white space at both ends, true is \
         1, lists have an order, and when the comparison does not hold it is the second value that is sent on.",
    )
    .category(Category::Flow)
    .native("flow.if")
    .autogpt("715696a0-e1da-45c8-b209-c2fa9c3b0be6", "ConditionBlock")
    .examples(&[
        Example::new(
            "texts as numbers",
            r#"{"value1": " 1 ", "operator": "==", "value2": "1"}"#,
            r#"[["result", true], ["yes_output", 1.0]]"#,
        ),
        Example::new(
            "the second value",
            r#"{"value1": "x", "operator": "==", "value2": "y"}"#,
            r#"[["result", false], ["no_output", "y"]]"#,
        ),
        Example::new(
            "no order",
            r#"{"value1": "10", "operator": "<", "value2": "9a"}"#,
            r#"[["error", "'<' not supported between instances of 'float' and 'str'"]]"#,
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
        let (a, b) = (read(input.value1), read(input.value2));
        let holds = holds(input.operator, &a, &b)?;
        out.emit(Output::Result(holds)).await?;
        out.emit(if holds {
            Output::Yes(input.yes_value.unwrap_or(a))
        } else {
            Output::No(input.no_value.unwrap_or(b))
        })
        .await?;
        Ok(())
    }
}

/// Takes a text for the number that it says, or else for what is between its white space.
fn read(value: Value) -> Value {
    match value {
        Value::Text(text) => match number_from_text(&text) {
            Some(number) => Value::Float(number),
            None => Value::from(text.trim_matches(is_space)),
        },
        other => other,
    }
}

fn holds(operator: Operator, a: &Value, b: &Value) -> Result<bool, BlockError> {
    match operator {
        Operator::Equal => return Ok(equals(a, b)),
        Operator::NotEqual => return Ok(!equals(a, b)),
        _ => {}
    }
    match compare(a, b) {
        Ok(order) => Ok(operator.holds(order)),
        Err(Unordered(a, b)) => Err(BlockError::input(format!(
            "Comparison failed: '{}' not supported between instances of '{a}' and '{b}'",
            operator.as_str()
        ))),
    }
}
