//! `math.calculate`: one operation on two numbers.

use std::cmp::Ordering;

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::compare;

/// One operation on two numbers.
pub(super) struct Calculate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What to do.
    operation: Operation,
    /// The first number.
    a: Number,
    /// The second number: what is added, subtracted, multiplied or divided by, or the exponent.
    b: Number,
    /// Rounds the result to a whole number; halves go to the even neighbour.
    #[serde(default)]
    round: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

/// A number that stays whole as long as it can.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(crate) enum Number {
    /// A whole number.
    Whole(i64),
    /// Any number.
    Float(f64),
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The result.
    Result(Number),
}

impl Block for Calculate {
    const INFO: BlockInfo = BlockInfo::new(
        "math.calculate",
        1,
        "Adds, subtracts, multiplies, divides, takes the remainder or the power of two numbers.",
    )
    .details(
        "Whole numbers stay whole and exact, except in a division. The remainder has the sign of the second number. \
         A result that no number can hold is an error: a division by zero, an overflow, a root of a negative number.",
    )
    .category(Category::Math)
    .examples(&[
        Example::new(
            "sum",
            r#"{"operation": "add", "a": 1, "b": 2}"#,
            r#"[["result", 3]]"#,
        ),
        Example::new(
            "quotient, rounded",
            r#"{"operation": "divide", "a": 5, "b": 2, "round": true}"#,
            r#"[["result", 2]]"#,
        ),
        Example::new(
            "division by zero",
            r#"{"operation": "divide", "a": 1, "b": 0}"#,
            r#"[["error", "by zero"]]"#,
        ),
        Example::new(
            "overflow",
            r#"{"operation": "power", "a": 10, "b": 400}"#,
            r#"[["error", "too large"]]"#,
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
        let result = calculate(input.operation, input.a, input.b)?;
        let result = if input.round {
            result.rounded()
        } else {
            result
        };
        out.emit(Output::Result(result)).await?;
        Ok(())
    }
}

impl Number {
    pub(crate) const fn float(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }

    /// Returns the order of two numbers, exactly; NaN comes last.
    pub(super) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            _ => {
                let (a, b) = (self.value(), other.value());
                let order = compare(&a, &b).ok().flatten();
                order.unwrap_or_else(|| self.float().is_nan().cmp(&other.float().is_nan()))
            }
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Whole(whole) => Value::from(whole),
            Self::Float(float) => Value::Float(float),
        }
    }

    /// Returns the nearest whole number, of two the even one. One too large for 64 bits stays a float, which is whole
    /// all the same.
    pub(crate) fn rounded(self) -> Self {
        // Powers of two and so exact; the upper one is the first that does not fit.
        const MIN: f64 = -9_223_372_036_854_775_808.0;
        const END: f64 = 9_223_372_036_854_775_808.0;
        match self {
            Self::Float(float) => match float.round_ties_even() {
                whole if (MIN..END).contains(&whole) => Self::Whole(whole as i64),
                large => Self::Float(large),
            },
            whole @ Self::Whole(_) => whole,
        }
    }
}

fn calculate(operation: Operation, a: Number, b: Number) -> Result<Number, BlockError> {
    let by_zero = b.float() == 0.0;
    match operation {
        Operation::Divide | Operation::Modulo if by_zero => {
            return Err(BlockError::input("b is 0: nothing can be divided by zero"));
        }
        Operation::Power if a.float() == 0.0 && b.float() < 0.0 => {
            return Err(BlockError::input(
                "a is 0 and b is negative: that is a division by zero",
            ));
        }
        _ => {}
    }
    if let (Number::Whole(a), Number::Whole(b)) = (a, b)
        && let Some(whole) = whole(operation, a, b)
    {
        return whole
            .map(Number::Whole)
            .ok_or_else(|| too_large("64 bits; give one of the numbers with a decimal point"));
    }
    let (a, b) = (a.float(), b.float());
    let result = match operation {
        Operation::Add => a + b,
        Operation::Subtract => a - b,
        Operation::Multiply => a * b,
        Operation::Divide => a / b,
        Operation::Modulo => modulo(a, b),
        Operation::Power => a.powf(b),
    };
    if result.is_nan() {
        return Err(BlockError::input(format!(
            "{a} and {b} have no such result among the numbers"
        )));
    }
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(too_large("a number"));
    }
    Ok(Number::Float(result))
}

fn too_large(room: &str) -> BlockError {
    BlockError::input(format!("the result is too large for {room}"))
}

/// Returns the exact result, `Some(None)` if it does not fit, `None` where the result is not whole.
fn whole(operation: Operation, a: i64, b: i64) -> Option<Option<i64>> {
    Some(match operation {
        Operation::Add => a.checked_add(b),
        Operation::Subtract => a.checked_sub(b),
        Operation::Multiply => a.checked_mul(b),
        Operation::Divide => return None,
        // The remainder of i64::MIN by -1 is 0, which the machine cannot compute.
        Operation::Modulo => match a.checked_rem(b) {
            Some(rest) if rest != 0 && (rest < 0) != (b < 0) => rest.checked_add(b),
            rest => Some(rest.unwrap_or(0)),
        },
        Operation::Power if b < 0 => return None,
        Operation::Power => match (a, u32::try_from(b)) {
            (0 | 1, Err(_)) => Some(a),
            (-1, Err(_)) => Some(if b % 2 == 0 { 1 } else { -1 }),
            (_, Ok(exponent)) => a.checked_pow(exponent),
            (_, Err(_)) => None,
        },
    })
}

/// The remainder with the sign of the divisor.
fn modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
        rest + b
    } else {
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Float, Whole};
    use super::*;

    #[test]
    fn whole_numbers_stay_exact() {
        let check = |operation, a, b, expected| {
            assert_eq!(
                calculate(operation, a, b),
                Ok(expected),
                "{operation:?} {a:?} {b:?}"
            );
        };
        let odd = 9_007_199_254_740_993;
        check(Operation::Add, Whole(odd), Whole(0), Whole(odd));
        check(Operation::Divide, Whole(7), Whole(2), Float(3.5));
        check(Operation::Modulo, Whole(-7), Whole(3), Whole(2));
        check(Operation::Modulo, Whole(i64::MIN), Whole(-1), Whole(0));
        check(Operation::Modulo, Float(7.5), Whole(-2), Float(-0.5));
        check(Operation::Power, Whole(-2), Whole(3), Whole(-8));
        check(Operation::Power, Whole(2), Whole(-2), Float(0.25));
        check(Operation::Power, Whole(-1), Whole(i64::MAX), Whole(-1));
        check(
            Operation::Power,
            Float(f64::INFINITY),
            Whole(2),
            Float(f64::INFINITY),
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        let fails = |operation, a, b| {
            assert!(
                calculate(operation, a, b).is_err(),
                "{operation:?} {a:?} {b:?}"
            );
        };
        fails(Operation::Add, Whole(i64::MAX), Whole(1));
        fails(Operation::Divide, Whole(1), Float(-0.0));
        fails(Operation::Modulo, Float(1.0), Whole(0));
        fails(Operation::Power, Whole(0), Whole(-1));
        fails(Operation::Power, Whole(-1), Float(0.5));
        fails(Operation::Power, Whole(10), Whole(400));
        fails(Operation::Multiply, Float(1e308), Float(10.0));
    }

    #[test]
    fn halves_are_rounded_to_even() {
        for (float, whole) in [
            (2.5, 2),
            (3.5, 4),
            (-2.5, -2),
            (0.499_999_999_999_999_94, 0),
            (-0.4, 0),
        ] {
            assert_eq!(Float(float).rounded(), Whole(whole), "{float}");
        }
        assert_eq!(Float(1e300).rounded(), Float(1e300));
    }
}
