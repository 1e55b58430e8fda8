//! What can be wrong with a preset: where, what was found, what would do.

use graphloom::json::Pointer;

/// Something wrong with a preset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresetError {
    /// It is not JSON, or too large.
    #[error("{message}")]
    Json {
        /// What is wrong, with its line.
        message: String,
    },
    /// A key that means nothing there.
    #[error("\"{pointer}\": unknown key \"{key}\": expected one of {}", known.join(", "))]
    UnknownKey {
        /// The map that it stands in.
        pointer: Pointer,
        /// The key.
        key: String,
        /// What would do.
        known: Vec<String>,
    },
    /// A key that must be there and is not.
    #[error("\"{pointer}\": the key \"{key}\" is missing")]
    MissingKey {
        /// The map that it should stand in.
        pointer: Pointer,
        /// The key.
        key: String,
    },
    /// A value of another type than it must have.
    #[error("\"{pointer}\": expected {expected}, found a {found}")]
    Type {
        /// The value.
        pointer: Pointer,
        /// What would do.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A placeholder for something that is not there.
    #[error("\"{pointer}\": there is no \"{name}\" here: there are {}", known.join(", "))]
    UnknownName {
        /// The placeholder.
        pointer: Pointer,
        /// What it asks for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Anything else that will not do.
    #[error("\"{pointer}\": {message}")]
    Invalid {
        /// The value.
        pointer: Pointer,
        /// What is wrong with it, and what would do.
        message: String,
    },
}

/// Everything that is wrong with a preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresetErrors(pub Vec<PresetError>);

impl std::fmt::Display for PresetErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for PresetErrors {}
