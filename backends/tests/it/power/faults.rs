//! Disks that fail and go on.

use graphloom::host::{Append, Journal, StoreError};
use graphloom_backends::sqlite::SqliteOptions;

use super::Bench;
use crate::harness::{all, append, begin, events, take};

#[tokio::test]
async fn after_a_failed_sync_nothing_is_promised_any_more() {
    let bench = Bench::new();
    let store = bench.open(SqliteOptions::new()).unwrap();
    let lease = begin(&store, "r").await;
    let synced = Append::new(&lease, 0, events(0, 3)).sync(true);
    assert_eq!(store.append(synced).await, Ok(()));
    assert_eq!(append(&store, &lease, 3, 1).await, Ok(()));
    bench.disk.fail_syncs(true);
    let failed = store.append(Append::new(&lease, 4, events(4, 1)).sync(true));
    assert!(matches!(failed.await, Err(StoreError::Failed { .. })));
    bench.disk.fail_syncs(false);
    // Although the disk works again: nobody knows what became of what was to be synced.
    for sync in [true, false] {
        let later = Append::new(&lease, 4, events(4, 1)).sync(sync);
        let refused = store.append(later).await;
        let Err(StoreError::Failed { message }) = &refused else {
            panic!("{refused:?}")
        };
        assert!(message.contains("open it again"), "{message}");
    }
    drop(store);
    bench.disk.cut(3);
    let store = bench.open(SqliteOptions::new()).unwrap();
    let kept = all(&store, "r").await.unwrap();
    assert!(kept.len() >= 3);
    let n = kept.len() as u64;
    assert_eq!(kept, *events(0, n));
    let lease = take(&store, "r", "b", 1).await.unwrap();
    assert_eq!(append(&store, &lease, n, 1).await, Ok(()));
}

#[tokio::test]
async fn a_failed_write_fails_alone() {
    let bench = Bench::new();
    let store = bench.open(SqliteOptions::new()).unwrap();
    let lease = begin(&store, "r").await;
    assert_eq!(append(&store, &lease, 0, 3).await, Ok(()));
    bench.disk.fail_writes(true);
    let failed = append(&store, &lease, 3, 1).await;
    assert!(
        matches!(failed, Err(StoreError::Failed { .. })),
        "{failed:?}"
    );
    bench.disk.fail_writes(false);
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 3));
    assert_eq!(append(&store, &lease, 3, 2).await, Ok(()));
    assert_eq!(store.verify().await.unwrap(), []);
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let bench = Bench::new();
    let store = bench.open(SqliteOptions::new()).unwrap();
    let lease = begin(&store, "r").await;
    bench.disk.limit(Some(600_000));
    let mut next = 0;
    let refused = loop {
        match append(&store, &lease, next, 50).await {
            Ok(()) => next += 50,
            refused => break refused,
        }
    };
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    assert!(next > 0);
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, next));
    bench.disk.limit(None);
    assert_eq!(append(&store, &lease, next, 50).await, Ok(()));
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, next + 50));
    assert_eq!(store.verify().await.unwrap(), []);
}
