//! Forgetting the bytes of a tenant, with those on their way in.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{Files, Space};
use crate::locked::lock;
use crate::principal::Tenant;
use crate::problem::Problem;

/// A tenant whose bytes are gone. Nothing is kept for it before this is dropped.
#[must_use]
pub(crate) struct Closed {
    files: Arc<Files>,
    space: Arc<Space>,
    /// Of two who erase one tenant the second would otherwise do so behind the back of whoever comes after the first.
    _one: OwnedMutexGuard<()>,
}

impl Drop for Closed {
    fn drop(&mut self) {
        let mut known = lock(&self.files.known);
        known.remove(&self.space.tenant);
    }
}

impl Files {
    /// Forgets all bytes of a tenant, and refuses those on their way in. What is noted of them is to be forgotten with its
    /// records before what this gives is dropped.
    ///
    /// # Errors
    /// What the disk failed with.
    pub(crate) async fn erase(self: &Arc<Self>, tenant: &Tenant) -> Result<Closed, Problem> {
        let closed = Closed {
            _one: Arc::clone(&self.erasing).lock_owned().await,
            files: Arc::clone(self),
            space: self.of(tenant),
        };
        closed.space.end().await?;
        Ok(closed)
    }
}
