//! JSON pointers (RFC 6901): the name of a place in a document.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in a document: the empty text for all of it, or `/key/0/..` with `~` written `~0` and `/` written `~1`.
///
/// Orders part by part; numbers come before other parts and in the order of their size, so that `/links/9` is before
/// `/links/10`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Pointer(String);

/// A text is not a JSON pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a JSON pointer; expected an empty text or one like `/key/0`, with `~` written `~0` and `/` written `~1`"
)]
pub struct PointerError;

impl Pointer {
    /// Returns the pointer to the whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Reads a pointer.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is neither empty nor begins with `/`, or has a `~` without `0` or `1` behind it.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        let begins = text.is_empty() || text.starts_with('/');
        let escapes = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        if begins && escapes {
            Ok(Self(text.to_owned()))
        } else {
            Err(PointerError)
        }
    }

    /// Returns the pointer to a key of the map that this one points to.
    #[must_use]
    pub fn push(&self, key: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + 1 + key.len());
        text.push_str(&self.0);
        push_escaped(&mut text, key);
        Self(text)
    }

    /// Returns the pointer to a position in the list that this one points to.
    #[must_use]
    pub fn push_index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// Returns the parts with their escapes undone.
    pub fn segments(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.raw_segments().map(unescape)
    }

    /// Returns the pointer to what holds this place, and the last part. `None` for the whole document.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, Cow<'_, str>)> {
        let (parent, last) = self.0.rsplit_once('/')?;
        Some((Self(parent.to_owned()), unescape(last)))
    }

    /// Returns true for the whole document.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the pointer as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn raw_segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(1)
    }

    /// Adds a part in place, escaped.
    pub(super) fn push_mut(&mut self, part: &str) {
        push_escaped(&mut self.0, part);
    }
}

fn push_escaped(text: &mut String, part: &str) {
    text.push('/');
    for c in part.chars() {
        match c {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            other => text.push(other),
        }
    }
}

fn unescape(part: &str) -> Cow<'_, str> {
    if part.contains('~') {
        Cow::Owned(part.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(part)
    }
}

/// Returns the position that a part of a pointer names, if it is one: digits without a leading zero.
pub(super) fn index(part: &str) -> Option<usize> {
    is_index(part).then(|| part.parse().ok()).flatten()
}

fn is_index(part: &str) -> bool {
    part == "0"
        || (!part.is_empty() && !part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit()))
}

impl Ord for Pointer {
    fn cmp(&self, other: &Self) -> Ordering {
        // Numbers stay texts: they may have any length.
        let key = |part| {
            let part = unescape(part);
            if is_index(&part) {
                (false, part.len(), part)
            } else {
                (true, 0, part)
            }
        };
        self.raw_segments()
            .map(key)
            .cmp(other.raw_segments().map(key))
    }
}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        Self::parse(text)
    }
}

impl Serialize for Pointer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
