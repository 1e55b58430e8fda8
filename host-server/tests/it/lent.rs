//! What runs get from the server: values beyond a run, of their tenant and graph.

use std::sync::Arc;

use graphloom::host::MemoryStore;
use graphloom_server::records::MemoryRecords;
use graphloom_server::{App, ValueLimits};
use serde_json::{Value, json};

use crate::harness::{A, B, Server, engine};

/// Keeps a text under the key `k` and tells what was there.
fn counter(scope: &str) -> Value {
    json!({
        "format": 1,
        "nodes": {
            "text": { "block": "io.input", "inputs": { "name": "text", "value": "x" } },
            "get": { "block": "kv.get", "inputs": { "key": "k", "scope": scope, "default": "nothing" } },
            "put": { "block": "kv.put", "inputs": { "key": "k", "scope": scope } },
            "was": { "block": "io.output", "inputs": { "name": "was" } }
        },
        "links": [
            { "from": "get.value", "to": "was.value" },
            { "from": "text.result", "to": "put.value" }
        ],
        "doc": "It reads before it writes or after: both runs of a test are told by what is there when both are over."
    })
}

async fn keep(server: &Server, token: &str, graph: &str, text: &str) {
    let run = server
        .run(token, graph, &json!({ "inputs": { "text": text } }))
        .await;
    assert_eq!(run["status"], "completed", "{run}");
}

/// Tells what a graph finds under the key, without writing.
fn reader(scope: &str) -> Value {
    let mut graph = counter(scope);
    graph["nodes"].as_object_mut().expect("nodes").remove("put");
    graph["nodes"]
        .as_object_mut()
        .expect("nodes")
        .remove("text");
    graph["links"] = json!([{ "from": "get.value", "to": "was.value" }]);
    graph
}

async fn found(server: &Server, token: &str, graph: &str) -> Value {
    let run = server.run(token, graph, &json!({})).await;
    run["result"]["outputs"]["was"].clone()
}

#[tokio::test]
async fn values_are_kept_for_the_graph_or_for_all_of_the_tenant() {
    let server = Server::start().await;
    for (scope, is_shared) in [("within_agent", false), ("across_agents", true)] {
        let writes = server.keep(A, &counter(scope)).await;
        keep(&server, A, &writes, "kept").await;
        keep(&server, A, &writes, "kept").await;
        // The same graph finds it, in a later version too.
        let etag = server.get(&format!("/v1/graphs/{writes}"), A).await;
        let put = server
            .ask(reqwest::Method::PUT, &format!("/v1/graphs/{writes}"), A)
            .header("if-match", etag.header("etag"));
        let put = crate::harness::Answer::of(crate::harness::json(put, &reader(scope))).await;
        assert_eq!(put.status, 200, "{}", put.text);
        assert_eq!(found(&server, A, &writes).await, json!(["kept"]), "{scope}");

        let other = server.keep(A, &reader(scope)).await;
        let expected = if is_shared { "kept" } else { "nothing" };
        assert_eq!(
            found(&server, A, &other).await,
            json!([expected]),
            "{scope}"
        );
        // Nobody else's, whatever the scope.
        let foreign = server.keep(B, &reader(scope)).await;
        assert_eq!(
            found(&server, B, &foreign).await,
            json!(["nothing"]),
            "{scope}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn values_have_limits() {
    let mut limits = ValueLimits::default();
    limits.max_value_bytes = 100;
    limits.max_bytes = 700;
    let server = Server::with(App::builder(engine()).value_limits(limits)).await;
    let graph = server.keep(A, &counter("within_agent")).await;
    keep(&server, A, &graph, &"x".repeat(90)).await;
    let long = json!({ "inputs": { "text": "x".repeat(100) } });
    let run = server.run(A, &graph, &long).await;
    assert_eq!(run["status"], "failed");
    let message = run["result"]["failure"]["message"]
        .as_str()
        .expect("a message");
    assert!(
        message.contains("100 bytes, and this one has 102"),
        "{message}"
    );

    // The same key again takes no more; another one does.
    keep(&server, A, &graph, &"y".repeat(98)).await;
    let other = server.keep(A, &counter("across_agents")).await;
    keep(&server, A, &other, "x").await;
    let third = server.keep(A, &counter("within_agent")).await;
    let run = server.run(A, &third, &json!({})).await;
    assert_eq!(run["status"], "failed");
    let message = run["result"]["failure"]["message"]
        .as_str()
        .expect("a message");
    assert!(message.contains("700 bytes in all"), "{message}");
    // It is each tenant's own.
    let foreign = server.keep(B, &counter("within_agent")).await;
    keep(&server, B, &foreign, "x").await;
    server.stop().await;
}

/// A run that is gone on with by another process has what it was started with.
#[tokio::test]
async fn a_run_that_is_gone_on_with_gets_the_same() {
    let (store, records) = (
        Arc::new(MemoryStore::default()),
        Arc::new(MemoryRecords::default()),
    );
    let builder = || {
        let builder = App::builder(engine());
        builder.store(store.clone()).records(records.clone())
    };
    let first = Server::with(builder()).await;
    let writes = first.keep(A, &counter("across_agents")).await;
    keep(&first, A, &writes, "kept").await;
    let mut asks = reader("across_agents");
    asks["nodes"]["review"] =
        json!({ "block": "flow.review", "inputs": { "name": "go", "data": "k" } });
    asks["nodes"]["get"]["inputs"]["key"] = json!("other");
    asks["links"] = json!([
        { "from": "review.approved_data", "to": "get.key" },
        { "from": "get.value", "to": "was.value" }
    ]);
    let asks = first.keep(A, &asks).await;
    let run = first.run(A, &asks, &json!({})).await;
    assert_eq!(run["status"], "waiting", "{run}");
    let run = run["run_id"].as_str().expect("an id").to_owned();
    first.stop().await;

    let second = Server::with(builder()).await;
    let answer = json!({ "node": "review", "value": true });
    let told = second
        .post(&format!("/v1/runs/{run}/answers"), A, &answer)
        .await;
    assert_eq!(told.status, 202, "{}", told.text);
    let run = second.over(A, &run).await;
    assert_eq!(run["result"]["outputs"]["was"], json!(["kept"]), "{run}");
    second.stop().await;
}
