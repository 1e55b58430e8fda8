//! Many callers at once.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::bench::{Bench, TTL, at, events};
use crate::host::{Append, Claim, StoreError};

pub(super) async fn each_run_is_claimed_by_one(bench: Bench) {
    for nth in 0..24 {
        bench.create(&format!("r{nth}")).await;
    }
    let mut tasks = JoinSet::new();
    for owner in 0..8 {
        let bench = bench.clone();
        tasks.spawn(async move {
            let mut had = Vec::new();
            // So often that one alone could have them all.
            for _ in 0..12 {
                let claim = Claim::any(format!("owner {owner}"), 2, TTL, at(0));
                had.extend(bench.0.claim(claim).await.unwrap());
            }
            had
        });
    }
    let mut had: Vec<_> = tasks.join_all().await.concat();
    assert!(had.iter().all(|lease| lease.epoch == 1));
    had.sort_by(|one, other| one.run.cmp(&other.run));
    had.dedup_by(|one, other| one.run == other.run);
    assert_eq!(had.len(), 24);
}

pub(super) async fn runs_are_written_side_by_side(bench: Bench) {
    let mut tasks = JoinSet::new();
    for nth in 0..16 {
        let bench = bench.clone();
        tasks.spawn(async move {
            let name = format!("r{nth}");
            let lease = bench.begin(&name).await;
            for seq in 0..20 {
                let append = Append::new(&lease, seq, events(seq, 1)).sync(seq % 7 == nth % 7);
                assert_eq!(bench.0.append(append).await, Ok(()));
                assert_eq!(bench.read(&name, seq, 9).await, *events(seq, 1));
            }
        });
    }
    tasks.join_all().await;
    for nth in 0..16 {
        assert_eq!(bench.all(&format!("r{nth}")).await, *events(0, 20));
    }
}

pub(super) async fn one_of_many_writers_wins(bench: Bench) {
    let lease = Arc::new(bench.begin("r").await);
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (bench, lease) = (bench.clone(), Arc::clone(&lease));
        tasks.spawn(async move { bench.append(&lease, 0, 3).await });
    }
    let results = tasks.join_all().await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "{results:?}");
    let sequence = |error: &StoreError| {
        matches!(
            error,
            StoreError::Sequence {
                expected: 0,
                found: 3,
                ..
            }
        )
    };
    let others = results.iter().filter_map(|result| result.as_ref().err());
    assert!(others.clone().all(sequence), "{results:?}");
    assert_eq!(bench.all("r").await, *events(0, 3));
}
