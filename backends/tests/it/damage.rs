//! Bytes that are not as they were written.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use graphloom::conformance::store::{Answer, Call};
use graphloom::host::{Append, Journal, Message, RunQuery, Store, StoreError};
use graphloom::{Status, Text};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use super::harness::{
    Draw, Folder, all, append, begin, begin_labelled, cases, create, events, large, open,
};

/// Fills a store with something of everything, and returns its bytes.
async fn filled(folder: &Path) -> Vec<u8> {
    let store = open(folder);
    for run in ["r", "s", "t"] {
        let lease = begin_labelled(&store, run).await;
        append(&store, &lease, 0, 40).await.unwrap();
        let body = Arc::new(vec![large(40, 70_000, run)]);
        store.append(Append::new(&lease, 40, body)).await.unwrap();
        let run = &lease.run;
        store.send(run, Message::Cancel).await.unwrap();
        let state = Text::from(format!("state of {run}"));
        store.keep_snapshot(run, 20, state).await.unwrap();
    }
    create(&store, "u").await;
    store.compact().await.unwrap();
    drop(store);
    fs::read(folder.join("graphloom.db")).unwrap()
}

/// Everything that can be asked.
fn questions() -> Vec<Call> {
    let mut questions = vec![Call::Entries(RunQuery::latest(9))];
    for status in [Status::Running, Status::Queued] {
        questions.push(Call::Entries(RunQuery::latest(9).status(status)));
    }
    let theirs = RunQuery::latest(9).tenant("ada");
    questions.push(Call::Entries(theirs.clone().source("flow-1")));
    questions.push(Call::Entries(theirs));
    for run in ["r", "s", "t", "u"].map(Text::from) {
        questions.extend([
            Call::Entry(run.clone()),
            Call::Head(run.clone()),
            Call::Messages(run.clone()),
            Call::Read(run.clone(), 0, usize::MAX),
            Call::Read(run.clone(), 35, 4),
            Call::Snapshot(run, u64::MAX),
        ]);
    }
    questions
}

async fn answers(store: &SqliteStore) -> Vec<Answer> {
    let mut answers = Vec::new();
    for question in questions() {
        answers.push(question.on(store).await);
    }
    answers
}

fn is_told(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Broken { .. } | StoreError::Failed { .. } | StoreError::Format { .. }
    )
}

#[tokio::test]
async fn a_flipped_byte_is_told_or_does_no_harm() {
    let place = Folder::new();
    let sound = filled(&place.join("sound")).await;
    let expected = answers(&open(&place.join("sound"))).await;
    let mut draw = Draw(1);
    let (mut harmless, mut found) = (0, 0);
    for nth in 0..cases(150) {
        let folder = place.join(&format!("damaged {nth}"));
        fs::create_dir(&folder).unwrap();
        let mut damaged = sound.clone();
        let place = draw.below(damaged.len());
        damaged[place] ^= 1 << draw.below(8);
        fs::write(folder.join("graphloom.db"), &damaged).unwrap();
        match SqliteStore::open(&folder, SqliteOptions::new()) {
            Err(error) => {
                assert!(is_told(&error), "byte {place}: {error}");
            }
            Ok(store) => {
                let answers = answers(&store).await;
                let told = answers.iter().zip(&expected).all(|(answer, expected)| {
                    let told = matches!(answer, Answer::Refused(error) if is_told(error));
                    told || answer == expected
                });
                // What a damaged index hides cannot be told by whoever asks the index.
                let findings = store.verify().await.unwrap();
                assert!(told || !findings.is_empty(), "byte {place}: {answers:?}");
                if answers == expected {
                    harmless += 1;
                } else {
                    found += 1;
                    let lost = |answer: &Answer| matches!(answer, Answer::Snapshot(None));
                    let only_lost = answers
                        .iter()
                        .zip(&expected)
                        .all(|(answer, expected)| answer == expected || lost(answer));
                    assert!(
                        only_lost || !findings.is_empty(),
                        "byte {place} is not found"
                    );
                }
            }
        }
        fs::remove_dir_all(&folder).unwrap();
    }
    assert!(found > 0 && harmless > 0, "the bytes were badly chosen");
}

#[tokio::test]
async fn a_torn_log_ends_where_it_is_torn() {
    let place = Folder::new();
    let live = place.join("live");
    let store = open(&live);
    let lease = begin(&store, "r").await;
    for seq in 0..60 {
        append(&store, &lease, seq, 1).await.unwrap();
    }
    let database = fs::read(live.join("graphloom.db")).unwrap();
    let log = fs::read(live.join("graphloom.db-wal")).unwrap();
    let mut draw = Draw(2);
    let mut counts = Vec::new();
    for nth in 0..cases(40) {
        let folder = place.join(&format!("torn {nth}"));
        fs::create_dir(&folder).unwrap();
        let at = draw.below(log.len());
        let mut torn = log[..at].to_vec();
        match draw.below(3) {
            // Cut off; or the last part never came, or came as something else.
            0 => {}
            1 => torn.resize(log.len(), 0),
            _ => torn.extend(log[at..].iter().map(|byte| byte ^ 0x55)),
        }
        fs::write(folder.join("graphloom.db"), &database).unwrap();
        fs::write(folder.join("graphloom.db-wal"), torn).unwrap();
        let store = open(&folder);
        assert_eq!(store.verify().await.unwrap(), [], "torn at {at}");
        match all(&store, "r").await {
            Ok(kept) => {
                assert_eq!(kept, *events(0, kept.len() as u64));
                counts.push((at, kept.len()));
            }
            Err(error) => {
                assert!(matches!(error, StoreError::UnknownRun { .. }), "{error}");
                counts.push((at, 0));
            }
        }
        fs::remove_dir_all(&folder).unwrap();
    }
    // What lies before the tear is there.
    counts.sort_unstable();
    assert!(counts.is_sorted_by_key(|(_, n)| *n), "{counts:?}");
    assert!(counts.iter().any(|(_, n)| *n > 0), "{counts:?}");
}

#[tokio::test]
async fn a_damaged_run_does_not_hold_up_the_others() {
    let folder = Folder::new();
    let store = open(folder.path());
    for run in ["r", "s"] {
        create(&store, run).await;
    }
    let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
    sql.execute("UPDATE run SET hash = 'other' WHERE id = 'r'", [])
        .unwrap();
    assert_eq!(super::harness::claim(&store, 0).await, ["s"]);
    let broken = super::harness::take(&store, "r", "a", 0).await;
    let Err(StoreError::Broken { run, .. }) = broken else {
        panic!("{broken:?}")
    };
    assert_eq!(run, "r");
    let listed = store.entries(RunQuery::latest(9)).await;
    assert!(matches!(listed, Err(StoreError::Broken { .. })));
    assert_eq!(store.verify().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_run_is_not_handed_to_another_tenant_by_damage() {
    for column in ["tenant", "source", "labels"] {
        let folder = Folder::new();
        let store = open(folder.path());
        let lease = begin_labelled(&store, "r").await;
        let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
        sql.execute(&format!("UPDATE run SET {column} = '7'"), [])
            .unwrap();
        let asked = [
            RunQuery::latest(9),
            RunQuery::latest(9).tenant("ada"),
            RunQuery::latest(9).tenant("7"),
        ];
        for query in asked {
            let listed = store.entries(query).await;
            let is_none = listed.as_ref().is_ok_and(Vec::is_empty);
            let is_told = matches!(listed, Err(StoreError::Broken { .. }));
            assert!(is_none || is_told, "{column}: {listed:?}");
        }
        let entry = store.entry(&Text::from("r")).await;
        assert!(matches!(entry, Err(StoreError::Broken { .. })), "{column}");
        let appended = append(&store, &lease, 0, 1).await;
        assert!(matches!(appended, Err(StoreError::Broken { .. })));
    }
    // Labels are looked at by whoever lists them, and by nobody else.
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin_labelled(&store, "r").await;
    let sql = rusqlite::Connection::open(folder.join("graphloom.db")).unwrap();
    sql.execute_batch("UPDATE label SET text = '{}'").unwrap();
    let entry = store.entry(&Text::from("r")).await;
    assert!(matches!(entry, Err(StoreError::Broken { .. })), "{entry:?}");
    append(&store, &lease, 0, 1).await.unwrap();
}
