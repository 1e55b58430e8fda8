//! A store that ends the process at a chosen append.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use graphloom::host::{
    Append, BoxFuture, Claim, Created, Journal, Lease, Message, NewRun, Notice, Release, RunEntry,
    RunQuery, Store, StoreError,
};
use graphloom::{Record, Text, Timestamp};

struct Failing {
    inner: Arc<dyn Store>,
    appends: AtomicU64,
    before: Option<u64>,
    after: Option<u64>,
}

/// Ends the process at the append that the environment names, if it names one.
#[expect(clippy::disallowed_methods, reason = "a host reads it, for its tests")]
pub(crate) fn failing(inner: Arc<dyn Store>) -> Arc<dyn Store> {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    Arc::new(Failing {
        inner,
        appends: AtomicU64::new(0),
        before: number("GRAPHLOOM_PROBE_APPEND"),
        after: number("GRAPHLOOM_PROBE_APPENDED"),
    })
}

impl Journal for Failing {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        let number = self.appends.fetch_add(1, Ordering::SeqCst);
        if self.before == Some(number) {
            std::process::abort();
        }
        let appended = self.inner.append(append);
        Box::pin(async move {
            let appended = appended.await;
            if self.after == Some(number) {
                std::process::abort();
            }
            appended
        })
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.inner.read(run, from, limit)
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)+) => {
        impl Store for Failing {
            fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
                self.inner.create(new)
            }

            fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
                self.inner.claim(claim)
            }

            fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
                self.inner.entries(query)
            }

            fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
                self.inner.going(tenant)
            }

            $(fn $name<'a>(&'a self, $($arg: $ty),*) -> BoxFuture<'a, Result<$out, StoreError>> {
                self.inner.$name($($arg),*)
            })+
        }
    };
}

pass_on! {
    sync(run: &'a Text) -> ();
    heartbeat(leases: &'a [Lease], ttl: Duration, now: Timestamp) -> Vec<Notice>;
    release(lease: &'a Lease, how: Release, now: Timestamp) -> ();
    send(run: &'a Text, message: Message) -> u64;
    messages(run: &'a Text) -> Vec<(u64, Message)>;
    entry(run: &'a Text) -> RunEntry;
    head(run: &'a Text) -> Text;
    keyed(key: &'a str) -> Option<Text>;
    keep_snapshot(run: &'a Text, events: u64, state: Text) -> ();
    snapshot(run: &'a Text, at_most: u64) -> Option<(u64, Text)>;
    delete(run: &'a Text, now: Timestamp) -> ();
}
