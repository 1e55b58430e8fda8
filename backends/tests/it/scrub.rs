//! Nothing is left of forgotten runs, or it is told.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{Append, Journal, Store, StoreError};
use graphloom_backends::sqlite::{BlobPlace, SqliteOptions, SqliteStore};
use rusqlite::Connection;

use super::harness::{Folder, append, at, begin, large};

fn open(folder: &Path) -> SqliteStore {
    // Nobody who stands in the way goes away by waiting.
    let options = SqliteOptions::new()
        .blobs(BlobPlace::OnDisk)
        .busy_timeout(Duration::from_millis(10));
    SqliteStore::open(folder, options).unwrap()
}

fn log(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("graphloom.db-wal")).unwrap()
}

fn is_busy(done: &Result<(), StoreError>) -> bool {
    matches!(done, Err(StoreError::Busy { .. }))
}

#[tokio::test]
async fn what_is_left_in_the_log_is_told() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "c4nary-in-the-log").await;
    append(&store, &lease, 0, 3).await.unwrap();
    let other = Connection::open(folder.join("graphloom.db")).unwrap();
    other.execute_batch("BEGIN; SELECT * FROM barrier").unwrap();
    store.delete(&lease.run, at(1_000)).await.unwrap();
    let scrubbed = store.scrub().await;
    assert!(is_busy(&scrubbed), "{scrubbed:?}");
    assert_ne!(log(folder.path()), [0; 0]);
    // Whoever only wants room back takes what there is.
    store.compact().await.unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    store.scrub().await.unwrap();
    assert_eq!(log(folder.path()), [0; 0]);
}

#[tokio::test]
async fn what_is_left_of_large_bodies_is_told() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let body = vec![large(0, 100_000, "a")];
    let body = Append::new(&lease, 0, body.into());
    store.append(body).await.unwrap();
    // As whoever makes a backup does.
    let copies = File::open(folder.join("blobs/lock"))
        .or_else(|_| File::create(folder.join("blobs/lock")))
        .unwrap();
    copies.lock_shared().unwrap();
    store.delete(&Text::from("r"), at(1_000)).await.unwrap();
    let scrubbed = store.scrub().await;
    assert!(is_busy(&scrubbed), "{scrubbed:?}");
    drop(copies);
    store.scrub().await.unwrap();
    let left = fs::read_dir(folder.join("blobs")).unwrap();
    let left = left
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let files = left.flat_map(|start| fs::read_dir(start).unwrap());
    assert_eq!(files.count(), 0);
}
