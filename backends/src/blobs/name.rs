//! What a blob is called, and its files.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

const PREFIX: &str = "sha256:";

/// The hash of some bytes, as 64 digits: a name without a way to another folder in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// Returns what bytes are called.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::of_hash(Sha256::new_with_prefix(bytes))
    }

    /// Returns what the bytes are called that went into a hash.
    pub(super) fn of_hash(hash: Sha256) -> Self {
        let mut digits = String::with_capacity(64);
        for byte in hash.finalize() {
            let _ = write!(digits, "{byte:02x}");
        }
        Self(digits)
    }

    /// Reads the name of a file of bytes; `None` for any other file.
    pub(super) fn of_file(name: &str) -> Option<Self> {
        Self::read(&format!("{PREFIX}{name}"))
    }

    /// Reads a hash as references have it; `None` for anything else.
    pub(super) fn read(hash: &str) -> Option<Self> {
        let digits = hash.strip_prefix(PREFIX)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_name = digits.len() == 64 && digits.bytes().all(is_digit);
        is_name.then(|| Self(digits.to_owned()))
    }

    /// Returns the hash as references have it.
    pub(super) fn hash(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    /// Returns the name of the file of its bytes.
    pub(super) fn file(&self) -> &str {
        &self.0
    }

    /// Returns the name of the file of its media type.
    pub(super) fn type_file(&self) -> String {
        format!("{}.type", self.0)
    }
}
