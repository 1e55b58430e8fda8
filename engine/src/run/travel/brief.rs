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
        let exact = Value::from("x".repeat(MAX_CHARS - 2));
        assert_eq!(brief(&exact).as_str(), exact.to_string());
    }
}
