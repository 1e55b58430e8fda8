//! Several stores on one folder, in one process.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use graphloom::host::{Store, StoreError};
use graphloom::{Status, Text};
use graphloom_backends::sqlite::SqliteStore;

use super::harness::{Folder, TTL, all, append, at, begin, claim, create, events, open, take};

#[tokio::test]
async fn what_one_writes_the_other_reads() {
    let folder = Folder::new();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let lease = begin(&one, "r").await;
    for seq in 0..20 {
        append(&one, &lease, seq, 1).await.unwrap();
        assert_eq!(all(&other, "r").await.unwrap(), *events(0, seq + 1));
    }
    assert_eq!(append(&other, &lease, 20, 1).await, Ok(()));
    assert_eq!(append(&one, &lease, 21, 1).await, Ok(()));
}

#[tokio::test]
async fn runs_that_several_accept_are_kept_apart() {
    let folder = Folder::new();
    let stores = [open(folder.path()), open(folder.path())];
    let mut leases = Vec::new();
    for nth in 0..12 {
        // Twice in a row by one of them, and once by the other.
        let store = &stores[usize::from(nth % 3 == 0)];
        leases.push((store, begin(store, &format!("r{nth}")).await));
    }
    for (nth, (store, lease)) in leases.iter().enumerate() {
        append(*store, lease, 0, nth as u64 + 1).await.unwrap();
    }
    for nth in 0..12 {
        let run = format!("r{nth}");
        for store in &stores {
            assert_eq!(all(store, &run).await.unwrap(), *events(0, nth + 1));
        }
        let again = stores[0].create(graphloom::host::NewRun::new(run.as_str(), "{}", at(0)));
        assert!(matches!(again.await, Err(StoreError::Exists { .. })));
    }
}

#[tokio::test]
async fn each_run_is_claimed_by_one() {
    let folder = Folder::new();
    let (one, other) = (open(folder.path()), open(folder.path()));
    for nth in 0..30 {
        create(&one, &format!("r{nth}")).await;
    }
    let (mut had, more) = tokio::join!(claim(&one, 0), claim(&other, 0));
    had.extend(more);
    had.sort();
    had.dedup();
    assert_eq!(had.len(), 30);
}

#[tokio::test]
async fn a_lease_ends_with_the_store_that_has_it() {
    let folder = Folder::new();
    let (one, other) = (open(folder.path()), open(folder.path()));
    for run in ["r", "s", "t"] {
        begin(&one, run).await;
    }
    let held = take(&other, "r", "b", 1).await;
    assert!(matches!(held, Err(StoreError::Leased { .. })));
    let held = other.delete(&Text::from("t"), at(1)).await;
    assert!(matches!(held, Err(StoreError::Leased { .. })));
    assert_eq!(claim(&other, 1).await, Vec::<String>::new());
    drop(one);
    // Its time has not come, but nobody is left who could go on.
    assert_eq!(take(&other, "r", "b", 1).await.unwrap().epoch, 2);
    assert_eq!(other.delete(&Text::from("t"), at(1)).await, Ok(()));
    assert_eq!(claim(&other, 1).await, ["s"]);
    assert_eq!(claim(&other, 2).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lease_that_is_renewed_through_another_store_is_held_through_it() {
    let folder = Folder::new();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let lease = begin(&one, "r").await;
    drop(one);
    // Its owner has opened the store again.
    let again = open(folder.path());
    let leases = [lease];
    assert_eq!(again.heartbeat(&leases, TTL, at(50)).await, Ok(Vec::new()));
    assert_eq!(claim(&other, 149).await, Vec::<String>::new());
    drop(again);
    assert_eq!(claim(&other, 149).await, ["r"]);
}

#[tokio::test]
async fn a_stale_writer_is_fenced() {
    let folder = Folder::new();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let stale = begin(&one, "r").await;
    append(&one, &stale, 0, 3).await.unwrap();
    let lease = take(&other, "r", "b", 100).await.unwrap();
    append(&other, &lease, 3, 1).await.unwrap();
    let fenced = Err(StoreError::Fenced {
        run: "r".to_owned(),
        epoch: 1,
        current: 2,
    });
    assert_eq!(append(&one, &stale, 3, 1).await, fenced);
    assert_eq!(append(&one, &stale, 4, 1).await, fenced);
    assert_eq!(all(&one, "r").await.unwrap(), *events(0, 4));
}

/// Appends for as long as it takes the other one to write as often; returns the longest that one append took.
async fn write_on(store: &SqliteStore, run: &str, both: &AtomicU32) -> Duration {
    let lease = begin(store, run).await;
    let (mut next, mut slowest) = (0, Duration::ZERO);
    while both.load(Ordering::Relaxed) < 2 || next < 30 * 200 {
        let began = Instant::now();
        // Large enough that the other one always finds somebody writing.
        append(store, &lease, next, 200).await.unwrap();
        slowest = slowest.max(began.elapsed());
        next += 200;
        if next == 30 * 200 {
            both.fetch_add(1, Ordering::Relaxed);
        }
    }
    slowest
}

#[tokio::test]
async fn who_writes_all_the_time_leaves_others_their_turn() {
    let folder = Folder::new();
    let both = AtomicU32::new(0);
    let (one, other) = (open(folder.path()), open(folder.path()));
    let (one, other) = tokio::join!(write_on(&one, "r", &both), write_on(&other, "s", &both));
    let slowest = one.max(other);
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

#[test]
fn a_new_folder_may_be_opened_by_many_at_once() {
    let folder = Folder::new();
    let path = folder.path();
    std::thread::scope(|scope| {
        let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| open(path))).collect();
        for opener in openers {
            drop(opener.join().unwrap());
        }
    });
}

#[tokio::test]
async fn the_marks_of_stores_that_are_gone_are_removed() {
    let folder = Folder::new();
    let owners = folder.join("owners");
    let marks = || fs::read_dir(&owners).unwrap().count();
    let one = open(folder.path());
    fs::write(owners.join("0badc0de.lock"), "").unwrap();
    fs::write(owners.join("0badc0de.new"), "").unwrap();
    assert_eq!(marks(), 3);
    let other = open(folder.path());
    assert_eq!(marks(), 2, "one for each that is open");
    drop(one);
    assert_eq!(marks(), 1);
    // A mark that is gone is a store that is gone, whoever removed it.
    begin(&other, "r").await;
    let third = open(folder.path());
    fs::remove_dir_all(&owners).unwrap();
    assert_eq!(take(&third, "r", "b", 1).await.unwrap().epoch, 2);
    assert_eq!(
        third.entry(&Text::from("r")).await.unwrap().status,
        Status::Running
    );
}
