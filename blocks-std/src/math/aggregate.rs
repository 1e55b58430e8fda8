//! `math.aggregate`: one number for many.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Number;

/// Makes one number of many.
pub(super) struct Aggregate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The numbers.
    numbers: Vec<Number>,
    /// Which number to make of them.
    operation: Operation,
}

/// What to make of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Operation {
    /// All of them together; 0 of none.
    Sum,
    /// The sum by how many there are.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The one in the middle, or what lies between the two there.
    Median,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The number.
    Result(Number),
}

impl Block for Aggregate {
    const INFO: BlockInfo = BlockInfo::new(
        "math.aggregate",
        1,
        "Makes one number of many: sum, mean, smallest, largest or median.",
    )
    .details(
        "The sum of whole numbers is whole and exact. Floats are added without losing what is small beside what is \
         large. Of no numbers there is a sum only.",
    )
    .category(Category::Math)
    .examples(&[
        Example::new(
            "sum",
            r#"{"numbers": [1, 2, 3], "operation": "sum"}"#,
            r#"[["result", 6]]"#,
        ),
        Example::new(
            "mean",
            r#"{"numbers": [1, 2], "operation": "mean"}"#,
            r#"[["result", 1.5]]"#,
        ),
        Example::new(
            "median",
            r#"{"numbers": [9, 1, 4, 2.5], "operation": "median"}"#,
            r#"[["result", 3.25]]"#,
        ),
        Example::new(
            "of none",
            r#"{"numbers": [], "operation": "max"}"#,
            r#"[["error", "no numbers have no max"]]"#,
        ),
        Example::new(
            "too large",
            r#"{"numbers": [9223372036854775807, 1], "operation": "sum"}"#,
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
        let result = aggregate(input.numbers, input.operation)?;
        out.emit(Output::Result(result)).await?;
        Ok(())
    }
}

fn aggregate(mut numbers: Vec<Number>, operation: Operation) -> Result<Number, BlockError> {
    if numbers.iter().any(|number| number.float().is_nan()) {
        return Err(BlockError::input("one of the numbers is none (NaN)"));
    }
    let none = |name: &str| BlockError::input(format!("no numbers have no {name}"));
    let n = numbers.len();
    let result = match operation {
        Operation::Sum => sum(&numbers),
        Operation::Mean if n == 0 => return Err(none("mean")),
        Operation::Mean => mean(&numbers),
        Operation::Min => {
            let least = numbers.into_iter().min_by(|a, b| a.order(*b));
            least.ok_or_else(|| none("min"))?
        }
        Operation::Max => {
            let most = numbers.into_iter().max_by(|a, b| a.order(*b));
            most.ok_or_else(|| none("max"))?
        }
        Operation::Median => {
            numbers.sort_by(|a, b| a.order(*b));
            let below = numbers.get(n.saturating_sub(1) / 2).copied();
            match (below, numbers.get(n / 2).copied()) {
                (Some(middle), _) if n % 2 == 1 => middle,
                (Some(a), Some(b)) => mean(&[a, b]),
                _ => return Err(none("median")),
            }
        }
    };
    match result {
        Number::Float(float) if !float.is_finite() => Err(BlockError::input(format!(
            "the {operation:?} of the numbers is too large"
        ))),
        result => Ok(result),
    }
}

/// Returns the sum: exact of whole numbers; infinite where it is too large.
fn sum(numbers: &[Number]) -> Number {
    match split(numbers) {
        (whole, None) => i64::try_from(whole).map_or(Number::Float(f64::INFINITY), Number::Whole),
        (whole, Some(float)) => Number::Float(whole as f64 + float),
    }
}

fn mean(numbers: &[Number]) -> Number {
    let n = numbers.len() as f64;
    let (whole, float) = split(numbers);
    Number::Float(match float {
        None => whole as f64 / n,
        // Each part by itself, so that a sum that is too large does not spoil a mean that is not.
        Some(_) => {
            let parts: Vec<Number> = numbers
                .iter()
                .map(|number| Number::Float(number.float() / n))
                .collect();
            split(&parts).1.unwrap_or_default()
        }
    })
}

/// Returns the sum of the whole numbers, and that of the floats if there are any, by Neumaier's way: what is lost in
/// each addition is added at the end.
fn split(numbers: &[Number]) -> (i128, Option<f64>) {
    let mut whole = 0_i128;
    let mut float: Option<(f64, f64)> = None;
    for number in numbers {
        match number {
            Number::Whole(more) => whole = whole.saturating_add(i128::from(*more)),
            Number::Float(more) => {
                let (sum, lost) = float.unwrap_or_default();
                let next = sum + more;
                let rest = if sum.abs() >= more.abs() {
                    (sum - next) + more
                } else {
                    (more - next) + sum
                };
                float = Some((next, lost + rest));
            }
        }
    }
    (
        whole,
        float.map(|(sum, lost)| if sum.is_finite() { sum + lost } else { sum }),
    )
}
