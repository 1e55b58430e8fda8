//! Checksums of rows: SQLite has none of its own, and a damaged number reads as another number.

use crc32fast::Hasher;

/// A CRC-32 over columns, each so that it cannot be mistaken for a part of the next one.
#[derive(Default)]
pub(super) struct Crc(Hasher);

impl Crc {
    pub(super) fn int(mut self, number: i64) -> Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    pub(super) fn maybe_int(mut self, number: Option<i64>) -> Self {
        self.0.update(&[u8::from(number.is_some())]);
        self.int(number.unwrap_or_default())
    }

    pub(super) fn maybe_text(mut self, text: Option<&str>) -> Self {
        self.0.update(&[u8::from(text.is_some())]);
        self.text(text.unwrap_or_default())
    }

    /// Returns it as SQLite keeps numbers.
    pub(super) fn done(self) -> i64 {
        i64::from(self.0.finalize())
    }
}
