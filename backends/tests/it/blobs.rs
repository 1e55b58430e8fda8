//! Bodies that are too large for a row.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use graphloom::host::{Append, Journal, Lease, Store, StoreError};
use graphloom::{Record, Text};
use graphloom_backends::sqlite::{BlobPlace, SqliteOptions, SqliteStore};

use super::harness::{Folder, all, at, begin, large};

const PLACES: [BlobPlace; 2] = [BlobPlace::InDatabase, BlobPlace::OnDisk];

const LARGE: usize = 100_000;

fn open(folder: &Path, place: BlobPlace) -> SqliteStore {
    SqliteStore::open(folder, SqliteOptions::new().blobs(place)).unwrap()
}

async fn write(store: &SqliteStore, lease: &Lease, records: &[Record]) {
    let append = Append::new(lease, 0, Arc::new(records.to_vec()));
    store.append(append).await.unwrap();
}

/// Returns how many blobs there are, and how many of them are files.
fn count(folder: &Path) -> (usize, usize) {
    let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
    let count = "SELECT count(*), count(*) - count(bytes) FROM blob";
    let counted = sql.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let (rows, named): (u32, u32) = counted.unwrap();
    let files = files(&folder.join("blobs"));
    assert_eq!(
        named as usize, files,
        "each file has a row and each row its file"
    );
    (rows as usize, files)
}

fn files(folder: &Path) -> usize {
    let Ok(starts) = fs::read_dir(folder) else {
        return 0;
    };
    let starts = starts.map(|start| start.unwrap().path());
    let starts = starts.filter(|start| start.is_dir());
    starts
        .map(|start| fs::read_dir(start).unwrap().count())
        .sum()
}

#[tokio::test]
async fn equal_bodies_are_kept_once_for_as_long_as_an_event_refers_to_them() {
    for place in PLACES {
        let folder = Folder::new();
        let store = open(folder.path(), place);
        let in_files = |n| if place == BlobPlace::OnDisk { n } else { 0 };
        let (one, other) = (begin(&store, "r").await, begin(&store, "s").await);
        let records = [
            large(0, LARGE, "a"),
            large(1, LARGE, "a"),
            large(2, LARGE, "b"),
        ];
        write(&store, &one, &records).await;
        write(&store, &other, &records[..1]).await;
        assert_eq!(count(folder.path()), (2, in_files(2)));
        assert_eq!(all(&store, "r").await.unwrap(), records);
        store.delete(&Text::from("r"), at(100)).await.unwrap();
        // Asked of the store, so that what it does after its answer is done.
        store.compact().await.unwrap();
        assert_eq!(count(folder.path()), (1, in_files(1)));
        assert_eq!(all(&store, "s").await.unwrap(), records[..1]);
        store.delete(&Text::from("s"), at(100)).await.unwrap();
        drop(store);
        assert_eq!(count(folder.path()), (0, 0));
    }
}

#[tokio::test]
async fn small_ones_stand_with_their_events() {
    let folder = Folder::new();
    let store = open(folder.path(), BlobPlace::OnDisk);
    let lease = begin(&store, "r").await;
    write(&store, &lease, &[large(0, 60_000, "a")]).await;
    assert_eq!(count(folder.path()), (0, 0));
}

#[tokio::test]
async fn a_store_reads_them_wherever_they_are() {
    let folder = Folder::new();
    let mut expected = Vec::new();
    for (run, place) in ["r", "s"].into_iter().zip(PLACES) {
        let store = open(folder.path(), place);
        let lease = begin(&store, run).await;
        let records = vec![large(0, LARGE, run), large(1, LARGE, "shared")];
        write(&store, &lease, &records).await;
        expected.push((run, records));
    }
    assert_eq!(count(folder.path()), (3, 1));
    for place in PLACES {
        let store = open(folder.path(), place);
        for (run, records) in &expected {
            assert_eq!(all(&store, run).await.unwrap(), *records);
        }
        assert_eq!(store.verify().await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_damaged_or_missing_one_is_told_with_its_event() {
    for damage in ["other bytes", "no file"] {
        let folder = Folder::new();
        let store = open(folder.path(), BlobPlace::OnDisk);
        let lease = begin(&store, "r").await;
        let records = [large(0, 10, "a"), large(1, LARGE, "b")];
        write(&store, &lease, &records).await;
        let blobs = folder.join("blobs");
        let start = fs::read_dir(&blobs)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let start = start.filter(|path| path.is_dir()).last().unwrap();
        let file = fs::read_dir(start).unwrap().next().unwrap().unwrap().path();
        match damage {
            "no file" => fs::remove_file(file).unwrap(),
            other => fs::write(file, other).unwrap(),
        }
        let broken = all(&store, "r").await.unwrap_err();
        let StoreError::Broken { run, seq, message } = &broken else {
            panic!("{broken}")
        };
        assert_eq!((run.as_str(), *seq), ("r", 1));
        assert!(message.contains("its blob"), "{message}");
        let before = store.read(&Text::from("r"), 0, 1).await;
        assert_eq!(before.unwrap(), records[..1]);
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(
            (findings[0].run.as_deref(), findings[0].seq),
            (Some("r"), Some(1))
        );
    }
}

#[tokio::test]
async fn one_that_cannot_be_written_fails_its_append_and_no_other() {
    let folder = Folder::new();
    let store = open(folder.path(), BlobPlace::OnDisk);
    let (lease, other) = (begin(&store, "r").await, begin(&store, "s").await);
    // Where every file is begun nothing can be.
    fs::create_dir(folder.join("blobs/draft")).unwrap();
    let mut appends = Vec::new();
    for seq in 0..20 {
        let small = Arc::new(vec![large(seq, 10, "a")]);
        appends.push(store.append(Append::new(&other, seq, small)));
        if seq % 7 == 0 {
            let records = Arc::new(vec![large(0, 10, "a"), large(1, LARGE, "a")]);
            let failed = store.append(Append::new(&lease, 0, records)).await;
            assert!(
                matches!(failed, Err(StoreError::Failed { .. })),
                "{failed:?}"
            );
        }
    }
    for append in appends {
        assert_eq!(append.await, Ok(()));
    }
    assert_eq!(all(&store, "r").await.unwrap(), []);
    assert_eq!(all(&store, "s").await.unwrap().len(), 20);
    fs::remove_dir(folder.join("blobs/draft")).unwrap();
    write(&store, &lease, &[large(0, LARGE, "a")]).await;
    assert_eq!(store.verify().await.unwrap(), []);
}

#[tokio::test]
async fn files_that_a_crash_has_left_are_swept() {
    let folder = Folder::new();
    let store = open(folder.path(), BlobPlace::OnDisk);
    let lease = begin(&store, "r").await;
    write(&store, &lease, &[large(0, LARGE, "a")]).await;
    let stray = folder.join("blobs/ff");
    fs::create_dir_all(&stray).unwrap();
    fs::write(stray.join("0123"), "left").unwrap();
    store.compact().await.unwrap();
    assert_eq!(count(folder.path()), (1, 1));
    assert_eq!(all(&store, "r").await.unwrap().len(), 1);
}

#[tokio::test]
async fn room_is_given_back() {
    let folder = Folder::new();
    let store = open(folder.path(), BlobPlace::InDatabase);
    let size = || fs::metadata(folder.join("graphloom.db")).unwrap().len();
    let lease = begin(&store, "r").await;
    let records: Vec<_> = (0..30)
        .map(|seq| large(seq, LARGE, &format!("{seq} ")))
        .collect();
    write(&store, &lease, &records).await;
    store.compact().await.unwrap();
    let full = size();
    assert!(full > 30 * LARGE as u64);
    store.delete(&Text::from("r"), at(100)).await.unwrap();
    store.compact().await.unwrap();
    assert!(size() < full / 10, "{} of {full}", size());
    assert_eq!(store.verify().await.unwrap(), []);
}
