//! One stream of events for all runs, and the task that consumes it, as a server would have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use graphloom::{EventStream, Observed, Observer, observe};
use tokio::sync::Notify;

/// How many events may wait. None of a measurement may be missed.
const CAPACITY: usize = 1 << 20;

/// After so many runs the one who started them lets the consumer catch up.
const BURST: u64 = 64;

/// The end into which runs put their events. Clones are the same bus.
#[derive(Clone)]
pub(super) struct Bus {
    observer: Observer,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Runs that ended, as whoever started them counts.
    ran: AtomicU64,
    /// Events that they must have had.
    due: AtomicU64,
    /// The same, as the consumer counts.
    ended: AtomicU64,
    events: AtomicU64,
    missed: AtomicU64,
    caught_up: Notify,
}

impl Bus {
    /// Opens a bus, with a consumer on the current runtime.
    pub(super) fn open() -> Self {
        let (observer, stream) = observe(CAPACITY);
        let shared = Arc::new(Shared::default());
        tokio::spawn(consume(stream, Arc::clone(&shared)));
        Self { observer, shared }
    }

    pub(super) fn observer(&self) -> Observer {
        self.observer.clone()
    }

    /// Notes that a run with so many firings is over.
    pub(super) async fn ran(&self, firings: usize) {
        self.shared
            .due
            .fetch_add(2 * firings as u64, Ordering::Relaxed);
        if self.shared.ran.fetch_add(1, Ordering::Relaxed) % BURST == BURST - 1 {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the consumer has seen the end of every run, and checks that it missed nothing.
    pub(super) async fn settle(&self) {
        let shared = &self.shared;
        loop {
            let caught_up = shared.caught_up.notified();
            if shared.ended.load(Ordering::Acquire) == shared.ran.load(Ordering::Relaxed) {
                break;
            }
            caught_up.await;
        }
        assert_eq!(shared.missed.load(Ordering::Relaxed), 0);
        let (events, due) = (&shared.events, &shared.due);
        assert!(events.load(Ordering::Relaxed) >= due.load(Ordering::Relaxed));
    }
}

async fn consume(mut stream: EventStream, shared: Arc<Shared>) {
    while let Some(observed) = stream.next().await {
        match observed {
            Observed::Events(batch) => {
                let ended = u64::from(batch.is_last());
                let events = batch.len() as u64;
                drop(batch);
                shared.events.fetch_add(events, Ordering::Relaxed);
                shared.ended.fetch_add(ended, Ordering::Release);
                if ended > 0 {
                    shared.caught_up.notify_waiters();
                }
            }
            Observed::Missed(n) => {
                shared.missed.fetch_add(n, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}
