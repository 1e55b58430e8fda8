//! Starting runs: of graphs in the request, of presets, with results of earlier runs, once for a key.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, greet, json as body};

async fn completed(server: &Server, path: &str, token: &str, asked: &Value) -> Value {
    let answer = server
        .post(&format!("{path}?wait_ms=60000"), token, asked)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let run = answer.json();
    assert_eq!(run["status"], "completed", "{run}");
    run
}

#[tokio::test]
async fn a_graph_in_the_request_is_run_and_not_kept() {
    let server = Server::start().await;
    let asked =
        json!({ "graph": greet(), "inputs": { "who": "Ada" }, "labels": { "team": "red" } });
    let run = completed(&server, "/v1/runs", A, &asked).await;
    assert_eq!(run["result"]["outputs"]["greeting"], json!(["Hello Ada!"]));
    let run = format!("/v1/runs/{}", run["run_id"].as_str().expect("an id"));
    let run = server.get(&run, A).await.json();
    assert_eq!(run["labels"], json!({ "team": "red" }));
    assert_eq!(run["origin"], "request");
    assert_eq!(run.get("graph_id"), None);
    assert_eq!(server.get("/v1/graphs", A).await.json()["items"], json!([]));
    server.stop().await;
}

/// What is wrong is told with its place in what was sent.
#[tokio::test]
async fn what_is_wrong_with_a_start_is_told_where_it_is() {
    let server = Server::start().await;
    let start = async |text: &str| {
        let request = server.ask(Method::POST, "/v1/runs", A);
        let request = request.header("content-type", "application/json");
        Answer::of(request.body(text.to_owned())).await
    };
    let graph = greet();
    let cases = [
        ("[]".to_owned(), 422, "HTTP_BODY", ""),
        ("{}".to_owned(), 422, "HTTP_BODY", ""),
        (
            json!({ "graph": graph, "version": 1 }).to_string(),
            422,
            "HTTP_BODY",
            "/version",
        ),
        (
            json!({ "graph": graph, "imputs": {} }).to_string(),
            422,
            "HTTP_BODY",
            "/imputs",
        ),
        (
            json!({ "graph": graph, "seed": "x" }).to_string(),
            422,
            "HTTP_BODY",
            "/seed",
        ),
        (
            json!({ "graph": graph, "set": { "who": 1 } }).to_string(),
            422,
            "HTTP_BODY",
            "/set/who",
        ),
        (
            json!({ "graph": graph, "time_zone": "Mars/X" }).to_string(),
            422,
            "HTTP_BODY",
            "/time_zone",
        ),
        (
            json!({ "graph": graph, "only_hosts": ["a/b"] }).to_string(),
            422,
            "HTTP_BODY",
            "/only_hosts",
        ),
        (
            json!({ "graph": graph, "deny_hosts": [""] }).to_string(),
            422,
            "HTTP_BODY",
            "/deny_hosts",
        ),
        (
            json!({ "graph": graph, "from": "who" }).to_string(),
            422,
            "HTTP_BODY",
            "/from",
        ),
        (
            json!({ "graph": graph, "labels": { "graphloom.x/y": "" } }).to_string(),
            422,
            "HTTP_BODY",
            "/labels/graphloom.x~1y",
        ),
        (
            json!({ "graph": graph, "inputs": { "whom": 1 } }).to_string(),
            422,
            "INPUT_UNKNOWN",
            "/inputs/whom",
        ),
        (
            json!({ "graph": graph, "set": { "fill.frmat": 1 } }).to_string(),
            422,
            "INPUT_OVERRIDE",
            "/set/fill.frmat",
        ),
        (
            json!({ "graph": { "format": 1, "nodes": {}, "lnks": [] } }).to_string(),
            422,
            "GRAPH_NO_START",
            "/graph/nodes",
        ),
    ];
    for (text, status, code, pointer) in cases {
        let answer = start(&text).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, code),
            "{text}\n{}",
            answer.text
        );
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            pointer,
            "{text}\n{}",
            answer.text
        );
    }
    let answer = start("{\n  \"graph\": {\n    \"format\": 1,\n    \"nodes\": { \"a\": { \"block\": \"no.such\" } }\n  }\n}").await;
    let error = &answer.json()["errors"][0];
    assert_eq!(
        (&error["line"], &error["pointer"]),
        (&json!(4), &json!("/graph/nodes/a/block")),
        "{error}"
    );
    let answer = start(r#"{"graph":{"format":1,"nodes":{"a":{"blok":"x"}}}}"#).await;
    let fixes: Vec<Value> = answer.json()["errors"].as_array().expect("errors").clone();
    let fix = fixes.iter().find_map(|error| error["fix"].get(0));
    let moved =
        json!({ "op": "move", "from": "/graph/nodes/a/blok", "path": "/graph/nodes/a/block" });
    assert_eq!(fix, Some(&moved), "{}", answer.text);
    let long = "x".repeat(9_000);
    let answer = start(&json!({ "graph": graph, "labels": { "a": long } }).to_string()).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "STORE_LABELS")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_preset_is_run_with_what_the_request_says_before_it() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let preset = json!({ "name": "Ada", "graph_id": graph,
        "run": { "inputs": { "who": "Ada" }, "set": { "fill.format": "Hi {{name}}!" }, "labels": { "a": "1" } } });
    let made = server.post("/v1/presets", A, &preset).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(made.header("location"), format!("/v1/presets/{id}"));
    let path = format!("/v1/presets/{id}/runs");
    let run = completed(&server, &path, A, &json!({})).await;
    assert_eq!(run["result"]["outputs"]["greeting"], json!(["Hi Ada!"]));
    let asked = json!({ "inputs": { "who": "Bob" }, "labels": { "b": "2" } });
    let run = completed(&server, &path, A, &asked).await;
    assert_eq!(run["result"]["outputs"]["greeting"], json!(["Hi Bob!"]));
    let run = format!("/v1/runs/{}", run["run_id"].as_str().expect("an id"));
    let run = server.get(&run, A).await.json();
    assert_eq!(
        (&run["graph_id"], &run["graph_version"]),
        (&json!(graph), &json!(1))
    );
    assert_eq!(
        (&run["preset_id"], &run["labels"]),
        (&json!(id), &json!({ "a": "1", "b": "2" }))
    );
    assert_eq!(server.post(&path, B, &json!({})).await.status, 404);

    let gone = server.ask(Method::DELETE, &format!("/v1/graphs/{graph}"), A);
    assert_eq!(Answer::of(gone.header("if-match", "*")).await.status, 204);
    let answer = server.post(&path, A, &json!({})).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (409, "HTTP_CONFLICT")
    );
    server.stop().await;
}

/// 63. Also of an earlier run.
#[tokio::test]
async fn results_of_an_earlier_run_are_taken_by_their_tenant_only() {
    let server = Server::start().await;
    let asked = json!({ "graph": greet() });
    let run = completed(&server, "/v1/runs", A, &asked).await;
    let run = run["run_id"].as_str().expect("an id");
    let again = json!({ "graph": greet(), "reuse": run, "from": "out" });
    let run = completed(&server, "/v1/runs", A, &again).await;
    assert_eq!(
        run["result"]["outputs"]["greeting"],
        json!(["Hello world!"])
    );
    let answer = server.post("/v1/runs", B, &again).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (404, "HTTP_NOT_FOUND")
    );
    let wrong = json!({ "graph": greet(), "reuse": run["run_id"], "from": "owt" });
    let answer = server.post("/v1/runs", A, &wrong).await;
    assert_eq!(
        answer.json()["errors"][0]["pointer"],
        "/from",
        "{}",
        answer.text
    );
    server.stop().await;
}

/// The same value written another way is the same request; another path is another one.
#[tokio::test]
async fn a_key_is_held_against_what_is_asked() {
    let server = Server::start().await;
    let start = async |path: &str, token, text: &str| {
        let request = server.ask(Method::POST, path, token);
        let request = request.header("idempotency-key", "k");
        let request = request.header("content-type", "application/json");
        Answer::of(request.body(text.to_owned())).await
    };
    let graph = greet().to_string();
    let first = start(
        "/v1/runs?wait_ms=60000",
        A,
        &format!(r#"{{"graph":{graph},"seed":1}}"#),
    )
    .await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = start(
        "/v1/runs",
        A,
        &format!("{{ \"seed\": 1,\n\"graph\": {graph} }}"),
    )
    .await;
    assert_eq!(
        again.header("idempotency-replayed"),
        "true",
        "{}",
        again.text
    );
    assert_eq!(again.json()["run_id"], first.json()["run_id"]);
    let other = start("/v1/runs", A, &format!(r#"{{"graph":{graph},"seed":2}}"#)).await;
    assert_eq!(
        (other.status, other.problem().as_str()),
        (422, "HTTP_IDEMPOTENCY")
    );
    let theirs = start("/v1/runs", B, &format!(r#"{{"graph":{graph},"seed":2}}"#)).await;
    assert_eq!(theirs.status, 202, "{}", theirs.text);
    assert_ne!(theirs.json()["run_id"], first.json()["run_id"]);
    let kept = server.keep(A, &greet()).await;
    let other = start(&format!("/v1/graphs/{kept}/runs"), A, "{}").await;
    assert_eq!(other.problem(), "HTTP_IDEMPOTENCY");
    for key in ["", "\u{e9}", &"x".repeat(256)] {
        let request = server.ask(Method::POST, "/v1/runs", A);
        let request = body(
            request.header("idempotency-key", key),
            &json!({ "graph": greet() }),
        );
        assert_eq!(
            Answer::of(request).await.problem(),
            "HTTP_PARAMETER",
            "{key:?}"
        );
    }
    let request = server
        .ask(Method::POST, "/v1/runs", A)
        .header("idempotency-key", "a");
    let request = body(
        request.header("idempotency-key", "b"),
        &json!({ "graph": greet() }),
    );
    assert_eq!(Answer::of(request).await.problem(), "HTTP_PARAMETER");
    server.stop().await;
}
