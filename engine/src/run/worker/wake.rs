//! What wakes a worker before it would look by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// The two loops of a worker, each of which sleeps between looks.
#[derive(Debug, Default)]
pub(in crate::run) struct Wake {
    /// The one that claims runs.
    pub(in crate::run) claims: Notify,
    /// The one that renews leases and fetches messages.
    pub(in crate::run) beat: Notify,
    /// The one that claims has no room for another run.
    full: AtomicBool,
}

impl Wake {
    /// Says that the loop that claims waits for room. Whoever says so looks once more before it sleeps: a run may have left
    /// meanwhile.
    pub(in crate::run) fn wait_for_room(&self) {
        self.full.store(true, Ordering::SeqCst);
    }
}

/// What ties a run to the worker that goes on with it.
#[derive(Debug, Clone)]
pub(in crate::run) struct Tie {
    /// How long the answer of a store says that the run is still ours; see docs/decisions/0018-a-lease-a-run.md.
    pub(in crate::run) fresh_for: Duration,
    pub(in crate::run) wake: Arc<Wake>,
}

/// Wakes the worker of a run when that leaves memory, however it does, if the worker waits for that.
pub(in crate::run) struct Leaving {
    tie: Option<Tie>,
    /// It waits for someone; a message may have come since it was last asked for one, and it is queued then.
    pub(in crate::run) parked: bool,
}

impl Leaving {
    pub(in crate::run) fn new(tie: Option<Tie>) -> Self {
        Self { tie, parked: false }
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(Tie { wake, .. }) = &self.tie {
            // A worker that has room looks when it wants to: to look is a write.
            if wake.full.swap(false, Ordering::SeqCst) || self.parked {
                wake.claims.notify_one();
            }
        }
    }
}
