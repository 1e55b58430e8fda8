//! Two events a node, collected and handed over in batches to a task that counts them.

use std::sync::Arc;
use std::time::Instant;

use quanta::Clock;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const BATCH: usize = 128;

/// What makes one event differ from the next: a time, or a number.
pub(in super::super) trait Mark: Send + 'static {
    /// There are events at all.
    const EVENTS: bool = true;

    /// Prepares what takes long; once a process.
    fn new() -> Self;

    /// Returns the mark of the next event.
    fn next(&mut self) -> u64;
}

/// No events.
pub(in super::super) struct Quiet;

impl Mark for Quiet {
    const EVENTS: bool = false;

    fn new() -> Self {
        Self
    }

    fn next(&mut self) -> u64 {
        0
    }
}

/// Each event has a time of its own: a read of the time stamp counter, where the machine has one that is steady.
pub(in super::super) struct OwnTime(Clock);

impl Mark for OwnTime {
    fn new() -> Self {
        Self(Clock::new())
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.0.raw()
    }
}

/// Events are numbered, and share the time of their batch, as ours do.
pub(in super::super) struct Number(u64);

impl Mark for Number {
    fn new() -> Self {
        Self(0)
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// What happened.
#[expect(dead_code, reason = "who consumes them reads none of it")]
enum Event {
    Started {
        mark: u64,
        node: u32,
    },
    Finished {
        mark: u64,
        node: u32,
        output: Arc<Value>,
    },
}

struct Batch {
    #[expect(dead_code, reason = "who consumes it does not read it")]
    at: Instant,
    events: Vec<Event>,
}

/// The events of one run, on their way.
pub(super) struct Events<'a, M> {
    mark: &'a mut M,
    batch: Vec<Event>,
    pushed: usize,
    sender: mpsc::UnboundedSender<Batch>,
    counted: JoinHandle<usize>,
}

impl<'a, M: Mark> Events<'a, M> {
    /// Starts the task that counts.
    pub(super) fn new(mark: &'a mut M) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel::<Batch>();
        let count = async move {
            let mut n = 0;
            while let Some(batch) = receiver.recv().await {
                n += batch.events.len();
            }
            n
        };
        Self {
            mark,
            batch: Vec::with_capacity(BATCH),
            pushed: 0,
            sender,
            counted: tokio::spawn(count),
        }
    }

    pub(super) fn started(&mut self, node: u32) {
        let mark = self.mark.next();
        self.push(Event::Started { mark, node });
    }

    pub(super) fn finished(&mut self, node: u32, output: Arc<Value>) {
        let mark = self.mark.next();
        self.push(Event::Finished { mark, node, output });
    }

    fn push(&mut self, event: Event) {
        self.batch.push(event);
        self.pushed += 1;
        if self.batch.len() == BATCH {
            let full = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
            self.send(full);
        }
    }

    fn send(&self, events: Vec<Event>) {
        let at = Instant::now();
        self.sender.send(Batch { at, events }).ok();
    }

    /// Waits until all were counted.
    pub(super) async fn finish(mut self) {
        let rest = std::mem::take(&mut self.batch);
        self.send(rest);
        drop(self.sender);
        assert_eq!(self.counted.await.unwrap(), self.pushed);
    }
}
