//! A store that says what was kept: those who watch runs of this process need not look for it.

use std::time::Duration;

use std::sync::Arc;

use graphloom::host::{
    Append, BoxFuture, Claim, Created, Journal, Lease, Message, NewRun, Notice, Release, RunEntry,
    RunQuery, Store, StoreError,
};
use graphloom::{Event, Record, Text, Timestamp};

use super::feed::Head;
use super::hub::Hub;

/// The store of the runs, and who is told.
pub(super) struct Telling {
    pub(super) store: Arc<dyn Store>,
    pub(super) hub: Arc<Hub>,
}

impl Journal for Telling {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        let run = append.lease.run.clone();
        let head = append.records.last().map(head);
        let appended = self.store.append(append);
        Box::pin(async move {
            appended.await?;
            if let Some(head) = head {
                self.hub.kept(&run, head);
            }
            Ok(())
        })
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.store.read(run, from, limit)
    }
}

/// Returns what is kept when this is the last event that is.
fn head(last: &Record) -> Head {
    let over = match last.event {
        Event::Ended { status, .. } => Some(status),
        _ => None,
    };
    Head {
        events: last.seq + 1,
        over,
        gone: false,
    }
}

impl Store for Telling {
    fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
        let run = new.run.clone();
        Box::pin(async move {
            let created = self.store.create(new).await?;
            self.hub.moved(&run);
            Ok(created)
        })
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
        Box::pin(async move {
            let leases = self.store.claim(claim).await?;
            leases.iter().for_each(|lease| self.hub.moved(&lease.run));
            Ok(leases)
        })
    }

    fn sync<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.sync(run)
    }

    fn heartbeat<'a>(
        &'a self,
        leases: &'a [Lease],
        ttl: Duration,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Notice>, StoreError>> {
        self.store.heartbeat(leases, ttl, now)
    }

    fn release<'a>(
        &'a self,
        lease: &'a Lease,
        how: Release,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.store.release(lease, how, now).await?;
            self.hub.moved(&lease.run);
            Ok(())
        })
    }

    fn send<'a>(
        &'a self,
        run: &'a Text,
        message: Message,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.store.send(run, message)
    }

    fn messages<'a>(
        &'a self,
        run: &'a Text,
    ) -> BoxFuture<'a, Result<Vec<(u64, Message)>, StoreError>> {
        self.store.messages(run)
    }

    fn entry<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<RunEntry, StoreError>> {
        self.store.entry(run)
    }

    fn head<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<Text, StoreError>> {
        self.store.head(run)
    }

    fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
        self.store.entries(query)
    }

    fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.going(tenant)
    }

    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Text>, StoreError>> {
        self.store.tenants(after, limit)
    }

    fn keyed<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Text>, StoreError>> {
        self.store.keyed(key)
    }

    fn keep_snapshot<'a>(
        &'a self,
        run: &'a Text,
        events: u64,
        state: Text,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.keep_snapshot(run, events, state)
    }

    fn snapshot<'a>(
        &'a self,
        run: &'a Text,
        at_most: u64,
    ) -> BoxFuture<'a, Result<Option<(u64, Text)>, StoreError>> {
        self.store.snapshot(run, at_most)
    }

    fn scrub(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.scrub()
    }

    fn delete<'a>(
        &'a self,
        run: &'a Text,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.store.delete(run, now).await?;
            self.hub.gone(run);
            Ok(())
        })
    }
}
