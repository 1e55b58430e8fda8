//! `random.number`: a number by chance.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draw::{below, unit};
use crate::math::Number;

/// Draws a number.
pub(super) struct RandomNumber;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Any value: it says when to draw, not what.
    #[serde(rename = "trigger", default)]
    _trigger: Value,
    /// The smallest number that may be drawn.
    #[serde(default = "zero")]
    min: Number,
    /// The largest number that may be drawn. If both are whole, so is what is drawn.
    #[serde(default = "hundred")]
    max: Number,
}

fn zero() -> Number {
    Number::Whole(0)
}

fn hundred() -> Number {
    Number::Whole(100)
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The number.
    Number(Number),
}

impl Block for RandomNumber {
    const INFO: BlockInfo = BlockInfo::new("random.number", 1, "Draws a number by chance.")
        .details(
            "Between two whole numbers each whole number, both ends included, is equally likely; else any number from \
             the smallest up to the largest. What is drawn follows from the run's seed; not for keys and passwords.",
        )
        .category(Category::Math)
        .capabilities(&[Capability::Random])
        .examples(&[
            Example::new("a die", r#"{"min": 1, "max": 6}"#, r#"[["number", 4]]"#).varies(),
            Example::new("no choice", r#"{"min": 7, "max": 7}"#, r#"[["number", 7]]"#),
            Example::new(
                "the wrong way round",
                r#"{"min": 6, "max": 1}"#,
                r#"[["error", "min is more than max"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let number = match (input.min, input.max) {
            (Number::Whole(min), Number::Whole(max)) if min <= max => {
                let offset = match max.abs_diff(min).checked_add(1) {
                    Some(n) => below(cx, n)?,
                    None => cx.random()?,
                };
                Number::Whole(min.wrapping_add_unsigned(offset))
            }
            (min, max) => Number::Float(between(cx, min.float(), max.float())?),
        };
        out.emit(Output::Number(number)).await?;
        Ok(())
    }
}

fn between(cx: &Context, min: f64, max: f64) -> Result<f64, BlockError> {
    if min > max {
        return Err(BlockError::input(format!(
            "min is more than max: {min} and {max}"
        )));
    }
    if !min.is_finite() || !max.is_finite() {
        return Err(BlockError::input("min and max must be finite"));
    }
    let by = unit(cx)?;
    // In this form nothing is too large on the way, and rounding leads no further than the ends.
    Ok((min * (1.0 - by) + max * by).clamp(min, max))
}
