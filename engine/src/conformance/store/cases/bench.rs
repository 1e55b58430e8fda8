//! Short forms of what most cases do.

use std::sync::Arc;
use std::time::Duration;

use crate::event::Record;
use crate::host::{
    Append, Claim, Created, Lease, Message, NewRun, Notice, Release, RunEntry, RunQuery, Store,
    StoreError, WaitReason,
};
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::sample;

/// How long the leases of the cases hold.
pub(super) const TTL: Duration = Duration::from_millis(100);

/// A store with short forms of its calls. Those that return no result must succeed.
#[derive(Clone)]
pub(super) struct Bench(pub(super) Arc<dyn Store>);

/// A moment.
pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

pub(super) fn unknown<T>(run: &str) -> Result<T, StoreError> {
    Err(StoreError::UnknownRun {
        run: run.to_owned(),
    })
}

/// So many events from a sequence number on.
pub(super) fn events(first: u64, n: u64) -> Arc<Vec<Record>> {
    let records = (first..first + n).map(|seq| sample::record(seq, at(50), seq as u8 % 15));
    Arc::new(records.collect())
}

pub(super) fn answer(value: impl Into<Value>) -> Message {
    Message::Answer {
        node: Text::from("ask"),
        signal: None,
        value: value.into(),
    }
}

pub(super) fn park(until: Option<i64>) -> Release {
    Release::Park {
        reason: WaitReason::Human,
        until: until.map(at),
    }
}

impl Bench {
    pub(super) async fn create(&self, run: &str) {
        self.accept(sample::new_run(run, 0)).await;
    }

    pub(super) async fn accept(&self, new: NewRun) {
        assert_eq!(self.0.create(new).await, Ok(Created::Fresh));
    }

    /// Accepts a run and claims it at time 0.
    pub(super) async fn begin(&self, run: &str) -> Lease {
        self.create(run).await;
        self.take(run, "a", 0).await
    }

    pub(super) async fn take(&self, run: &str, owner: &str, now: i64) -> Lease {
        let mut leases = self.claim_one(run, owner, now).await.unwrap();
        assert_eq!(leases.len(), 1, "one run was asked for");
        leases.remove(0)
    }

    pub(super) async fn claim_one(
        &self,
        run: &str,
        owner: &str,
        now: i64,
    ) -> Result<Vec<Lease>, StoreError> {
        self.0.claim(Claim::one(owner, run, TTL, at(now))).await
    }

    /// Claims whatever can go on; returns the ids.
    pub(super) async fn claim(&self, max: usize, now: i64) -> Vec<Text> {
        let claim = Claim::any("b", max, TTL, at(now));
        let leases = self.0.claim(claim).await.unwrap();
        leases.into_iter().map(|lease| lease.run).collect()
    }

    pub(super) async fn append(
        &self,
        lease: &Lease,
        expected: u64,
        n: u64,
    ) -> Result<(), StoreError> {
        let events = events(expected, n);
        self.0.append(Append::new(lease, expected, events)).await
    }

    pub(super) async fn end(&self, lease: &Lease, seq: u64, status: crate::Status) {
        let ended = Arc::new(vec![sample::ended(seq, at(77), status)]);
        let append = Append::new(lease, seq, ended).sync(true);
        self.0.append(append).await.unwrap();
    }

    pub(super) async fn release(
        &self,
        lease: &Lease,
        how: Release,
        now: i64,
    ) -> Result<(), StoreError> {
        self.0.release(lease, how, at(now)).await
    }

    pub(super) async fn beat(&self, leases: &[Lease], now: i64) -> Vec<Notice> {
        self.0.heartbeat(leases, TTL, at(now)).await.unwrap()
    }

    pub(super) async fn send(&self, run: &str, message: Message) -> Result<u64, StoreError> {
        self.0.send(&Text::from(run), message).await
    }

    pub(super) async fn messages(&self, run: &str) -> Vec<(u64, Message)> {
        self.0.messages(&Text::from(run)).await.unwrap()
    }

    pub(super) async fn read(&self, run: &str, from: u64, limit: usize) -> Vec<Record> {
        self.0.read(&Text::from(run), from, limit).await.unwrap()
    }

    pub(super) async fn all(&self, run: &str) -> Vec<Record> {
        self.read(run, 0, usize::MAX).await
    }

    pub(super) async fn entry(&self, run: &str) -> RunEntry {
        self.0.entry(&Text::from(run)).await.unwrap()
    }

    /// Returns the ids that a query finds.
    pub(super) async fn list(&self, query: RunQuery) -> Vec<Text> {
        let entries = self.0.entries(query).await.unwrap();
        entries.into_iter().map(|entry| entry.run).collect()
    }
}
