//! Events as they are decided: numbered, batched, handed to whoever records or listens. Nobody: nothing is built.

use std::sync::Arc;

use crate::block::Reply;
use crate::dense::NodeIx;
use crate::event::{Event, Given, Record};
use crate::plan::Plan;
use crate::time::Timestamp;
use crate::value::Value;

use super::facts::{Called, Facts};
use super::observe::{Batch, Note, Observed, Observer};
use super::scope::RunShared;

/// How many events are handed over together; one lock and one wake-up for each such batch.
const BATCH: usize = 128;

pub(super) struct Log {
    pub(super) on: bool,
    run: Arc<RunShared>,
    /// The number of the first event of the batch.
    first: u64,
    now: Timestamp,
    batch: Facts,
    /// Those who see everything.
    observers: Vec<Observer>,
    /// Those who see notes alone.
    of_notes: Vec<Observer>,
    kept: Option<Vec<Record>>,
    /// How many events are handed over together, at least.
    full: usize,
    /// Of a run that is kept in a store.
    store: Option<Box<ForStore>>,
}

/// What is on its way to a run's store.
#[derive(Default)]
pub(super) struct ForStore {
    /// Events, by the steps that decided them.
    pub(super) steps: Vec<Vec<Record>>,
    /// So many events must be kept as soon as may be.
    pub(super) wanted: u64,
    /// Paid sub-steps whose blocks go on once so many events are kept.
    pub(super) pledges: Vec<(u64, Reply<()>)>,
    /// What observers see once the run's end is kept.
    held: Option<Vec<Observed>>,
}

impl Log {
    pub(super) fn new(run: Arc<RunShared>, observers: Vec<Observer>, keep: bool) -> Self {
        // Most runs have no others, and then the list is theirs as it is.
        let (observers, of_notes) = if observers.iter().all(Observer::wants_events) {
            (observers, Vec::new())
        } else {
            observers.into_iter().partition(Observer::wants_events)
        };
        let on = keep || !observers.is_empty();
        // Two events a firing, and four for the run: a small run that grew its first batch step by step spent a tenth of
        // its time on that.
        let batch = if on {
            Facts::with_capacity(BATCH.min(2 * run.plan.n_nodes() + 4))
        } else {
            Facts::default()
        };
        Self {
            on,
            run,
            first: 0,
            now: Timestamp::default(),
            batch,
            observers,
            of_notes,
            kept: keep.then(Vec::new),
            full: BATCH,
            store: None,
        }
    }

    /// Events are for a store too from now on; `full`: so many together at least.
    pub(super) fn keep(&mut self, full: Option<usize>) {
        self.on = true;
        self.store.get_or_insert_default();
        self.full = full.unwrap_or(BATCH);
    }

    /// Nothing more is for the store.
    pub(super) fn lose(&mut self) {
        self.store = None;
    }

    pub(super) fn is_kept(&self) -> bool {
        self.store.is_some()
    }

    /// What was decided up to now must be kept as soon as may be. Returns how many events that are.
    pub(super) fn want(&mut self) {
        let wanted = self.next();
        if let Some(store) = &mut self.store {
            store.wanted = wanted;
        }
    }

    /// Answers once what was decided up to now is kept. Returns the reply where nothing is.
    pub(super) fn pledge(&mut self, reply: Reply<()>) -> Option<Reply<()>> {
        let wanted = self.next();
        let Some(store) = &mut self.store else {
            return Some(reply);
        };
        store.wanted = wanted;
        store.pledges.push((wanted, reply));
        None
    }

    pub(super) fn has_pledges(&self) -> bool {
        self.store
            .as_ref()
            .is_some_and(|store| !store.pledges.is_empty())
    }

    /// Returns what is on its way to the store.
    pub(super) fn for_store(&mut self) -> Option<&mut ForStore> {
        self.flush();
        self.store.as_deref_mut()
    }

    /// Observers see nothing more before the rest is kept.
    pub(super) fn hold(&mut self) {
        if self.store.is_some() {
            self.flush();
        }
        if let Some(store) = &mut self.store {
            store.held = Some(Vec::new());
        }
    }

    /// Lets observers see what was held back, or never.
    pub(super) fn let_go(&mut self, see: bool) {
        let held = self.store.as_mut().and_then(|store| store.held.take());
        for item in held.into_iter().flatten().filter(|_| see) {
            for observer in &self.observers {
                observer.put(item.clone());
            }
        }
    }

    /// Returns the number that the next event gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.batch.len() as u64
    }

    /// The next event gets this number: those before it are kept elsewhere.
    pub(super) fn go_on_from(&mut self, next: u64) {
        self.first = next;
    }

    /// Events from now on have this time.
    pub(super) fn set_time(&mut self, now: Timestamp) {
        if now != self.now {
            self.flush();
            self.now = now;
        }
    }

    pub(super) fn push(&mut self, scope: u32, event: Event) {
        self.batch.push(scope, event);
    }

    /// The run's own graph was opened.
    pub(super) fn opened(&mut self, scope: u32, given: Arc<Given>) {
        self.batch.opened(scope, given);
    }

    /// A graph was opened that a node calls.
    pub(super) fn called(&mut self, scope: u32, called: Called) {
        self.batch.called(scope, called);
    }

    /// A firing started.
    #[inline(always)]
    pub(super) fn started(&mut self, scope: u32, node: NodeIx, firing: u32) {
        self.flush_full();
        self.batch.started(scope, node, firing);
    }

    /// A firing emitted its last value and ended well.
    #[inline(always)]
    pub(super) fn done(&mut self, scope: u32, node: NodeIx, firing: u32, port: u16, value: &Value) {
        self.batch.done(scope, node, firing, port, value);
    }

    /// Hands a full batch on. Only between steps: what is handed on is the whole of what was decided together, so that a
    /// store never ends in the middle of it.
    #[inline(always)]
    pub(super) fn flush_full(&mut self) {
        if self.batch.len() >= self.full {
            self.flush();
        }
    }

    #[cold]
    pub(super) fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        // After a full batch others follow. A small run has one only, and room for a second, full one would cost it a
        // tenth of its time.
        let next = if self.batch.len() < BATCH { 0 } else { BATCH };
        let facts = std::mem::replace(&mut self.batch, Facts::with_capacity(next));
        let first = self.first;
        self.first += facts.len() as u64;
        if let Some(kept) = &mut self.kept {
            kept.extend(facts.records(first, self.now));
        }
        if let Some(store) = &mut self.store {
            store.steps.push(facts.records(first, self.now).collect());
        }
        if self.observers.is_empty() {
            return;
        }
        let batch = Arc::new(Batch {
            run: self.run.env.id.clone(),
            plan: Arc::clone(&self.run.plan),
            first,
            at: self.now,
            facts,
        });
        if let Some(held) = self.store.as_mut().and_then(|store| store.held.as_mut()) {
            return held.push(Observed::Events(batch));
        }
        // Most have one observer, who gets it without its being counted twice.
        let Some((last, others)) = self.observers.split_last() else {
            return;
        };
        for observer in others {
            observer.put(Observed::Events(Arc::clone(&batch)));
        }
        last.put(Observed::Events(batch));
    }

    pub(super) fn subscribe(&mut self, observer: Observer) {
        if !observer.wants_events() {
            return self.of_notes.push(observer);
        }
        self.flush();
        self.on = true;
        self.observers.push(observer);
    }

    pub(super) fn note(&mut self, note: Note) {
        if self.observers.is_empty() && self.of_notes.is_empty() {
            return;
        }
        if !self.observers.is_empty() {
            // In its place among the events.
            self.flush();
        }
        let note = Arc::new(note);
        for observer in self.observers.iter().chain(&self.of_notes) {
            observer.put(Observed::Note(Arc::clone(&note)));
        }
    }

    pub(super) fn take_kept(&mut self) -> Option<Vec<Record>> {
        self.flush();
        self.kept.take()
    }
}

impl Log {
    pub(super) fn plan(&self) -> &Arc<Plan> {
        &self.run.plan
    }

    /// Events from a position on, where they are kept.
    pub(super) fn kept_from(&mut self, from: usize) -> &[Record] {
        self.flush();
        self.kept
            .as_deref()
            .and_then(|kept| kept.get(from..))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{
        BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, Inputs, Shape, ShapeError,
    };
    use crate::run::{RunOptions, observe, observe_notes};
    use crate::value::Text;
    use crate::{Engine, Registry};

    struct Still;

    impl DynBlock for Still {
        fn info(&self) -> &BlockInfo {
            const INFO: BlockInfo = BlockInfo::new("t.still", 1, "Does nothing.");
            &INFO
        }

        fn describe(&self) -> Result<Shape, ShapeError> {
            Ok(Shape::new(Vec::new(), Vec::new()))
        }

        fn run<'a>(
            &'a self,
            _: &'a Context,
            _: Inputs<'a>,
            _: DynEmitter<'a>,
        ) -> BoxFuture<'a, Result<(), BlockError>> {
            Box::pin(std::future::ready(Ok(())))
        }
    }

    fn log(observers: Vec<Observer>) -> Log {
        let mut registry = Registry::new();
        registry.add(Still).unwrap();
        let json = br#"{"format": 1, "nodes": {"a": {"block": "t.still"}}}"#;
        let engine = Engine::new(registry);
        let plan = engine.load(json).unwrap();
        let core = engine.prepare(&plan, RunOptions::new());
        Log::new(Arc::clone(&core.run), observers, false)
    }

    #[test]
    fn whoever_wants_notes_alone_has_no_event_built() {
        assert!(!log(Vec::new()).on);
        assert!(log(vec![observe(9).0]).on);
        let (notes, _stream) = observe_notes(9);
        let mut log = log(vec![notes.clone()]);
        assert!(!log.on);
        log.subscribe(notes);
        assert!(!log.on);
        log.subscribe(observe(9).0);
        assert!(log.on);
    }

    #[test]
    fn a_note_leaves_a_batch_as_it_is_where_nobody_sees_both() {
        let (notes, mut stream) = observe_notes(9);
        let mut log = log(vec![notes]);
        log.keep(None);
        log.push(0, Event::CancelRequested);
        log.note(Note {
            run: Text::from("r"),
            scope: 0,
            node: NodeIx(0),
            node_id: Text::from("a"),
            firing: 0,
            said: crate::block::Said::Progress(0.5),
        });
        assert_eq!(log.batch.len(), 1);
        assert!(matches!(stream.try_next(), Some(Observed::Note(_))));
        assert!(stream.try_next().is_none());
    }
}
