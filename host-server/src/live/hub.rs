//! Who watches what, in this process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use bytes::Bytes;
use graphloom::Text;
use graphloom::host::{RunEntry, Store, StoreError};
use tokio::sync::Semaphore;

use super::LiveOptions;
use super::cache::Cache;
use super::feed::{Feed, Head, READERS, Shared};
use super::statuses::Statuses;

use crate::locked::lock;

/// The feeds of this process.
pub(super) struct Hub {
    shared: Shared,
    options: LiveOptions,
    feeds: Mutex<Feeds>,
    /// How many feeds there are: where there are none, a run pays a load for each append.
    n_feeds: AtomicUsize,
    numbers: AtomicU64,
    pub(super) statuses: Statuses,
}

#[derive(Default)]
struct Feeds {
    by_run: HashMap<Text, Known>,
    /// When there are so many, those that nobody watches are looked through.
    sweep_at: usize,
}

struct Known {
    feed: Arc<Feed>,
    /// When it was last asked for, as a number that only grows.
    asked: u64,
    /// This process has kept events of it since it was last looked at.
    fresh: bool,
}

impl Known {
    fn is_watched(&self) -> bool {
        Arc::strong_count(&self.feed) > 1
    }
}

impl Hub {
    pub(super) fn new(options: LiveOptions, store: Arc<dyn Store>) -> Self {
        let cache = Arc::new(Cache::new(options.cache_bytes));
        let readers = Arc::new(Semaphore::new(READERS));
        Self {
            shared: Shared {
                store,
                cache,
                readers,
            },
            options,
            feeds: Mutex::default(),
            n_feeds: AtomicUsize::new(0),
            numbers: AtomicU64::new(0),
            statuses: Statuses::default(),
        }
    }

    pub(super) fn options(&self) -> &LiveOptions {
        &self.options
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.shared.cache
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    fn lock(&self) -> MutexGuard<'_, Feeds> {
        lock(&self.feeds)
    }

    /// Returns the feed of a run, and whether it was made just now.
    pub(super) fn feed(&self, run: &Text) -> (Arc<Feed>, bool) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut feeds = self.lock();
        if let Some(known) = feeds.by_run.get_mut(run) {
            known.asked = number;
            return (Arc::clone(&known.feed), false);
        }
        let feed = Arc::new(Feed::new(number, run.clone(), &self.shared));
        let known = Known {
            feed: Arc::clone(&feed),
            asked: number,
            fresh: false,
        };
        feeds.by_run.insert(run.clone(), known);
        let idle = if feeds.by_run.len() > feeds.sweep_at {
            feeds.sweep(self.options.idle_runs)
        } else {
            Vec::new()
        };
        self.n_feeds.store(feeds.by_run.len(), Ordering::Release);
        drop(feeds);
        drop(idle);
        (feed, true)
    }

    /// This process has kept events of a run.
    pub(super) fn kept(&self, run: &Text, head: Head) {
        if self.n_feeds.load(Ordering::Acquire) > 0
            && let Some(known) = self.lock().by_run.get_mut(run)
        {
            known.fresh = true;
            known.feed.told(head);
        }
        if head.over.is_some() {
            self.moved(run);
        }
    }

    /// The status of a run has changed, by this process.
    pub(super) fn moved(&self, run: &Text) {
        self.statuses.moved(run);
    }

    /// A block has told something about itself.
    pub(super) fn note(&self, run: &Text, note: impl FnOnce() -> Bytes) {
        if self.n_feeds.load(Ordering::Acquire) == 0 {
            return;
        }
        let feed = self
            .lock()
            .by_run
            .get(run)
            .map(|known| Arc::clone(&known.feed));
        if let Some(feed) = feed {
            feed.note(note);
        }
    }

    /// A run was deleted.
    pub(super) fn gone(&self, run: &Text) {
        let known = self.lock().by_run.remove(run);
        if let Some(known) = known {
            known.feed.told(Head::GONE);
        }
    }

    /// Looks at the runs that are watched and of which this process has kept nothing lately, and drops what is idle.
    pub(super) async fn look(&self) {
        for feed in self.stale().iter().filter_map(Weak::upgrade) {
            match self.shared.store.entry(feed.run()).await {
                Ok(entry) => feed.told(head_of(&entry)),
                Err(StoreError::UnknownRun { .. }) => self.gone(feed.run()),
                // The next look may do better; whoever reads sees for themselves.
                Err(error) => {
                    tracing::warn!(run = %feed.run(), %error, "a run cannot be looked at")
                }
            }
        }
    }

    fn stale(&self) -> Vec<Weak<Feed>> {
        let mut watched = Vec::new();
        let mut feeds = self.lock();
        for known in feeds.by_run.values_mut() {
            let was_fresh = std::mem::take(&mut known.fresh);
            if !was_fresh && known.is_watched() && !known.feed.is_over() {
                watched.push(Arc::downgrade(&known.feed));
            }
        }
        let idle = feeds.sweep(self.options.idle_runs);
        self.n_feeds.store(feeds.by_run.len(), Ordering::Release);
        drop(feeds);
        drop(idle);
        watched
    }
}

impl Feeds {
    /// Takes out feeds that nobody watches, those that nobody has asked for longest, but for so many.
    fn sweep(&mut self, idle_runs: usize) -> Vec<Known> {
        let idle = self.by_run.iter().filter(|(_, known)| !known.is_watched());
        let mut idle: Vec<(u64, Text)> = idle
            .map(|(run, known)| (known.asked, run.clone()))
            .collect();
        idle.sort_unstable();
        idle.truncate(idle.len().saturating_sub(idle_runs));
        let gone = idle.iter().filter_map(|(_, run)| self.by_run.remove(run));
        let gone = gone.collect();
        self.sweep_at = self.by_run.len() * 2 + idle_runs;
        gone
    }
}

/// Returns what an entry says of a run's events.
pub(super) fn head_of(entry: &RunEntry) -> Head {
    Head {
        events: entry.events,
        over: entry.status.is_terminal().then_some(entry.status),
        gone: false,
    }
}
