//! `math.round`: a number with fewer digits.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Number;

/// Rounds a number.
pub(super) struct Round;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The number.
    number: Number,
    /// How many digits to leave after the point; -2 rounds to hundreds.
    #[serde(default)]
    digits: i32,
    /// Which of its neighbours to take.
    #[serde(default)]
    mode: Mode,
}

/// Which neighbour a number is rounded to.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Mode {
    /// The nearest; of two that are equally near the one away from zero: 2.5 is 3, -2.5 is -3.
    #[default]
    HalfUp,
    /// The nearest; of two that are equally near the even one: 2.5 is 2, 3.5 is 4.
    HalfEven,
    /// The smaller one.
    Down,
    /// The larger one.
    Up,
    /// The one nearer to zero.
    Truncate,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The rounded number; a whole one, where no digits are left after the point and 64 bits hold it.
    Result(Number),
}

impl Block for Round {
    const INFO: BlockInfo = BlockInfo::new("math.round", 1, "Rounds a number.")
        .details(
            "What is rounded is the number as it is written, in decimal: 2.675 to two digits is 2.68, though no float \
             is exactly 2.675.",
        )
        .category(Category::Math)
        .examples(&[
            Example::new("to a whole number", r#"{"number": 2.5}"#, r#"[["result", 3]]"#),
            Example::new(
                "to cents",
                r#"{"number": 2.675, "digits": 2}"#,
                r#"[["result", 2.68]]"#,
            ),
            Example::new(
                "to the even neighbour",
                r#"{"number": 2.5, "mode": "half_even"}"#,
                r#"[["result", 2]]"#,
            ),
            Example::new(
                "down to hundreds",
                r#"{"number": -1234, "digits": -2, "mode": "down"}"#,
                r#"[["result", -1300]]"#,
            ),
            Example::new(
                "too large",
                r#"{"number": 1, "digits": -999, "mode": "up"}"#,
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
        let result = round(input.number, input.digits, input.mode)?;
        out.emit(Output::Result(result)).await?;
        Ok(())
    }
}

/// No float has a digit further from the point.
const MAX_DIGITS: i32 = 1_100;

fn round(number: Number, digits: i32, mode: Mode) -> Result<Number, BlockError> {
    let digits = digits.clamp(-MAX_DIGITS, MAX_DIGITS);
    let written = match number {
        Number::Whole(whole) if digits >= 0 => return Ok(Number::Whole(whole)),
        Number::Whole(whole) => whole.to_string(),
        // The shortest decimal that is read as this float, without an exponent.
        Number::Float(float) if float.is_finite() => float.to_string(),
        Number::Float(float) => {
            return Err(BlockError::input(format!("{float} cannot be rounded")));
        }
    };
    let rounded = round_decimal(&written, digits, mode);
    if digits <= 0
        && let Ok(whole) = rounded.parse()
    {
        return Ok(Number::Whole(whole));
    }
    let float: f64 = rounded.parse().unwrap_or(f64::INFINITY);
    // Minus zero is no number that anyone means.
    match (number, float.is_finite()) {
        (Number::Float(_), true) => Ok(Number::Float(float + 0.0)),
        _ => Err(BlockError::input(format!(
            "{written} rounded to {digits} digits is too large"
        ))),
    }
}

/// Rounds a number as it is written.
fn round_decimal(written: &str, digits: i32, mode: Mode) -> String {
    let (sign, size) = match written.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", written),
    };
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let cut = i64::try_from(whole.len()).unwrap_or(i64::MAX) + i64::from(digits);
    let (kept, rest) = match usize::try_from(cut) {
        Ok(cut) if cut >= all.len() => return written.to_owned(),
        Ok(cut) => all.split_at(cut),
        // All digits, and zeros before them, are beyond the cut.
        Err(_) => (&[][..], &[][..]),
    };
    let lost = all.iter().skip(kept.len()).any(|digit| *digit != b'0');
    let half = match rest.split_first() {
        Some((first, more)) => {
            first
                .cmp(&b'5')
                .then_with(|| match more.iter().any(|digit| *digit != b'0') {
                    true => std::cmp::Ordering::Greater,
                    false => std::cmp::Ordering::Equal,
                })
        }
        None => std::cmp::Ordering::Less,
    };
    let odd = kept.last().is_some_and(|digit| digit % 2 == 1);
    let away = match mode {
        Mode::HalfUp => half.is_ge(),
        Mode::HalfEven => half.is_gt() || half.is_eq() && odd,
        Mode::Down => lost && sign == "-",
        Mode::Up => lost && sign.is_empty(),
        Mode::Truncate => false,
    };
    let mut kept = kept.to_vec();
    if away {
        increment(&mut kept);
    }
    let mut text: String = kept.into_iter().map(char::from).collect();
    match usize::try_from(digits) {
        Ok(0) | Err(_) => {
            let zeros = usize::try_from(digits.unsigned_abs()).unwrap_or(0);
            text.push_str(&"0".repeat(zeros));
        }
        Ok(digits) => text.insert(text.len().saturating_sub(digits), '.'),
    }
    format!("{sign}0{text}")
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_they_are_written() {
        let check = |number: Number, digits, mode, expected: Number| {
            assert_eq!(
                round(number, digits, mode).unwrap(),
                expected,
                "{number:?} {digits}"
            );
        };
        use Mode::{Down, HalfEven, HalfUp, Truncate, Up};
        use Number::{Float, Whole};
        check(Float(2.5), 0, HalfUp, Whole(3));
        check(Float(-2.5), 0, HalfUp, Whole(-3));
        check(Float(-2.5), 0, HalfEven, Whole(-2));
        check(Float(1.005), 2, HalfUp, Float(1.01));
        check(Float(9.995), 2, HalfUp, Float(10.0));
        check(Float(0.049), 1, HalfUp, Float(0.0));
        check(Float(-0.01), 1, Truncate, Float(0.0));
        check(Float(-0.01), 1, Down, Float(-0.1));
        check(Float(0.01), 0, Up, Whole(1));
        check(Float(1e-7), 3, Up, Float(0.001));
        check(Float(1e300), 2, HalfUp, Float(1e300));
        check(Float(1e300), -2, HalfUp, Float(1e300));
        check(Float(49.0), -2, HalfUp, Whole(0));
        check(Float(50.0), -2, HalfUp, Whole(100));
        check(Float(50.0), -3, HalfUp, Whole(0));
        check(Whole(1_250), -2, HalfEven, Whole(1_200));
        check(Whole(i64::MIN), 5, HalfUp, Whole(i64::MIN));
        check(Float(5e-324), 300, HalfUp, Float(0.0));
        check(Float(5e-324), i32::MAX, HalfUp, Float(5e-324));
        assert!(round(Whole(i64::MAX), -1, Up).is_err());
        assert!(round(Float(f64::MAX), -308, Up).is_err());
        assert!(round(Float(f64::NAN), 1, Up).is_err());
    }
}
