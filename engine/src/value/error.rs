//! Why a value could not be decoded or encoded.

use std::fmt::{self, Display};

use serde::{de, ser};

use super::{Path, Step, Text};

/// A value does not fit the type that it should be decoded into: where inside it, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    /// The steps to the place, the last one first: they are added on the way out.
    steps: Vec<Step>,
    message: String,
}

impl DecodeError {
    fn new(message: String) -> Self {
        Self(Box::new(Inner {
            steps: Vec::new(),
            message,
        }))
    }

    /// Returns where inside the value the fault is; empty for the value as a whole.
    #[must_use]
    pub fn path(&self) -> Path {
        self.0.steps.iter().rev().cloned().collect()
    }

    /// Returns what is wrong there.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    #[cold]
    pub(super) fn under_key(mut self, key: &Text) -> Self {
        self.0.steps.push(Step::Key(key.clone()));
        self
    }

    #[cold]
    pub(super) fn under_index(mut self, index: usize) -> Self {
        self.0
            .steps
            .push(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)));
        self
    }
}

impl Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("path", &self.path().to_string())
            .field("message", &self.0.message)
            .finish()
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    #[cold]
    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", Found(found)))
    }

    #[cold]
    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", Found(found)))
    }

    #[cold]
    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {expected}, found {length} items"))
    }

    #[cold]
    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(format!(
            "expected {}, found {}",
            Names(known),
            Found(de::Unexpected::Str(found))
        ))
    }

    #[cold]
    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(format!(
            "unknown key {}, expected {}",
            Found(de::Unexpected::Str(found)),
            Names(known)
        ))
    }

    #[cold]
    fn missing_field(field: &'static str) -> Self {
        Self::new("a value is missing".to_owned()).under_key(&Text::from(field))
    }

    #[cold]
    fn duplicate_field(field: &'static str) -> Self {
        Self::new("the key stands twice".to_owned()).under_key(&Text::from(field))
    }
}

/// What was found, in the words for our types. A text is shown only in part: it may be of any length.
struct Found<'a>(de::Unexpected<'a>);

impl Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        match self.0 {
            de::Unexpected::Unit | de::Unexpected::Option => f.write_str("null"),
            de::Unexpected::Seq => f.write_str("a list"),
            de::Unexpected::Map => f.write_str("a map"),
            de::Unexpected::Str(text) => match text.char_indices().nth(SHOWN) {
                Some((cut, _)) => write!(f, "the text {:?}…", text.get(..cut).unwrap_or_default()),
                None => write!(f, "the text {text:?}"),
            },
            ref other => write!(f, "{other}"),
        }
    }
}

/// Names to choose from.
struct Names(&'static [&'static str]);

impl Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (i, name) in self.0.iter().enumerate() {
            write!(f, "{}`{name}`", if i > 0 { " or " } else { "" })?;
        }
        Ok(())
    }
}

/// A Rust value cannot be a [`Value`](super::Value): it refused to be written, has keys that are no texts, or numbers that
/// do not fit 64 bits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EncodeError {
    message: String,
}

impl ser::Error for EncodeError {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
        }
    }
}
