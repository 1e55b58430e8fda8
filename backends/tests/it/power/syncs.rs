//! When something is synced, and when it is not.

use graphloom::Text;
use graphloom::host::{Append, Journal, Lease, Message, NewRun, Release, Store};
use graphloom_backends::sqlite::{Durability, SqliteOptions, SqliteStore};

use super::Bench;
use crate::harness::{all, at, begin, events, take};

struct Counted {
    bench: Bench,
    store: SqliteStore,
    lease: Lease,
    next: u64,
}

impl Counted {
    async fn new(durability: Durability) -> Self {
        let bench = Bench::new();
        let options = SqliteOptions::new().durability(durability);
        let store = bench.open(options).unwrap();
        let lease = begin(&store, "r").await;
        Self {
            bench,
            store,
            lease,
            next: 0,
        }
    }

    fn syncs(&self) -> u64 {
        self.bench.disk.syncs()
    }

    async fn append(&mut self, n: u64, sync: bool) -> u64 {
        let before = self.syncs();
        let append = Append::new(&self.lease, self.next, events(self.next, n)).sync(sync);
        assert_eq!(self.store.append(append).await, Ok(()));
        self.next += n;
        self.syncs() - before
    }
}

#[tokio::test]
async fn a_barrier_is_synced_before_it_is_answered_and_nothing_else_is() {
    let mut counted = Counted::new(Durability::Barrier).await;
    assert_eq!(counted.append(1, true).await, 1);
    for _ in 0..5 {
        assert_eq!(counted.append(1, false).await, 0);
    }
    assert_eq!(counted.append(2, true).await, 1);
    // For what was written before.
    assert_eq!(counted.append(0, true).await, 1);
    assert_eq!(counted.append(0, false).await, 0);
    let before = counted.syncs();
    let run = Text::from("r");
    counted.store.send(&run, Message::Cancel).await.unwrap();
    assert_eq!(counted.syncs(), before + 1);
    let new = NewRun::new("s", "{}", at(0));
    counted.store.create(new).await.unwrap();
    assert_eq!(counted.syncs(), before + 2);
    let (store, lease) = (&counted.store, &counted.lease);
    store.release(lease, Release::Queue, at(1)).await.unwrap();
    take(store, "r", "b", 2).await.unwrap();
    let state = Text::from("state");
    store.keep_snapshot(&run, 1, state).await.unwrap();
    assert_eq!(counted.syncs(), before + 2);
}

#[tokio::test]
async fn every_write_is_synced_where_that_is_asked_for() {
    let mut counted = Counted::new(Durability::Every).await;
    for n in 0..5 {
        assert_eq!(counted.append(n + 1, n % 2 == 0).await, 1);
    }
}

#[tokio::test]
async fn nothing_is_synced_for_anyone_where_that_is_asked_for() {
    let mut counted = Counted::new(Durability::Relaxed).await;
    for n in 0..5 {
        assert_eq!(counted.append(n, true).await, 0);
    }
    let before = counted.syncs();
    let run = Text::from("r");
    counted.store.send(&run, Message::Cancel).await.unwrap();
    begin(&counted.store, "s").await;
    assert_eq!(counted.syncs(), before);
}

#[tokio::test]
async fn many_share_a_sync() {
    let counted = Counted::new(Durability::Barrier).await;
    let mut leases = vec![counted.lease.clone()];
    for nth in 0..63 {
        leases.push(begin(&counted.store, &format!("r{nth}")).await);
    }
    let before = counted.syncs();
    let appends: Vec<_> = leases
        .iter()
        .map(|lease| {
            let append = Append::new(lease, 0, events(0, 1)).sync(true);
            counted.store.append(append)
        })
        .collect();
    for append in appends {
        assert_eq!(append.await, Ok(()));
    }
    let syncs = counted.syncs() - before;
    assert!((1..32).contains(&syncs), "{syncs} for 64");
}

#[tokio::test]
async fn what_follows_a_barrier_finds_it_on_the_disk() {
    for seed in 0..20 {
        let mut counted = Counted::new(Durability::Barrier).await;
        counted.append(3, false).await;
        counted.append(1, true).await;
        // Here something leaves the process that depends on the four.
        counted.append(2, false).await;
        counted.bench.disk.fail_after(0);
        drop(counted.store);
        counted.bench.disk.cut(seed);
        let store = counted.bench.open(SqliteOptions::new()).unwrap();
        let kept = all(&store, "r").await.unwrap();
        assert!(kept.len() >= 4, "{} after seed {seed}", kept.len());
        assert_eq!(kept, *events(0, kept.len() as u64));
    }
}
