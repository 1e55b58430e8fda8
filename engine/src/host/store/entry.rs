//! What is kept of a run beside its events, and lists of it.

use crate::event::Status;
use crate::time::Timestamp;
use crate::value::{Map, Text};

use super::NewRun;

crate::words::words! {
    /// What a run waits for.
    WaitReason {
        /// A person, or a message from outside.
        Human = "human",
        /// A time to come.
        Timer = "timer",
        /// More budget.
        Budget = "budget",
        /// A decision about an effect that may have happened.
        InDoubt = "in_doubt",
        /// A credential.
        Secret = "secret",
    }
}

/// What is kept of a run beside its events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunEntry {
    /// Its id.
    pub run: Text,
    /// The name of its graph.
    pub name: Text,
    /// The semantic hash of its graph.
    pub hash: Text,
    /// Where it stands.
    pub status: Status,
    /// What it waits for, where it does.
    pub waits: Option<WaitReason>,
    /// When it goes on by itself, where it waits for a time.
    pub until: Option<Timestamp>,
    /// When it was accepted.
    pub created: Timestamp,
    /// When something was last written of it.
    pub updated: Timestamp,
    /// How many events there are.
    pub events: u64,
    /// How often it was claimed.
    pub epoch: u64,
    /// Who has it, where someone has.
    pub owner: Option<Text>,
    /// On whose behalf it is; empty: on that of nobody in particular.
    pub tenant: Text,
    /// The id of the stored graph that it is a run of; empty: of none.
    pub source: Text,
    /// Texts by which the host finds it again.
    pub labels: Map,
}

impl RunEntry {
    /// Returns what there is of a run that was just accepted.
    #[must_use]
    pub fn new(new: &NewRun) -> Self {
        let (status, epoch, owner) = match &new.claimed_by {
            Some((owner, _)) => (Status::Running, 1, Some(owner.clone())),
            None => (Status::Queued, 0, None),
        };
        Self {
            run: new.run.clone(),
            name: new.name.clone(),
            hash: new.hash.clone(),
            status,
            waits: None,
            until: None,
            created: new.created,
            updated: new.created,
            events: 0,
            epoch,
            owner,
            tenant: new.tenant.clone(),
            source: new.source.clone(),
            labels: new.labels.clone(),
        }
    }
}

/// Which runs to list: those that are all that is asked for.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct RunQuery {
    /// Only those on behalf of this one; `Some("")`: of nobody in particular.
    pub tenant: Option<Text>,
    /// Only those of this stored graph; `Some("")`: of none.
    pub source: Option<Text>,
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those that were accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Only those that were accepted before this time.
    pub until: Option<Timestamp>,
    /// Only those that were accepted before this one.
    pub after: Option<Text>,
    /// At most so many.
    pub limit: usize,
}

impl RunQuery {
    /// Asks for the latest runs.
    pub fn latest(limit: usize) -> Self {
        Self {
            tenant: None,
            source: None,
            status: None,
            since: None,
            until: None,
            after: None,
            limit,
        }
    }

    /// Only those on behalf of this one.
    pub fn tenant(mut self, tenant: impl Into<Text>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Only those of this stored graph.
    pub fn source(mut self, source: impl Into<Text>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Only those with this status.
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Only those that were accepted at this time or later.
    pub fn since(mut self, time: Timestamp) -> Self {
        self.since = Some(time);
        self
    }

    /// Only those that were accepted before this time.
    pub fn until(mut self, time: Timestamp) -> Self {
        self.until = Some(time);
        self
    }

    /// Goes on behind this run, the last one of the page before.
    pub fn after(mut self, run: impl Into<Text>) -> Self {
        self.after = Some(run.into());
        self
    }

    /// Says whether a run is one that is asked for, wherever it stands in the list.
    #[must_use]
    pub fn matches(&self, entry: &RunEntry) -> bool {
        self.is_theirs(entry)
            && self.source.as_ref().is_none_or(|s| *s == entry.source)
            && self.status.is_none_or(|status| status == entry.status)
            && self.since.is_none_or(|since| since <= entry.created)
            && self.until.is_none_or(|until| entry.created < until)
    }

    /// Says whether a run is on behalf of the tenant that is asked for. One that is not is as if it were not there, also
    /// where the list goes on behind it.
    #[must_use]
    pub fn is_theirs(&self, entry: &RunEntry) -> bool {
        let tenant = self.tenant.as_ref();
        tenant.is_none_or(|tenant| *tenant == entry.tenant)
    }
}
