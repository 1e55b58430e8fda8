//! Runs that outlive their process: what is kept of them beside their events, and who may go on with them.
//!
//! Journal, queue, lease and messages are one trait because they are one transaction domain: what is accepted is queued
//! by the same write, what a message became is appended by the write that drops it, and the right to write is checked by
//! the write itself.

mod entry;
mod error;
mod lease;
mod message;
mod new_run;
mod tenants;

use std::time::Duration;

use crate::time::Timestamp;
use crate::value::Text;

use super::{BoxFuture, Journal};

pub use entry::{RunEntry, RunQuery, WaitReason};
pub use error::StoreError;
pub use lease::{Claim, Lease, Notice, Release};
pub use message::Message;
pub use new_run::{Created, NewRun};

/// Keeps runs. Every implementation passes `graphloom::conformance::store` (feature `conformance`).
///
/// Times come from the caller, except where a store has a clock that all who use it share.
pub trait Store: Journal {
    /// Accepts a run, which is queued, or claimed by the same write. When this returns it outlives a power cut, unless
    /// [`NewRun::sync`] is off: then it outlives the process.
    ///
    /// # Errors
    /// [`StoreError::Labels`] where its labels are none, [`StoreError::Exists`] where there is another run with this id;
    /// what the store failed with.
    fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>>;

    /// Claims runs that nobody has, each with a lease of the next number. Without a name: runs that are queued, that are
    /// in motion and whose lease has ended, that wait for a time which has come, or that wait and have a message; the
    /// oldest first. Their status is `running` then. A run by name may wait for anything.
    ///
    /// # Errors
    /// For a run by name: [`StoreError::Leased`] where someone has it, be it whoever asks, [`StoreError::Over`] where it has
    /// ended, [`StoreError::UnknownRun`]; what the store failed with.
    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>>;

    /// Makes all that was written of a run outlive a power cut: that it was accepted, its events. Whoever has it by now, if
    /// anyone, and whether it is over or not.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    fn sync<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<(), StoreError>>;

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
    /// [`StoreError::UnknownRun`] where the query goes on behind a run that is not there, or is another tenant's.
    fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>>;

    /// Returns the tenants that have runs, by name, those behind this one, at most so many; nobody in particular is none.
    ///
    /// Default: looks at every run. A store with an index does not.
    ///
    /// # Errors
    /// What the store failed with.
    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Text>, StoreError>> {
        Box::pin(tenants::of_all(self, after, limit))
    }

    /// Returns how many runs are not over: those of a tenant, or all.
    ///
    /// # Errors
    /// What the store failed with.
    fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Returns the run that was accepted with this key ([`NewRun::key`]), whoever's it is; `None`: there is none (any more).
    ///
    /// # Errors
    /// What the store failed with.
    fn keyed<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Text>, StoreError>>;

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

    /// Leaves nothing behind of runs that were deleted, in the unused parts of files neither. May take long, and others wait
    /// meanwhile. Default: does nothing, for a store that leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where others have kept something of them from going, by reading it for too long: it is to be done
    /// again. What the store failed with.
    fn scrub(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
