//! Checked names: what a node, a pin and a block may be called.
//!
//! Each is a [`Text`] that passed its check, so it clones as a pointer, and code that holds one need not ask again.

use std::{borrow::Borrow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::value::Text;

/// The longest id or pin name, in bytes.
pub(crate) const MAX_BYTES: usize = 128;

/// Why a text is not an id or a pin name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// There is no text.
    #[error("it is empty")]
    Empty,
    /// The text is longer than 128 bytes.
    #[error("it is {bytes} bytes long and at most {MAX_BYTES} are allowed")]
    TooLong {
        /// Length of the text.
        bytes: usize,
    },
    /// A character is not allowed.
    #[error("it holds {found:?} at byte {offset}")]
    Character {
        /// Where the character begins, in bytes from 0.
        offset: usize,
        /// The character.
        found: char,
    },
    /// A block id without a family: `split` instead of `text.split`.
    #[error("it is not of the form family.verb_noun")]
    Form,
}

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident: $check:expr,)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Text);

        impl $name {
            /// Checks a text and takes it as a name.
            ///
            /// # Errors
            /// [`IdError`] says what is wrong with the text.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                $check(text)?;
                Ok(Self(Text::from(text)))
            }

            /// Checks a text and keeps it without copying.
            ///
            /// # Errors
            /// [`IdError`] says what is wrong with the text.
            pub fn from_text(text: Text) -> Result<Self, IdError> {
                $check(&text)?;
                Ok(Self(text))
            }

            /// Returns the name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Returns the name as a shared text.
            #[must_use]
            pub fn as_text(&self) -> &Text {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.as_str())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::from_text(Text::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    )+};
}

names! {
    /// The id of a node in its graph: 1 to 128 letters, digits, `_` and `-`.
    NodeId: check_node,
    /// The name of a pin: 1 to 128 bytes of any text without control characters and without the characters that turn
    /// the direction of text (U+202A to U+202E, U+2066 to U+2069), which make a name look like another.
    PinName: check_pin,
    /// The id of a block as registered: `family.verb_noun` in lower-case letters, digits and `_`.
    BlockId: check_block,
}

impl PinName {
    /// Says whether the name can stand after a dot in a reference: `[A-Za-z_][A-Za-z0-9_-]*`.
    #[must_use]
    pub fn is_identifier(&self) -> bool {
        let mut bytes = self.as_str().bytes();
        bytes
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    }
}

/// Says whether a character is invisible or makes text look other than it is: refused in every name.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn check_length(text: &str) -> Result<(), IdError> {
    match text.len() {
        0 => Err(IdError::Empty),
        bytes if bytes > MAX_BYTES => Err(IdError::TooLong { bytes }),
        _ => Ok(()),
    }
}

fn check_chars(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), IdError> {
    match text.char_indices().find(|&(_, c)| !allowed(c)) {
        Some((offset, found)) => Err(IdError::Character { offset, found }),
        None => Ok(()),
    }
}

fn check_node(text: &str) -> Result<(), IdError> {
    check_length(text)?;
    check_chars(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
    })
}

fn check_pin(text: &str) -> Result<(), IdError> {
    check_length(text)?;
    check_chars(text, |c| !is_hidden(c))
}

fn check_block(text: &str) -> Result<(), IdError> {
    check_length(text)?;
    check_chars(text, |c| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.')
    })?;
    if !text.contains('.') || text.split('.').any(str::is_empty) {
        return Err(IdError::Form);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let long = "x".repeat(129);
        for (text, node, pin, block) in [
            ("fetch", true, true, false),
            ("a-B_9", true, true, false),
            ("text.split", false, true, true),
            ("text.split.2", false, true, true),
            ("Text.split", false, true, false),
            ("text..split", false, true, false),
            (".split", false, true, false),
            ("Max Results!", false, true, false),
            ("ü", false, true, false),
            ("", false, false, false),
            ("a\nb", false, false, false),
            ("a\u{202E}b", false, false, false),
            (&long, false, false, false),
        ] {
            assert_eq!(NodeId::parse(text).is_ok(), node, "node {text:?}");
            assert_eq!(PinName::parse(text).is_ok(), pin, "pin {text:?}");
            assert_eq!(BlockId::parse(text).is_ok(), block, "block {text:?}");
        }
    }

    #[test]
    fn identifiers_may_stand_after_a_dot() {
        for (name, identifier) in [
            ("a", true),
            ("_a-1", true),
            ("1a", false),
            ("-a", false),
            ("a b", false),
        ] {
            assert_eq!(
                PinName::parse(name).map(|p| p.is_identifier()),
                Ok(identifier),
                "{name}"
            );
        }
    }

    #[test]
    fn an_error_says_where() {
        assert_eq!(
            NodeId::parse("ab c").unwrap_err().to_string(),
            "it holds ' ' at byte 2"
        );
        assert_eq!(BlockId::parse("split").unwrap_err(), IdError::Form);
    }
}
