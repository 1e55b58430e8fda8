//! What is known of each origin that requests went to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// Origins beyond so many are forgotten, if nothing goes on there.
const MANY: usize = 1_024;

/// Scheme, host and port: what a connection is kept for.
pub(super) type Origin = (String, String, u16);

/// Returns the origin of a URL that was judged.
pub(super) fn origin(url: &Url) -> Origin {
    (
        url.scheme().to_owned(),
        url.host_str().unwrap_or_default().to_owned(),
        url.port_or_known_default().unwrap_or_default(),
    )
}

/// All of them.
pub(super) struct Sites {
    connections: usize,
    known: Mutex<HashMap<Origin, Arc<Site>>>,
}

/// One origin.
pub(super) struct Site {
    slots: Arc<Semaphore>,
}

/// The right to one connection. Dropped when the answer is read, or given up.
pub(super) struct Lease {
    _slot: Option<OwnedSemaphorePermit>,
}

impl Sites {
    pub(super) fn new(connections: usize) -> Self {
        Self {
            connections: connections.max(1),
            known: Mutex::default(),
        }
    }

    pub(super) fn site(&self, url: &Url) -> Arc<Site> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            known.retain(|_, site| Arc::strong_count(site) > 1);
        }
        let site = known.entry(origin(url)).or_insert_with(|| {
            Arc::new(Site {
                slots: Arc::new(Semaphore::new(self.connections)),
            })
        });
        Arc::clone(site)
    }
}

impl Site {
    /// Waits for the right to one more connection.
    pub(super) async fn lease(self: Arc<Self>) -> Lease {
        // Nobody closes it, and without it there would merely be no bound.
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        Lease { _slot: slot }
    }
}
