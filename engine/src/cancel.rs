//! A request to stop, and who has heard it: a tree of tokens.

use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

/// Tells work to stop. Clones are the same token; a child stops with its parent, not the other way round.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(CancellationToken);

impl CancelToken {
    /// Returns a token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a token that is cancelled when this one is.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Asks to stop. Idempotent.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Says whether someone asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until someone asks to stop. Cancel safe.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
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
