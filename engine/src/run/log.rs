//! Events as they are decided: numbered, batched, handed to whoever records or listens. Nobody: nothing is built.

use std::sync::Arc;

use crate::event::{Event, Record};
use crate::plan::Plan;
use crate::time::Timestamp;
use crate::value::Text;

use super::observe::{Batch, Note, Observed, Observer};

/// How many events are handed over together; one lock and one wake-up for each such batch.
const BATCH: usize = 128;

pub(super) struct Log {
    pub(super) on: bool,
    run: Text,
    plan: Arc<Plan>,
    pub(super) next: u64,
    pub(super) now: Timestamp,
    batch: Vec<Record>,
    observers: Vec<Observer>,
    kept: Option<Vec<Record>>,
}

impl Log {
    pub(super) fn new(run: Text, plan: Arc<Plan>, observers: Vec<Observer>, keep: bool) -> Self {
        Self {
            on: keep || !observers.is_empty(),
            run,
            plan,
            next: 0,
            now: Timestamp::default(),
            batch: Vec::new(),
            observers,
            kept: keep.then(Vec::new),
        }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, scope: u32, event: Event) {
        let record = Record {
            seq: self.next,
            at: self.now,
            scope,
            event,
        };
        self.next += 1;
        self.batch.push(record);
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    #[cold]
    pub(super) fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        if let Some(kept) = &mut self.kept {
            kept.extend(self.batch.iter().cloned());
        }
        if self.observers.is_empty() {
            self.batch.clear();
            return;
        }
        // After a full batch others follow. A small run has one only, and room for a second, full one would cost it a
        // tenth of its time.
        let next = if self.batch.len() < BATCH { 0 } else { BATCH };
        let records = std::mem::replace(&mut self.batch, Vec::with_capacity(next));
        let batch = Arc::new(Batch {
            run: self.run.clone(),
            plan: Arc::clone(&self.plan),
            records,
        });
        for observer in &self.observers {
            observer.put(Observed::Events(Arc::clone(&batch)));
        }
    }

    pub(super) fn subscribe(&mut self, observer: Observer) {
        self.flush();
        self.on = true;
        self.observers.push(observer);
    }

    pub(super) fn note(&mut self, note: Note) {
        if self.observers.is_empty() {
            return;
        }
        self.flush();
        let note = Arc::new(note);
        for observer in &self.observers {
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
        &self.plan
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
