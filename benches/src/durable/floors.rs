//! Plain SQLite: what one would write without an engine.

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use graphloom::journal::{Row, write_row};
use graphloom::{RunOptions, SerialOptions};
use rusqlite::{Connection, params};

use super::Taken;
use super::blocks::{chain, engine};

const SCHEMA: &str = "PRAGMA journal_mode = WAL;
    CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL,
        scope INTEGER NOT NULL, node INTEGER NOT NULL, firing INTEGER NOT NULL, port INTEGER NOT NULL,
        body TEXT, blob TEXT, crc INTEGER NOT NULL) STRICT;
    CREATE TABLE run (id INTEGER PRIMARY KEY, events INTEGER NOT NULL) STRICT;
    INSERT INTO run VALUES (1, 0);";

const INSERT: &str = "INSERT INTO event (id, at, kind, scope, node, firing, port, body, blob, crc)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, 0)";

const UPDATE: &str = "UPDATE run SET events = ?1 WHERE id = 1";

fn open(folder: &Path, synchronous: &str) -> Connection {
    let sql = Connection::open(folder.join("floor.db")).unwrap();
    sql.execute_batch(SCHEMA).unwrap();
    sql.pragma_update(None, "synchronous", synchronous).unwrap();
    sql
}

fn insert(sql: &Connection, id: i64, row: &Row, body: &str) {
    let body = (!body.is_empty()).then_some(body);
    let values = params![
        id, row.at, row.kind, row.scope, row.node, row.firing, row.port, body
    ];
    sql.prepare_cached(INSERT).unwrap().execute(values).unwrap();
}

/// 64 threads, each of whose steps is a transaction that is synced: a row for what happened, and the state of the run.
pub(crate) fn one_transaction_a_step(folder: &Path) -> Taken {
    const THREADS: u64 = 64;
    const STEPS: u64 = 10;
    let sql = Mutex::new(open(folder, "FULL"));
    let since = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let sql = &sql;
            scope.spawn(move || {
                for step in 0..STEPS {
                    let sql = sql.lock().unwrap();
                    let transaction = sql.unchecked_transaction().unwrap();
                    let id = i64::try_from(thread << 32 | step).unwrap();
                    insert(
                        &sql,
                        id,
                        &Row::default(),
                        "{\"key\":\"step 1\",\"value\":1}",
                    );
                    let mut update = sql.prepare_cached(UPDATE).unwrap();
                    update.execute([id]).unwrap();
                    drop(update);
                    transaction.commit().unwrap();
                }
            });
        }
    });
    Taken {
        n: THREADS * STEPS,
        time: since.elapsed(),
    }
}

/// The rows of a chain's events, made before, in transactions of 512.
pub(crate) fn batched_inserts(folder: &Path) -> Taken {
    const BATCH: usize = 512;
    let engine = engine();
    let plan = engine.load(chain(10_000).as_bytes()).unwrap();
    let run = engine.run_serial(&plan, RunOptions::new(), SerialOptions::seeded(0));
    let runtime = super::ours::runtime();
    let records = runtime.block_on(run).unwrap().records;
    let mut body = String::new();
    let rows: Vec<(Row, String)> = records
        .iter()
        .map(|record| (write_row(record, &mut body), body.clone()))
        .collect();
    let sql = open(folder, "NORMAL");
    let since = Instant::now();
    for batch in rows.chunks(BATCH) {
        let transaction = sql.unchecked_transaction().unwrap();
        for (row, body) in batch {
            insert(&sql, i64::try_from(row.seq).unwrap(), row, body);
        }
        let mut update = sql.prepare_cached(UPDATE).unwrap();
        update.execute([batch.len() as i64]).unwrap();
        drop(update);
        transaction.commit().unwrap();
    }
    Taken {
        n: rows.len() as u64,
        time: since.elapsed(),
    }
}
