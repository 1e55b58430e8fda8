//! Folders and stores that are not written to.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use graphloom::Text;
use graphloom::host::{Claim, Message, NewRun, Store, StoreError};
use graphloom_backends::sqlite::SqliteStore;

use super::child::Helper;
use super::harness::{Folder, TTL, all, append, at, begin, events, open};

fn is_read_only<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::ReadOnly { .. }))
}

#[tokio::test]
async fn one_opened_for_reading_refuses_to_write() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 5).await.unwrap();
    let reader = SqliteStore::open_read_only(folder.path()).unwrap();
    assert_eq!(all(&reader, "r").await.unwrap(), *events(0, 5));
    // It sees what comes later too.
    append(&store, &lease, 5, 1).await.unwrap();
    assert_eq!(all(&reader, "r").await.unwrap(), *events(0, 6));
    let run = Text::from("r");
    assert!(is_read_only(&append(&reader, &lease, 6, 1).await));
    assert!(is_read_only(&reader.send(&run, Message::Cancel).await));
    assert!(is_read_only(&reader.delete(&run, at(999)).await));
    assert!(is_read_only(&reader.compact().await));
    let new = NewRun::new("s", "{}", at(0));
    assert!(is_read_only(&reader.create(new).await));
    let claim = Claim::any("b", 1, TTL, at(999));
    assert!(is_read_only(&reader.claim(claim).await));
    assert_eq!(reader.verify().await.unwrap(), []);
}

#[test]
fn there_must_be_a_store_to_read() {
    let folder = Folder::new();
    let opened = SqliteStore::open_read_only(folder.path());
    assert!(matches!(opened, Err(StoreError::Failed { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Takes the right to write from everything in a folder.
fn protect(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = if path.is_dir() { 0o555 } else { 0o444 };
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(folder, Permissions::from_mode(0o555)).unwrap();
}

fn release(folder: &Path) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}

/// A process to which permissions apply: they do not to the superuser, who becomes nobody for it.
fn helper(place: &Folder, folder: &Path) -> Helper {
    let this = std::env::current_exe().unwrap();
    if fs::metadata("/proc/self").map_or(1, |me| me.uid()) != 0 {
        return Helper::start(folder);
    }
    // Where nobody can start it.
    let copy = place.join("helper");
    fs::copy(this, &copy).unwrap();
    let mut program = Command::new(copy);
    program.uid(65_534).current_dir("/");
    Helper::start_as(program, folder)
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_read() {
    let place = Folder::new();
    let folder = place.join("store");
    let store = open(&folder);
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 7).await.unwrap();
    // While someone writes, who may.
    protect(&folder);
    assert_eq!(helper(&place, &folder).ask("read r"), "read 7");
    // When nobody does.
    release(&folder);
    drop(store);
    protect(&folder);
    let before = fs::read(folder.join("graphloom.db")).unwrap();
    assert_eq!(helper(&place, &folder).ask("read r"), "read 7");
    let answer = helper(&place, &folder).ask("open");
    assert!(answer.starts_with("ReadOnly"), "{answer}");
    assert_eq!(fs::read(folder.join("graphloom.db")).unwrap(), before);
    release(&folder);
}

#[tokio::test]
async fn what_was_cut_off_in_such_a_folder_is_not_taken_for_all_there_is() {
    let place = Folder::new();
    let store = open(&place.join("store"));
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 7).await.unwrap();
    let copy = place.join("copy");
    fs::create_dir(&copy).unwrap();
    for file in ["graphloom.db", "graphloom.db-wal"] {
        fs::copy(place.join("store").join(file), copy.join(file)).unwrap();
    }
    protect(&copy);
    let answer = helper(&place, &copy).ask("read r");
    assert!(answer.starts_with("ReadOnly"), "{answer}");
    release(&copy);
    // Where it may be written, it is mended.
    fs::set_permissions(copy.join("graphloom.db"), Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(copy.join("graphloom.db-wal"), Permissions::from_mode(0o644)).unwrap();
    assert_eq!(all(&open(&copy), "r").await.unwrap(), *events(0, 7));
}
