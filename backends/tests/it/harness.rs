//! What the tests share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use graphloom::conformance::store::record;
use graphloom::host::{Append, Claim, Created, Lease, NewRun, Store, StoreError};
use graphloom::value::Map;
use graphloom::{Event, Record, Status, Text, Timestamp, Value};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

/// How long the leases of the tests hold.
pub(crate) const TTL: Duration = Duration::from_millis(100);

/// An empty folder, gone with its value.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("graphloom-{}-{next}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How many generated cases a test looks at: `short` times what the environment says.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is a host, and this is its one setting"
)]
pub(crate) fn cases(short: u64) -> u64 {
    let factor = std::env::var("GRAPHLOOM_SOAK").ok();
    let factor = factor.and_then(|factor| factor.parse::<f64>().ok());
    (short as f64 * factor.unwrap_or(1.0)).max(1.0) as u64
}

/// A sequence of numbers that follows from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        // splitmix64: https://prng.di.unimi.it/splitmix64.c
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

pub(crate) fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder, SqliteOptions::new()).unwrap()
}

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

/// So many small events from a sequence number on.
pub(crate) fn events(first: u64, n: u64) -> Arc<Vec<Record>> {
    let records = (first..first + n).map(|seq| record(seq, at(50), (seq % 15) as u8));
    Arc::new(records.collect())
}

/// The end of a run, by which it is completed.
pub(crate) fn ending(seq: u64) -> Arc<Vec<Record>> {
    let event = Event::Ended {
        status: Status::Completed,
        failure: None,
    };
    let mut record = record(seq, at(50), 0);
    record.event = event;
    Arc::new(vec![record])
}

/// Makes all these calls, in their order, before it waits for any of them.
pub(crate) async fn at_once<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut calls: Vec<_> = calls.map(|call| (Box::pin(call), None)).collect();
    std::future::poll_fn(|cx| {
        for (call, answer) in &mut calls {
            // A store takes a call when it is polled for the first time.
            if answer.is_none()
                && let Poll::Ready(given) = call.as_mut().poll(cx)
            {
                *answer = Some(given);
            }
        }
        match calls.iter().all(|(_, answer)| answer.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    let answers = calls.into_iter().map(|(_, answer)| answer.unwrap());
    answers.collect()
}

/// An event with a body of so many bytes that follow from `fill`.
pub(crate) fn large(seq: u64, bytes: usize, fill: &str) -> Record {
    let mut record = record(seq, at(50), 3);
    if let Event::Emitted { value, .. } = &mut record.event {
        *value = Value::from(fill.repeat(bytes / fill.len()));
    }
    record
}

pub(crate) async fn create(store: &dyn Store, run: &str) {
    let new = NewRun::new(run, format!("head of {run}"), at(0));
    store.create(new).await.unwrap();
}

pub(crate) async fn take(
    store: &dyn Store,
    run: &str,
    owner: &str,
    now: i64,
) -> Result<Lease, StoreError> {
    let leases = store.claim(Claim::one(owner, run, TTL, at(now))).await?;
    Ok(leases.into_iter().next().unwrap())
}

/// A run of which everything is said that can be.
pub(crate) fn labelled(run: &str) -> NewRun {
    let labels = Map::from_iter([("project", "atlas"), ("note", &*"x".repeat(5_000))]);
    NewRun::new(run, format!("head of {run}"), at(0))
        .tenant("ada")
        .source("flow-1")
        .labels(labels)
}

/// Accepts a run of which everything is said, with the lease of whoever begins it.
pub(crate) async fn begin_labelled(store: &dyn Store, run: &str) -> Lease {
    let new = labelled(run).claimed_by("a", TTL);
    match store.create(new).await {
        Ok(Created::Held(lease)) => lease,
        other => panic!("{other:?}"),
    }
}

/// Accepts a run and claims it at time 0.
pub(crate) async fn begin(store: &dyn Store, run: &str) -> Lease {
    create(store, run).await;
    take(store, run, "a", 0).await.unwrap()
}

/// Claims whatever can go on; returns the ids.
pub(crate) async fn claim(store: &dyn Store, now: i64) -> Vec<String> {
    let leases = store.claim(Claim::any("b", 99, TTL, at(now))).await;
    let names = leases.unwrap().into_iter().map(|lease| lease.run);
    names.map(Text::into_string).collect()
}

pub(crate) async fn append(
    store: &dyn Store,
    lease: &Lease,
    first: u64,
    n: u64,
) -> Result<(), StoreError> {
    store
        .append(Append::new(lease, first, events(first, n)))
        .await
}

pub(crate) async fn all(store: &dyn Store, run: &str) -> Result<Vec<Record>, StoreError> {
    store.read(&Text::from(run), 0, usize::MAX).await
}
