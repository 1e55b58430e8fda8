//! Why something did not get out, or no answer came in.

use std::time::Duration;

/// Why a request or a message had no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// The request itself will not do: its address, a header, its size.
    #[error("{message}")]
    Request {
        /// What is wrong with it.
        message: String,
    },
    /// The host's policy, or the run's grants, do not let it through. Nothing was sent there.
    #[error("refused: {message}")]
    Refused {
        /// Which rule, and what would do.
        message: String,
    },
    /// There was no connection: nothing was sent.
    #[error("no connection: {message}")]
    Connect {
        /// What happened.
        message: String,
    },
    /// The connection broke: what was sent may have been acted upon.
    #[error("no answer: {message}")]
    Transport {
        /// What happened.
        message: String,
    },
    /// It took too long: what was sent may have been acted upon.
    #[error("no end of {what} after {} ms", after.as_millis())]
    Timeout {
        /// Of what: `the connection`, `the headers`, `the body`, `the whole`.
        what: &'static str,
        /// The time it had.
        after: Duration,
    },
    /// What came is more than was asked for.
    #[error("the answer is larger than {limit} bytes{how}")]
    TooLarge {
        /// How much would do.
        limit: u64,
        /// More about it, as ` when unpacked`; may be empty.
        how: &'static str,
    },
    /// Nothing goes there for a while: it failed too often, or it was asked too often. Nothing was sent.
    #[error("{message}")]
    Busy {
        /// Who is spared, and why.
        message: String,
        /// When to try again.
        after: Duration,
    },
    /// The run was cancelled meanwhile.
    #[error("cancelled")]
    Cancelled,
}
