//! Values that the engine carries without looking inside: blob references and sealed secrets.

use std::fmt;

use super::Text;

/// A reference to bytes that are kept outside the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobRef {
    /// The name of the bytes: `sha256:` and 64 hexadecimal digits.
    pub hash: Text,
    /// How many bytes there are.
    pub bytes: u64,
    /// What kind of bytes they are, e.g. `image/png`.
    pub media_type: Option<Text>,
}

impl BlobRef {
    /// Returns a reference to `bytes` bytes with the given name.
    #[must_use]
    pub fn new(hash: impl Into<Text>, bytes: u64) -> Self {
        Self {
            hash: hash.into(),
            bytes,
            media_type: None,
        }
    }

    /// Adds what kind of bytes they are.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<Text>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }
}

/// A secret as ciphertext. The engine cannot open it, and `Debug` and `Display` print only `[sealed]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    key_id: Text,
    ciphertext: Text,
}

impl Sealed {
    /// Returns a secret that was sealed with the named key; how the ciphertext is written is the host's affair.
    #[must_use]
    pub fn new(key_id: impl Into<Text>, ciphertext: impl Into<Text>) -> Self {
        Self {
            key_id: key_id.into(),
            ciphertext: ciphertext.into(),
        }
    }

    /// Returns the name of the key that opens it.
    #[must_use]
    pub const fn key_id(&self) -> &Text {
        &self.key_id
    }

    /// Returns the ciphertext as the host wrote it.
    #[must_use]
    pub const fn ciphertext(&self) -> &Text {
        &self.ciphertext
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}
