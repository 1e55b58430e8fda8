//! A store that tells how it was called.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use graphloom::host::{
    Append, BoxFuture, Claim, Created, Journal, Lease, MemoryStore, Message, NewRun, Notice,
    Release, RunEntry, RunQuery, Store, StoreError,
};
use graphloom::{Record, Text, Timestamp};

/// A store that tells how it was called.
#[derive(Default)]
pub(crate) struct Told {
    inner: MemoryStore,
    calls: Mutex<Vec<String>>,
    pub(crate) news: Mutex<Vec<NewRun>>,
    /// So often it lets others go on before it gives a lease back.
    pub(crate) slow: AtomicUsize,
    /// So often it lets others go on before it says that a run is accepted.
    pub(crate) slow_create: AtomicUsize,
    /// It accepts no runs.
    pub(crate) is_full: AtomicBool,
}

impl Told {
    fn call(&self, name: &str) {
        self.calls.lock().unwrap().push(name.to_owned());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl Journal for Told {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        self.call(if append.sync {
            "append synced"
        } else {
            "append"
        });
        self.inner.append(append)
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.call("read");
        self.inner.read(run, from, limit)
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)+) => {
        impl Store for Told {
            fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
                self.call("create");
                if self.is_full.load(Ordering::SeqCst) {
                    let message = "no room".to_owned();
                    return Box::pin(async { Err(StoreError::Full { message }) });
                }
                self.news.lock().unwrap().push(new.clone());
                let mut created = self.inner.create(new);
                // It is carried out when it is called, and answered later.
                let answer = std::future::poll_fn(move |cx| Poll::Ready(created.as_mut().poll(cx)));
                Box::pin(async move {
                    let answer = answer.await;
                    for _ in 0..self.slow_create.load(Ordering::SeqCst) {
                        tokio::task::yield_now().await;
                    }
                    match answer {
                        Poll::Ready(answer) => answer,
                        Poll::Pending => panic!("a store in memory answers at once"),
                    }
                })
            }

            fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
                self.call("claim");
                self.inner.claim(claim)
            }

            fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
                self.inner.entries(query)
            }

            fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
                self.inner.going(tenant)
            }

            fn release<'a>(
                &'a self,
                lease: &'a Lease,
                how: Release,
                now: Timestamp,
            ) -> BoxFuture<'a, Result<(), StoreError>> {
                self.call("release");
                Box::pin(async move {
                    for _ in 0..self.slow.load(Ordering::SeqCst) {
                        tokio::task::yield_now().await;
                    }
                    self.inner.release(lease, how, now).await
                })
            }

            $(fn $name<'a>(&'a self, $($arg: $ty),*) -> BoxFuture<'a, Result<$out, StoreError>> {
                self.call(stringify!($name));
                self.inner.$name($($arg),*)
            })+
        }
    };
}

pass_on! {
    sync(run: &'a Text) -> ();
    heartbeat(leases: &'a [Lease], ttl: Duration, now: Timestamp) -> Vec<Notice>;
    send(run: &'a Text, message: Message) -> u64;
    messages(run: &'a Text) -> Vec<(u64, Message)>;
    entry(run: &'a Text) -> RunEntry;
    head(run: &'a Text) -> Text;
    keyed(key: &'a str) -> Option<Text>;
    keep_snapshot(run: &'a Text, events: u64, state: Text) -> ();
    snapshot(run: &'a Text, at_most: u64) -> Option<(u64, Text)>;
    delete(run: &'a Text, now: Timestamp) -> ();
}
