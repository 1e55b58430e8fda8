//! How a server comes to its end, and what it says on the way.

use std::sync::Arc;
use std::time::Duration;

use graphloom_server::App;
use graphloom_server::records::SqliteRecords;
use graphloom_server::serve::Limits;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::faulty::Faulty;
use crate::harness::{A, Folder, Server, auth, engine, greet};
use crate::program::Program;

/// A graph that takes so many seconds.
fn slow(seconds: u32) -> Value {
    json!({
        "format": 1,
        "nodes": {
            "wait": { "block": "time.countdown", "inputs": { "seconds": seconds, "input_message": "done" } },
            "out": { "block": "io.output", "inputs": { "name": "said" } }
        },
        "links": [{ "from": "wait.output_message", "to": "out.value" }]
    })
}

#[tokio::test]
async fn nothing_new_begins_while_it_drains_and_again_afterwards() {
    let app = App::builder(engine()).auth(auth()).build();
    let app = app.expect("an application");
    let server = Server::of(&app, Limits::default()).await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    assert_eq!(server.get("/ready", A).await.status, 200);
    assert!(app.drain(true));
    let ready = server.get("/ready", A).await;
    assert_eq!(
        (ready.status, ready.problem().as_str()),
        (503, "HTTP_DRAINING")
    );
    let refused = server.post(&path, A, &json!({})).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (503, "HTTP_DRAINING")
    );
    assert_eq!(refused.header("retry-after"), "5");
    // Whoever only looks is answered.
    assert_eq!(server.get("/health", A).await.status, 200);
    assert_eq!(server.get("/v1/runs", A).await.status, 200);
    assert!(!app.drain(false));
    assert_eq!(server.get("/ready", A).await.status, 200);
    assert_eq!(server.post(&path, A, &json!({})).await.status, 200);
    // From its end there is no way back.
    assert_eq!(app.end(Duration::from_secs(30)).await, 0);
    assert!(app.drain(false));
    assert_eq!(server.get("/ready", A).await.status, 503);
    server.stop().await;
}

/// Whoever waits for a run that leaves is told where it is.
#[tokio::test]
async fn a_run_that_leaves_is_not_over() {
    let app = App::builder(engine()).auth(auth()).build();
    let app = app.expect("an application");
    let server = Server::of(&app, Limits::default()).await;
    let graph = server.keep(A, &slow(3_600)).await;
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    let asked = async { server.post(&path, A, &json!({})).await };
    let ends = async {
        while server.get("/v1/runs", A).await.json()["items"] == json!([]) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app.end(Duration::from_millis(30)).await
    };
    let (answer, left) = tokio::join!(asked, ends);
    assert_eq!((answer.status, left), (202, 0), "{}", answer.text);
    let run = answer.json()["run_id"].as_str().expect("an id").to_owned();
    let run = server.get(&format!("/v1/runs/{run}"), A).await.json();
    assert_eq!(run["status"], "queued");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_can_keep_nothing_is_not_ready() {
    let server = Server::with(App::builder(engine()).records(Arc::new(Faulty::full()))).await;
    let ready = server.get("/ready", A).await;
    assert_eq!(
        (ready.status, ready.problem().as_str()),
        (503, "HTTP_UNAVAILABLE")
    );
    assert!(!ready.text.contains("canary"), "{}", ready.text);
    assert_eq!(server.get("/health", A).await.status, 200);
    server.stop().await;
}

/// A disk that does not answer is one that cannot be written; it is asked again later.
#[tokio::test]
async fn a_server_whose_disk_hangs_is_not_ready_until_it_does_not() {
    let folder = Folder::new();
    let file = folder.path().join("server.db");
    let records = SqliteRecords::open(&file).expect("records");
    let server = Server::with(App::builder(engine()).records(Arc::new(records))).await;
    assert_eq!(server.get("/ready", A).await.status, 200);
    let other = rusqlite::Connection::open(&file).expect("the same file");
    other
        .execute_batch("BEGIN IMMEDIATE")
        .expect("it is locked");
    while server.get("/ready", A).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ready = server.get("/ready", A).await;
    assert_eq!(
        (ready.status, ready.problem().as_str()),
        (503, "HTTP_UNAVAILABLE")
    );
    other.execute_batch("ROLLBACK").expect("it is free");
    while server.get("/ready", A).await.status != 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn one_signal_drains_and_a_second_one_ends_at_once() {
    for (first, second, code) in [
        (Signal::TERM, None, 0),
        (Signal::INT, None, 0),
        (Signal::TERM, Some(Signal::TERM), 143),
        (Signal::TERM, Some(Signal::INT), 130),
    ] {
        let folder = Folder::new();
        let program = Program::start(&folder, &[]);
        let graph = program.keep(&slow(3_600)).await;
        let path = format!("/v1/graphs/{graph}/runs");
        if second.is_some() {
            // Without a second signal this would take as long as runs may go on.
            assert_eq!(program.post(&path, &json!({})).await.status, 202);
        }
        program.signal(first);
        if let Some(second) = second {
            while program.get("/ready").await.status != 503 {}
            let refused = program.post(&path, &json!({})).await;
            assert_eq!(refused.problem(), "HTTP_DRAINING");
            program.signal(second);
        }
        assert_eq!(program.ended().code(), Some(code), "{first:?} {second:?}");
        if second.is_some() {
            let again = Program::start(&folder, &[]);
            let (run, status) = again.runs().await.remove(0);
            assert!(["queued", "running"].contains(&status.as_str()), "{status}");
            let cancel = again.ask(Method::POST, &format!("/v1/runs/{run}/cancel"));
            assert_eq!(cancel.send().await.expect("an answer").status(), 202);
            again.signal(Signal::TERM);
            assert_eq!(again.ended().code(), Some(0));
        }
    }
}
