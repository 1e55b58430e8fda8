//! Results of runs that are over: computed from the events once, and held for as long as there is room.

use std::sync::{Mutex, MutexGuard};

use std::sync::Arc;

use graphloom::{Code, RunOutcome, Status, Text};

use crate::bounded::Bounded;
use crate::locked::lock;

/// About how many bytes an outcome takes beside its outputs.
const OUTCOME: usize = 1 << 10;

/// Results by run.
pub(super) struct Results(Mutex<Bounded<Text, Arc<RunOutcome>>>);

impl Results {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self(Mutex::new(Bounded::new(max_bytes)))
    }

    pub(super) fn get(&self, run: &Text) -> Option<Arc<RunOutcome>> {
        self.lock().get(run)
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
        lock(&self.0)
    }
}

/// Says whether an outcome tells only that this process has lost its run: what became of it is not known here.
pub(super) fn is_lost(outcome: &RunOutcome) -> bool {
    let code = outcome.failure.as_ref().map(|failure| failure.code);
    let lost = |code: Code| code == Code::RunNoRuntime || code.as_str().starts_with("STORE_");
    outcome.status == Status::Failed && code.is_some_and(lost)
}
