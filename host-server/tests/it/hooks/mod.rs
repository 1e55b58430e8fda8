//! Webhooks: what others call, over sockets. Signatures by themselves are held against what providers publish in
//! `webhooks/prove/tests.rs`.

mod kept;
mod proven;
mod runs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::host::Clock as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{A, Answer, Server, client};
use crate::timed::World;

pub(super) const START: &str = "2026-11-21T12:00:30Z";
pub(super) const SECRET: &str = "It's a Secret to Everybody";
pub(super) const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A graph that gives back what a webhook brought.
pub(super) fn echo() -> Value {
    json!({
        "format": 1,
        "name": "echo",
        "nodes": {
            "hook": { "block": "autogpt.receive_webhook", "inputs": { "constants": { "c": 1 } } },
            "out": { "block": "io.output", "inputs": { "name": "got" } },
            "same": { "block": "io.output", "inputs": { "name": "constants" } }
        },
        "links": [
            { "from": "hook.payload", "to": "out.value" },
            { "from": "hook.constants", "to": "same.value" }
        ]
    })
}

/// A graph that gives back its inputs.
pub(super) fn inputs() -> Value {
    json!({
        "format": 1,
        "name": "inputs",
        "nodes": {
            "payload": { "block": "io.input", "inputs": { "name": "payload" } },
            "headers": { "block": "io.input", "inputs": { "name": "headers", "value": {} } },
            "fixed": { "block": "io.input", "inputs": { "name": "fixed", "value": "none" } },
            "out": { "block": "io.output", "inputs": { "name": "got" } },
            "more": { "block": "io.output", "inputs": { "name": "headers" } },
            "same": { "block": "io.output", "inputs": { "name": "fixed" } }
        },
        "links": [
            { "from": "payload.result", "to": "out.value" },
            { "from": "headers.result", "to": "more.value" },
            { "from": "fixed.result", "to": "same.value" }
        ]
    })
}

pub(super) fn mac(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key");
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn hook(graph: &str, kind: &str) -> Value {
    json!({ "name": kind, "target": { "graph_id": graph }, "provider": { "kind": kind } })
}

/// A webhook that was made.
pub(super) struct Hook {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) made: Value,
}

pub(super) async fn make(server: &Server, webhook: &Value) -> Hook {
    let answer = server.post("/v1/webhooks", A, webhook).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.json();
    let text = |member: &str| made[member].as_str().expect("text").to_owned();
    Hook {
        id: text("id"),
        path: text("path"),
        made,
    }
}

pub(super) async fn with_secret(server: &Server, mut webhook: Value, secret: &str) -> Hook {
    webhook["secret"] = json!(secret);
    let made = make(server, &webhook).await;
    assert_eq!(made.made.get("secret"), None, "what was given is not shown");
    made
}

/// Calls a webhook, without a token of this server.
pub(super) async fn call(
    server: &Server,
    path: &str,
    headers: &[(&str, String)],
    sent: &str,
) -> Answer {
    call_at(&server.url, path, headers, sent).await
}

pub(super) async fn call_at(
    url: &str,
    path: &str,
    headers: &[(&str, String)],
    sent: &str,
) -> Answer {
    let request = client().post(format!("{url}{path}"));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, value)
    });
    Answer::of(request.body(sent.to_owned())).await
}

pub(super) fn as_json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

pub(super) fn github(event: &str, delivery: &str, sent: &str) -> Vec<(&'static str, String)> {
    let code = hex(&mac(SECRET.as_bytes(), sent.as_bytes()));
    vec![
        as_json(),
        ("x-github-event", event.to_owned()),
        ("x-github-delivery", delivery.to_owned()),
        ("x-hub-signature-256", format!("sha256={code}")),
    ]
}

/// Signs by Standard Webhooks, at this second.
pub(super) fn standard(
    secret: &str,
    id: &str,
    seconds: i64,
    sent: &str,
) -> Vec<(&'static str, String)> {
    let key = secret.strip_prefix("whsec_").expect("a prefix");
    let key = STANDARD.decode(key).expect("base64");
    let code = mac(&key, format!("{id}.{seconds}.{sent}").as_bytes());
    vec![
        as_json(),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", format!("v1,{}", STANDARD.encode(code))),
    ]
}

pub(super) fn now(world: &World) -> i64 {
    world.clock.now().as_millis() / 1_000
}

pub(super) async fn show(server: &Server, hook: &Hook) -> Value {
    let path = format!("/v1/webhooks/{}", hook.id);
    server.get(&path, A).await.json()
}

pub(super) async fn calls(server: &Server, hook: &Hook) -> Vec<Value> {
    let path = format!("/v1/webhooks/{}/deliveries", hook.id);
    let listed = server.get(&path, A).await.json();
    listed["items"].as_array().expect("a list").clone()
}

pub(super) async fn count(server: &Server) -> usize {
    let listed = server.get("/v1/runs?limit=200", A).await.json();
    listed["items"].as_array().map_or(0, Vec::len)
}

pub(super) fn run_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["run_id"].as_str().expect("an id").to_owned()
}

/// Asserts that a request was answered so, and that no run came of it.
pub(super) async fn refused(server: &Server, answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (status, code),
        "{}",
        answer.text
    );
    assert_eq!(count(server).await, 0, "a run was started");
}
