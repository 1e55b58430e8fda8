//! No room.

use graphloom::host::{Append, Journal, NewRun, Store, StoreError};
use graphloom::{Text, Timestamp};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use super::harness::{Folder, all, append, at, begin, events, open};

fn is_full<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Full { .. }))
}

#[tokio::test]
async fn a_full_store_says_so_and_loses_nothing() {
    let folder = Folder::new();
    let options = SqliteOptions::new().max_pages(60);
    let store = SqliteStore::open(folder.path(), options).unwrap();
    let other = begin(&store, "other").await;
    append(&store, &other, 0, 1000).await.unwrap();
    let lease = begin(&store, "r").await;
    let mut next = 0;
    let refused = loop {
        match append(&store, &lease, next, 100).await {
            Ok(()) => next += 100,
            refused => break refused,
        }
    };
    assert!(is_full(&refused), "{refused:?}");
    let state = Text::from("x".repeat(100_000));
    let kept = store.keep_snapshot(&Text::from("r"), 1, state).await;
    assert!(is_full(&kept), "{kept:?}");
    let head = "x".repeat(100_000);
    let new = store.create(NewRun::new("s", head, Timestamp(0))).await;
    assert!(is_full(&new), "{new:?}");
    // All that was acknowledged is there, and nothing of the rest.
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, next));
    assert_eq!(store.entry(&Text::from("r")).await.unwrap().events, next);
    assert_eq!(store.verify().await.unwrap(), []);
    // Room is made.
    assert_eq!(store.delete(&Text::from("other"), at(100)).await, Ok(()));
    assert_eq!(append(&store, &lease, next, 100).await, Ok(()));
    drop(store);
    let store = open(folder.path());
    assert_eq!(append(&store, &lease, next + 100, 1000).await, Ok(()));
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, next + 1100));
}

#[tokio::test]
async fn the_one_that_does_not_fit_fails_alone() {
    let folder = Folder::new();
    let options = SqliteOptions::new().max_pages(100);
    let store = SqliteStore::open(folder.path(), options).unwrap();
    let (lease, large) = (begin(&store, "r").await, begin(&store, "large").await);
    // While the first one is done the others gather, and are tried in one transaction.
    let whole = |lease, first, n| Append::new(lease, first, events(first, n));
    let slow = begin(&store, "slow").await;
    let slow = whole(&slow, 0, 1500);
    let refused = whole(&large, 0, 20_000);
    let small: Vec<_> = (0..40).map(|seq| whole(&lease, seq, 1)).collect();
    let (before, after) = small.split_at(20);
    let append = |append: &Append| store.append(append.clone());
    let slow = append(&slow);
    let before: Vec<_> = before.iter().map(append).collect();
    let refused = append(&refused);
    let after: Vec<_> = after.iter().map(append).collect();
    assert_eq!(slow.await, Ok(()));
    for fits in before.into_iter().chain(after) {
        assert_eq!(fits.await, Ok(()));
    }
    let refused = refused.await;
    assert!(is_full(&refused), "{refused:?}");
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 40));
    assert_eq!(all(&store, "large").await.unwrap(), []);
    assert_eq!(store.verify().await.unwrap(), []);
}
