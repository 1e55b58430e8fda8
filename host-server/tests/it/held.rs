//! A store that tests hold up, and that forgets runs at the worst moment.

use std::sync::Mutex;
use std::time::Duration;

use graphloom::host::{
    Append, BoxFuture, Claim, Created, Journal, Lease, MemoryStore, Message, NewRun, Notice,
    Release, RunEntry, RunQuery, Store, StoreError,
};
use graphloom::{Record, Text, Timestamp};
use tokio::sync::Semaphore;

/// A store that tests hold up.
pub(crate) struct Held {
    pub(crate) inner: MemoryStore,
    /// What has accepted or claimed a run waits for a permit before it says so.
    pub(crate) gate: Semaphore,
    /// These are forgotten when a list is asked to go on.
    pub(crate) doomed: Mutex<Vec<Text>>,
    /// The names of the calls that look something up.
    pub(crate) looks: Mutex<Vec<&'static str>>,
}

impl Held {
    /// Returns one that does not hold anything up.
    pub(crate) fn open() -> Self {
        Self {
            inner: MemoryStore::new(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            doomed: Mutex::default(),
            looks: Mutex::default(),
        }
    }

    /// Returns one that holds up whoever accepts or claims a run.
    pub(crate) fn shut() -> Self {
        Self {
            gate: Semaphore::new(0),
            ..Self::open()
        }
    }

    async fn pass(&self) {
        let let_through = self.gate.acquire().await;
        let_through.expect("it is never closed").forget();
    }

    fn looks(&self, name: &'static str) {
        self.looks.lock().expect("no panic").push(name);
    }
}

impl Journal for Held {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.append(append)
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.looks("read");
        self.inner.read(run, from, limit)
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)+) => {
        impl Store for Held {
            fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
                Box::pin(async move {
                    let created = self.inner.create(new).await;
                    self.pass().await;
                    created
                })
            }

            fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
                Box::pin(async move {
                    let by_name = claim.run.is_some();
                    let claimed = self.inner.claim(claim).await;
                    if by_name {
                        self.pass().await;
                    }
                    claimed
                })
            }

            fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
                self.looks("entries");
                Box::pin(async move {
                    if query.after.is_some() {
                        let doomed = std::mem::take(&mut *self.doomed.lock().expect("no panic"));
                        for run in doomed {
                            self.inner.delete(&run, Timestamp(i64::MAX)).await?;
                        }
                    }
                    self.inner.entries(query).await
                })
            }

            fn tenants(
                &self,
                after: Option<Text>,
                limit: usize,
            ) -> BoxFuture<'_, Result<Vec<Text>, StoreError>> {
                self.inner.tenants(after, limit)
            }

            fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
                self.inner.going(tenant)
            }

            $(fn $name<'a>(&'a self, $($arg: $ty),*) -> BoxFuture<'a, Result<$out, StoreError>> {
                self.looks(stringify!($name));
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
