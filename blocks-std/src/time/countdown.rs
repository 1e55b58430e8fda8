//! `time.countdown`: a value after some time, once or again and again.

use std::time::Duration;

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::integer_from_text;

/// Emits a value after some time, once or again and again.
pub(super) struct Countdown;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What to emit.
    #[serde(default = "finished")]
    input_message: Value,
    /// Seconds to wait; may be negative, as long as the sum is what is meant.
    #[serde(default)]
    seconds: Amount,
    /// Minutes to wait, added to the seconds.
    #[serde(default)]
    minutes: Amount,
    /// Hours to wait, added to the minutes.
    #[serde(default)]
    hours: Amount,
    /// Days of 24 hours to wait, added to the hours.
    #[serde(default)]
    days: Amount,
    /// How many times to wait and emit.
    #[serde(default = "once")]
    repeat: i64,
}

fn finished() -> Value {
    Value::from("timer finished")
}

fn once() -> i64 {
    1
}

/// A whole number, or the text of one.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Amount {
    Whole(i64),
    Text(String),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Whole(0)
    }
}

impl Amount {
    fn times(&self, seconds: i64) -> Result<i64, BlockError> {
        let whole = match self {
            Self::Whole(whole) => Some(*whole),
            Self::Text(text) => integer_from_text(text),
        };
        let Some(whole) = whole else {
            return Err(BlockError::input(format!("{self:?} is not a whole number")));
        };
        whole.checked_mul(seconds).ok_or_else(too_long)
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value.
    OutputMessage(Value),
}

impl Block for Countdown {
    const INFO: BlockInfo = BlockInfo::new(
        "time.countdown",
        1,
        "Emits a value after some time, once or again and again.",
    )
    .category(Category::Time)
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Clock])
    .autogpt(
        "d67a9c52-5e4e-11e2-bcfd-0800200c9a71",
        "CountdownTimerBlock",
    )
    .examples(&[
        Example::new(
            "at once",
            r#"{"seconds": "0"}"#,
            r#"[["output_message", "timer finished"]]"#,
        ),
        Example::new(
            "twice",
            r#"{"input_message": 1, "repeat": 2}"#,
            r#"[["output_message", 1], ["output_message", 1]]"#,
        ),
        Example::new(
            "not whole",
            r#"{"seconds": "1.5"}"#,
            r#"[["error", "is not a whole number"]]"#,
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
        let time = time(&input)?;
        for _ in 0..input.repeat {
            if !time.is_zero() {
                cx.sleep(time).await?;
            }
            out.emit(Output::OutputMessage(input.input_message.clone()))
                .await?;
        }
        Ok(())
    }
}

/// Returns the time to wait; less than none is none.
fn time(input: &Input) -> Result<Duration, BlockError> {
    let parts = [
        input.seconds.times(1)?,
        input.minutes.times(60)?,
        input.hours.times(3_600)?,
        input.days.times(86_400)?,
    ];
    let sum = parts
        .iter()
        .try_fold(0_i64, |sum, part| sum.checked_add(*part));
    let seconds = sum.ok_or_else(too_long)?;
    Ok(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn too_long() -> BlockError {
    BlockError::input("the time to wait is too long to be counted in seconds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_add_up() {
        let check = |json: graphloom::Value, seconds: Option<u64>| {
            let input: Input = graphloom::value::from_value(&json).unwrap();
            assert_eq!(
                time(&input).ok().map(|time| time.as_secs()),
                seconds,
                "{json}"
            );
        };
        check(
            graphloom::value!({"minutes": "2", "seconds": " 3 "}),
            Some(123),
        );
        check(graphloom::value!({"hours": 1, "days": 1}), Some(90_000));
        check(graphloom::value!({"minutes": 1, "seconds": -90}), Some(0));
        check(graphloom::value!({"seconds": "x"}), None);
        check(graphloom::value!({"days": i64::MAX}), None);
    }
}
