//! How large a text a block makes.

use graphloom::prelude::*;

/// No block makes a text larger than this, in bytes; small inputs could ask for terabytes otherwise.
pub(crate) const MAX_TEXT: usize = 64 << 20;

/// Refuses to make a text of this many bytes if that is too many.
pub(crate) fn check(n_bytes: usize) -> Result<(), BlockError> {
    if n_bytes > MAX_TEXT {
        return Err(BlockError::input(format!(
            "the result would have {n_bytes} bytes; at most {MAX_TEXT} are made"
        )));
    }
    Ok(())
}
