//! Why a store refuses.

use crate::event::Status;
use crate::fault::Code;

/// Why a store refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Events are missing or were written by someone else.
    #[error("the journal of run {run} is at event {found}, not {expected}")]
    Sequence {
        /// The run.
        run: String,
        /// The sequence number that the caller wanted to write.
        expected: u64,
        /// The one that comes next.
        found: u64,
    },
    /// The lease is one that was taken over.
    #[error("run {run} was taken over: this lease has the number {epoch}, the run is at {current}")]
    Fenced {
        /// The run.
        run: String,
        /// The number of the caller's lease.
        epoch: u64,
        /// That of the run.
        current: u64,
    },
    /// Someone else goes on with the run.
    #[error("run {run} is in motion: {owner} has it until {until_ms} ms since 1970, if not longer")]
    Leased {
        /// The run.
        run: String,
        /// Who has it.
        owner: String,
        /// When its lease ends if it is not renewed.
        until_ms: i64,
    },
    /// There is no such run.
    #[error("there is no run {run}")]
    UnknownRun {
        /// What was asked for.
        run: String,
    },
    /// The run has ended.
    #[error("run {run} is over: {status}")]
    Over {
        /// The run.
        run: String,
        /// How it ended.
        status: Status,
    },
    /// There is another run with this id.
    #[error("there is a run {run} already")]
    Exists {
        /// Its id.
        run: String,
    },
    /// Labels of a run to be accepted are none.
    #[error("labels of run {run}: found {found}, expected {expected}")]
    Labels {
        /// The run.
        run: String,
        /// What was found.
        found: String,
        /// What would do.
        expected: String,
    },
    /// What is kept cannot be read.
    #[error("run {run} is broken at event {seq}: {message}")]
    Broken {
        /// The run; empty where it is the store itself.
        run: String,
        /// The first event that cannot be read.
        seq: u64,
        /// What is wrong.
        message: String,
    },
    /// The store was written by a later version.
    #[error("the store has format {found}; this version knows {known} and those before it")]
    Format {
        /// The store's format.
        found: u32,
        /// The latest one that this version knows.
        known: u32,
    },
    /// There is no room.
    #[error("the store is full: {message}")]
    Full {
        /// What happened.
        message: String,
    },
    /// The store cannot be written to.
    #[error("the store is read-only: {message}")]
    ReadOnly {
        /// What happened.
        message: String,
    },
    /// Others have kept the store busy for too long.
    #[error("the store is busy: {message}")]
    Busy {
        /// What happened.
        message: String,
    },
    /// The store failed.
    #[error("the store failed: {message}")]
    Failed {
        /// What happened.
        message: String,
    },
}

impl StoreError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Sequence { .. } => Code::StoreSequence,
            Self::Fenced { .. } => Code::StoreFenced,
            Self::Leased { .. } => Code::StoreLeased,
            Self::UnknownRun { .. } => Code::StoreUnknownRun,
            Self::Over { .. } => Code::StoreRunOver,
            Self::Exists { .. } => Code::StoreRunExists,
            Self::Labels { .. } => Code::StoreLabels,
            Self::Broken { .. } => Code::StoreBroken,
            Self::Format { .. } => Code::StoreFormat,
            Self::Full { .. } => Code::StoreFull,
            Self::ReadOnly { .. } => Code::StoreReadOnly,
            Self::Busy { .. } => Code::StoreBusy,
            Self::Failed { .. } => Code::StoreFailed,
        }
    }
}
