//! Copies of a store that is in use.

use std::fs;
use std::sync::Arc;

use graphloom::Text;
use graphloom::host::{Append, Journal, Store, StoreError};
use graphloom_backends::sqlite::{BlobPlace, SqliteOptions, SqliteStore};

use super::harness::{
    Folder, all, append, at, begin, begin_labelled, events, labelled, large, open, take,
};

#[tokio::test]
async fn a_copy_is_a_store_as_of_one_moment() {
    let place = Folder::new();
    let store = open(&place.join("store"));
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 1).await.unwrap();
    for nth in 0..3 {
        // Written on and on while it is copied.
        let appends: Vec<_> = (0..300)
            .map(|n| {
                let seq = 1 + nth * 300 + n;
                store.append(Append::new(&lease, seq, events(seq, 1)))
            })
            .collect();
        let to = place.join(&format!("copy {nth}"));
        assert_eq!(store.backup(&to).await, Ok(()));
        for append in appends {
            assert_eq!(append.await, Ok(()));
        }
        let copy = open(&to);
        assert_eq!(copy.verify().await.unwrap(), []);
        let kept = all(&copy, "r").await.unwrap();
        assert_eq!(kept, *events(0, kept.len() as u64));
        assert!(kept.len() as u64 > nth * 300);
        // It goes its own way: nobody has the run there.
        let lease = take(&copy, "r", "b", 1).await.unwrap();
        append(&copy, &lease, kept.len() as u64, 1).await.unwrap();
    }
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 901));
}

#[tokio::test]
async fn what_is_said_of_a_run_is_copied_along() {
    let place = Folder::new();
    let store = open(&place.join("store"));
    begin_labelled(&store, "r").await;
    let to = place.join("copy");
    store.backup(&to).await.unwrap();
    let copy = SqliteStore::open_read_only(&to).unwrap();
    let run = Text::from("r");
    let entry = copy.entry(&run).await.unwrap();
    assert_eq!(entry, store.entry(&run).await.unwrap());
    assert_eq!(entry.labels, labelled("r").labels);
    assert_eq!(copy.verify().await.unwrap(), []);
}

#[tokio::test]
async fn large_bodies_are_copied_along() {
    let place = Folder::new();
    let options = || SqliteOptions::new().blobs(BlobPlace::OnDisk);
    let store = SqliteStore::open(place.join("store"), options()).unwrap();
    let lease = begin(&store, "r").await;
    let records = vec![large(0, 100_000, "a"), large(1, 100_000, "b")];
    let append = Append::new(&lease, 0, Arc::new(records.clone()));
    store.append(append).await.unwrap();
    let to = place.join("copy");
    store.backup(&to).await.unwrap();
    store.delete(&Text::from("r"), at(100)).await.unwrap();
    store.compact().await.unwrap();
    let copy = SqliteStore::open_read_only(&to).unwrap();
    assert_eq!(all(&copy, "r").await.unwrap(), records);
    assert_eq!(copy.verify().await.unwrap(), []);
}

#[tokio::test]
async fn nothing_is_written_over() {
    let place = Folder::new();
    let (store, other) = (open(&place.join("store")), open(&place.join("other")));
    begin(&other, "precious").await;
    let refused = store.backup(place.join("other")).await;
    assert!(
        matches!(refused, Err(StoreError::Failed { .. })),
        "{refused:?}"
    );
    let refused = store.backup(place.join("store")).await;
    assert!(
        matches!(refused, Err(StoreError::Failed { .. })),
        "{refused:?}"
    );
    assert_eq!(all(&other, "precious").await, Ok(Vec::new()));
    // What a copy that was cut off has left is no store, and no hindrance.
    let to = place.join("cut");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("graphloom.db.part"), "half").unwrap();
    assert!(SqliteStore::open_read_only(&to).is_err());
    assert_eq!(store.backup(&to).await, Ok(()));
    assert!(SqliteStore::open_read_only(&to).is_ok());
}
