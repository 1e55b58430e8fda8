//! When calls are carried out.

use graphloom::host::{Append, Journal, StoreError};

use super::harness::{Folder, all, append, begin, events, open};

#[tokio::test]
async fn calls_are_carried_out_in_the_order_in_which_they_are_made() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let appends: Vec<_> = (0..500)
        .map(|seq| store.append(Append::new(&lease, seq, events(seq, 1)).sync(seq % 50 == 0)))
        .collect();
    // The last one first: nobody waits for anybody.
    for append in appends.into_iter().rev() {
        assert_eq!(append.await, Ok(()));
    }
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 500));
}

#[tokio::test]
async fn what_nobody_awaits_is_carried_out_too() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    for seq in 0..200 {
        drop(store.append(Append::new(&lease, seq, events(seq, 1))));
    }
    drop(store);
    let store = open(folder.path());
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 200));
}

#[tokio::test]
async fn what_is_refused_among_others_does_not_undo_them() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let first = append(&store, &lease, 0, 2);
    let gap = append(&store, &lease, 9, 1);
    let second = append(&store, &lease, 2, 2);
    let (first, gap, second) = tokio::join!(first, gap, second);
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert!(matches!(gap, Err(StoreError::Sequence { found: 2, .. })));
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 4));
}

#[tokio::test]
async fn more_than_can_wait_is_refused_and_nothing_else_is() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let appends: Vec<_> = (0..200_000)
        .map(|_| store.append(Append::new(&lease, 0, events(0, 0))))
        .collect();
    let mut refused = 0;
    for append in appends {
        match append.await {
            Ok(()) => {}
            Err(StoreError::Busy { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0, "each had its place");
    assert_eq!(append(&store, &lease, 0, 1).await, Ok(()));
}
