//! `flow.if`: one way or the other, by a comparison.

use std::cmp::Ordering;

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::given::given;

/// Sends a value one way or the other, by a comparison.
pub(super) struct If;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to compare.
    value: Value,
    /// How to compare.
    operator: Operator,
    /// What to compare it with.
    other: Value,
    /// What to emit when the comparison holds, instead of the value; null counts.
    #[serde(default, deserialize_with = "given")]
    yes_value: Option<Value>,
    /// What to emit when it does not, instead of the value; null counts.
    #[serde(default, deserialize_with = "given")]
    no_value: Option<Value>,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Operator {
    /// Equal.
    #[serde(rename = "==")]
    Equal,
    /// Not equal.
    #[serde(rename = "!=")]
    NotEqual,
    /// Greater.
    #[serde(rename = ">")]
    Greater,
    /// Less.
    #[serde(rename = "<")]
    Less,
    /// Greater or equal.
    #[serde(rename = ">=")]
    GreaterOrEqual,
    /// Less or equal.
    #[serde(rename = "<=")]
    LessOrEqual,
}

impl Operator {
    /// Returns how it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
        }
    }

    /// Whether it holds for two values in this order; for those without an order only inequality does.
    pub(crate) fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Greater => order == Some(Ordering::Greater),
            Self::Less => order == Some(Ordering::Less),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Whether the comparison holds.
    Result(bool),
    /// The value, or what stands for it, when it does.
    Yes(Value),
    /// The value, or what stands for it, when it does not.
    No(Value),
}

impl Block for If {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.if",
        1,
        "Compares two values and sends one on its way: yes or no.",
    )
    .details(
        "Values of any type are equal or not; numbers are equal when they say the same (1 and 1.0). Only two numbers or \
         two texts have an order; texts are ordered by their characters' code points.",
    )
    .category(Category::Flow)
    .examples(&[
        Example::new(
            "greater",
            r#"{"value": 5, "operator": ">", "other": 4.5}"#,
            r#"[["result", true], ["yes", 5]]"#,
        ),
        Example::new(
            "not equal",
            r#"{"value": "1", "operator": "==", "other": 1, "no_value": "different"}"#,
            r#"[["result", false], ["no", "different"]]"#,
        ),
        Example::new(
            "no order",
            r#"{"value": "1", "operator": "<", "other": 2}"#,
            r#"[["error", "have no order"]]"#,
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
        let holds = compare(input.operator, &input.value, &input.other)?;
        out.emit(Output::Result(holds)).await?;
        out.emit(if holds {
            Output::Yes(input.yes_value.unwrap_or(input.value))
        } else {
            Output::No(input.no_value.unwrap_or(input.value))
        })
        .await?;
        Ok(())
    }
}

fn compare(operator: Operator, a: &Value, b: &Value) -> Result<bool, BlockError> {
    if matches!(operator, Operator::Equal | Operator::NotEqual) {
        return Ok(a.loosely_eq(b) == (operator == Operator::Equal));
    }
    let order = match (a, b) {
        (Value::Bool(_), _) | (_, Value::Bool(_)) => None,
        (Value::Text(a), Value::Text(b)) => Some(Some(a.cmp(b))),
        (a, b) if a.as_f64().is_some() && b.as_f64().is_some() => crate::python::compare(a, b).ok(),
        _ => None,
    };
    match order {
        Some(order) => Ok(operator.holds(order)),
        None => Err(BlockError::input(format!(
            "a value of type {} and one of type {} have no order: \"{}\" takes two numbers or two texts",
            a.type_name(),
            b.type_name(),
            operator.as_str()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn numbers_and_texts_have_an_order() {
        let check = |a: Value, operator, b: Value, expected| {
            assert_eq!(
                compare(operator, &a, &b).ok(),
                expected,
                "{a} {} {b}",
                operator.as_str()
            );
        };
        check(value!(1), Operator::Equal, value!(1.0), Some(true));
        check(value!(true), Operator::Equal, value!(1), Some(false));
        check(value!([1]), Operator::NotEqual, value!([1.0]), Some(false));
        check(
            value!(9_007_199_254_740_993_i64),
            Operator::Greater,
            value!(9_007_199_254_740_992.0),
            Some(true),
        );
        check(value!("Z"), Operator::Less, value!("a"), Some(true));
        check(
            value!(f64::NAN),
            Operator::LessOrEqual,
            value!(1),
            Some(false),
        );
        check(value!(true), Operator::Less, value!(2), None);
        check(value!([1]), Operator::Less, value!([2]), None);
    }
}
