//! The bare handler: what one would write without an engine, for one graph whose result is known before.
//!
//! It reads the body as JSON, has the rows written that a run of ours leaves, into tables and indexes as ours has them, all of
//! them with one sync that as many requests share as wait for it, and answers with as many bytes. It checks nothing, and nothing could be gone on with after a crash.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as Given, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rusqlite::Connection;
use rusqlite::types::Null;
use tokio::sync::oneshot;

use super::rows::{Cell, ID, Rows};

/// What our store is set to, but for what only matters to what is deleted.
const SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;";

/// As many as ours does in one transaction.
const MAX_ORDERS: usize = 512;

/// A run to be kept, and who is told that it is.
struct Order {
    id: String,
    done: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Bare {
    orders: Sender<Order>,
    rows: Arc<Rows>,
}

/// Serves until it is killed. `indexed`: the tables have the indexes that ours have, so that the same bytes are written.
pub(crate) fn serve(folder: &Path, indexed: bool) {
    let rows = std::fs::read_to_string(folder.join("template.json")).unwrap();
    let rows: Arc<Rows> = Arc::new(serde_json::from_str(&rows).unwrap());
    let sql = Connection::open(folder.join("bare.db")).unwrap();
    if indexed {
        sql.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
            .unwrap();
    }
    sql.execute_batch(SETTINGS).unwrap();
    let indexes = rows.indexes.iter().filter(|_| indexed);
    for made in rows.tables.iter().chain(indexes) {
        sql.execute_batch(made).unwrap();
    }
    let (orders, waiting) = channel();
    let kept = Arc::clone(&rows);
    std::thread::spawn(move || write(&sql, &waiting, &kept));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        eprintln!("listening on http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/graphs/{graph}/runs", post(start))
            .with_state(Bare { orders, rows });
        axum::serve(listener, router).await.unwrap();
    });
}

async fn start(State(bare): State<Bare>, Given(_): Given<String>, body: Bytes) -> Response {
    let Ok(asked) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if asked["inputs"]["who"] != "Ada" {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let id = new_id();
    let (done, kept) = oneshot::channel();
    let order = Order {
        id: id.clone(),
        done,
    };
    if bare.orders.send(order).is_err() || kept.await.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let answer = bare.rows.answer.replace(ID, &id);
    ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
}

/// Returns an id as long as ours, later ones sorting after earlier ones.
fn new_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("00000000-0000-7000-8000-{n:012x}")
}

/// Writes what waits, all of it in one transaction, and tells everyone afterwards.
fn write(sql: &Connection, waiting: &Receiver<Order>, rows: &Rows) {
    let mut nr = 0;
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        while batch.len() < MAX_ORDERS
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        let transaction = sql.unchecked_transaction().unwrap();
        for order in &batch {
            nr += 1;
            insert(sql, nr, &order.id, rows);
        }
        transaction.commit().unwrap();
        for order in batch {
            let _ = order.done.send(());
        }
    }
}

fn insert(sql: &Connection, nr: i64, id: &str, rows: &Rows) {
    for row in &rows.rows {
        let mut insert = sql.prepare_cached(&row.insert).unwrap();
        for (at, cell) in (1..).zip(&row.cells) {
            match cell {
                Cell::Null => insert.raw_bind_parameter(at, Null),
                Cell::Number(number) => insert.raw_bind_parameter(at, number),
                Cell::Text(text) => insert.raw_bind_parameter(at, text),
                Cell::Id => insert.raw_bind_parameter(at, id),
                Cell::Nr => insert.raw_bind_parameter(at, nr),
                Cell::Event(seq) => insert.raw_bind_parameter(at, nr << 32 | seq),
            }
            .unwrap();
        }
        insert.raw_execute().unwrap();
    }
}
