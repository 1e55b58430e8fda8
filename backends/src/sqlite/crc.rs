//! Checksums of rows: SQLite has none of its own, and a damaged number reads as another number.

use crc32fast::Hasher;

/// How much is gathered: the hasher is made for long pieces (part by part the events of a run of three nodes took 4,800
/// instructions).
const GATHERED: usize = 256;

/// A CRC-32 over columns, each so that it cannot be mistaken for a part of the next one.
pub(super) struct Crc {
    hasher: Hasher,
    gathered: [u8; GATHERED],
    used: usize,
}

impl Default for Crc {
    fn default() -> Self {
        Self {
            hasher: Hasher::new(),
            gathered: [0; GATHERED],
            used: 0,
        }
    }
}

impl Crc {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if let Some(room) = self.gathered.get_mut(self.used..end) {
            room.copy_from_slice(bytes);
            self.used = end;
            return;
        }
        self.flush();
        match self.gathered.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.used = bytes.len();
            }
            None => self.hasher.update(bytes),
        }
    }

    fn flush(&mut self) {
        let gathered = self.gathered.get(..self.used).unwrap_or_default();
        self.hasher.update(gathered);
        self.used = 0;
    }

    pub(super) fn int(mut self, number: i64) -> Self {
        self.put(&number.to_le_bytes());
        self
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        self.put(&(text.len() as u64).to_le_bytes());
        self.put(text.as_bytes());
        self
    }

    pub(super) fn maybe_int(mut self, number: Option<i64>) -> Self {
        self.put(&[u8::from(number.is_some())]);
        self.int(number.unwrap_or_default())
    }

    pub(super) fn maybe_text(mut self, text: Option<&str>) -> Self {
        self.put(&[u8::from(text.is_some())]);
        self.text(text.unwrap_or_default())
    }

    /// Returns it as SQLite keeps numbers.
    pub(super) fn done(mut self) -> i64 {
        self.flush();
        i64::from(self.hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gathered_is_what_it_was_one_by_one() {
        for length in [0, 1, GATHERED - 17, GATHERED - 16, GATHERED, 3 * GATHERED] {
            let text = "x".repeat(length);
            let mut parts = Hasher::new();
            for part in [
                7i64.to_le_bytes().as_slice(),
                &(length as u64).to_le_bytes(),
                text.as_bytes(),
                &[0],
                &0i64.to_le_bytes(),
                &[1],
                &1u64.to_le_bytes(),
                b"y",
            ] {
                parts.update(part);
            }
            let gathered = Crc::default().int(7).text(&text).maybe_int(None);
            let gathered = gathered.maybe_text(Some("y")).done();
            assert_eq!(gathered, i64::from(parts.finalize()), "{length}");
        }
    }
}
