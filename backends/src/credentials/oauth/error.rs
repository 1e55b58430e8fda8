//! How asking for tokens fails.

use graphloom::host::{CredentialError, EgressError};

/// Why there are no tokens. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// The service says no (RFC 6749, section 5.2).
    #[error("{host} refuses: {code}{description}")]
    Refused {
        /// Who.
        host: String,
        /// The service's word for it: `invalid_grant`, `access_denied`.
        code: String,
        /// More about it, as ` (…)`; may be empty.
        description: String,
    },
    /// The answer is none that a token endpoint gives.
    #[error("{host} does not answer as a token endpoint does: {message}")]
    Answer {
        /// Who.
        host: String,
        /// What is wrong with it.
        message: String,
    },
    /// There was no answer.
    #[error("{host}: {source}")]
    Egress {
        /// Who was asked.
        host: String,
        /// Why.
        source: EgressError,
    },
    /// What was to be asked for cannot be.
    #[error("{message}")]
    Request {
        /// What is wrong.
        message: String,
    },
    /// This does not belong to the login that was begun here.
    #[error(
        "the state is not that of this login: it was begun elsewhere, or someone else sent this"
    )]
    State,
    /// The login was finished before, or took too long.
    #[error("this login is over: begin another")]
    Over,
}

impl OAuthError {
    /// Says whether a person has to log in again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "invalid_grant")
    }
}

impl From<OAuthError> for CredentialError {
    fn from(error: OAuthError) -> Self {
        if error.is_final() {
            return Self::Expired {
                message: format!("{error}; log in to the service again"),
            };
        }
        Self::Store {
            message: format!("it could not be renewed: {error}"),
        }
    }
}
