//! How a block fails: whose turn it is to mend it, and whether trying again may help.

use std::time::Duration;

use crate::fault::Code;
use crate::host::{Capability, EgressError};
use crate::value::{DecodeError, EncodeError};

use super::emitter::EmitError;

/// What the error of a panic begins with.
pub(crate) const PANICKED: &str = "the block panicked";

/// Why an attempt at a block failed. The variants tell whose turn it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The inputs will not do: the graph's author mends it. Never retried.
    #[error("{message}")]
    Input {
        /// What is wrong with which input.
        message: String,
    },
    /// A credential is missing or refused: the operator mends it. Never retried.
    #[error("credential \"{name}\": {message}")]
    Credential {
        /// The credential asked for.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// The outside world failed.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
        /// Whether another attempt may succeed, and when.
        retry: Retry,
    },
    /// The block asked for something that its [`BlockInfo`](super::BlockInfo) does not list or the host does not
    /// grant.
    #[error("capability \"{capability}\" is not granted: {message}")]
    Refused {
        /// What was asked for.
        capability: &'static str,
        /// What would do.
        message: String,
    },
    /// The run has spent what it may: see [`Grants::spend`](crate::Grants::spend).
    #[error("the run has spent {spent} {unit}, and may spend {limit}")]
    Budget {
        /// Of what.
        unit: String,
        /// How much it has spent.
        spent: f64,
        /// How much it may.
        limit: f64,
    },
    /// The attempt did not end in time.
    #[error("no end after {} ms", after.as_millis())]
    Timeout {
        /// The time it had.
        after: Duration,
    },
    /// The run was cancelled; nobody's fault.
    #[error("cancelled")]
    Cancelled,
    /// A broken promise in the block: a panic, an emission on a pin it does not have. Ours to mend.
    #[error("{message}")]
    Bug {
        /// What was broken.
        message: String,
    },
    /// A later attempt did not repeat what an earlier one had emitted already.
    #[error(
        "attempt {attempt} emitted something else than the attempt before it, at emission {emission}"
    )]
    Diverged {
        /// The later attempt, from 1.
        attempt: u32,
        /// Which emission differed, from 0.
        emission: u32,
    },
    /// Another process began this attempt, nobody knows whether it has acted, and someone decided that it failed.
    #[error("it was cut off, may have acted, and was given up by decision")]
    InDoubt,
}

/// Whether another attempt may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// It would fail again.
    Never,
    /// It may succeed, after the node's usual back-off.
    Maybe,
    /// It may succeed, but not before this time has passed.
    After(Duration),
    /// Nothing was done outside, so that even an at-most-once block may be tried again.
    NotActed,
    /// Nothing was done outside, and another attempt may succeed, but not before this time has passed.
    NotActedAfter(Duration),
}

impl BlockError {
    /// Returns a failure of the outside world that another attempt would meet again.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            retry: Retry::Never,
        }
    }

    /// Returns a failure of the outside world that may pass.
    #[must_use]
    pub fn transient(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            retry: Retry::Maybe,
        }
    }

    /// Returns a complaint about an input.
    #[must_use]
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input {
            message: message.into(),
        }
    }

    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Input { .. } => Code::BlockInput,
            Self::Credential { .. } => Code::BlockCredential,
            Self::Failed { .. } => Code::BlockFailed,
            Self::Refused { .. } => Code::BlockRefused,
            Self::Budget { .. } => Code::BlockBudget,
            Self::Timeout { .. } => Code::BlockTimeout,
            Self::Cancelled => Code::BlockCancelled,
            Self::Bug { .. } => Code::BlockBug,
            Self::Diverged { .. } => Code::BlockDiverged,
            Self::InDoubt => Code::BlockInDoubt,
        }
    }

    /// Says whether another attempt may succeed.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Failed { retry, .. } => *retry,
            Self::Timeout { .. } => Retry::Maybe,
            _ => Retry::Never,
        }
    }
}

impl From<EmitError> for BlockError {
    fn from(error: EmitError) -> Self {
        match error {
            EmitError::Cancelled => Self::Cancelled,
            EmitError::Unsealed { message } => Self::Refused {
                capability: Capability::Credential.as_str(),
                message: format!("what a block emits that looked at a secret is sealed: {message}"),
            },
            other => Self::Bug {
                message: other.to_string(),
            },
        }
    }
}

impl From<DecodeError> for BlockError {
    fn from(error: DecodeError) -> Self {
        Self::Input {
            message: error.to_string(),
        }
    }
}

impl From<EncodeError> for BlockError {
    fn from(error: EncodeError) -> Self {
        Self::Bug {
            message: error.to_string(),
        }
    }
}

impl From<EgressError> for BlockError {
    fn from(error: EgressError) -> Self {
        let message = error.to_string();
        match error {
            EgressError::Request { .. } => Self::Input { message },
            EgressError::Refused { message } => Self::Refused {
                capability: Capability::Http.as_str(),
                message,
            },
            EgressError::Connect { .. } => Self::Failed {
                message,
                retry: Retry::NotActed,
            },
            EgressError::Transport { .. } | EgressError::Timeout { .. } => Self::Failed {
                message,
                retry: Retry::Maybe,
            },
            EgressError::TooLarge { .. } => Self::Failed {
                message,
                retry: Retry::Never,
            },
            EgressError::Busy { after, .. } => Self::Failed {
                message,
                retry: Retry::NotActedAfter(after),
            },
            EgressError::Cancelled => Self::Cancelled,
        }
    }
}
