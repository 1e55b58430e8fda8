//! Ids of what the server keeps, and random bytes.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::problem::Problem;

/// How long an id may be.
pub(crate) const MAX_ID: usize = 64;

/// Returns bytes that nobody can guess.
///
/// # Errors
/// The system gives none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Problem::internal)?;
    Ok(bytes)
}

/// Draws a number that nobody is likely to draw again, for what is no secret: a request draws some, and asks the system for
/// none of them.
pub(crate) fn draw() -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    KEY.hash_one(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Says whether a text can be the id of something: `[A-Za-z0-9_-]{1,64}`. All else is never looked up.
pub(crate) fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use graphloom::Timestamp;

    use super::*;

    #[test]
    fn what_is_an_id_is_told() {
        for good in [
            "a",
            "A_b-9",
            &graphloom::fresh_id(Timestamp(1)),
            &"x".repeat(64),
        ] {
            assert!(is_id(good), "{good:?}");
        }
    }

    #[test]
    fn what_is_no_id_is_told() {
        for bad in ["", "a/b", "..", "a b", "é", "a\0", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad:?}");
        }
    }
}
