//! The right to go on with a run: asked for, had and given back.

use std::time::Duration;

use crate::time::Timestamp;
use crate::value::Text;

use super::WaitReason;

/// The right to write to a run. Its number grows each time the run is claimed, and a write with an older one is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The run.
    pub run: Text,
    /// Who has it.
    pub owner: Text,
    /// Its number, from 1.
    pub epoch: u64,
}

impl Lease {
    /// Returns the lease with this number.
    #[must_use]
    pub fn new(run: impl Into<Text>, owner: impl Into<Text>, epoch: u64) -> Self {
        Self {
            run: run.into(),
            owner: owner.into(),
            epoch,
        }
    }
}

/// Asks for runs to go on with.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct Claim {
    /// Who asks.
    pub owner: Text,
    /// This run and no other, even if it waits for someone; `None`: the oldest that can go on.
    pub run: Option<Text>,
    /// At most so many.
    pub max: usize,
    /// How long the lease holds without being renewed.
    pub ttl: Duration,
    /// What time it is.
    pub now: Timestamp,
}

impl Claim {
    /// Asks for any run that can go on.
    pub fn any(owner: impl Into<Text>, max: usize, ttl: Duration, now: Timestamp) -> Self {
        Self {
            owner: owner.into(),
            run: None,
            max,
            ttl,
            now,
        }
    }

    /// Asks for this run.
    pub fn one(
        owner: impl Into<Text>,
        run: impl Into<Text>,
        ttl: Duration,
        now: Timestamp,
    ) -> Self {
        Self {
            run: Some(run.into()),
            ..Self::any(owner, 1, ttl, now)
        }
    }
}

/// What becomes of a run whose lease is given back before it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Release {
    /// Someone else may go on with it at once.
    Queue,
    /// It waits: until there is a message for it, or until a time.
    Park {
        /// What for.
        reason: WaitReason,
        /// When it goes on by itself.
        until: Option<Timestamp>,
    },
}

/// What a heartbeat found out about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Someone else has it by now, or it is gone.
    Lost(Text),
    /// There are messages for it.
    Messages(Text),
}
