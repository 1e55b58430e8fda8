//! How large a document may be.

/// How large a JSON document may be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Size of the document in bytes. Default 10 MiB, at most 4 GiB less one byte.
    pub max_bytes: usize,
    /// How deep lists and maps may stand in each other. Default 64, at most 512.
    pub max_depth: u32,
    /// Size of one text or key in bytes, as UTF-8 without escapes. Default 8 MiB.
    pub max_text_bytes: usize,
}

/// Reading goes down with the document on the thread's stack, so there must be an end to it.
pub(super) const DEEPEST: u32 = 512;

/// Places are kept in 32 bits.
pub(super) const LARGEST: usize = u32::MAX as usize;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 10 << 20,
            max_depth: 64,
            max_text_bytes: 8 << 20,
        }
    }
}

impl Limits {
    /// Returns the widest limits: for what was checked when it was written.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::default()
            .with_max_bytes(usize::MAX)
            .with_max_depth(u32::MAX)
            .with_max_text_bytes(usize::MAX)
    }

    /// Sets the largest size of a document in bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes.min(LARGEST);
        self
    }

    /// Sets how deep lists and maps may stand in each other.
    #[must_use]
    pub fn with_max_depth(mut self, max_depth: u32) -> Self {
        self.max_depth = max_depth.min(DEEPEST);
        self
    }

    /// Sets the largest size of one text in bytes.
    #[must_use]
    pub fn with_max_text_bytes(mut self, max_text_bytes: usize) -> Self {
        self.max_text_bytes = max_text_bytes;
        self
    }
}
