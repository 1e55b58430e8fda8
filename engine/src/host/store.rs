//! Runs that outlive their process: what is kept of them beside their events, and who may go on with them.
//!
//! Journal, queue, lease and messages are one trait because they are one transaction domain: what is accepted is queued
//! by the same write, what a message became is appended by the write that drops it, and the right to write is checked by
//! the write itself.

use std::time::Duration;

use crate::event::Status;
use crate::fault::Code;
use crate::json::{Limits, read_value, to_json};
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

use super::{BoxFuture, Journal};

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
            Self::Broken { .. } => Code::StoreBroken,
            Self::Format { .. } => Code::StoreFormat,
            Self::Full { .. } => Code::StoreFull,
            Self::ReadOnly { .. } => Code::StoreReadOnly,
            Self::Busy { .. } => Code::StoreBusy,
            Self::Failed { .. } => Code::StoreFailed,
        }
    }
}

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

/// A run to be accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewRun {
    /// Its id.
    pub run: Text,
    /// The name of its graph, for lists.
    pub name: Text,
    /// The semantic hash of its graph, for lists.
    pub hash: Text,
    /// All that is needed to go on with it anywhere, as JSON: docs/formats/journal.md, "The head".
    pub head: Text,
    /// The same key of an earlier run: that one is meant, and nothing is accepted.
    pub key: Option<Text>,
    /// When it was accepted.
    pub created: Timestamp,
}

impl NewRun {
    /// Returns a run without a key.
    #[must_use]
    pub fn new(run: impl Into<Text>, head: impl Into<Text>, created: Timestamp) -> Self {
        Self {
            run: run.into(),
            name: Text::from(""),
            hash: Text::from(""),
            head: head.into(),
            key: None,
            created,
        }
    }

    /// Sets the name and the semantic hash of its graph.
    #[must_use]
    pub fn graph(mut self, name: impl Into<Text>, hash: impl Into<Text>) -> Self {
        (self.name, self.hash) = (name.into(), hash.into());
        self
    }

    /// Sets the key by which a repeated request is known.
    #[must_use]
    pub fn key(mut self, key: impl Into<Text>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// What became of a run to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Created {
    /// It is accepted: it outlives a power cut, and is queued.
    Fresh,
    /// There was a run with the same key; this is its id.
    Known(Text),
}

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
}

impl RunEntry {
    /// Returns what there is of a run that was just accepted.
    #[must_use]
    pub fn new(new: &NewRun) -> Self {
        Self {
            run: new.run.clone(),
            name: new.name.clone(),
            hash: new.hash.clone(),
            status: Status::Queued,
            waits: None,
            until: None,
            created: new.created,
            updated: new.created,
            events: 0,
            epoch: 0,
            owner: None,
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

/// Something told to a run from outside; kept until the run has made an event of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// It shall stop.
    Cancel,
    /// The answer to a question.
    Answer {
        /// The node that asks, as the graph calls it; with `/` between a call and what is inside it, and `:firing` behind
        /// it where one firing of it is meant.
        node: Text,
        /// What it waits for; `None`: whatever it is.
        signal: Option<Text>,
        /// The answer.
        value: Value,
    },
}

impl Message {
    /// Writes it as JSON, for a store to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut map = Map::new();
        match self {
            Self::Cancel => drop(map.insert("message", "cancel")),
            Self::Answer {
                node,
                signal,
                value,
            } => {
                map.insert("message", "answer");
                map.insert("node", node.clone());
                if let Some(signal) = signal {
                    map.insert("signal", signal.clone());
                }
                map.insert("value", value.clone());
            }
        }
        to_json(&Value::from(map))
    }

    /// Reads what [`Message::to_json`] wrote; `None` where it is nothing of that kind.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let read = read_value(json.as_bytes(), &Limits::unlimited()).ok()?;
        match read.get("message")?.as_str()? {
            "cancel" => Some(Self::Cancel),
            "answer" => Some(Self::Answer {
                node: read.get("node")?.as_text()?.clone(),
                signal: read.get("signal").and_then(Value::as_text).cloned(),
                value: read.get("value")?.clone(),
            }),
            _ => None,
        }
    }
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

/// Which runs to list.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct RunQuery {
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those that were accepted before this one.
    pub after: Option<Text>,
    /// At most so many.
    pub limit: usize,
}

impl RunQuery {
    /// Asks for the latest runs.
    pub fn latest(limit: usize) -> Self {
        Self {
            status: None,
            after: None,
            limit,
        }
    }

    /// Only those with this status.
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Goes on behind this run, the last one of the page before.
    pub fn after(mut self, run: impl Into<Text>) -> Self {
        self.after = Some(run.into());
        self
    }
}

/// Keeps runs. Every implementation passes `graphloom::conformance::store` (feature `conformance`).
///
/// Times come from the caller, except where a store has a clock that all who use it share.
pub trait Store: Journal {
    /// Accepts a run; it outlives a power cut when this returns, and is queued.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where there is another run with this id; what the store failed with.
    fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>>;

    /// Claims runs that nobody has, each with a lease of the next number. Without a name: runs that are queued, that are
    /// in motion and whose lease has ended, that wait for a time which has come, or that wait and have a message; the
    /// oldest first. Their status is `running` then. A run by name may wait for anything.
    ///
    /// # Errors
    /// For a run by name: [`StoreError::Leased`] where someone has it, be it whoever asks, [`StoreError::Over`] where it has
    /// ended, [`StoreError::UnknownRun`]; what the store failed with.
    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>>;

    /// Renews leases, all of one owner, and tells what happened to their runs, in the order of the leases. A lease that has
    /// ended and that nobody has taken over holds again.
    ///
    /// # Errors
    /// What the store failed with; a lease that does not hold any more is [`Notice::Lost`].
    fn heartbeat<'a>(
        &'a self,
        leases: &'a [Lease],
        ttl: Duration,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Notice>, StoreError>>;

    /// Gives a lease back. One that parks while a message has come for the run queues it.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], [`StoreError::Over`], [`StoreError::UnknownRun`]; what the store failed with.
    fn release<'a>(
        &'a self,
        lease: &'a Lease,
        how: Release,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Tells a run something; it outlives a power cut when this returns. Returns the number of the message: from 1, and
    /// higher than that of every message that the run was sent before.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`], [`StoreError::Over`]; what the store failed with.
    fn send<'a>(
        &'a self,
        run: &'a Text,
        message: Message,
    ) -> BoxFuture<'a, Result<u64, StoreError>>;

    /// Returns the messages of a run that have not become events yet, with their numbers, in order.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    fn messages<'a>(
        &'a self,
        run: &'a Text,
    ) -> BoxFuture<'a, Result<Vec<(u64, Message)>, StoreError>>;

    /// Returns what is kept of a run.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    fn entry<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<RunEntry, StoreError>>;

    /// Returns the head of a run, as it was accepted.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    fn head<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<Text, StoreError>>;

    /// Lists runs, the latest accepted first.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`] where the query goes on behind a run that is not there.
    fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>>;

    /// Keeps the state of a run after its first `events` events, in a form that only the engine knows, in place of one after
    /// as many. It can be lost: it is made again from the events.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    fn keep_snapshot<'a>(
        &'a self,
        run: &'a Text,
        events: u64,
        state: Text,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Returns the latest kept state of a run of at most so many events, and after how many it is.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    fn snapshot<'a>(
        &'a self,
        run: &'a Text,
        at_most: u64,
    ) -> BoxFuture<'a, Result<Option<(u64, Text)>, StoreError>>;

    /// Forgets a run and all that is kept of it.
    ///
    /// # Errors
    /// [`StoreError::Leased`] where someone has it, [`StoreError::UnknownRun`]; what the store failed with.
    fn delete<'a>(&'a self, run: &'a Text, now: Timestamp)
    -> BoxFuture<'a, Result<(), StoreError>>;
}
