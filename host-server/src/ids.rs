//! Ids of what the server keeps, and random bytes.

use graphloom::{Text, Timestamp};

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

/// Returns the id of a request that brings none: as the engine has them, which never fails.
pub(crate) fn new_id(now: Timestamp) -> Result<Text, Problem> {
    Ok(graphloom::fresh_id(now))
}

/// Says whether a text can be the id of something: `[A-Za-z0-9_-]{1,64}`. All else is never looked up.
pub(crate) fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
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
