//! How much of the database an append writes.

use std::path::Path;

use graphloom::host::Store;
use graphloom_backends::sqlite::SqliteStore;

use super::harness::{Folder, append, begin, begin_labelled, labelled, open};

/// A page in the log, and what SQLite writes before each.
const FRAME: u64 = 4096 + 24;

fn log(folder: &Path) -> u64 {
    let log = folder.join("graphloom.db-wal");
    log.metadata().map_or(0, |log| log.len())
}

/// So many runs of several tenants that no index fits on one page.
async fn crowded(folder: &Path) -> SqliteStore {
    let store = open(folder);
    let runs: Vec<_> = (0..600)
        .map(|nth| {
            let new = labelled(&format!("run {nth}"));
            store.create(new.tenant(format!("tenant {}", nth % 7)).sync(nth == 0))
        })
        .collect();
    for run in runs {
        run.await.unwrap();
    }
    store
}

#[tokio::test]
async fn one_that_only_adds_events_writes_the_run_and_its_events() {
    let folder = Folder::new();
    let store = crowded(folder.path()).await;
    let leases = [
        begin(&store, "plain").await,
        begin_labelled(&store, "labelled").await,
    ];
    for lease in leases {
        // The first one may begin a page.
        append(&store, &lease, 0, 1).await.unwrap();
        // The log begins anew where all of it was copied; nothing is written meanwhile.
        store.compact().await.unwrap();
        for seq in 1..6 {
            let before = log(folder.path());
            append(&store, &lease, seq, 1).await.unwrap();
            // The first frame of a log has its head before it.
            let written = (log(folder.path()) - before) / FRAME;
            assert_eq!(written, 2, "{} at {seq}", lease.run);
        }
    }
}
