//! Where a stream ends: a sum that the run's blocks and whoever started the run share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A sum. Clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<AtomicU64>);

impl Tally {
    pub(super) fn add(&self, value: u64) {
        self.0.fetch_add(value, Ordering::Relaxed);
    }

    pub(super) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
