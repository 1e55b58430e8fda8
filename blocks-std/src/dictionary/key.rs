//! What a dictionary or a list is looked up by.

use graphloom::BlockError;
use schemars::JsonSchema;
use serde::Deserialize;

/// A key of a dictionary, or an index in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Key {
    /// A key.
    Text(String),
    /// An index.
    Integer(i64),
}

impl Key {
    /// Returns the key of a dictionary; none for a number, since keys are texts.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(_) => None,
        }
    }

    /// Returns the failure of a block whose key must be there. The words are those of AutoGPT: graphs made for it
    /// compare them.
    pub(super) fn not_found(&self) -> BlockError {
        let key = match self {
            Self::Text(text) => text.clone(),
            Self::Integer(index) => index.to_string(),
        };
        BlockError::input(format!("Key '{key}' not found in dictionary"))
    }
}
