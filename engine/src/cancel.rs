//! A request to stop, and who has heard it: tokens that know their parents.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use tokio::sync::Notify;

/// Tells work to stop. Clones are the same token; a child stops with its parent, not the other way round.
// Looked at before and after every poll of every task, so that looking is a load and takes no lock: with a lock each, ten
// thousand waiting nodes took a fiftieth longer.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    wake: Notify,
    parent: Option<CancelToken>,
}

impl CancelToken {
    /// Returns a token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a token that is cancelled when this one is.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(Inner {
            parent: Some(self.clone()),
            ..Inner::default()
        }))
    }

    /// Asks to stop. Idempotent.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        self.0.wake.notify_waiters();
    }

    /// Says whether someone asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let own = self.0.cancelled.load(Ordering::Acquire);
        own || self.0.parent.as_ref().is_some_and(Self::is_cancelled)
    }

    /// Waits until someone asks to stop. Cancel safe.
    pub async fn cancelled(&self) {
        // Made before the look at the flags: they hear whatever is said from here on, polled or not.
        let mut own = pin!(self.0.wake.notified());
        let mut above = Vec::new();
        let mut up = &self.0.parent;
        while let Some(token) = up {
            above.push(Box::pin(token.0.wake.notified()));
            up = &token.0.parent;
        }
        if self.is_cancelled() {
            return;
        }
        poll_fn(|cx| {
            let is_told = own.as_mut().poll(cx).is_ready();
            match is_told || above.iter_mut().any(|one| one.as_mut().poll(cx).is_ready()) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

/// A token that is made when someone first needs it: making and dropping one costs as much as two small nodes, and most
/// small runs end before anyone could hear it.
#[derive(Debug, Default)]
pub(crate) struct LazyToken(OnceLock<CancelToken>);

impl LazyToken {
    pub(crate) fn get(&self) -> &CancelToken {
        self.0.get_or_init(CancelToken::new)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.get().is_some_and(CancelToken::is_cancelled)
    }

    pub(crate) fn cancel(&self) {
        self.get().cancel();
    }

    pub(crate) async fn cancelled(&self) {
        self.get().cancelled().await;
    }
}

impl From<Option<CancelToken>> for LazyToken {
    fn from(token: Option<CancelToken>) -> Self {
        let lazy = Self::default();
        if let Some(token) = token {
            let _ = lazy.0.set(token);
        }
        lazy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::BoxFuture;

    /// Says whether a future is over after one more poll.
    async fn is_over(future: &mut BoxFuture<'_, ()>) -> bool {
        poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
    }

    #[tokio::test]
    async fn a_child_stops_with_its_parent_and_not_the_other_way_round() {
        let parent = CancelToken::new();
        let child = parent.child();
        let grandchild = child.child();
        let mut waits: [BoxFuture<'_, ()>; 3] = [
            Box::pin(parent.cancelled()),
            Box::pin(child.cancelled()),
            Box::pin(grandchild.cancelled()),
        ];
        for wait in &mut waits {
            assert!(!is_over(wait).await);
        }
        child.cancel();
        let mut over = Vec::new();
        for wait in &mut waits {
            over.push(is_over(wait).await);
        }
        assert_eq!(over, [false, true, true]);
        assert!(!parent.is_cancelled() && grandchild.is_cancelled());
        parent.clone().cancel();
        assert!(is_over(&mut waits[0]).await);
        parent.child().cancelled().await;
    }

    /// A request between the look at the flag and the first poll of what waits is heard too.
    #[tokio::test]
    async fn no_request_is_missed() {
        for _ in 0..1_000 {
            let token = CancelToken::new();
            let waits = tokio::task::spawn_blocking({
                let token = token.clone();
                move || token.cancel()
            });
            token.cancelled().await;
            waits.await.unwrap();
        }
    }
}
