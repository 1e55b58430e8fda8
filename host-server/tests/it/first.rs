//! The way from a graph to a result, and who is let in.

use reqwest::Method;
use serde_json::json;

use crate::harness::{A, Answer, B, Server, client, greet, json as body};

#[tokio::test]
async fn a_graph_is_kept_and_run() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let run = server
        .run(A, &graph, &json!({ "inputs": { "who": "Ada" } }))
        .await;
    assert_eq!(run["status"], "completed");
    assert_eq!(run["result"]["outputs"]["greeting"], json!(["Hello Ada!"]));

    let path = format!("/v1/runs/{}", run["run_id"].as_str().expect("an id"));
    let again = server.get(&path, A).await.json();
    assert_eq!(again["result"]["outputs"], run["result"]["outputs"]);
    assert_eq!(again["graph_id"], graph.as_str());
    let listed = server.get("/v1/runs?status=completed", A).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    server.stop().await;
}

#[tokio::test]
async fn what_belongs_to_another_is_not_there() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let run = server.run(A, &graph, &json!({})).await;
    let run = run["run_id"].as_str().expect("an id");
    for path in [
        format!("/v1/graphs/{graph}"),
        format!("/v1/graphs/{graph}/versions/1"),
        format!("/v1/runs/{run}"),
        format!("/v1/runs/{run}/events"),
    ] {
        let answer = server.get(&path, B).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "HTTP_NOT_FOUND"),
            "{path}"
        );
        assert_eq!(server.get(&path, A).await.status, 200, "{path}");
    }
    for path in [
        format!("/v1/graphs/{graph}/runs"),
        format!("/v1/runs/{run}/cancel"),
    ] {
        assert_eq!(
            server.post(&path, B, &json!({})).await.status,
            404,
            "{path}"
        );
    }
    for list in ["/v1/graphs", "/v1/runs"] {
        assert_eq!(
            server.get(list, B).await.json()["items"],
            json!([]),
            "{list}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    let server = Server::start().await;
    let url = format!("{}/v1/graphs", server.url);
    let answer = Answer::of(client().get(&url)).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (401, "AUTH_MISSING")
    );
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let answer = Answer::of(client().get(&url).bearer_auth("wrong")).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (401, "AUTH_INVALID")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_request_is_repeated_by_its_key() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    let start = |token, who: &str| {
        let request = server
            .ask(Method::POST, &path, token)
            .header("idempotency-key", "k-1");
        Answer::of(body(request, &json!({ "inputs": { "who": who } })))
    };
    let first = start(A, "Ada").await;
    let again = start(A, "Ada").await;
    assert_eq!((first.status, again.status), (200, 200), "{}", again.text);
    assert_eq!(first.json()["run_id"], again.json()["run_id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = start(A, "Bob").await;
    assert_eq!(
        (other.status, other.problem().as_str()),
        (422, "HTTP_IDEMPOTENCY")
    );
    server.stop().await;
}

/// What a code means is told in full, the engine's codes too; pages lead to each other.
#[tokio::test]
async fn each_code_has_its_page() {
    let server = Server::start().await;
    for code in graphloom::Code::ALL {
        let page = server.get(&format!("/errors/{code}"), "").await;
        assert_eq!(
            (page.status, page.text.as_str()),
            (200, code.page()),
            "{code}"
        );
    }
    let linked = server.get("/errors/GRAPH_LINK_TYPE.md", "").await;
    assert!(
        linked.text.starts_with("# GRAPH_LINK_TYPE\n"),
        "{}",
        linked.text
    );
    for none in ["GRAPH", "graph_link_type", "GRAPH_LINK_TYPE.txt"] {
        assert_eq!(server.get(&format!("/errors/{none}"), "").await.status, 404);
    }
    server.stop().await;
}
