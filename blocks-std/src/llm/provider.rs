//! Who serves models.

use std::time::Duration;

use graphloom::block::BoxFuture;
use graphloom::host::Credential;
use graphloom::{BlockError, Context, Retry, Text};

use super::chat::{ChatAnswer, ChatRequest};

/// Serves models over some protocol.
///
/// An implementation reaches its service through [`Context::http`] only, so that the host's policy, the run's grants, its
/// budget and its cancellation hold. It makes one call: retries, costs and the journal are the business of
/// [`Models::chat`](super::Models::chat).
pub trait Provider: Send + Sync {
    /// Asks a model, and returns all of its answer. What comes in on the way is given to `heard`, piece by piece.
    ///
    /// # Errors
    /// [`ChatError`], which tells whether asking again may help.
    ///
    /// # Cancellation
    /// A cancelled run gives up the connection; the future then ends with [`BlockError::Cancelled`].
    fn chat<'a>(
        &'a self,
        cx: &'a Context,
        credential: Option<&'a Credential>,
        request: &'a ChatRequest,
        heard: &'a (dyn Fn(&str) + Sync),
    ) -> BoxFuture<'a, Result<ChatAnswer, ChatError>>;
}

/// Why a model did not answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// The service refuses the credential (401, 403).
    #[error("{message}")]
    Unauthorized {
        /// Which: [`Models::chat`](super::Models::chat) says it, a provider leaves it empty.
        credential: Text,
        /// What it said.
        message: String,
    },
    /// It is asked too often, or has too much to do (429, 529).
    #[error("{message}")]
    TooMany {
        /// What it said.
        message: String,
        /// When to ask again, if it says.
        after: Option<Duration>,
    },
    /// The conversation is longer than the model can read.
    #[error("{message}")]
    TooLong {
        /// What it said.
        message: String,
    },
    /// It refuses the request itself (400, 404, 422): an unknown model, a wrong parameter.
    #[error("{message}")]
    Invalid {
        /// What it said.
        message: String,
    },
    /// It failed, and may not the next time (5xx), or gave what nobody can read.
    #[error("{message}")]
    Failed {
        /// What it said, or what came.
        message: String,
    },
    /// It was not reached, the run was cancelled, its budget is spent.
    #[error(transparent)]
    Outside(#[from] BlockError),
}

impl From<ChatError> for BlockError {
    fn from(error: ChatError) -> Self {
        let message = error.to_string();
        match error {
            ChatError::Outside(error) => error,
            ChatError::TooMany { after, .. } => Self::Failed {
                message,
                retry: after.map_or(Retry::Maybe, Retry::After),
            },
            ChatError::Failed { .. } => Self::transient(message),
            ChatError::Unauthorized { credential, .. } => Self::Credential {
                name: credential.to_string(),
                message,
            },
            ChatError::TooLong { .. } | ChatError::Invalid { .. } => Self::failed(message),
        }
    }
}
