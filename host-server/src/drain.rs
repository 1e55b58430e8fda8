//! Whether anything new begins, and the way to the end.
//!
//! Three steps. While it *drains*, what there is goes on and nothing new begins: `/ready` says so, starts are refused,
//! nothing is claimed, no schedule fires. An administrator can begin that and take it back. When the process is *ending*
//! there is no way back. When it is *closing*, runs have ended or left, and what would go on for ever, answers that are
//! streams and WebSockets, ends too.

use std::sync::Arc;

use graphloom::CancelToken;
use tokio::sync::watch;

use crate::problem::{Problem, ServerCode};

/// After how many seconds to ask again.
const RETRY_AFTER: u64 = 5;

/// Whether anything new begins. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Drain(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    drains: watch::Sender<bool>,
    ending: CancelToken,
    closing: CancelToken,
}

impl Drain {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            drains: watch::Sender::new(false),
            ending: CancelToken::new(),
            closing: CancelToken::new(),
        }))
    }

    /// Says whether nothing new begins.
    pub(crate) fn is_on(&self) -> bool {
        *self.0.drains.borrow()
    }

    /// Refuses to begin something new while it drains.
    ///
    /// # Errors
    /// `HTTP_DRAINING`.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if !self.is_on() {
            return Ok(());
        }
        let detail = "the server is about to stop and begins nothing new";
        Err(Problem::new(ServerCode::Draining, detail).retry_after(RETRY_AFTER))
    }

    /// Has nothing new begin from now on, or lets it again. Says whether it drains now: one that is ending does.
    pub(crate) fn set(&self, drains: bool) -> bool {
        let drains = drains || self.0.ending.is_cancelled();
        self.0.drains.send_replace(drains);
        drains
    }

    /// The process is ending: there is no way back.
    pub(crate) fn end(&self) {
        self.0.ending.cancel();
        self.0.drains.send_replace(true);
    }

    /// What would go on for ever ends.
    pub(crate) fn close(&self) {
        self.0.closing.cancel();
    }

    /// Waits until it drains, or does no more.
    pub(crate) async fn until(&self, drains: bool) {
        let mut changes = self.0.drains.subscribe();
        // Its sender is there as long as this is.
        let _ = changes.wait_for(|now| *now == drains).await;
    }

    /// Returns what is cancelled when the process is ending: loops of the application stop.
    pub(crate) fn ending(&self) -> &CancelToken {
        &self.0.ending
    }

    /// Returns what is cancelled when everything that goes on for ever has to end.
    pub(crate) fn closing(&self) -> &CancelToken {
        &self.0.closing
    }
}
