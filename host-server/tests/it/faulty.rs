//! Records that fail.

use graphloom::Timestamp;
use graphloom_server::Tenant;
use graphloom_server::records::{Change, Entry, Kind, MemoryRecords, Query, RecordError, Records};

use crate::records::{Handed, hand_on};

/// Records in memory, but for what fails.
pub(crate) struct Faulty {
    inner: MemoryRecords,
    how: How,
}

#[derive(PartialEq)]
enum How {
    Full,
    Broken,
}

impl Faulty {
    /// They cannot be written.
    pub(crate) fn full() -> Self {
        Self {
            inner: MemoryRecords::default(),
            how: How::Full,
        }
    }

    /// A list panics, and a look at one never ends.
    pub(crate) fn broken() -> Self {
        Self {
            how: How::Broken,
            ..Self::full()
        }
    }
}

impl Records for Faulty {
    hand_on!(inner: due find rest);

    fn write(&self, changes: Vec<Change>, now: Timestamp) -> Handed<'_, Vec<u64>> {
        if self.how == How::Full {
            let message = "canary: no space left on device".to_owned();
            return Box::pin(async { Err(RecordError::Failed { message }) });
        }
        self.inner.write(changes, now)
    }

    fn get<'a>(&'a self, tenant: &'a Tenant, kind: Kind, id: &'a str) -> Handed<'a, Option<Entry>> {
        if self.how == How::Broken {
            return Box::pin(std::future::pending());
        }
        self.inner.get(tenant, kind, id)
    }

    fn list<'a>(&'a self, tenant: &'a Tenant, query: Query) -> Handed<'a, Vec<Entry>> {
        assert!(self.how != How::Broken, "the records broke");
        self.inner.list(tenant, query)
    }
}
