//! Ids and seeds of runs.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
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

    /// Draws one.
    pub(super) fn draw(&self) -> u64 {
        let [one] = self.draw_some();
        one
    }

    /// Draws some at once, which counts once. Hashes of a counter under a key: asking for random bytes each time was a
    /// twentieth of what a run of four nodes takes.
    pub(super) fn draw_some<const N: usize>(&self) -> [u64; N] {
        let first = self.next.fetch_add(N as u64, Ordering::Relaxed);
        std::array::from_fn(|n| mix(self.key ^ mix(first.wrapping_add(n as u64))))
    }
}

/// Where the two digits of each byte stand.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// The two digits of each byte.
const DIGITS: [[u8; 2]; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant: out of bounds does not compile"
    )]
    while byte < 256 {
        digits[byte] = [HEX[byte >> 4], HEX[byte & 0xf]];
        byte += 1;
    }
    digits
};

/// Returns a new UUID, version 7 (RFC 9562, 5.7): ids of later runs sort after those of earlier ones.
///
/// Without `format!`, which was a tenth of what a run of four nodes takes.
pub(super) fn new_id(now: Timestamp, a: u64, b: u64) -> Text {
    let ms = u64::try_from(now.as_millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    let high = ms << 16 | 0x7000 | a & 0xfff;
    let low = 0x8000 << 48 | (a >> 16 & 0x3fff) << 48 | b & 0xffff_ffff_ffff;
    let mut text = [b'-'; 36];
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    for (byte, place) in bytes.into_iter().zip(PLACES) {
        if let (Some(to), Some(digits)) = (
            text.get_mut(place..place + 2),
            DIGITS.get(usize::from(byte)),
        ) {
            to.copy_from_slice(digits);
        }
    }
    Text::from(std::str::from_utf8(&text).unwrap_or_default())
}

/// Returns a fresh id, as runs have it, for what a host keeps beside runs: a UUID, version 7 (RFC 9562, 5.7). Ids of later
/// milliseconds sort after those of earlier ones.
///
/// No two are likely to be the same, of whatever process. It is no secret: whoever knows some may guess others.
///
/// # Examples
///
/// ```
/// let id = graphloom::fresh_id(graphloom::Timestamp(1_800_000_000_000));
/// assert!(id.starts_with("01a3185c-5000-7"));
/// ```
#[must_use]
pub fn fresh_id(now: Timestamp) -> Text {
    static DRAWS: LazyLock<Draws> = LazyLock::new(Draws::new);
    new_id(now, DRAWS.draw(), DRAWS.draw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_sort_by_time() {
        let id = |ms: i64| fresh_id(Timestamp(ms)).to_string();
        let ids: Vec<String> = (0..300).map(|n| id(1_795_251_095_935 + n)).collect();
        for id in &ids {
            let parts: Vec<&str> = id.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            let digits = parts.concat();
            let lower = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(digits.chars().all(lower), "{id}");
            assert_eq!(parts[2].chars().next(), Some('7'), "{id}");
            assert!("89ab".contains(&parts[3][..1]), "{id}");
        }
        assert!(ids.is_sorted());
        assert_eq!(
            ids.iter().collect::<std::collections::BTreeSet<_>>().len(),
            ids.len()
        );
        // The example of the time in RFC 9562, appendix A.6.
        let known = new_id(Timestamp(0x017f_22e2_79b0), 0, 0);
        assert!(known.as_str().starts_with("017f22e2-79b0-7"));
    }
}
