//! What a look at everything finds.

use std::path::Path;
use std::sync::Arc;

use graphloom::Text;
use graphloom::host::{Append, Journal, Message, Store, StoreError};
use graphloom_backends::sqlite::SqliteStore;

use super::harness::{Folder, all, append, begin_labelled, large, open};

/// A sound store with two runs, the first of which is `r` and has the number 1.
async fn filled(folder: &Path) -> SqliteStore {
    let store = open(folder);
    for run in ["r", "s"] {
        let lease = begin_labelled(&store, run).await;
        append(&store, &lease, 0, 15).await.unwrap();
        let body = Arc::new(vec![large(15, 70_000, run)]);
        store.append(Append::new(&lease, 15, body)).await.unwrap();
        let run = &lease.run;
        store.send(run, Message::Cancel).await.unwrap();
        let state = Text::from("state");
        store.keep_snapshot(run, 5, state).await.unwrap();
    }
    store
}

/// The run, the event, and what is wrong.
type Expected = (Option<&'static str>, Option<u64>, &'static str);

/// What is done to the store, what is found then, and where reading the run stops.
const DAMAGES: &[(&str, &[Expected], Option<u64>)] = &[
    ("SELECT 1", &[], None),
    (
        "DELETE FROM event WHERE id = (1 << 32) + 7",
        &[(Some("r"), Some(7), "the event is not there")],
        Some(7),
    ),
    (
        "DELETE FROM event WHERE id >= (1 << 32) + 14 AND id < 2 << 32",
        &[
            (Some("r"), Some(14), "there are 14 events and should be 16"),
            (None, None, "no event refers to the blob"),
        ],
        Some(14),
    ),
    (
        "UPDATE event SET node = node + 1 WHERE id = (1 << 32) + 3",
        &[(Some("r"), Some(3), "another checksum")],
        Some(3),
    ),
    (
        "UPDATE event SET body = '{}' WHERE id = (1 << 32) + 3",
        &[(Some("r"), Some(3), "another checksum")],
        Some(3),
    ),
    (
        "UPDATE event SET crc = 0 WHERE id = 1 << 32",
        &[(Some("r"), Some(0), "another checksum")],
        Some(0),
    ),
    (
        "UPDATE event SET id = (1 << 32) + 40 WHERE id = (1 << 32) + 15",
        &[
            (Some("r"), Some(40), "another checksum"),
            (Some("r"), Some(15), "the event is not there"),
            (Some("r"), Some(16), "there are 41 events"),
        ],
        Some(40),
    ),
    (
        "DELETE FROM blob WHERE hash = (SELECT blob FROM event WHERE id = (1 << 32) + 15)",
        &[(Some("r"), Some(15), "is not there")],
        Some(15),
    ),
    (
        "UPDATE blob SET bytes = x'00' WHERE hash = (SELECT blob FROM event WHERE id = (1 << 32) + 15)",
        &[(Some("r"), Some(15), "other bytes")],
        Some(15),
    ),
    (
        "UPDATE head SET text = 'other' WHERE run = 1",
        &[(Some("r"), None, "its head has another checksum")],
        None,
    ),
    (
        "DELETE FROM head WHERE run = 1",
        &[(Some("r"), None, "its head is not there")],
        None,
    ),
    (
        "UPDATE label SET text = '{}' WHERE run = 1",
        &[(Some("r"), None, "its labels are not as they were")],
        None,
    ),
    (
        "DELETE FROM label WHERE run = 1",
        &[(Some("r"), None, "its labels are not there")],
        None,
    ),
    (
        "INSERT INTO label SELECT 9, text FROM label WHERE run = 1",
        &[(Some("with the number 9"), None, "there are labels of it")],
        None,
    ),
    (
        "UPDATE message SET body = '{}' WHERE run = 1",
        &[(Some("r"), None, "message 1")],
        None,
    ),
    (
        "UPDATE snapshot SET state = 'other' WHERE id = (1 << 32) + 5",
        &[(Some("r"), None, "state after 5 events")],
        None,
    ),
    (
        "INSERT INTO event SELECT id + (7 << 32), at, kind, scope, node, firing, port, body, blob, crc
         FROM event WHERE id = 1 << 32",
        &[
            (Some("with the number 8"), Some(0), "another checksum"),
            (Some("with the number 8"), Some(0), "there is an event of it"),
        ],
        None,
    ),
];

#[tokio::test]
async fn each_damage_is_found_where_it_is() {
    for (damage, expected, stops_at) in DAMAGES {
        let folder = Folder::new();
        let store = filled(folder.path()).await;
        let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
        sql.execute_batch(damage).unwrap();
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), expected.len(), "{damage}: {findings:#?}");
        for (finding, (run, seq, what)) in findings.iter().zip(*expected) {
            let found = finding.run.as_deref().unwrap_or_default();
            assert!(found.starts_with(run.unwrap_or_default()), "{finding:?}");
            assert_eq!(finding.run.is_some(), run.is_some(), "{finding:?}");
            assert_eq!(finding.seq, *seq, "{finding:?}");
            assert!(finding.what.contains(what), "{finding:?}");
            assert!(finding.to_string().ends_with(finding.advice));
        }
        match (all(&store, "r").await, stops_at) {
            (Ok(records), None) => assert_eq!(records.len(), 16, "{damage}"),
            (Err(StoreError::Broken { run, seq, .. }), Some(stops_at)) => {
                assert_eq!((run.as_str(), seq), ("r", *stops_at), "{damage}");
            }
            (other, _) => panic!("{damage}: {other:?}"),
        }
        assert_eq!(all(&store, "s").await.unwrap().len(), 16, "{damage}");
    }
}

#[tokio::test]
async fn what_hangs_on_nothing_is_found() {
    let folder = Folder::new();
    let store = filled(folder.path()).await;
    let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
    sql.execute_batch("DELETE FROM run WHERE nr = 1").unwrap();
    let findings = store.verify().await.unwrap();
    // A head, labels, 16 events, a message and a state.
    assert_eq!(findings.len(), 20, "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.run.is_some()));
}

#[tokio::test]
async fn a_damaged_state_is_lost_and_nothing_else() {
    let folder = Folder::new();
    let store = filled(folder.path()).await;
    let run = Text::from("r");
    let state = |state: &str| Text::from(state);
    store.keep_snapshot(&run, 9, state("later")).await.unwrap();
    let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
    let damage = "UPDATE snapshot SET state = 'other' WHERE id = (1 << 32) + 9";
    sql.execute_batch(damage).unwrap();
    let found = store.snapshot(&run, u64::MAX).await;
    assert_eq!(found, Ok(Some((5, state("state")))));
}
