//! The characters with a meaning, as the author of a graph gives them.

use graphloom::prelude::*;

pub(super) fn comma() -> String {
    ",".to_owned()
}

pub(super) fn quote() -> String {
    "\"".to_owned()
}

/// Returns delimiter and quote, if a table can be read and written with them.
pub(super) fn characters(delimiter: &str, quote: &str) -> Result<(char, char), BlockError> {
    let (delimiter, quote) = (one(delimiter, "delimiter")?, one(quote, "quote")?);
    if delimiter == quote {
        return Err(BlockError::input(
            "delimiter and quote must be different characters",
        ));
    }
    Ok((delimiter, quote))
}

fn one(text: &str, name: &str) -> Result<char, BlockError> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c != '\n' && c != '\r' => Ok(c),
        _ => Err(BlockError::input(format!(
            "{name} must be one character, and no line break; found {text:?}"
        ))),
    }
}
