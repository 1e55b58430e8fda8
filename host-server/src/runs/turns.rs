//! One at a time: for what is looked at and then done.

use std::hash::{BuildHasher, RandomState};

use graphloom::Text;
use tokio::sync::{Mutex, MutexGuard};

/// How many there are: two runs have the same one now and then, and only wait for each other.
const TURNS: usize = 64;

/// Turns by run.
pub(super) struct Turns {
    all: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: (0..TURNS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Waits for the turn of a run, which ends when what is returned is dropped.
    pub(super) async fn lock(&self, run: &Text) -> Option<MutexGuard<'_, ()>> {
        let hash = self.hasher.hash_one(run.as_str());
        let at = usize::try_from(hash % TURNS as u64).unwrap_or(0);
        let turn = self.all.get(at)?;
        Some(turn.lock().await)
    }
}
