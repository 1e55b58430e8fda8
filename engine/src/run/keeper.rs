//! Hands a run's events to its store: one append at a time, each with all that was decided meanwhile.
//!
//! Nothing waits for an append but what must: see [`Keeper::is_kept`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use crate::event::Record;
use crate::host::{Append, BoxFuture, Clock, Lease, Release, Store, StoreError};
use crate::time::Timestamp;

use super::options::Durability;

/// How many events may be on their way to the store before the run waits for it.
const BEHIND: usize = 16_384;

pub(super) struct Keeper {
    store: Arc<dyn Store>,
    lease: Lease,
    durability: Durability,
    /// Decided and not yet handed over, by the steps that decided them.
    pending: VecDeque<Vec<Record>>,
    /// How many events these are.
    n_pending: usize,
    /// Each step is an append of its own.
    each_step: bool,
    /// Messages that have become events among these.
    heard: Vec<u64>,
    on_its_way: Option<OnItsWay>,
    /// So many events outlive the process.
    kept: u64,
    /// So many outlive a power cut.
    synced: u64,
    /// So many must, as soon as may be.
    wanted: u64,
    failed: Option<StoreError>,
    is_lost: bool,
    clock: Arc<dyn Clock>,
    /// How long the answer to an append says that the run is still ours.
    fresh_for: Option<Duration>,
    /// When the latest append that was answered had been made.
    asked: Duration,
    /// The store is to be asked once more whether the run is ours.
    asks_again: bool,
}

struct OnItsWay {
    append: BoxFuture<'static, Result<(), StoreError>>,
    /// How many events there are when it is done.
    next: u64,
    sync: bool,
    /// When it was made.
    asked: Duration,
}

impl Keeper {
    /// Returns the keeper of a run of which so many events are kept.
    pub(super) fn new(
        store: Arc<dyn Store>,
        lease: Lease,
        durability: Durability,
        kept: u64,
        each_step: bool,
        (clock, fresh_for): (Arc<dyn Clock>, Option<Duration>),
    ) -> Self {
        Self {
            store,
            lease,
            durability,
            pending: VecDeque::new(),
            n_pending: 0,
            each_step,
            heard: Vec::new(),
            on_its_way: None,
            kept,
            synced: 0,
            wanted: 0,
            failed: None,
            is_lost: false,
            asked: clock.elapsed(),
            clock,
            fresh_for,
            asks_again: false,
        }
    }

    /// Takes events to be kept; those before `wanted` as soon as may be, and as surely as the run was promised.
    pub(super) fn take(&mut self, steps: &mut Vec<Vec<Record>>, wanted: u64) {
        if self.failed.is_some() || self.is_lost {
            return steps.clear();
        }
        self.n_pending += steps.iter().map(Vec::len).sum::<usize>();
        self.pending.extend(steps.drain(..));
        self.wanted = self.wanted.max(wanted);
    }

    /// A message has become the event that was decided last.
    pub(super) fn heard(&mut self, number: u64) {
        self.heard.push(number);
    }

    /// The first events, so many, outlive what the run is to outlive.
    pub(super) fn is_kept(&self, events: u64) -> bool {
        !self.asks_again && self.outlives(events)
    }

    /// The latest answer is so old that someone else may have the run by now: the store is asked once more.
    pub(super) fn is_stale(&mut self) -> bool {
        let age = self.clock.elapsed().saturating_sub(self.asked);
        let stale = self.fresh_for.is_some_and(|fresh_for| age > fresh_for);
        self.asks_again |= stale;
        stale
    }

    fn outlives(&self, events: u64) -> bool {
        match self.durability {
            Durability::Relaxed => self.kept >= events,
            Durability::Barrier => self.synced >= events,
        }
    }

    /// So much is on its way that the run should wait.
    pub(super) fn is_behind(&self) -> bool {
        self.failed.is_none() && self.n_pending >= BEHIND
    }

    /// Returns why the store refused, once.
    pub(super) fn failure(&mut self) -> Option<StoreError> {
        self.failed.take()
    }

    /// What the store would answer, now that someone else has the run.
    pub(super) fn taken_over(&self) -> StoreError {
        StoreError::Fenced {
            run: self.lease.run.to_string(),
            epoch: self.lease.epoch,
            current: self.lease.epoch + 1,
        }
    }

    /// The store has refused: nothing more is handed to it.
    pub(super) fn lost(&mut self) {
        self.pending.clear();
        self.heard.clear();
        self.on_its_way = None;
        self.is_lost = true;
    }

    /// Goes on with the appends. Ready when more is kept than before, or the store has refused.
    pub(super) fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        let mut more = false;
        loop {
            if let Some(way) = &mut self.on_its_way {
                let Poll::Ready(result) = way.append.as_mut().poll(cx) else {
                    break;
                };
                let (next, sync) = (way.next, way.sync);
                (self.asked, self.asks_again) = (way.asked, false);
                self.on_its_way = None;
                more = true;
                match result {
                    Ok(()) => {
                        self.kept = next;
                        if sync {
                            self.synced = next;
                        }
                    }
                    Err(error) => {
                        self.failed = Some(error);
                        self.pending.clear();
                        break;
                    }
                }
            }
            if !self.begin() {
                break;
            }
        }
        if more { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Begins the next append, if there is anything to append or to sync.
    fn begin(&mut self) -> bool {
        let barrier = self.durability == Durability::Barrier;
        let sync = barrier && self.wanted > self.synced;
        let over = self.failed.is_some() || self.is_lost;
        let sync = sync || self.asks_again && barrier;
        let nothing = self.pending.is_empty() && self.heard.is_empty();
        if over || nothing && !sync && !self.asks_again {
            return false;
        }
        let mut records = self.pending.pop_front().unwrap_or_default();
        if !self.each_step {
            records.extend(self.pending.drain(..).flatten());
        }
        self.n_pending -= records.len();
        let next = self.kept + records.len() as u64;
        let append = Append::new(&self.lease, self.kept, Arc::new(records))
            .sync(sync)
            .heard(std::mem::take(&mut self.heard));
        let store = Arc::clone(&self.store);
        self.on_its_way = Some(OnItsWay {
            append: Box::pin(async move { store.append(append).await }),
            next,
            sync,
            asked: self.clock.elapsed(),
        });
        true
    }

    /// Keeps all that is left, as surely as the run was promised.
    pub(super) async fn close(&mut self, events: u64) -> Result<(), StoreError> {
        self.wanted = events;
        while !self.is_lost
            && self.failed.is_none()
            && !(self.kept >= events && self.outlives(events))
        {
            std::future::poll_fn(|cx| self.poll(cx)).await;
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Gives the run back.
    pub(super) async fn release(&mut self, how: Release, now: Timestamp) -> Result<(), StoreError> {
        self.store.release(&self.lease, how, now).await
    }
}
