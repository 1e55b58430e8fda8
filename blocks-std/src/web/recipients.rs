//! Who gets a message.

use graphloom::Text;
use graphloom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A message goes to this many at most.
pub(super) const MAX_RECIPIENTS: usize = 100;

/// One address or several; `ada@example.com` or `Ada <ada@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(super) enum Recipients {
    /// Addresses with commas between them.
    Line(Text),
    /// A list of addresses.
    List(Vec<Text>),
}

impl Default for Recipients {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Recipients {
    /// Returns the addresses; the mail client judges each.
    pub(super) fn read(self) -> Vec<Text> {
        let line = match self {
            Self::List(list) => return list,
            Self::Line(line) => line,
        };
        let mut all = Vec::new();
        let (mut begin, mut quoted) = (0, false);
        for (at, sign) in line.char_indices() {
            match sign {
                '"' => quoted = !quoted,
                ',' if !quoted => {
                    all.push(line.get(begin..at).unwrap_or_default());
                    begin = at + 1;
                }
                _ => {}
            }
        }
        all.push(line.get(begin..).unwrap_or_default());
        let all = all.into_iter().map(str::trim).filter(|one| !one.is_empty());
        all.map(Text::from).collect()
    }
}

/// Refuses what would be another line of a message's head.
pub(crate) fn one_line(what: &str, text: &str) -> Result<(), BlockError> {
    match text.contains(|c: char| c.is_control()) {
        true => Err(BlockError::input(format!(
            "{what} has a line end or another control character in it"
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let line = Recipients::Line(Text::from(r#" a@b.c, "Byron, Ada" <ada@b.c> ,,"#));
        assert_eq!(line.read(), ["a@b.c", r#""Byron, Ada" <ada@b.c>"#]);
        assert!(Recipients::Line(Text::from(" ")).read().is_empty());
        assert_eq!(Recipients::List(vec![Text::from("a, b")]).read(), ["a, b"]);
        assert!(one_line("x", "a\r\nbcc: b").is_err() && one_line("x", "é").is_ok());
    }
}
