//! What can be wrong with a credential file.

use std::path::PathBuf;

use graphloom::host::CredentialError;

use crate::credentials::KeyError;

/// Why a credential file cannot be used. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialFileError {
    /// The system does not let it be read or written; it is as it was.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        message: String,
    },
    /// It is larger than may be.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it may be.
        limit: u64,
    },
    /// It is something else than credentials.
    #[error("{} is no credential file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version wrote it.
    #[error("{} has format {found}; this version reads {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The latest that is known here.
        known: u64,
    },
    /// It is not as it was written.
    #[error("{} is damaged: {message}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, and how.
        message: String,
    },
    /// A credential was sealed with a key that was not given.
    #[error("credential \"{name}\" was sealed with the key {key}, which was not given")]
    NoKey {
        /// The credential.
        name: String,
        /// The key's name.
        key: String,
    },
    /// There is a credential of this name already.
    #[error("there is a credential \"{name}\" already")]
    Exists {
        /// The name.
        name: String,
    },
    /// This is no name of a credential.
    #[error("\"{}\" is no name of a credential: expected 1 to 128 letters, digits and -_.:/", name.escape_debug())]
    Name {
        /// What was given.
        name: String,
    },
    /// The key is not there, or sealed nothing.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<CredentialFileError> for CredentialError {
    fn from(error: CredentialFileError) -> Self {
        let message = error.to_string();
        match error {
            CredentialFileError::NoKey { .. } => Self::NoKey { message },
            _ => Self::Store { message },
        }
    }
}
