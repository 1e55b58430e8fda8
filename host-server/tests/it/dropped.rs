//! Whoever starts a run may go away while it is accepted: the run is this process's all the same.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::Store;
use graphloom_server::App;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::harness::{A, Answer, Server, engine, greet, json as body};
use crate::held::Held;
use crate::timed::{review, until};

/// A server over a store that nobody gets past, which has no patience with requests.
async fn held() -> (Arc<Held>, Server) {
    let store = Arc::new(Held::shut());
    let app = App::builder(engine()).store(Arc::clone(&store) as _);
    let server = Server::with(app.request_time(Duration::from_millis(100))).await;
    (store, server)
}

/// Returns a number of the metrics.
async fn number(server: &Server, name: &str) -> u64 {
    let numbers = server.get("/metrics", A).await.text;
    let line = numbers.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |value| value.trim().parse().expect("a number"))
}

/// The run was begun here, and by nobody else.
async fn begun_here(server: &Server, left: &str) {
    let left = format!("graphloom_runs_left_total{{status=\"{left}\"}}");
    until("the end of the run", async || {
        (number(server, &left).await == 1).then_some(())
    })
    .await;
    let started = number(server, "graphloom_runs_started_total").await;
    let taken_up = number(server, "graphloom_runs_taken_up_total").await;
    assert_eq!((started, taken_up), (1, 0));
}

#[tokio::test]
async fn a_run_whose_start_was_given_up_is_this_processs() {
    // One that begins while it is accepted, and ones that begin when they have been.
    for (path, key) in [
        ("/v1/runs?wait_ms=60000", None),
        ("/v1/runs?wait_ms=60000", Some("k")),
        ("/v1/runs", None),
    ] {
        let (store, server) = held().await;
        let asked = server.ask(reqwest::Method::POST, path, A);
        let asked = key
            .into_iter()
            .fold(asked, |asked, key| asked.header("idempotency-key", key));
        let answer = Answer::of(body(asked, &json!({ "graph": greet() }))).await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        store.gate.add_permits(1);
        begun_here(&server, "completed").await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_run_whose_resumption_was_given_up_is_this_processs() {
    let (store, server) = held().await;
    store.gate.add_permits(1);
    let started = server
        .post("/v1/runs", A, &json!({ "graph": review() }))
        .await;
    assert_eq!(started.status, 202, "{}", started.text);
    begun_here(&server, "waiting").await;
    let run = started.json()["run_id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/runs/{run}/resume");
    let answer = server.post(&path, A, &json!({})).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    store.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    until("it waits again", async || {
        let waits = number(&server, "graphloom_runs_left_total{status=\"waiting\"}").await;
        (waits == 2).then_some(())
    })
    .await;
    // It was claimed twice: to begin it, and to resume it.
    let entry = store.inner.entry(&Text::from(run)).await;
    assert_eq!(entry.expect("a run").epoch, 2);
    server.stop().await;
}
