//! Results of runs that are over: computed from the events once, and held for as long as there is room.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use graphloom::{Code, RunOutcome, Status, Text};

use crate::bounded::Bounded;
use crate::locked::lock;

/// About how many bytes an outcome takes beside its outputs.
const OUTCOME: usize = 1 << 10;

/// Results by run.
pub(super) struct Results {
    kept: Mutex<Bounded<Text, Arc<RunOutcome>>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Results {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            kept: Mutex::new(Bounded::new(max_bytes)),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    pub(super) fn get(&self, run: &Text) -> Option<Arc<RunOutcome>> {
        let found = self.lock().get(run);
        let count = if found.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Says how many bytes are held, and how often what was asked for was held, and was not.
    pub(super) fn held(&self) -> (usize, u64, u64) {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        (self.lock().bytes(), count(&self.hits), count(&self.misses))
    }

    /// Holds how a run ended. One that left this process in another way has no end to hold.
    pub(super) fn note(&self, outcome: &Arc<RunOutcome>) {
        if !outcome.status.is_terminal() || is_lost(outcome) {
            return;
        }
        let values = outcome.outputs.iter().flat_map(|(_, values)| values);
        let bytes: usize = values.map(graphloom::Value::weight_bytes).sum();
        let (run, outcome) = (outcome.run_id.clone(), Arc::clone(outcome));
        self.lock().put(run, outcome, bytes + OUTCOME);
    }

    pub(super) fn forget(&self, run: &Text) {
        self.lock().remove(run);
    }

    fn lock(&self) -> MutexGuard<'_, Bounded<Text, Arc<RunOutcome>>> {
        lock(&self.kept)
    }
}

/// Says whether an outcome tells only that this process has lost its run: what became of it is not known here.
pub(crate) fn is_lost(outcome: &RunOutcome) -> bool {
    let code = outcome.failure.as_ref().map(|failure| failure.code);
    let lost = |code: Code| code == Code::RunNoRuntime || code.as_str().starts_with("STORE_");
    outcome.status == Status::Failed && code.is_some_and(lost)
}
