use std::sync::TryLockError;

use super::*;

/// A file of its own, gone with its folder when it is let go.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let name = format!("graphloom-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.join("server.db")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn graph(id: &str) -> Vec<Change> {
    let draft = Draft::new(&Tenant::of_kept("a"), Kind::Graph, id, &id).expect("a text is JSON");
    vec![Change::Put(draft, Expect::Absent)]
}

/// Somebody else keeps the file's lock, and a write waits for it: reads are answered with what was there before.
#[tokio::test]
async fn a_read_does_not_wait_for_a_write() {
    let file = File::new("reads");
    let records = SqliteRecords::open(file.path()).expect("it opens");
    let tenant = Tenant::of_kept("a");
    let (now, one) = (Timestamp(1), Query::of(Kind::Graph, 10));
    records.write(graph("first"), now).await.expect("written");

    let other = Connection::open(file.path()).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let mut late = tokio::task::JoinSet::new();
    late.spawn({
        let records = records.clone();
        async move { records.write(graph("second"), now).await }
    });
    while !matches!(records.writer.try_lock(), Err(TryLockError::WouldBlock)) {
        tokio::task::yield_now().await;
    }
    let get = |id| records.get(&tenant, Kind::Graph, id);
    assert!(get("first").await.expect("an answer").is_some());
    assert!(get("second").await.expect("an answer").is_none());
    let all = records.list(&tenant, one).await.expect("a list");
    assert_eq!(all.len(), 1);
    let used = records.usage(&tenant, Kind::Graph).await;
    assert_eq!(used.expect("an answer").records, 1);
    assert!(late.try_join_next().is_none());

    other.execute_batch("ROLLBACK").expect("no lock");
    let written = late.join_next().await.expect("it was begun");
    written.expect("it ends").expect("written");
    assert!(get("second").await.expect("an answer").is_some());
}

/// What was answered as written is read, however many write.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_written_is_read() {
    let file = File::new("writers");
    let records = SqliteRecords::open(file.path()).expect("it opens");
    let mut all = tokio::task::JoinSet::new();
    for at in 0..32 {
        let records = records.clone();
        all.spawn(async move {
            let (tenant, id) = (Tenant::of_kept("a"), format!("g{at}"));
            let written = records.write(graph(&id), Timestamp(1)).await;
            written.expect("written");
            let found = records.get(&tenant, Kind::Graph, &id).await;
            assert!(found.expect("an answer").is_some(), "{id}");
        });
    }
    while let Some(done) = all.join_next().await {
        done.expect("it is read");
    }
}

/// Somebody reads what only the log has: it cannot be emptied, and that is told. Once they have read it is.
#[tokio::test]
async fn what_is_left_in_the_log_is_told() {
    let file = File::new("logged");
    let records = SqliteRecords::open(file.path()).expect("it opens");
    let tenant = Tenant::of_kept("a");
    let written = records
        .write(graph("c4nary-in-the-log"), Timestamp(1))
        .await;
    written.expect("written");
    let log = || std::fs::read(file.path().with_extension("db-wal")).expect("the log");
    let other = Connection::open(file.path()).expect("it opens");
    other
        .execute_batch("BEGIN; SELECT count(*) FROM record")
        .expect("it reads");
    let erased = records.erase(&tenant).await;
    assert_eq!(erased, Err(RecordError::StillLogged { removed: 1 }));
    assert_ne!(log(), [0; 0]);
    other.execute_batch("ROLLBACK").expect("it has read");
    assert_eq!(records.erase(&tenant).await, Ok(0));
    assert_eq!(log(), [0; 0]);
    let gone = records.get(&tenant, Kind::Graph, "c4nary-in-the-log").await;
    assert_eq!(gone, Ok(None));
}

/// Each of the two connections would have records of its own.
#[test]
fn what_is_no_file_is_refused() {
    for name in [
        "",
        ":memory:",
        "file::memory:",
        "file:r?mode=memory&cache=shared",
    ] {
        let refused = SqliteRecords::open(name).expect_err(name);
        assert_eq!(
            refused,
            RecordError::NoFile {
                path: name.to_owned()
            }
        );
        assert!(refused.to_string().contains("MemoryRecords"), "{refused}");
    }
}
