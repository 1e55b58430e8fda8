//! The events of one run, for all who watch it: read from the journal once, and encoded once.
//!
//! Nothing is told that is not kept: [`Feed::told`] says how many events the journal has, and whoever watches asks for the
//! page with the one that comes next ([`Feed::page`]). Pages are in the cache; one that is not there any more is made
//! again, by one of those who want it while the others wait. To make a page takes the names of the sub-graph calls that are
//! open there, which follow from the events before: [`Marks`] has them for places to begin at.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use bytes::Bytes;
use graphloom::host::Store;
use graphloom::{Plan, Record, Status, Text, Trace};
use tokio::sync::{OnceCell, Semaphore, broadcast, watch};

use crate::locked::lock;
use crate::problem::Problem;

use super::cache::Cache;
use super::marks::Marks;
use super::page::{Draft, MAX_EVENTS, Page};

/// As many bytes are read from the journal at a time, about, once it is known how large the events of the run are; and no
/// more than an eighth of what is kept in memory, or it would be gone again before it was asked for.
const READ_BYTES: usize = 256 << 10;
/// How many events are read at a time, at most and at first.
const READ_MOST: usize = 256;
const READ_FIRST: usize = 64;
/// How many notes whoever watches may be behind; older ones are left out.
const NOTES: usize = 64;
/// So many runs are read at a time.
pub(super) const READERS: usize = 8;
/// A page that is made for an event in the middle begins at a multiple of this, so that those who ask for others near it
/// find it.
const GRID: u64 = 64;

/// What is kept of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// So many events.
    pub(crate) events: u64,
    /// With the last of them it ended.
    pub(crate) over: Option<Status>,
    /// The run was deleted.
    pub(crate) gone: bool,
}

impl Head {
    /// What is kept of a run that was deleted.
    pub(super) const GONE: Self = Self {
        events: 0,
        over: None,
        gone: true,
    };
}

/// The events of a run.
pub(crate) struct Feed {
    number: u64,
    run: Text,
    store: Arc<dyn Store>,
    cache: Arc<Cache>,
    head: watch::Sender<Head>,
    notes: broadcast::Sender<Bytes>,
    names: OnceCell<Names>,
    made: Mutex<Made>,
    /// Whoever makes pages has this, and then one of the readers' places.
    making: tokio::sync::Mutex<()>,
    readers: Arc<Semaphore>,
    /// How many events to read at a time.
    batch: AtomicUsize,
}

/// What all feeds have together.
pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) cache: Arc<Cache>,
    pub(super) readers: Arc<Semaphore>,
}

/// What names follow from.
struct Names {
    /// Before the first event.
    root: Trace,
    /// No event can open another graph: the names are the same everywhere.
    is_flat: bool,
}

#[derive(Default)]
struct Made {
    /// By the first event; those that are gone from memory are taken out now and then.
    pages: BTreeMap<u64, Weak<Page>>,
    /// When there are so many, it is time for that.
    sweep_at: usize,
    marks: Marks,
}

impl Feed {
    pub(super) fn new(number: u64, run: Text, shared: &Shared) -> Self {
        Self {
            number,
            run,
            store: Arc::clone(&shared.store),
            cache: Arc::clone(&shared.cache),
            readers: Arc::clone(&shared.readers),
            head: watch::Sender::new(Head::default()),
            notes: broadcast::Sender::new(NOTES),
            names: OnceCell::new(),
            made: Mutex::default(),
            making: tokio::sync::Mutex::default(),
            batch: AtomicUsize::new(READ_FIRST),
        }
    }

    /// Returns the run's id.
    pub(crate) fn run(&self) -> &Text {
        &self.run
    }

    /// Returns where it is told what is kept.
    pub(super) fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    /// Returns where notes are told.
    pub(super) fn notes(&self) -> broadcast::Receiver<Bytes> {
        self.notes.subscribe()
    }

    /// Tells a note to those who watch; it is made only if someone does.
    pub(super) fn note(&self, note: impl FnOnce() -> Bytes) {
        if self.notes.receiver_count() > 0 {
            // Whoever went away meanwhile misses nothing.
            let _ = self.notes.send(note());
        }
    }

    /// Says how much is kept; to know less than before changes nothing.
    pub(super) fn told(&self, told: Head) {
        self.head.send_if_modified(|head| {
            let known = *head;
            head.events = head.events.max(told.events);
            head.over = head.over.or(told.over);
            head.gone |= told.gone;
            *head != known
        });
    }

    /// Says whether it is known to have ended.
    pub(super) fn is_over(&self) -> bool {
        let head = *self.head.borrow();
        head.over.is_some() || head.gone
    }

    /// Learns what the names in events follow from, unless it has.
    pub(super) async fn learn<F>(&self, plan: impl FnOnce() -> F) -> Result<(), Problem>
    where
        F: Future<Output = Result<(Arc<Plan>, bool), Problem>>,
    {
        let learn = || async {
            let (plan, is_flat) = plan().await?;
            let root = Trace::new(&plan);
            Ok(Names { root, is_flat })
        };
        self.names.get_or_try_init(learn).await.map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, Made> {
        lock(&self.made)
    }

    /// Returns the page with this event, which is kept.
    ///
    /// # Errors
    /// What the store failed with; `HTTP_NOT_FOUND` where the run is gone.
    pub(crate) async fn page(&self, seq: u64) -> Result<Arc<Page>, Problem> {
        if let Some(page) = self.lock().find(seq) {
            return Ok(page);
        }
        let _turn = self.making.lock().await;
        // Whoever had the turn before may have made it.
        if let Some(page) = self.lock().find(seq) {
            return Ok(page);
        }
        // It is never closed.
        let _place = self.readers.acquire().await.map_err(Problem::internal)?;
        self.make(seq).await
    }

    /// Returns events from this one on as a message for a WebSocket client.
    pub(crate) fn message(&self, page: &Page, seq: u64) -> Bytes {
        let (message, made) = page.message_from(seq, &self.run);
        if made > 0 {
            self.cache.grew(page, made);
        }
        message
    }

    /// Makes the page with this event, and all that are read on the way.
    async fn make(&self, seq: u64) -> Result<Arc<Page>, Problem> {
        let (mut at, mut trace) = self.begin(seq)?;
        let begin = at.max(seq - seq % GRID);
        while at < begin {
            let most = begin - at;
            for record in self.read(at, most.min(READ_MOST as u64)).await? {
                trace.pass(&record);
                at = record.seq + 1;
                self.mark(at, &trace);
            }
        }
        loop {
            let until = self.lock().next_page(at).unwrap_or(u64::MAX);
            let batch = self.batch.load(Ordering::Relaxed) as u64;
            let records = self.read(at, batch.min(until - at)).await?;
            at += records.len() as u64;
            let pages = self.pages(&records, &mut trace);
            if let Some(last) = pages.last().filter(|last| last.over().is_some()) {
                let (events, over) = (last.next(), last.over());
                self.told(Head {
                    events,
                    over,
                    gone: false,
                });
            }
            let found = pages.into_iter().find(|page| seq < page.next());
            if let Some(page) = found {
                return Ok(page);
            }
        }
    }

    /// Returns the last place at or before this event that it is known how to begin at.
    fn begin(&self, seq: u64) -> Result<(u64, Trace), Problem> {
        let Some(names) = self.names.get() else {
            return Err(Problem::internal(format!(
                "the plan of run {} is not there",
                self.run
            )));
        };
        let made = self.lock();
        let known = if names.is_flat {
            (seq - seq % GRID, names.root.clone())
        } else {
            made.marks.before(seq).unwrap_or((0, names.root.clone()))
        };
        let behind = made.page_from(known.0, seq);
        let behind = behind.filter(|page| page.next() > known.0);
        Ok(behind.map_or(known, |page| (page.next(), page.after().clone())))
    }

    /// Reads events; there is one at least.
    async fn read(&self, from: u64, limit: u64) -> Result<Vec<Record>, Problem> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let records = self.store.read(&self.run, from, limit).await?;
        if records.is_empty() {
            return Err(Problem::internal(format!(
                "event {from} of run {} is kept, and is not there",
                self.run
            )));
        }
        Ok(records)
    }

    fn mark(&self, seq: u64, trace: &Trace) {
        if Marks::is_place(seq) && self.names.get().is_some_and(|names| !names.is_flat) {
            self.lock().marks.set(seq, trace);
        }
    }

    /// Encodes events, and keeps the pages.
    fn pages(&self, records: &[Record], trace: &mut Trace) -> Vec<Arc<Page>> {
        let mut pages = Vec::with_capacity(records.len() / MAX_EVENTS + 1);
        let mut draft: Option<Draft> = None;
        let mut bytes = 0;
        for record in records {
            let page = draft.get_or_insert_with(|| Draft::new(record.seq));
            page.add(trace, record);
            self.mark(record.seq + 1, trace);
            if page.is_full()
                && let Some(full) = draft.take()
            {
                pages.push(Arc::new(full.done(trace)));
            }
        }
        pages.extend(draft.map(|rest| Arc::new(rest.done(trace))));
        for page in &pages {
            bytes += page.weight();
            self.lock().add(page);
            self.cache.keep(self.number, Arc::clone(page));
        }
        let each = (bytes / records.len().max(1)).max(1);
        let much = READ_BYTES.min(self.cache.max_bytes() / 8);
        let batch = (much / each).clamp(1, READ_MOST);
        self.batch.store(batch, Ordering::Relaxed);
        pages
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.cache.forget(self.number);
    }
}

impl Made {
    /// Returns the page with this event, if it is in memory.
    fn find(&self, seq: u64) -> Option<Arc<Page>> {
        let page = self.page_from(seq, seq)?;
        if seq >= page.next() {
            return None;
        }
        page.touch();
        Some(page)
    }

    /// Returns the last page in memory that begins at or before `seq` and may end behind `from`.
    fn page_from(&self, from: u64, seq: u64) -> Option<Arc<Page>> {
        let first = from.saturating_sub(MAX_EVENTS as u64);
        let mut pages = self.pages.range(first..=seq).rev();
        pages.find_map(|(_, page)| page.upgrade())
    }

    /// Returns where the next page in memory begins behind this event, if that is near.
    fn next_page(&self, seq: u64) -> Option<u64> {
        let mut behind = self.pages.range(seq + 1..=seq + READ_MOST as u64);
        behind.find_map(|(first, page)| (page.strong_count() > 0).then_some(*first))
    }

    fn add(&mut self, page: &Arc<Page>) {
        self.pages.insert(page.first(), Arc::downgrade(page));
        if self.pages.len() > self.sweep_at {
            self.pages.retain(|_, page| page.strong_count() > 0);
            self.sweep_at = self.pages.len() * 2 + 64;
        }
    }
}
