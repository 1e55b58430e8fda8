//! How large a text a block makes.

use std::fmt::{self, Write};

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

/// A text that refuses to grow larger than a block may make it.
#[derive(Debug, Default)]
pub(crate) struct Bounded(String);

impl Bounded {
    /// Adds a text.
    pub(crate) fn push_str(&mut self, text: &str) -> Result<(), BlockError> {
        self.write_str(text).map_err(|fmt::Error| too_large())
    }

    /// Adds a character.
    pub(crate) fn push(&mut self, c: char) -> Result<(), BlockError> {
        self.write_char(c).map_err(|fmt::Error| too_large())
    }

    /// Returns the text.
    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// Returns the text, if what was written to it is all there.
    pub(crate) fn finish(self, written: fmt::Result) -> Result<String, BlockError> {
        written.map_err(|fmt::Error| too_large())?;
        Ok(self.0)
    }
}

fn too_large() -> BlockError {
    BlockError::input(format!(
        "the result would have more than the {MAX_TEXT} bytes that are made at most"
    ))
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MAX_TEXT {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}
