//! Events in order, kept.

use std::sync::Arc;

use crate::event::Record;
use crate::value::Text;

use super::BoxFuture;
use super::store::{Lease, StoreError};

/// Events to be kept.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct Append {
    /// The right to write to the run.
    pub lease: Lease,
    /// The sequence number of the first of the events: as many as the journal holds already.
    pub expected: u64,
    /// The events, without gaps. All of them are kept or none.
    pub records: Arc<Vec<Record>>,
    /// They, and all that was appended before them, must outlive a power cut when the append is over. Else they outlive
    /// the process.
    pub sync: bool,
    /// Messages of the run that have become events by now, by their numbers: dropped with the same write. One that is not
    /// there any more is no error.
    pub heard: Vec<u64>,
}

impl Append {
    /// Returns the order to keep these events.
    pub fn new(lease: &Lease, expected: u64, records: Arc<Vec<Record>>) -> Self {
        Self {
            lease: lease.clone(),
            expected,
            records,
            sync: false,
            heard: Vec::new(),
        }
    }

    /// Asks that they outlive a power cut.
    pub fn sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Drops messages of the run that have become events.
    pub fn heard(mut self, numbers: Vec<u64>) -> Self {
        self.heard = numbers;
        self
    }
}

/// Keeps the events of runs. Append is apart from read, and only ever adds.
pub trait Journal: Send + Sync {
    /// Adds events; all of them or none. An event [`Ended`](crate::Event::Ended), which is the last one of a run, sets the
    /// run's status with the same write and ends its lease. An append without events and with `sync` syncs what was
    /// appended before.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] where someone else has the run by now, [`StoreError::Sequence`] where the journal is not where
    /// the caller takes it to be or the events are numbered otherwise, [`StoreError::Over`] where the run has ended,
    /// [`StoreError::UnknownRun`], and what the store itself failed with. Nothing was kept then, and the caller must not
    /// write to this run any more. A lease whose time has ended holds until someone takes the run over.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether the events are kept.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Returns the events of a run from a sequence number on, at most `limit`; fewer only where there are no more.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`], [`StoreError::Broken`] for an event that cannot be read, and what the store failed with.
    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>>;
}
