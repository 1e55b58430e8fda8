//! The format of the database.

use std::fs;
use std::path::Path;

use graphloom::conformance::store::record;
use graphloom::host::StoreError;
use graphloom::journal::{kind_name, write_row};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use super::harness::{Folder, all, append, at, begin, events, open};

fn sql(folder: &Path) -> Connection {
    Connection::open(folder.join("graphloom.db")).unwrap()
}

fn both(folder: &Path) -> [Result<SqliteStore, StoreError>; 2] {
    [
        SqliteStore::open(folder, SqliteOptions::new()),
        SqliteStore::open_read_only(folder),
    ]
}

#[tokio::test]
async fn a_later_format_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 5).await.unwrap();
    drop(store);
    let later = sql(folder.path());
    later.pragma_update(None, "user_version", 99).unwrap();
    drop(later);
    let before = fs::read(folder.join("graphloom.db")).unwrap();
    let format = StoreError::Format {
        found: 99,
        known: 3,
    };
    for opened in both(folder.path()) {
        assert_eq!(opened.unwrap_err(), format);
    }
    assert_eq!(fs::read(folder.join("graphloom.db")).unwrap(), before);
}

#[tokio::test]
async fn not_even_its_log_is_touched() {
    let place = Folder::new();
    let (live, cut) = (place.join("live"), place.join("cut"));
    let store = open(&live);
    let later = sql(&live);
    later.pragma_update(None, "user_version", 99).unwrap();
    // As it lies there when its process was cut off.
    fs::create_dir(&cut).unwrap();
    let files = ["graphloom.db", "graphloom.db-wal"];
    for file in files {
        fs::copy(live.join(file), cut.join(file)).unwrap();
    }
    drop(store);
    let read = || files.map(|file| fs::read(cut.join(file)).unwrap());
    let before = read();
    for opened in both(&cut) {
        assert!(matches!(opened, Err(StoreError::Format { found: 99, .. })));
    }
    assert!(read() == before, "it was written");
}

#[test]
fn what_is_no_store_is_left_alone() {
    let folder = Folder::new();
    let other = sql(folder.path());
    other.execute_batch("CREATE TABLE precious (a)").unwrap();
    drop(other);
    let before = fs::read(folder.join("graphloom.db")).unwrap();
    for opened in both(folder.path()) {
        assert!(
            matches!(opened, Err(StoreError::Failed { .. })),
            "{opened:?}"
        );
    }
    assert_eq!(fs::read(folder.join("graphloom.db")).unwrap(), before);
    fs::write(
        folder.join("graphloom.db"),
        "no database at all, but a text".repeat(99),
    )
    .unwrap();
    for opened in both(folder.path()) {
        let Err(StoreError::Broken { message, .. }) = opened else {
            panic!("{opened:?}")
        };
        assert!(message.contains("graphloom.db"), "{message}");
    }
}

#[tokio::test]
async fn an_empty_file_is_a_store_to_be() {
    let folder = Folder::new();
    fs::write(folder.join("graphloom.db"), "").unwrap();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 5).await.unwrap();
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 5));
}

#[tokio::test]
async fn people_with_a_shell_see_events_as_they_are_called() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    append(&store, &lease, 0, 15).await.unwrap();
    let sql = sql(folder.path());
    let mut shown = sql
        .prepare("SELECT run, seq, at, kind, body FROM journal ORDER BY seq")
        .unwrap();
    let mut rows = shown.query([]).unwrap();
    for record in events(0, 15).iter() {
        let mut body = String::new();
        let row = write_row(record, &mut body);
        let shown = rows.next().unwrap().unwrap();
        assert_eq!(shown.get::<_, String>(0).unwrap(), "r");
        assert_eq!(shown.get::<_, i64>(1).unwrap(), record.seq as i64);
        assert_eq!(
            shown.get::<_, String>(2).unwrap(),
            "1970-01-01T00:00:00.050Z"
        );
        assert_eq!(
            shown.get::<_, String>(3).unwrap(),
            kind_name(row.kind).unwrap()
        );
        let kept: Option<String> = shown.get(4).unwrap();
        assert_eq!(kept.unwrap_or_default(), body);
    }
    assert!(rows.next().unwrap().is_none());
}

#[test]
fn the_view_knows_every_kind() {
    let folder = Folder::new();
    drop(open(folder.path()));
    let sql = sql(folder.path());
    sql.execute_batch(
        "INSERT INTO run (nr, id, name, hash, status, created, updated, events, epoch, lease_ends, crc)
         VALUES (1, 'r', '', '', 'queued', 0, 0, 0, 0, 0, 0)",
    )
    .unwrap();
    for kind in 0..=255_u8 {
        let add = "INSERT INTO event VALUES (1 << 32 | ?1, 0, ?1, 0, 0, 0, 0, NULL, NULL, 0)";
        sql.execute(add, [kind]).unwrap();
        let show = "SELECT CAST(kind AS TEXT) FROM journal WHERE seq = ?1";
        let shown: String = sql.query_row(show, [kind], |row| row.get(0)).unwrap();
        let word = kind_name(kind).map_or(kind.to_string(), str::to_owned);
        assert_eq!(shown, word);
    }
    // And each that can be written has one.
    for kind in 0..=255 {
        let row = write_row(&record(0, at(0), kind), &mut String::new());
        assert!(kind_name(row.kind).is_some());
    }
}
