//! A reference to a pin as links write it: `node.pin` and then a path into the value, `fill.values["first name"][0]`.

use std::fmt;

use crate::{
    id::{NodeId, PinName},
    value::{Path, Step, Text},
};

/// How many steps a path in a reference may have, the pin not counted. Every step is a level of nesting in a value.
pub const MAX_STEPS: usize = 63;

/// One end of a link: a pin of a node and, where only a part of the value is meant, the path to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PinRef {
    /// The node.
    pub node: NodeId,
    /// Its pin.
    pub pin: PinName,
    /// The place inside the pin's value; empty for the whole.
    pub path: Path,
}

impl PinRef {
    /// Returns a reference to a whole pin.
    #[must_use]
    pub fn new(node: NodeId, pin: PinName) -> Self {
        Self {
            node,
            pin,
            path: Path::default(),
        }
    }

    /// Reads `node.pin path*`; the pin and the steps of the path are `.name`, `["any text"]` or, in the path, `[0]`.
    ///
    /// # Errors
    /// [`PinRefError`] with the byte at which reading stopped and what was expected there.
    pub fn parse(text: &str) -> Result<Self, PinRefError> {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (node, rest) = text.split_at(end);
        let node =
            NodeId::parse(node).map_err(|e| PinRefError::new(0, format!("not a node id: {e}")))?;
        if rest.is_empty() {
            return Err(PinRefError::new(
                end,
                "a pin must follow the node: `.name` or `[\"any text\"]`",
            ));
        }
        let whole = Path::parse(rest).map_err(|e| PinRefError::new(end + e.offset, e.message))?;
        let mut steps = whole.steps().iter();
        let pin = match steps.next() {
            Some(Step::Key(name)) => PinName::from_text(name.clone())
                .map_err(|e| PinRefError::new(end, format!("not a pin name: {e}")))?,
            _ => return Err(PinRefError::new(end, "a pin has a name, not a number")),
        };
        if steps.len() > MAX_STEPS {
            return Err(PinRefError::new(
                end,
                format!("a path has at most {MAX_STEPS} steps"),
            ));
        }
        let mut path = Path::default();
        for step in steps {
            path.push(step.clone());
        }
        Ok(Self { node, pin, path })
    }

    /// Returns the text of a reference whose parts may not have been checked.
    pub(super) fn written(node: &str, pin: &str, path: &Path) -> String {
        let mut whole = Path::default();
        whole.push(Step::Key(Text::from(pin)));
        for step in path.steps() {
            whole.push(step.clone());
        }
        format!("{node}{whole}")
    }
}

impl fmt::Display for PinRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::written(
            self.node.as_str(),
            self.pin.as_str(),
            &self.path,
        ))
    }
}

impl std::str::FromStr for PinRef {
    type Err = PinRefError;

    fn from_str(text: &str) -> Result<Self, PinRefError> {
        Self::parse(text)
    }
}

/// Why a text is not a reference to a pin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinRefError {
    /// Where reading stopped, in bytes from 0.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

impl PinRefError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
        }
    }
}

impl fmt::Display for PinRefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for PinRefError {}

/// Returns what an unreadable reference most likely meant: stray spaces, `node:pin`, `node -> pin`, a name that wants
/// quotes (`node.first name`), a number after a dot (`list.0`), or AutoGPT's `_#_` and `_$_`.
pub(super) fn repair(text: &str) -> Option<String> {
    // A longer text is no misspelt reference, and this is not worth reading megabytes for.
    if text.len() > 512 {
        return None;
    }
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
        .unwrap_or(text.len());
    let (node, rest) = match text.split_once("->") {
        Some((node, rest)) if node.len() <= end + 1 => (node.trim(), rest.trim()),
        _ => text.split_at(end),
    };
    let rest = rest.trim_start_matches([' ', '.', ':', '/', '#']);
    let rest = rest
        .replace("_#_", ".")
        .replace("_@_", ".")
        .replace("_$_", ".");
    let mut path = Path::default();
    for piece in pieces(&rest) {
        let step = match piece.parse::<i64>() {
            Ok(index) if !path.is_empty() => Step::Index(index),
            _ => Step::Key(Text::from(piece)),
        };
        path.push(step);
    }
    let repaired = format!("{node}{path}");
    PinRef::parse(&repaired).ok().map(|r| r.to_string())
}

/// Cuts the part after the node into names and numbers, taking dots and brackets as they come.
fn pieces(rest: &str) -> impl Iterator<Item = &str> {
    rest.split(['.', '[', ']'])
        .map(|p| p.trim().trim_matches(['"', '\'', '`']))
        .filter(|p| !p.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_written() {
        for (text, canonical) in [
            ("a.b", "a.b"),
            ("fill.values.name", "fill.values.name"),
            ("a[\"b\"]", "a.b"),
            ("a[\"b c\"][0].d[-1]", "a[\"b c\"][0].d[-1]"),
            ("9-x_.error", "9-x_.error"),
        ] {
            assert_eq!(
                PinRef::parse(text).map(|r| r.to_string()),
                Ok(canonical.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_bad_reference_says_where() {
        for (text, offset) in [
            ("", 0),
            ("a", 1),
            ("a b.c", 0),
            (".b", 0),
            ("a[0]", 1),
            ("a.", 1),
            ("a.b[", 3),
            ("a.b c", 3),
        ] {
            let error = PinRef::parse(text).unwrap_err();
            assert!(
                error.offset >= offset && error.offset <= text.len(),
                "{text}: {error}"
            );
        }
        let deep = format!("a.b{}", "[0]".repeat(MAX_STEPS + 1));
        assert!(PinRef::parse(&deep).is_err());
    }

    #[test]
    fn what_was_meant_is_told() {
        for (text, meant) in [
            (" a.b ", Some("a.b")),
            ("a:b", Some("a.b")),
            ("a/b", Some("a.b")),
            ("a -> b", Some("a.b")),
            ("a.first name", Some("a[\"first name\"]")),
            ("a.list.0", Some("a.list[0]")),
            ("a.values_#_x", Some("a.values.x")),
            ("a.list_$_0", Some("a.list[0]")),
            ("a['b']", Some("a.b")),
            ("a", None),
            ("", None),
            ("...", None),
        ] {
            assert_eq!(repair(text).as_deref(), meant, "{text}");
        }
    }
}
