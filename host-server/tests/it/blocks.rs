//! One block by itself.

use std::time::Duration;

use graphloom_server::App;
use graphloom_server::auth::Auth;
use graphloom_server::{Principal, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, engine, json as body};
use crate::stub::{self, Stub};

async fn run(server: &Server, block: &str, asked: &Value) -> Answer {
    server
        .post(&format!("/v1/blocks/{block}/run"), A, asked)
        .await
}

#[tokio::test]
async fn it_answers_with_what_the_block_gave() {
    let server = Server::start().await;
    let inputs = json!({ "inputs": { "text": "a,b", "delimiter": "," } });
    // By id, AutoGPT's UUID and AutoGPT's class name.
    let shown = server.get("/v1/blocks/text.split", A).await.json();
    let uuid = shown["autogpt"]["uuid"].as_str().expect("a UUID");
    for name in ["text.split", "text.split@1", "TextSplitBlock", uuid] {
        let answer = run(&server, name, &inputs).await;
        assert_eq!(answer.status, 200, "{name} {}", answer.text);
        let expected = json!({ "outputs": [["texts", ["a", "b"]]], "error": null });
        assert_eq!(answer.json(), expected, "{name}");
    }
    let lenient = json!({ "inputs": { "text": 1, "delimiter": "," }, "coercion": "lenient" });
    let answer = run(&server, "text.split", &lenient).await.json();
    assert_eq!(answer["outputs"], json!([["texts", ["1"]]]));
    // A block that fails has given an answer.
    let fails = json!({ "inputs": { "text": "a", "delimiter": "" } });
    let answer = run(&server, "text.split", &fails).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["error"]["code"], "BLOCK_INPUT");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_where_it_is() {
    let server = Server::start().await;
    let cases = [
        (
            "text.split",
            json!({ "inputs": { "text": "a" } }),
            422,
            "GRAPH_INPUT_MISSING",
            "/inputs",
        ),
        (
            "text.split",
            json!({ "inputs": { "text": 1, "delimiter": "" } }),
            422,
            "GRAPH_INPUT_TYPE",
            "/inputs/text",
        ),
        (
            "text.split",
            json!({ "inputs": { "text": "", "delimiter": "", "x": 1 } }),
            422,
            "GRAPH_UNKNOWN_INPUT",
            "/inputs/x",
        ),
        (
            "text.split",
            json!({ "input": {} }),
            422,
            "HTTP_BODY",
            "/input",
        ),
        (
            "text.split",
            json!({ "time_zone": "Mars/X" }),
            422,
            "HTTP_BODY",
            "/time_zone",
        ),
        (
            "text.split",
            json!({ "only_hosts": ["a/b"] }),
            422,
            "HTTP_BODY",
            "/only_hosts",
        ),
    ];
    for (block, asked, status, code, pointer) in cases {
        let answer = run(&server, block, &asked).await;
        assert_eq!(answer.problem(), code, "{asked} {}", answer.text);
        assert_eq!(answer.status, status, "{asked}");
        let found = answer.json()["errors"][0]["pointer"].clone();
        let found = found.as_str().unwrap_or_default();
        assert!(found.starts_with(pointer), "{asked} {found}");
    }
    let answer = run(&server, "text.splt", &json!({})).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (404, "HTTP_NOT_FOUND")
    );
    assert_eq!(answer.json()["errors"][0]["suggestions"][0], "text.split");
    // AutoGPT has it, and it is not here: what it needs is told.
    let absent = server.get("/v1/blocks?q=discord", A).await.json();
    let absent = absent["absent"][0]["autogpt"]["name"]
        .as_str()
        .expect("a block");
    let answer = run(&server, absent, &json!({})).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("needs"), "{}", answer.text);
    // It is not kept, so no key can find it again.
    let request = server.ask(Method::POST, "/v1/blocks/text.split/run", A);
    let request = body(request, &json!({})).header("idempotency-key", "k");
    assert_eq!(Answer::of(request).await.problem(), "HTTP_PARAMETER");
    server.stop().await;
}

#[tokio::test]
async fn it_takes_a_scope_and_leaves_nothing() {
    let who = |role: Role| Principal::new("a", "tests").scopes(role.scopes());
    let auth = Auth::new()
        .token("looks", who(Role::Viewer))
        .token("runs", who(Role::Runner));
    let server = Server::taking(App::builder(engine()), auth).await;
    let asked = json!({ "inputs": { "text": "a", "delimiter": "," } });
    let path = "/v1/blocks/text.split/run";
    let refused = server.post(path, "looks", &asked).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "AUTH_SCOPE")
    );
    assert_eq!(server.post(path, "runs", &asked).await.status, 200);
    assert_eq!(
        server.get("/v1/runs", "runs").await.json()["items"],
        json!([])
    );
    server.app.drain(true);
    let refused = server.post(path, "runs", &asked).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (503, "HTTP_DRAINING")
    );
    server.stop().await;
}

/// The same limits hold as for a run of a graph: where it reaches, how long it takes, whose values it sees.
#[tokio::test]
async fn it_is_run_by_the_policy_of_runs() {
    let stub = Stub::start(|_| (200, "text/plain", "here".to_owned())).await;
    let server = Server::with(App::builder(stub::engine(&[&stub]))).await;
    let get = |url: String, more: Value| {
        let mut asked = json!({ "inputs": { "url": url } });
        let more = more.as_object().expect("a map").clone();
        asked.as_object_mut().expect("a map").extend(more);
        asked
    };
    let answer = run(&server, "http.get", &get(stub.url("/x"), json!({})))
        .await
        .json();
    assert_eq!(answer["outputs"][0][1]["body"], "here", "{answer}");
    let elsewhere = get("http://127.0.0.1:9/".to_owned(), json!({}));
    let answer = run(&server, "http.get", &elsewhere).await.json();
    assert_eq!(answer["error"]["code"], "BLOCK_REFUSED", "{answer}");
    let denied = get(stub.url("/y"), json!({ "deny_hosts": [stub.host] }));
    let answer = run(&server, "http.get", &denied).await.json();
    assert_eq!(answer["error"]["code"], "BLOCK_REFUSED", "{answer}");
    assert_eq!(stub.sent().len(), 1);

    let slow = json!({ "inputs": { "seconds": 60 }, "timeout_ms": 50 });
    let answer = run(&server, "time.countdown", &slow).await.json();
    assert_eq!(answer["error"]["code"], "RUN_TIMEOUT", "{answer}");

    let put = json!({ "inputs": { "key": "k", "value": 7, "scope": "across_agents" } });
    assert_eq!(
        run(&server, "kv.put", &put).await.json()["error"],
        Value::Null
    );
    let get = json!({ "inputs": { "key": "k", "default": 0, "scope": "across_agents" } });
    for (token, expected) in [(A, 7), (B, 0)] {
        let answer = server
            .post("/v1/blocks/kv.get/run", token, &get)
            .await
            .json();
        assert_eq!(answer["outputs"][0], json!(["value", expected]), "{answer}");
    }
    server.stop().await;
}

/// One that takes longer than an answer may is told so by its own error, and not by the server's.
#[tokio::test]
async fn it_may_take_as_long_as_its_answer() {
    let builder = App::builder(engine()).request_time(Duration::from_millis(600));
    let server = Server::with(builder).await;
    for asked in [
        json!({ "inputs": { "seconds": 60 } }),
        json!({ "inputs": { "seconds": 60 }, "timeout_ms": 60_000 }),
    ] {
        let answer = run(&server, "time.countdown", &asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["error"]["code"], "RUN_TIMEOUT");
    }
    server.stop().await;
}
