//! Records that fail, or tell what is looked up in them.

use std::sync::Mutex;

use graphloom::Timestamp;
use graphloom_server::Tenant;
use graphloom_server::records::{
    Change, Entry, Kind, MemoryRecords, Query, RecordError, Records, Usage,
};

use crate::records::{Handed, hand_on};

/// Records in memory, but for what fails.
pub(crate) struct Faulty {
    inner: MemoryRecords,
    how: How,
    looks: Mutex<Vec<String>>,
}

#[derive(PartialEq)]
enum How {
    Full,
    Broken,
    Sound,
}

impl Faulty {
    /// They cannot be written.
    pub(crate) fn full() -> Self {
        Self {
            inner: MemoryRecords::default(),
            how: How::Full,
            looks: Mutex::default(),
        }
    }

    /// They tell what is looked up.
    pub(crate) fn sound() -> Self {
        Self {
            how: How::Sound,
            ..Self::full()
        }
    }

    /// Returns what was looked up for the tenant `b`, and forgets it.
    pub(crate) fn take_looks(&self) -> Vec<String> {
        std::mem::take(&mut *self.looks.lock().expect("no panic"))
    }

    fn look(&self, what: &str, tenant: &Tenant) {
        // The server does its own work for others meanwhile.
        if tenant.as_text().as_str() == "b" {
            self.looks.lock().expect("no panic").push(what.to_owned());
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
        self.look(kind.as_str(), tenant);
        if self.how == How::Broken {
            return Box::pin(std::future::pending());
        }
        self.inner.get(tenant, kind, id)
    }

    fn list<'a>(&'a self, tenant: &'a Tenant, query: Query) -> Handed<'a, Vec<Entry>> {
        assert!(self.how != How::Broken, "the records broke");
        self.look("list", tenant);
        self.inner.list(tenant, query)
    }

    fn usage<'a>(&'a self, tenant: &'a Tenant, kind: Kind) -> Handed<'a, Usage> {
        self.look("usage", tenant);
        self.inner.usage(tenant, kind)
    }
}
