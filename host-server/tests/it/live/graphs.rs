//! Where the runs of a graph stand.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::MemoryStore;
use graphloom_server::LiveOptions;
use graphloom_server::records::MemoryRecords;
use serde_json::{Value, json};

use super::client::Talk;
use super::steps;
use crate::harness::{A, B, Server};

/// Hears changes until one says this of a run.
async fn hears(talk: &mut Talk, run: &str, status: &str) {
    loop {
        let message = talk.hear().await.expect("a message");
        assert_eq!(message["type"], "run", "{message}");
        if message["run"] == run && message["status"] == status {
            return;
        }
    }
}

fn review() -> Value {
    json!({
        "format": 1,
        "name": "review",
        "nodes": {
            "ask": { "block": "flow.review", "inputs": { "data": 1, "name": "ok" } },
            "out": { "block": "io.output", "inputs": { "name": "answer" } }
        },
        "links": [{ "from": "ask.approved_data", "to": "out.value" }]
    })
}

#[tokio::test]
async fn changes_of_a_graphs_runs_are_told() {
    let server = Server::start().await;
    let graph = server.keep(A, &review()).await;
    let other = server.keep(A, &crate::harness::greet()).await;
    let mut talk = Talk::open(&server, A).await;
    let answer = talk
        .ask(&json!({ "type": "subscribe", "graph": graph }))
        .await;
    assert_eq!(answer, json!({ "type": "subscribed", "graph": graph }));
    server.run(A, &other, &json!({})).await;
    let run = steps::begin_kept(&server, &graph).await;
    hears(&mut talk, &run, "waiting").await;
    let path = format!("/v1/runs/{run}/answers");
    let answered = server
        .post(&path, A, &json!({ "node": "ask", "value": true }))
        .await;
    assert_eq!(answered.status, 202, "{}", answered.text);
    hears(&mut talk, &run, "completed").await;

    let mut foreign = Talk::open(&server, B).await;
    let answer = foreign
        .ask(&json!({ "type": "subscribe", "graph": graph }))
        .await;
    assert_eq!(
        (&answer["type"], &answer["graph"]),
        (&"error".into(), &graph.as_str().into())
    );
    assert_eq!(answer["problem"]["code"], "HTTP_NOT_FOUND");
    let answer = foreign.ask(&json!({ "type": "ping" })).await;
    assert_eq!(answer, json!({ "type": "pong" }), "the connection stays");
    server.stop().await;
}

#[tokio::test]
async fn changes_that_another_process_makes_are_told() {
    let (store, records) = (
        Arc::new(MemoryStore::new()),
        Arc::new(MemoryRecords::default()),
    );
    let (app, gate) = steps::app();
    let driving = Server::with(app.store(store.clone()).records(records.clone())).await;
    let mut options = LiveOptions::default();
    options.look_every = Duration::from_millis(10);
    let (app, _) = steps::app();
    let watching = Server::with(app.store(store).records(records).live(options)).await;
    let graph = driving.keep(A, &steps::graph(1, 0)).await;
    let mut talk = Talk::open(&watching, A).await;
    talk.ask(&json!({ "type": "subscribe", "graph": graph }))
        .await;
    let run = steps::begin_kept(&driving, &graph).await;
    hears(&mut talk, &run, "running").await;
    gate.add_permits(1);
    hears(&mut talk, &run, "completed").await;
    watching.stop().await;
    driving.stop().await;
}
