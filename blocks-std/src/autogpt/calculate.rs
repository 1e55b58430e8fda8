//! `autogpt.calculate`: one operation on two floats that nearly always has a result.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::Number;

/// One operation on two floats.
pub(super) struct Calculate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What to do.
    operation: Operation,
    /// The first number.
    a: f64,
    /// The second number: what is added, subtracted, multiplied or divided by, or the exponent.
    b: f64,
    /// Rounds the result to a whole number; halves go to the even neighbour.
    #[serde(default)]
    round_result: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(inline)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The result.
    Result(#[schemars(with = "f64")] Number),
}

impl Block for Calculate {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.calculate",
        1,
        "Adds, subtracts, multiplies, divides or takes the power of two numbers.",
    )
    .details(
        "Unlike `math.calculate`: all numbers are floats, a division by zero gives plus infinity, and what has no \
         result otherwise gives NaN.",
    )
    .category(Category::Math)
    .native("math.calculate")
    .autogpt("b1ab9b19-67a6-406d-abf5-2dba76d00c79", "CalculatorBlock")
    .examples(&[
        Example::new(
            "sum",
            r#"{"operation": "Add", "a": 1, "b": 2}"#,
            r#"[["result", 3.0]]"#,
        ),
        Example::new(
            "rounded",
            r#"{"operation": "Divide", "a": 5, "b": 2, "round_result": true}"#,
            r#"[["result", 2]]"#,
        ),
        Example::new(
            "root of a negative number",
            r#"{"operation": "Power", "a": -1, "b": 0.5}"#,
            r#"[["error", "complex"]]"#,
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
        let Input {
            operation,
            a,
            b,
            round_result,
        } = input;
        let result = match (calculate(operation, a, b), round_result) {
            (Some(result), false) => Number::Float(result),
            (Some(result), true) if result.is_finite() => rounded(result)?,
            (_, true) => Number::Float(f64::NAN),
            (None, false) => {
                return Err(BlockError::input(format!(
                    "{a} to the power of {b} is a complex number, which no output can hold"
                )));
            }
        };
        out.emit(Output::Result(result)).await?;
        Ok(())
    }
}

/// Rounds a result; AutoGPT's executor cannot keep whole numbers of more than 64 bits, and the node fails.
fn rounded(result: f64) -> Result<Number, BlockError> {
    // Powers of two and so exact; the upper one is the first that does not fit.
    const MIN: f64 = -9_223_372_036_854_775_808.0;
    const END: f64 = 18_446_744_073_709_551_616.0;
    match Number::Float(result).rounded() {
        Number::Float(large) if !(MIN..END).contains(&large) => Err(BlockError::input(format!(
            "the rounded result {large:e} does not fit in 64 bits"
        ))),
        fits => Ok(fits),
    }
}

/// Returns the result as AutoGPT has it, or `None` for a complex one.
fn calculate(operation: Operation, a: f64, b: f64) -> Option<f64> {
    Some(match operation {
        Operation::Add => a + b,
        Operation::Subtract => a - b,
        Operation::Multiply => a * b,
        Operation::Divide if b == 0.0 => f64::INFINITY,
        Operation::Divide => a / b,
        Operation::Power if a == 0.0 && b < 0.0 => f64::INFINITY,
        Operation::Power if a < 0.0 && a.is_finite() && b.is_finite() && b.fract() != 0.0 => {
            return None;
        }
        Operation::Power => match a.powf(b) {
            // Python refuses an overflow, and the refusal becomes NaN.
            power if power.is_infinite() && a.is_finite() && b.is_finite() => f64::NAN,
            power => power,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_has_a_result() {
        let check = |operation, a: f64, b: f64, expected: f64| {
            let result = calculate(operation, a, b).unwrap();
            assert!(
                result == expected || (result.is_nan() && expected.is_nan()),
                "{operation:?} {a} {b}: {result}"
            );
        };
        check(Operation::Divide, -1.0, 0.0, f64::INFINITY);
        check(Operation::Divide, 0.0, -0.0, f64::INFINITY);
        check(Operation::Power, 1e200, 2.0, f64::NAN);
        check(Operation::Power, 0.0, -1.0, f64::INFINITY);
        check(Operation::Power, f64::NEG_INFINITY, 0.5, f64::INFINITY);
        check(Operation::Multiply, 1e308, 10.0, f64::INFINITY);
        assert_eq!(calculate(Operation::Power, -1.0, 0.5), None);
    }
}
