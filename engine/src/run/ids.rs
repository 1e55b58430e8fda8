//! Ids and seeds of runs.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::block::mix;
use crate::time::Timestamp;
use crate::value::Text;

/// Draws numbers that nobody is likely to draw again; not for keys.
pub(super) struct Draws {
    /// Random, from the standard library's own source.
    key: u64,
    next: AtomicU64,
}

impl Draws {
    pub(super) fn new() -> Self {
        let random = || RandomState::new().build_hasher().finish();
        Self {
            key: random(),
            next: AtomicU64::new(random()),
        }
    }

    /// A hash of a counter under a key: a run draws three, and asking for random bytes each time was a twentieth of
    /// what a run of four nodes takes.
    pub(super) fn draw(&self) -> u64 {
        mix(self.key ^ mix(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Returns a new UUID, version 7 (RFC 9562, 5.7): ids of later runs sort after those of earlier ones.
///
/// Digit by digit: `format!` was a tenth of what a run of four nodes takes.
pub(super) fn new_id(now: Timestamp, a: u64, b: u64) -> Text {
    let ms = u64::try_from(now.as_millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    let high = ms << 16 | 0x7000 | a & 0xfff;
    let low = 0x8000 << 48 | (a >> 16 & 0x3fff) << 48 | b & 0xffff_ffff_ffff;
    let mut text = [b'-'; 36];
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    // Two digits a byte; hyphens stand after the bytes 4, 6, 8 and 10.
    let mut place = 0;
    for (position, byte) in bytes.into_iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            place += 1;
        }
        for nibble in [byte >> 4, byte & 0xf] {
            if let (Some(to), Some(digit)) = (text.get_mut(place), DIGITS.get(usize::from(nibble)))
            {
                *to = *digit;
            }
            place += 1;
        }
    }
    Text::from(std::str::from_utf8(&text).unwrap_or_default())
}
