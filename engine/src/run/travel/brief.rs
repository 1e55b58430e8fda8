//! Values in few characters, for texts that people read.

use std::fmt::{self, Write};

use serde::{Serialize, Serializer};

use crate::value::{Text, Value};

/// So much of a value is shown.
pub(in crate::run) const MAX_CHARS: usize = 80;

/// A text that takes so many characters and refuses the next.
struct Short {
    text: String,
    left: usize,
}

impl Write for Short {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for c in part.chars() {
            if self.left == 0 {
                return Err(fmt::Error);
            }
            self.left -= 1;
            self.text.push(c);
        }
        Ok(())
    }
}

/// Writes the beginning of a value as JSON, with `…` where something is left out. A value of many megabytes costs no more
/// than a small one.
pub(in crate::run) fn brief(value: &Value) -> Text {
    Text::from(cut(MAX_CHARS, format_args!("{value}")))
}

/// Writes the beginning of a text.
pub(in crate::run) fn cut(max: usize, what: fmt::Arguments<'_>) -> String {
    let mut short = Short {
        text: String::new(),
        left: max,
    };
    if short.write_fmt(what).is_err() {
        short.text.push('…');
    }
    short.text
}

/// Shows two values that differ, from shortly before the place where they do.
pub(in crate::run) fn apart(one: &Value, other: &Value) -> (String, String) {
    const BEFORE: usize = 16;
    let (one, other) = (one.to_string(), other.to_string());
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    let from = same.count().saturating_sub(BEFORE);
    let part = |text: &str| {
        let rest: String = text.chars().skip(from).take(MAX_CHARS).collect();
        let whole = from + rest.chars().count() == text.chars().count();
        let (before, after) = (
            if from > 0 { "…" } else { "" },
            if whole { "" } else { "…" },
        );
        format!("{before}{rest}{after}")
    };
    (part(&one), part(&other))
}

/// Serialises pairs as a map in their order.
pub(super) fn pairs<T: Serialize, S: Serializer>(
    pairs: &[(Text, T)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, item)| (name.as_str(), item)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(
            brief(&value!({"a": [1, null]})).as_str(),
            r#"{"a":[1,null]}"#
        );
        let text = "ä".repeat(1 << 20);
        let short = brief(&Value::from(text));
        assert_eq!(short.as_str().chars().count(), MAX_CHARS + 1);
        assert!(short.as_str().ends_with("ä…"), "{short}");
        let (one, other) = ("x".repeat(100) + "a", "x".repeat(100) + "b");
        let (one, other) = apart(&Value::from(one), &Value::from(other));
        assert_eq!(one, format!("…{}a\"", "x".repeat(16)));
        assert_eq!(other, format!("…{}b\"", "x".repeat(16)));
        let exact = Value::from("x".repeat(MAX_CHARS - 2));
        assert_eq!(brief(&exact).as_str(), exact.to_string());
    }
}
