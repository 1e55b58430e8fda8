//! Watching runs: bounded queues of events, from one run or many.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::block::Said;
use crate::dense::NodeIx;
use crate::event::Record;
use crate::plan::Plan;
use crate::time::Timestamp;
use crate::value::Text;

use super::facts::Facts;

/// Events of a run that were decided together.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// The run.
    pub run: Text,
    /// Its plan, to resolve positions with.
    pub plan: Arc<Plan>,
    pub(super) first: u64,
    pub(super) at: Timestamp,
    pub(super) facts: Facts,
}

impl Batch {
    /// Returns the events, in order.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        self.facts.records(self.first, self.at)
    }

    /// Returns how many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Says whether there are none; there always are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Says whether the run ends with these.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.facts.end()
    }
}

/// What an attempt told about itself; changes no state.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Note {
    /// The run.
    pub run: Text,
    /// The graph or sub-graph call.
    pub scope: u32,
    /// The node.
    pub node: NodeIx,
    /// What the graph calls it.
    pub node_id: Text,
    /// Its firing.
    pub firing: u32,
    /// What was told.
    pub said: Said,
}

/// One thing to see.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Observed {
    /// Events.
    Events(Arc<Batch>),
    /// Something a block told.
    Note(Arc<Note>),
    /// The observer was too slow: so many events are gone here.
    Missed(u64),
}

/// Where runs put what can be seen of them. Clones put into the same stream.
pub struct Observer(Arc<Shared>);

/// What an [`Observer`] has put there, in order. Ends when the last observer is gone and all was read.
#[derive(Debug)]
pub struct EventStream(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Notify,
    capacity: usize,
    /// Nobody wants the events.
    only_notes: bool,
    observers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Observed>,
    events: usize,
    missed: u64,
    deaf: bool,
}

/// Returns the two ends of a stream that holds at most so many events; what is older is dropped and counted.
#[must_use]
pub fn observe(capacity: usize) -> (Observer, EventStream) {
    stream(capacity, false)
}

/// Returns the two ends of a stream that holds at most so many notes and no events, which a run need not collect for it: for
/// whoever reads the events of a kept run from its store, and wants to see beside them what is never kept.
#[must_use]
pub fn observe_notes(capacity: usize) -> (Observer, EventStream) {
    stream(capacity, true)
}

fn stream(capacity: usize, only_notes: bool) -> (Observer, EventStream) {
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        arrived: Notify::new(),
        capacity: capacity.max(1),
        only_notes,
        observers: AtomicUsize::new(1),
    });
    (Observer(Arc::clone(&shared)), EventStream(shared))
}

fn weight(item: &Observed) -> usize {
    match item {
        Observed::Events(batch) => batch.len(),
        Observed::Note(_) | Observed::Missed(_) => 1,
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer {
    pub(super) fn wants_events(&self) -> bool {
        !self.0.only_notes
    }

    pub(super) fn put(&self, item: Observed) {
        let mut queue = self.0.lock();
        if queue.deaf {
            return;
        }
        // Whoever waits has found nothing, and is woken by what comes first; the rest is seen when that is taken.
        let wakes = queue.items.is_empty();
        queue.events += weight(&item);
        queue.items.push_back(item);
        while queue.events > self.0.capacity && queue.items.len() > 1 {
            if let Some(oldest) = queue.items.pop_front() {
                let gone = weight(&oldest);
                queue.events -= gone;
                queue.missed += gone as u64;
            }
        }
        drop(queue);
        if wakes {
            self.0.arrived.notify_one();
        }
    }
}

impl Clone for Observer {
    fn clone(&self) -> Self {
        self.0.observers.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        if self.0.observers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.arrived.notify_one();
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("capacity", &self.0.capacity)
            .finish_non_exhaustive()
    }
}

impl EventStream {
    /// Returns what is there without waiting.
    pub fn try_next(&mut self) -> Option<Observed> {
        let mut queue = self.0.lock();
        if queue.missed > 0 {
            return Some(Observed::Missed(std::mem::take(&mut queue.missed)));
        }
        let item = queue.items.pop_front()?;
        queue.events -= weight(&item);
        Some(item)
    }

    /// Waits for the next thing to see; `None` when there will be none. Cancel safe.
    pub async fn next(&mut self) -> Option<Observed> {
        loop {
            let arrived = self.0.arrived.notified();
            let over = self.0.observers.load(Ordering::Acquire) == 0;
            let item = {
                let mut queue = self.0.lock();
                if queue.missed > 0 {
                    Some(Observed::Missed(std::mem::take(&mut queue.missed)))
                } else {
                    let item = queue.items.pop_front();
                    queue.events -= item.as_ref().map_or(0, weight);
                    item
                }
            };
            if item.is_some() || over {
                return item;
            }
            arrived.await;
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        *queue = Queue {
            deaf: true,
            ..Queue::default()
        };
    }
}
