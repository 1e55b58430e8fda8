//! What the server tells is what the command line tells of the same: catalogue, and runs that wait.

use serde_json::{Value, json};

use crate::harness::{A, Server};

#[tokio::test]
async fn the_catalogue_tells_of_blocks_that_are_not_here() {
    let server = Server::start().await;
    let found = server.get("/v1/blocks?q=discord", A).await.json();
    let absent = found["absent"].as_array().expect("a list");
    assert!(!absent.is_empty(), "{found}");
    for block in absent {
        assert_eq!(block["available"], false, "{block}");
        let name = block["autogpt"]["name"].as_str().expect("a name");
        let shown = server.get(&format!("/v1/blocks/{name}"), A).await;
        assert_eq!(shown.status, 200, "{name}");
        assert_eq!(shown.json()["needs"], block["needs"], "{name}");
    }
    let all = server.get("/v1/blocks", A).await.json();
    assert_eq!(all.get("absent"), None);
    let wrong = server.get("/v1/blocks/text.splt", A).await;
    assert_eq!(
        (wrong.status, wrong.problem().as_str()),
        (404, "HTTP_NOT_FOUND")
    );
    let near = &wrong.json()["errors"][0]["suggestions"];
    assert_eq!(near[0], "text.split");
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_waits_has_its_result_so_far() {
    let server = Server::start().await;
    let graph = json!({
        "format": 1,
        "name": "review",
        "nodes": {
            "ask": { "block": "flow.review", "inputs": { "name": "ok?", "data": 1 } },
            "out": { "block": "io.output", "inputs": { "name": "said" } }
        },
        "links": [{ "from": "ask.approved_data", "to": "out.value" }]
    });
    let graph = server.keep(A, &graph).await;
    let told = server.run(A, &graph, &json!({})).await;
    let run = told["run_id"].as_str().expect("an id");
    let kept = server.get(&format!("/v1/runs/{run}"), A).await.json();
    assert_eq!(kept["status"], "waiting");
    assert!(
        kept["semantic_hash"]
            .as_str()
            .is_some_and(|hash| hash.starts_with("sha256:"))
    );
    // Whoever waited for it and whoever asks later are told the same, but for how long it took.
    let result = |of: &Value| {
        let mut result = of["result"].clone();
        assert!(result["duration_ms"].is_u64(), "{of}");
        result["duration_ms"] = Value::Null;
        result
    };
    assert_eq!(result(&told), result(&kept));
    assert_eq!(kept["result"]["questions"][0]["node"], "ask");
    server.stop().await;
}
