//! What a cell without quotes says, if it says more than a text.

use graphloom::Value;
use graphloom::json::{Limits, read_value};

/// Reads a cell: empty is null, `true` and `false` are bools, what JSON takes for a number is that number. Anything else,
/// also a number that would have to be rounded, is `None`: a text.
pub(super) fn scalar(cell: &str) -> Option<Value> {
    match cell {
        "" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    // A look at the ends keeps the reader away from most texts, and from blanks, which it would pass over.
    let starts = cell.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if !starts || !cell.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    read_value(cell.as_bytes(), &Limits::default())
        .ok()
        .filter(|value| value.as_f64().is_some())
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn what_would_lose_something_stays_text() {
        assert_eq!(scalar("-12"), Some(value!(-12)));
        assert_eq!(scalar("1.50"), Some(value!(1.5)));
        assert_eq!(scalar("18446744073709551615"), Some(value!(u64::MAX)));
        for text in [
            "007",
            "18446744073709551616",
            "1e999",
            "1 000",
            " 1",
            "NaN",
            "+1",
            "1-2",
            "2024-01-01",
            "-",
        ] {
            assert_eq!(scalar(text), None, "{text}");
        }
    }
}
