//! When something is synced, and when it is not.

use std::sync::Arc;

use graphloom::host::{
    Append, Created, Journal, Lease, Message, NewRun, Release, Store, StoreError,
};
use graphloom::{Event, Status, Text};
use graphloom_backends::sqlite::{Durability, SqliteOptions, SqliteStore};

use super::Bench;
use crate::harness::{TTL, all, append, at, begin, events, labelled, take};

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

/// Accepts a run without a sync of its own, and begins it.
async fn accept_unsynced(bench: &Bench, store: &SqliteStore) -> Lease {
    let before = bench.disk.syncs();
    let new = labelled("r").sync(false).claimed_by("a", TTL);
    let Ok(Created::Held(lease)) = store.create(new).await else {
        panic!("it was not accepted")
    };
    assert_eq!(bench.disk.syncs(), before);
    lease
}

/// The power fails; returns what is there then.
fn cut(bench: &Bench, store: SqliteStore, seed: u64) -> SqliteStore {
    bench.disk.fail_after(0);
    drop(store);
    bench.disk.cut(seed);
    bench.open(SqliteOptions::new()).unwrap()
}

#[tokio::test]
async fn one_accepted_unsynced_and_ended_synced_is_there() {
    for seed in 0..20 {
        let bench = Bench::new();
        let store = bench.open(SqliteOptions::new()).unwrap();
        let lease = accept_unsynced(&bench, &store).await;
        append(&store, &lease, 0, 3).await.unwrap();
        let mut last = events(3, 1).to_vec();
        last[0].event = Event::Ended {
            status: Status::Completed,
            failure: None,
        };
        let end = Append::new(&lease, 3, Arc::new(last)).sync(true);
        let before = bench.disk.syncs();
        store.append(end).await.unwrap();
        assert_eq!(bench.disk.syncs(), before + 1);
        let store = cut(&bench, store, seed);
        let entry = store.entry(&Text::from("r")).await.unwrap();
        assert_eq!((entry.status, entry.events), (Status::Completed, 4));
        assert_eq!(entry.labels, labelled("r").labels);
        assert_eq!(store.verify().await.unwrap(), []);
    }
}

#[tokio::test]
async fn one_accepted_unsynced_is_there_once_something_later_is_synced() {
    let mut lost = 0;
    for seed in 0..60 {
        let bench = Bench::new();
        let store = bench.open(SqliteOptions::new()).unwrap();
        let lease = accept_unsynced(&bench, &store).await;
        let run = Text::from("r");
        let before = bench.disk.syncs();
        let is_promised = match seed % 4 {
            0 => false,
            1 => store.sync(&run).await.is_ok(),
            2 => {
                let nothing = Append::new(&lease, 0, events(0, 0)).sync(true);
                store.append(nothing).await.is_ok()
            }
            _ => {
                // Of another run; and so does one who asks for what is known, and is told that it is.
                store.create(labelled("s").key("k")).await.is_ok()
            }
        };
        let syncs = bench.disk.syncs() - before;
        assert_eq!(syncs, u64::from(is_promised), "seed {seed}");
        let store = cut(&bench, store, seed);
        match store.entry(&run).await {
            Ok(entry) => assert_eq!((entry.epoch, &*entry.tenant), (1, "ada")),
            Err(error) => {
                assert!(!is_promised, "seed {seed}: {error}");
                lost += 1;
            }
        }
        // Whatever there is is whole.
        assert_eq!(store.verify().await.unwrap(), []);
    }
    assert!(lost > 0, "a power cut takes nothing");
}

#[tokio::test]
async fn who_repeats_a_request_is_promised_what_the_first_one_was_not() {
    for seed in 0..20 {
        let bench = Bench::new();
        let store = bench.open(SqliteOptions::new()).unwrap();
        let new = || labelled("r").key("order-7");
        store.create(new().sync(false)).await.unwrap();
        let before = bench.disk.syncs();
        let known = Ok(Created::Known(Text::from("r")));
        assert_eq!(store.create(new().sync(false)).await, known);
        assert_eq!(bench.disk.syncs(), before);
        assert_eq!(store.create(new()).await, known);
        assert_eq!(bench.disk.syncs(), before + 1);
        let store = cut(&bench, store, seed);
        assert!(store.entry(&Text::from("r")).await.is_ok());
    }
}

#[tokio::test]
async fn a_run_is_synced_whoever_has_it_and_when_it_is_over() {
    let mut counted = Counted::new(Durability::Barrier).await;
    let run = Text::from("r");
    counted.append(1, false).await;
    let before = counted.syncs();
    counted.store.sync(&run).await.unwrap();
    assert_eq!(counted.syncs(), before + 1);
    take(&counted.store, "r", "b", 1000).await.unwrap();
    counted.store.sync(&run).await.unwrap();
    assert_eq!(counted.syncs(), before + 2);
    let unknown = counted.store.sync(&Text::from("s")).await;
    assert!(matches!(unknown, Err(StoreError::UnknownRun { .. })));
    // One disk at a time.
    drop(counted);
    let relaxed = Counted::new(Durability::Relaxed).await;
    let before = relaxed.syncs();
    relaxed.store.sync(&run).await.unwrap();
    assert_eq!(relaxed.syncs(), before);
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
