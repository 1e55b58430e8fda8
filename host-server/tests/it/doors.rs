//! Records that are kept waiting.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use graphloom::Timestamp;
use graphloom_server::Tenant;
use graphloom_server::records::{Change, Entry, MemoryRecords, Query, Records};
use tokio::sync::Semaphore;

use crate::records::{Handed, hand_on};

/// Records in memory, whose writes and lists can be kept waiting.
#[derive(Default)]
pub(crate) struct Doors {
    inner: MemoryRecords,
    pub(crate) writes: Door,
    pub(crate) lists: Door,
}

/// What others wait before while it is closed.
pub(crate) struct Door {
    came: AtomicUsize,
    closed: AtomicBool,
    waiting: Semaphore,
    open: Semaphore,
    done: Semaphore,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            came: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            waiting: Semaphore::new(0),
            open: Semaphore::new(0),
            done: Semaphore::new(0),
        }
    }
}

impl Door {
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Opens it, for those who wait and for all who come.
    pub(crate) fn open(&self) {
        self.closed.store(false, Ordering::SeqCst);
        self.open.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// Says how many have come.
    pub(crate) fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// Waits until somebody waits before it.
    pub(crate) async fn someone_waits(&self) {
        self.waiting.acquire().await.expect("a door").forget();
    }

    /// Waits until somebody who waited before it has done what they came for.
    pub(crate) async fn someone_is_done(&self) {
        self.done.acquire().await.expect("a door").forget();
    }

    async fn behind<T>(&self, work: impl Future<Output = T>) -> T {
        self.came.fetch_add(1, Ordering::SeqCst);
        if !self.closed.load(Ordering::SeqCst) {
            return work.await;
        }
        self.waiting.add_permits(1);
        self.open.acquire().await.expect("a door").forget();
        let done = work.await;
        self.done.add_permits(1);
        done
    }
}

impl Records for Doors {
    hand_on!(inner: get due find usage rest);

    fn write(&self, changes: Vec<Change>, now: Timestamp) -> Handed<'_, Vec<u64>> {
        let write = async move { self.inner.write(changes, now).await };
        Box::pin(self.writes.behind(write))
    }

    fn list<'a>(&'a self, tenant: &'a Tenant, query: Query) -> Handed<'a, Vec<Entry>> {
        let list = async move { self.inner.list(tenant, query).await };
        Box::pin(self.lists.behind(list))
    }
}
