//! JSON numbers: integers are exact or refused, floats are the nearest.

use crate::value::Value;

/// Why a text is not a number that we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberProblem {
    /// It is not written as JSON numbers are.
    Form,
    /// An integer outside `i64::MIN..=u64::MAX`.
    Integer,
    /// A float beyond the largest.
    Float,
}

/// Reads one number, the whole text.
pub(crate) fn read_number(text: &str) -> Result<Value, NumberProblem> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = split_digits(digits);
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(NumberProblem::Form);
    }
    if rest.is_empty() {
        // `-0` is the integer 0.
        return match text.parse::<i64>() {
            Ok(n) => Ok(Value::Int(n)),
            Err(_) => text
                .parse::<u64>()
                .map(Value::from)
                .map_err(|_| NumberProblem::Integer),
        };
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => match split_digits(fraction) {
            ("", _) => return Err(NumberProblem::Form),
            (_, rest) => rest,
        },
        None => rest,
    };
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let (digits, rest) = split_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        if digits.is_empty() || !rest.is_empty() {
            return Err(NumberProblem::Form);
        }
    } else if !rest.is_empty() {
        return Err(NumberProblem::Form);
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() => Ok(Value::Float(n)),
        Ok(_) => Err(NumberProblem::Float),
        Err(_) => Err(NumberProblem::Form),
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}
