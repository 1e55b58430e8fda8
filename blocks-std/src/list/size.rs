//! How large a list may become.

use graphloom::BlockError;

/// The most items that a list made of others may have, counted before it is made: lists that share their parts, and
/// padding, make far more of what is in memory.
pub(super) const MAX_ITEMS: usize = 10_000_000;

/// Returns the sum.
///
/// # Errors
/// [`BlockError::Input`] above [`MAX_ITEMS`].
pub(super) fn check_total(lengths: impl Iterator<Item = usize>) -> Result<usize, BlockError> {
    let mut total = 0_usize;
    for length in lengths {
        total = total.saturating_add(length);
        if total > MAX_ITEMS {
            return Err(too_many());
        }
    }
    Ok(total)
}

pub(super) fn too_many() -> BlockError {
    BlockError::input(format!(
        "more than {MAX_ITEMS} items would be in the list: make it in parts"
    ))
}
