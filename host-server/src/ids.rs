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

/// Returns a new UUID, version 7 (RFC 9562, 5.7): later ones sort after earlier ones.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn new_id(now: Timestamp) -> Result<Text, Problem> {
    let ms = u128::try_from(now.as_millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    let random = u128::from_be_bytes(random()?);
    let id =
        ms << 80 | 0x7 << 76 | (random >> 64 & 0xfff) << 64 | 0b10 << 62 | random & ((1 << 62) - 1);
    let hex = format!("{id:032x}");
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    Ok(Text::from(format!("{a}-{b}-{c}-{d}-{e}")))
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
    fn ids_sort_by_time_and_have_their_version() {
        let early = new_id(Timestamp(1_000)).expect("random numbers");
        let late = new_id(Timestamp(2_000)).expect("random numbers");
        assert!(early.as_str() < late.as_str());
        for id in [&early, &late] {
            assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "{id}");
            assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
            assert!(is_id(id));
        }
    }

    #[test]
    fn what_is_no_id_is_told() {
        for bad in ["", "a/b", "..", "a b", "é", "a\0", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad:?}");
        }
    }
}
