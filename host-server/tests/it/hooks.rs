//! Webhooks: what others call, over sockets. Signatures by themselves are held against what providers publish in
//! `webhooks/prove/tests.rs`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::host::Clock as _;
use graphloom_server::config::Rate;
use graphloom_server::{Principal, Scope, Scopes, WebhookOptions};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::task::JoinSet;

use crate::harness::{A, Answer, B, Folder, Server, auth, client, greet, json as body};
use crate::program::Program;
use crate::timed::{Killed, World, runs};

const START: &str = "2026-11-21T12:00:30Z";
const SECRET: &str = "It's a Secret to Everybody";
const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A graph that gives back what a webhook brought.
fn echo() -> Value {
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
fn inputs() -> Value {
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

fn mac(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key");
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hook(graph: &str, kind: &str) -> Value {
    json!({ "name": kind, "target": { "graph_id": graph }, "provider": { "kind": kind } })
}

/// A webhook that was made.
struct Hook {
    id: String,
    path: String,
    made: Value,
}

async fn make(server: &Server, webhook: &Value) -> Hook {
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

async fn with_secret(server: &Server, mut webhook: Value, secret: &str) -> Hook {
    webhook["secret"] = json!(secret);
    let made = make(server, &webhook).await;
    assert_eq!(made.made.get("secret"), None, "what was given is not shown");
    made
}

/// Calls a webhook, without a token of this server.
async fn call(server: &Server, path: &str, headers: &[(&str, String)], sent: &str) -> Answer {
    call_at(&server.url, path, headers, sent).await
}

async fn call_at(url: &str, path: &str, headers: &[(&str, String)], sent: &str) -> Answer {
    let request = client().post(format!("{url}{path}"));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, value)
    });
    Answer::of(request.body(sent.to_owned())).await
}

fn as_json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

fn github(event: &str, delivery: &str, sent: &str) -> Vec<(&'static str, String)> {
    let code = hex(&mac(SECRET.as_bytes(), sent.as_bytes()));
    vec![
        as_json(),
        ("x-github-event", event.to_owned()),
        ("x-github-delivery", delivery.to_owned()),
        ("x-hub-signature-256", format!("sha256={code}")),
    ]
}

/// Signs by Standard Webhooks, at this second.
fn standard(secret: &str, id: &str, seconds: i64, sent: &str) -> Vec<(&'static str, String)> {
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

fn now(world: &World) -> i64 {
    world.clock.now().as_millis() / 1_000
}

async fn show(server: &Server, hook: &Hook) -> Value {
    let path = format!("/v1/webhooks/{}", hook.id);
    server.get(&path, A).await.json()
}

async fn calls(server: &Server, hook: &Hook) -> Vec<Value> {
    let path = format!("/v1/webhooks/{}/deliveries", hook.id);
    let listed = server.get(&path, A).await.json();
    listed["items"].as_array().expect("a list").clone()
}

async fn count(server: &Server) -> usize {
    let listed = server.get("/v1/runs?limit=200", A).await.json();
    listed["items"].as_array().map_or(0, Vec::len)
}

fn run_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["run_id"].as_str().expect("an id").to_owned()
}

/// Asserts that a request was answered so, and that no run came of it.
async fn refused(server: &Server, answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (status, code),
        "{}",
        answer.text
    );
    assert_eq!(count(server).await, 0, "a run was started");
}

async fn write(server: &Server, method: Method, path: &str, tag: &str, sent: &Value) -> Answer {
    let request = server.ask(method.clone(), path, A).header("if-match", tag);
    let request = match method {
        Method::PATCH => request
            .header("content-type", "application/merge-patch+json")
            .body(sent.to_string()),
        Method::DELETE => request,
        _ => body(request, sent),
    };
    Answer::of(request).await
}

#[tokio::test]
async fn a_call_becomes_a_run_of_the_owner() {
    let world = World::at(START);
    let server = Server::with(world.app().public_url("https://graphs.example.com/")).await;
    let graph = server.keep(A, &echo()).await;
    let mut asked = hook(&graph, "github");
    asked["labels"] = json!({ "of": "github" });
    let hook = with_secret(&server, asked, SECRET).await;
    assert_eq!(
        hook.made["url"],
        format!("https://graphs.example.com{}", hook.path)
    );
    let sent =
        r#"{"ref":"refs/heads/main","n":[1,2.5,18446744073709551615],"x":{"$blob":{"a":1}}}"#;
    let answer = call(&server, &hook.path, &github("push", "d-1", sent), sent).await;
    let run = run_of(&answer);
    assert_eq!(answer.json()["outcome"], "started");
    let over = server.over(A, &run).await;
    let outputs = &over["result"]["outputs"];
    let got: Value = serde_json::from_str(sent).expect("JSON");
    // What the engine writes in a form of its own is what was sent, and names no blob.
    assert_eq!(outputs["got"][0]["ref"], got["ref"], "{over}");
    assert_eq!(outputs["got"][0]["n"], got["n"]);
    assert_eq!(outputs["got"][0]["x"]["$map"], got["x"], "{over}");
    assert_eq!(outputs["constants"], json!([{ "c": 1 }]));
    assert_eq!(
        (&over["origin"], &over["origin_id"], &over["graph_id"]),
        (&json!("webhook"), &json!(hook.id), &json!(graph))
    );
    assert_eq!(over["labels"], json!({ "of": "github" }));
    assert_eq!(server.get(&format!("/v1/runs/{run}"), B).await.status, 404);

    let shown = show(&server, &hook).await;
    let last = &shown["last_call"];
    assert_eq!(
        (&last["outcome"], &last["run_id"], &last["status"]),
        (&json!("started"), &json!(run), &json!(202))
    );
    assert_eq!(
        (&last["event"], &last["delivery"], &last["bytes"]),
        (&json!("push"), &json!("d-1"), &json!(sent.len()))
    );
    assert_eq!(shown["failures_in_a_row"], 0);
    server.stop().await;
}

/// 78. None of these starts a run.
#[tokio::test]
async fn what_is_not_proven_starts_nothing() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hooked = with_secret(&server, hook(&graph, "github"), SECRET).await;
    let timed = with_secret(&server, hook(&graph, "standard"), STANDARD_SECRET).await;
    let sent = r#"{"a": 1}"#;
    let at = now(&world);

    let wrong = [
        // A wrong signature, none at all, an old algorithm.
        (&hooked, github("push", "1", "other"), sent),
        (&hooked, vec![as_json()], sent),
        (
            &hooked,
            vec![as_json(), ("x-hub-signature", "sha1=00".to_owned())],
            sent,
        ),
        // The right one of another provider, also where both have one secret.
        (&hooked, standard(STANDARD_SECRET, "1", at, sent), sent),
        (&timed, github("push", "1", sent), sent),
        // White space.
        (&hooked, github("push", "1", sent), r#"{"a":1}"#),
        (&hooked, github("push", "1", sent), "{\"a\": 1}\n"),
        (
            &timed,
            standard(STANDARD_SECRET, "1", at, sent),
            r#"{"a":1}"#,
        ),
        // After five minutes, and before.
        (&timed, standard(STANDARD_SECRET, "1", at - 301, sent), sent),
        (&timed, standard(STANDARD_SECRET, "1", at + 301, sent), sent),
    ];
    let mut told = Vec::new();
    for (hook, headers, sent) in &wrong {
        let answer = call(&server, &hook.path, headers, sent).await;
        refused(&server, &answer, 401, "HOOK_PROOF").await;
        assert_eq!(answer.header("www-authenticate"), "Webhook");
        told.push(answer.json()["detail"].clone());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "why is for the owner: {told:?}");

    // Unknown ids, of whatever form; one that is not enabled; one that is gone; the id that its owner knows it by.
    let unknown = "/hooks/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let path = format!("/v1/webhooks/{}", hooked.id);
    let disabled = write(
        &server,
        Method::PATCH,
        &path,
        "*",
        &json!({ "enabled": false }),
    )
    .await;
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    let gone = format!("/v1/webhooks/{}", timed.id);
    let deleted = write(&server, Method::DELETE, &gone, "*", &Value::Null).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    let own = format!("/hooks/{}", hooked.id);
    let mut told = Vec::new();
    for path in [
        unknown,
        &hooked.path,
        &timed.path,
        &own,
        "/hooks/a%2Fb",
        "/hooks/%FF",
        "/hooks/a%20b",
    ] {
        let answer = call(&server, path, &github("push", "1", sent), sent).await;
        refused(&server, &answer, 404, "HTTP_NOT_FOUND").await;
        told.push(answer.json()["detail"].clone());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "which of them it is is not told: {told:?}");

    // Other methods, and a path behind it.
    let get = Answer::of(client().get(format!("{}{}", server.url, hooked.path))).await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
    server.stop().await;
}

#[tokio::test]
async fn the_same_delivery_has_one_run() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hooked = with_secret(&server, hook(&graph, "github"), SECRET).await;
    let timed = with_secret(&server, hook(&graph, "standard"), STANDARD_SECRET).await;
    let (sent, at) = (r#"{"a": 1}"#, now(&world));

    // Many at once.
    let mut asking = JoinSet::new();
    for _ in 0..16 {
        let url = format!("{}{}", server.url, timed.path);
        let headers = standard(STANDARD_SECRET, "msg_1", at, sent);
        asking.spawn(async move {
            let request = client().post(url).body(sent);
            let add = |request: reqwest::RequestBuilder, (name, value): (&'static str, String)| {
                request.header(name, value)
            };
            Answer::of(headers.into_iter().fold(request, add)).await
        });
    }
    let answers = asking.join_all().await;
    let first = run_of(&answers[0]);
    assert!(answers.iter().all(|answer| run_of(answer) == first));
    let is_new = |answer: &&Answer| answer.json()["outcome"] == "started";
    assert_eq!(answers.iter().filter(is_new).count(), 1);
    let replayed = |answer: &&Answer| answer.header("idempotency-replayed") == "true";
    assert_eq!(answers.iter().filter(replayed).count(), 15);
    assert_eq!(count(&server).await, 1);

    // The same message with a new signature, as it is sent again; another message.
    world.clock.pass(200_000);
    let late = standard(STANDARD_SECRET, "msg_1", at + 200_000, sent);
    assert_eq!(
        run_of(&call(&server, &timed.path, &late, sent).await),
        first
    );
    let other = standard(STANDARD_SECRET, "msg_2", at + 200_000, sent);
    assert_ne!(
        run_of(&call(&server, &timed.path, &other, sent).await),
        first
    );

    // GitHub: by the id that a request says, since two events may have one body.
    let send = async |hook: &Hook, event: &str, delivery: &str| {
        let headers = github(event, delivery, sent);
        run_of(&call(&server, &hook.path, &headers, sent).await)
    };
    let first = send(&hooked, "push", "d-1").await;
    assert_eq!(send(&hooked, "push", "d-1").await, first);
    assert_ne!(send(&hooked, "push", "d-2").await, first);
    world.clock.pass(200_000);
    assert_eq!(send(&hooked, "push", "d-1").await, first);

    // By what was signed: no other id and no other event makes another delivery of it, for a day.
    let mut strict = hook(&graph, "github");
    strict["provider"]["known_by"] = json!("content");
    let strict = with_secret(&server, strict, SECRET).await;
    let first = send(&strict, "push", "d-1").await;
    for (event, delivery) in [("push", "d-1"), ("push", "d-2"), ("issues", "d-3")] {
        assert_eq!(send(&strict, event, delivery).await, first, "{delivery}");
    }
    world.clock.pass(86_400);
    let next = send(&strict, "push", "d-1").await;
    assert_ne!(next, first, "another day the same may be meant");
    assert_eq!(send(&strict, "push", "d-4").await, next);
    server.stop().await;
}

/// 78, with the process killed once the run is accepted and before that is noted, or anybody told.
#[tokio::test]
async fn a_delivery_is_known_to_the_next_process() {
    let world = World::at(START);
    let killed = Arc::new(Killed::at(&world, "HookCall", false));
    let server = Server::with(world.app().records(killed.clone())).await;
    let graph = server.keep(A, &echo()).await;
    let hooked = with_secret(&server, hook(&graph, "standard"), STANDARD_SECRET).await;
    let sent = r#"{"a": 1}"#;
    let headers = standard(STANDARD_SECRET, "msg_1", now(&world), sent);
    killed.after(0);
    let url = format!("{}{}", server.url, hooked.path);
    let request = headers
        .iter()
        .fold(client().post(url), |request, (name, value)| {
            request.header(*name, value)
        });
    let request = request.timeout(Duration::from_secs(2)).body(sent);
    assert!(request.send().await.is_err(), "nobody is told");
    assert!(killed.is_dead());

    let next = world.start().await;
    let answer = call(&next, &hooked.path, &headers, sent).await;
    assert_eq!(answer.json()["outcome"], "repeated");
    let run = run_of(&answer);
    let all = runs(&next, 1).await;
    assert_eq!((all.len(), &all[0]["run_id"]), (1, &json!(run)));
    let noted = calls(&next, &hooked).await;
    assert_eq!((noted.len(), &noted[0]["outcome"]), (1, &json!("repeated")));
    next.stop().await;
}

#[tokio::test]
async fn a_secret_is_replaced_and_the_one_before_holds_a_day() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hook = make(&server, &hook(&graph, "standard")).await;
    let first = hook.made["secret"]
        .as_str()
        .expect("it was drawn")
        .to_owned();
    assert!(first.starts_with("whsec_"));
    assert_eq!(
        show(&server, &hook).await.get("secret"),
        None,
        "it is shown once"
    );

    let send = async |secret: &str, id: &str| {
        let headers = standard(secret, id, now(&world), "{}");
        call(&server, &hook.path, &headers, "{}").await.status
    };
    assert_eq!(send(&first, "1").await, 202);
    let path = format!("/v1/webhooks/{}/rotate", hook.id);
    let rotated = server.post(&path, A, &json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    let second = rotated.json()["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    assert_ne!(second, first);
    assert_eq!(rotated.json()["former_until"], "2026-11-22T12:00:30.000Z");
    assert_eq!(
        (send(&first, "2").await, send(&second, "3").await),
        (202, 202)
    );
    world.clock.pass(86_399);
    assert_eq!(send(&first, "4").await, 202);
    world.clock.pass(1);
    assert_eq!(
        (send(&first, "5").await, send(&second, "6").await),
        (401, 202)
    );
    assert_eq!(show(&server, &hook).await["former_until"], Value::Null);

    // One that is written is in place of all others at once.
    let put = write(
        &server,
        Method::PATCH,
        &format!("/v1/webhooks/{}", hook.id),
        "*",
        &json!({ "secret": STANDARD_SECRET }),
    )
    .await;
    assert_eq!(
        (put.status, put.json().get("secret")),
        (200, None),
        "{}",
        put.text
    );
    assert_eq!(send(&second, "7").await, 401);
    assert_eq!(send(STANDARD_SECRET, "8").await, 202);
    // Given ones are checked; another tenant's webhook is not there.
    for (token, sent, status) in [
        (A, json!({ "secret": "" }), 422),
        (A, json!({ "secret": 1 }), 422),
        (B, json!({}), 404),
    ] {
        assert_eq!(
            server.post(&path, token, &sent).await.status,
            status,
            "{sent}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_is_kept_changed_and_forgotten() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let made = server
        .post("/v1/webhooks", A, &hook(&graph, "github"))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (path, tag) = (
        made.header("location").to_owned(),
        made.header("etag").to_owned(),
    );
    let address = made.json()["path"].clone();
    assert_eq!(
        made.json()["url"],
        Value::Null,
        "nobody has said where it is reached"
    );
    let shown = server.get(&path, A).await;
    assert_eq!(
        (shown.header("etag"), &shown.json()["path"]),
        (&*tag, &address)
    );

    let events = json!({ "events": ["push"] });
    let answer = Answer::of(
        server
            .ask(Method::PATCH, &path, A)
            .header("content-type", "application/merge-patch+json")
            .body("{}"),
    )
    .await;
    assert_eq!(answer.status, 428);
    let patched = write(&server, Method::PATCH, &path, &tag, &events).await;
    assert_eq!(
        (patched.status, &patched.json()["events"]),
        (200, &json!(["push"]))
    );
    assert_eq!(patched.json()["path"], address, "the address stays");
    let stale = write(&server, Method::PATCH, &path, &tag, &events).await;
    assert_eq!(
        (stale.status, stale.problem().as_str()),
        (412, "HTTP_PRECONDITION")
    );
    let put = write(
        &server,
        Method::PUT,
        &path,
        patched.header("etag"),
        &hook(&graph, "hmac"),
    )
    .await;
    assert_eq!(put.status, 422, "hmac needs a header: {}", put.text);
    let put = write(
        &server,
        Method::PUT,
        &path,
        patched.header("etag"),
        &hook(&graph, "unsigned"),
    )
    .await;
    assert_eq!(
        (put.status, &put.json()["secret_at"]),
        (200, &Value::Null),
        "{}",
        put.text
    );
    // It has no secret now, and needs one to be signed again.
    let put = write(&server, Method::PUT, &path, "*", &hook(&graph, "github")).await;
    assert_eq!((put.status, put.problem().as_str()), (422, "HTTP_BODY"));
    let rotate = server.post(&format!("{path}/rotate"), A, &json!({})).await;
    assert_eq!(
        (rotate.status, rotate.problem().as_str()),
        (409, "HTTP_CONFLICT")
    );

    // Under an id of the owner's, and once for a key.
    let request = server.ask(Method::PUT, "/v1/webhooks/mine", A);
    let request = body(request.header("if-none-match", "*"), &hook(&graph, "token"));
    assert_eq!(
        Answer::of(request).await.status,
        422,
        "token needs a header"
    );
    let request = server.ask(Method::PUT, "/v1/webhooks/mine", A);
    let request = body(
        request.header("if-none-match", "*"),
        &hook(&graph, "gitlab"),
    );
    let mine = Answer::of(request).await;
    assert_eq!(mine.status, 201, "{}", mine.text);
    assert!(mine.json()["secret"].is_string());
    let keyed = || {
        let request = server.ask(Method::POST, "/v1/webhooks", A);
        let request = request.header("idempotency-key", "k-1");
        Answer::of(body(request, &hook(&graph, "standard")))
    };
    let (first, again) = (keyed().await, keyed().await);
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(first.json()["secret"].is_string() && again.json().get("secret").is_none());

    let listed = async |query: &str| {
        let listed = server.get(&format!("/v1/webhooks?{query}"), A).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        let items = listed.json()["items"].clone();
        items.as_array().map(Vec::len)
    };
    let of_graph = format!("target={graph}");
    for (query, found) in [
        ("", 3),
        ("provider=gitlab", 1),
        ("provider=github", 0),
        ("q=UNSIGNED", 1),
        ("target=x", 0),
        (&*of_graph, 3),
    ] {
        assert_eq!(listed(query).await, Some(found), "{query}");
    }
    let unknown = server.get("/v1/webhooks?provider=git", A).await;
    assert_eq!(
        (unknown.status, unknown.problem().as_str()),
        (400, "HTTP_PARAMETER")
    );
    let page = server.get("/v1/webhooks?limit=2", A).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(listed(&format!("limit=2&cursor={cursor}")).await, Some(1));

    // Another tenant's is not there.
    for path in [path.clone(), format!("{path}/deliveries")] {
        assert_eq!(server.get(&path, B).await.status, 404, "{path}");
    }
    let trial = json!({ "payload": {} });
    assert_eq!(
        server
            .post(&format!("{path}/trial"), B, &trial)
            .await
            .status,
        404
    );
    let foreign = Answer::of(server.ask(Method::DELETE, &path, B).header("if-match", "*")).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        server.get("/v1/webhooks", B).await.json()["items"],
        json!([])
    );
    assert_eq!(
        server
            .post("/v1/webhooks", B, &hook(&graph, "github"))
            .await
            .status,
        422
    );

    let gone = write(&server, Method::DELETE, &path, "*", &Value::Null).await;
    assert_eq!((gone.status, server.get(&path, A).await.status), (204, 404));
    server.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_told() {
    let world = World::at(START);
    let server = world.start().await;
    let (graph, other) = (
        server.keep(A, &echo()).await,
        server.keep(A, &greet()).await,
    );
    let good = hook(&graph, "github");
    let with = |members: &[(&str, Value)]| {
        let mut webhook = good.clone();
        for (member, value) in members {
            webhook[*member] = value.clone();
        }
        webhook
    };
    let provider = |provider: Value| with(&[("provider", provider)]);
    let canary = "canary";
    let cases = [
        // 78. An empty secret, and one that can be guessed; the right form of it.
        (with(&[("secret", json!(""))]), "/secret"),
        (with(&[("secret", json!("   fifteen chars"))]), "/secret"),
        (with(&[("secret", json!(canary))]), "/secret"),
        (with(&[("secret", json!([canary]))]), "/secret"),
        (
            with(&[
                ("provider", json!({ "kind": "standard" })),
                ("secret", json!("whsec_AAAA")),
            ]),
            "/secret",
        ),
        (
            with(&[
                ("provider", json!({ "kind": "unsigned" })),
                ("secret", json!(SECRET)),
            ]),
            "/secret",
        ),
        (provider(json!({ "kind": "stripe" })), "/secret"),
        (provider(json!({ "kind": "slack" })), "/secret"),
        // How it is proven.
        (provider(json!({ "kind": "none" })), "/provider/kind"),
        (provider(json!({})), "/provider/kind"),
        (provider(json!({ "kind": "hmac" })), "/provider/header"),
        (
            provider(json!({ "kind": "github", "header": "x" })),
            "/provider/header",
        ),
        (
            provider(json!({ "kind": "token", "header": "x y" })),
            "/provider/header",
        ),
        (
            provider(json!({ "kind": "token", "header": "x", "encoding": "hex" })),
            "/provider/encoding",
        ),
        (
            provider(json!({ "kind": "token", "header": "x", "id_header": "X" })),
            "/provider/id_header",
        ),
        (
            provider(json!({ "kind": "unsigned", "event_header": "Cookie" })),
            "/provider/event_header",
        ),
        (
            provider(json!({ "kind": "hmac", "header": "x", "known_by": "id" })),
            "/provider/known_by",
        ),
        (
            provider(json!({ "kind": "stripe", "known_by": "id" })),
            "/provider/known_by",
        ),
        (provider(json!({ "kind": "basic" })), "/provider/user"),
        (
            provider(json!({ "kind": "basic", "user": "a:b" })),
            "/provider/user",
        ),
        // What is run, and where the body goes.
        (with(&[("name", json!(""))]), "/name"),
        (with(&[("events", json!([""]))]), "/events/0"),
        (
            with(&[
                ("provider", json!({ "kind": "unsigned" })),
                ("events", json!(["a"])),
            ]),
            "/events",
        ),
        (with(&[("target", json!({}))]), "/target"),
        (
            with(&[("target", json!({ "graph_id": "nothing" }))]),
            "/target/graph_id",
        ),
        (
            with(&[("target", json!({ "graph_id": other }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "input": "nobody" }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "node": "nobody" }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "node": "hook", "pin": "nobody" }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "node": "hook", "input": "x" }))]),
            "/payload_to",
        ),
        (
            with(&[("headers_to", json!({ "node": "hook" }))]),
            "/headers_to",
        ),
        (
            with(&[("inputs", json!({ "nobody": 1 }))]),
            "/inputs/nobody",
        ),
        (
            with(&[("labels", json!({ "graphloom.origin": "me" }))]),
            "/labels/graphloom.origin",
        ),
        (
            with(&[("callback", json!({ "url": "https://127.0.0.1/" }))]),
            "/callback/url",
        ),
    ];
    for (webhook, place) in cases {
        let answer = server.post("/v1/webhooks", A, &webhook).await;
        assert_eq!(answer.status, 422, "{webhook}: {}", answer.text);
        let problem = answer.json();
        let errors = problem["errors"].as_array().expect("errors");
        assert!(
            errors.iter().any(|error| error["pointer"] == place),
            "{webhook}: expected {place}: {problem}"
        );
        assert!(!answer.text.contains(canary), "{}", answer.text);
    }
    assert_eq!(
        server.get("/v1/webhooks", A).await.json()["items"],
        json!([])
    );
    server.stop().await;
}

#[tokio::test]
async fn what_a_body_says_goes_where_it_is_to_go() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &inputs()).await;
    let mut asked = hook(&graph, "token");
    asked["provider"] = json!({
        "kind": "token", "header": "X-Proof", "prefix": "k ",
        "id_header": "X-Id", "event_header": "X-Event"
    });
    asked["headers_to"] = json!({ "input": "headers" });
    asked["inputs"] = json!({ "fixed": "mine" });
    asked["events"] = json!(["a", "b.c"]);
    let hook = with_secret(&server, asked, SECRET).await;
    let send = async |media: &str, event: &str, sent: &str| {
        let headers = [
            ("content-type", media.to_owned()),
            ("x-proof", format!("k {SECRET}")),
            ("x-event", event.to_owned()),
            ("x-other", "nobody's".to_owned()),
            ("cookie", "a=b".to_owned()),
        ];
        call(&server, &hook.path, &headers, sent).await
    };
    for (media, sent, got) in [
        (
            "application/json",
            r#"{"a":[1,null]}"#,
            json!({ "a": [1, null] }),
        ),
        ("application/vnd.api+json; charset=utf-8", "[1]", json!([1])),
        (
            "application/x-www-form-urlencoded",
            "a=1&b=%C3%A9+x&a=2",
            json!({ "a": ["1", "2"], "b": "é x" }),
        ),
        ("text/plain", "Hello", json!("Hello")),
        ("application/xml", "<a/>", json!("<a/>")),
        ("application/json", "", json!({})),
    ] {
        let run = run_of(&send(media, "a", sent).await);
        let outputs = server.over(A, &run).await["result"]["outputs"].clone();
        assert_eq!(outputs["got"], json!([got]), "{media} {sent}");
        assert_eq!(outputs["fixed"], json!(["mine"]));
        let told = &outputs["headers"][0];
        assert_eq!(
            (&told["content-type"], &told["x-event"]),
            (&json!(media), &json!("a"))
        );
        let names: Vec<&String> = told.as_object().expect("a map").keys().collect();
        assert!(
            names
                .iter()
                .all(|name| ["content-type", "x-event", "user-agent"].contains(&name.as_str())),
            "{names:?}"
        );
        assert!(!told.to_string().contains("Secret"));
    }
    // What it says it is, and is not; what no graph can have.
    for (media, sent, status, code) in [
        ("application/json", "{", 422, "HTTP_BODY"),
        ("application/json", "{} {}", 422, "HTTP_BODY"),
        ("application/json", &"[".repeat(5_000), 422, "HTTP_BODY"),
    ] {
        let answer = send(media, "a", sent).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, code),
            "{sent:.20}"
        );
    }
    // Events.
    let before = count(&server).await;
    for (event, status) in [
        ("a", 202),
        ("a.b", 202),
        ("b.c", 202),
        ("b", 200),
        ("ab", 200),
        ("", 200),
    ] {
        let answer = send("text/plain", event, "x").await;
        assert_eq!(answer.status, status, "{event}: {}", answer.text);
        let skipped = answer.json()["outcome"] == "skipped";
        assert_eq!(skipped, status == 200, "{event}");
    }
    assert_eq!(count(&server).await, before + 3);
    let outcomes: Vec<Value> = calls(&server, &hook)
        .await
        .iter()
        .map(|c| c["outcome"].clone())
        .collect();
    assert_eq!(outcomes.iter().filter(|o| **o == "skipped").count(), 3);
    assert_eq!(outcomes.iter().filter(|o| **o == "failed").count(), 3);
    server.stop().await;
}

#[tokio::test]
async fn who_only_asks_whether_somebody_is_there_is_answered() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hooked = with_secret(&server, hook(&graph, "github"), SECRET).await;
    let sent = r#"{"zen":"Keep it logically awesome."}"#;
    let answer = call(&server, &hooked.path, &github("ping", "d-1", sent), sent).await;
    assert_eq!(
        (answer.status, &answer.json()["outcome"]),
        (200, &json!("ping"))
    );

    let slack = with_secret(&server, hook(&graph, "slack"), SECRET).await;
    let sent = r#"{"type":"url_verification","challenge":"3eZbrw1aB"}"#;
    let at = now(&world);
    let code = hex(&mac(
        SECRET.as_bytes(),
        format!("v0:{at}:{sent}").as_bytes(),
    ));
    let mut headers = vec![
        as_json(),
        ("x-slack-request-timestamp", at.to_string()),
        ("x-slack-signature", format!("v0={code}")),
    ];
    let answer = call(&server, &slack.path, &headers, sent).await;
    assert_eq!(
        (answer.status, &answer.json()["challenge"]),
        (200, &json!("3eZbrw1aB"))
    );
    headers.pop();
    let answer = call(&server, &slack.path, &headers, sent).await;
    refused(&server, &answer, 401, "HOOK_PROOF").await;
    server.stop().await;
}

#[tokio::test]
async fn there_are_limits() {
    let world = World::at(START);
    let mut rate = Rate::default();
    (rate.hook_requests_per_second, rate.hook_burst) = (1, 3);
    (rate.address_requests_per_second, rate.address_burst) = (1, 40);
    let options = WebhookOptions::default()
        .max_per_tenant(2)
        .max_body_bytes(1_000)
        .keep_calls(5);
    let server = Server::with(world.app().webhooks(options).rate(rate)).await;
    let graph = server.keep(A, &echo()).await;
    let first = with_secret(&server, hook(&graph, "github"), SECRET).await;
    let second = with_secret(&server, hook(&graph, "github"), SECRET).await;
    let third = server
        .post("/v1/webhooks", A, &hook(&graph, "github"))
        .await;
    assert_eq!(
        (third.status, third.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );

    let large = "x".repeat(1_001);
    let answer = call(&server, &first.path, &github("push", "1", &large), &large).await;
    refused(&server, &answer, 413, "HTTP_BODY_SIZE").await;
    let mut packed = github("push", "1", "{}");
    packed.push(("content-encoding", "gzip".to_owned()));
    let answer = call(&server, &first.path, &packed, "{}").await;
    refused(&server, &answer, 415, "HTTP_MEDIA_TYPE").await;

    // Whoever does not know the secret uses up nothing of what the sender may.
    for _ in 0..10 {
        let answer = call(&server, &first.path, &github("push", "1", "other"), "{}").await;
        assert_eq!(answer.status, 401);
    }
    let noted = calls(&server, &first).await;
    assert_eq!(
        (noted.len(), &noted[0]["outcome"]),
        (1, &json!("refused")),
        "one a minute"
    );
    assert!(
        noted[0]["message"]
            .as_str()
            .is_some_and(|why| why.contains("signature"))
    );
    for n in 0..4 {
        let sent = format!("{{\"n\":{n}}}");
        let answer = call(&server, &first.path, &github("push", "1", &sent), &sent).await;
        let expected = if n < 3 { 202 } else { 429 };
        assert_eq!(answer.status, expected, "{n}: {}", answer.text);
        if expected == 429 {
            assert_eq!(answer.problem(), "HTTP_RATE_LIMIT");
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    // Each has its own; and all of an address are counted together.
    let answer = call(&server, &second.path, &github("push", "1", "{}"), "{}").await;
    assert_eq!(answer.status, 202);
    let mut limited = 0;
    for _ in 0..40 {
        let answer = call(&server, "/hooks/unknown", &[], "").await;
        limited += u32::from(answer.status == 429);
    }
    assert!(limited > 10, "{limited}");

    // The list stays short: the newest stay.
    for n in 0..300 {
        world.clock.pass(1);
        let sent = format!("{{\"m\":{n}}}");
        let answer = call(
            &server,
            &second.path,
            &github("push", &format!("d-{n}"), &sent),
            &sent,
        )
        .await;
        assert_eq!(answer.status, 202, "{n}: {}", answer.text);
    }
    let kept = calls(&server, &second).await;
    assert!((5..=200).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept[0]["delivery"], "d-299");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_the_graph_is_the_owners_affair() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hook = with_secret(&server, hook(&graph, "github"), SECRET).await;
    // A list is no map, which is what the node takes.
    let answer = call(&server, &hook.path, &github("push", "1", "[1]"), "[1]").await;
    refused(&server, &answer, 422, "HOOK_TARGET").await;
    assert!(!answer.text.contains("payload"), "{}", answer.text);
    world.clock.pass(1);
    let path = format!("/v1/graphs/{graph}");
    let gone = write(&server, Method::DELETE, &path, "*", &Value::Null).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    let answer = call(&server, &hook.path, &github("push", "2", "{}"), "{}").await;
    refused(&server, &answer, 422, "HOOK_TARGET").await;
    let shown = show(&server, &hook).await;
    assert_eq!(shown["failures_in_a_row"], 2);
    assert_eq!(
        (&shown["last_call"]["outcome"], &shown["last_call"]["code"]),
        (&json!("failed"), &json!("HTTP_BODY"))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_drains_is_asked_again() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hook = with_secret(&server, hook(&graph, "github"), SECRET).await;
    server.app.drain(true);
    let answer = call(&server, &hook.path, &github("push", "1", "{}"), "{}").await;
    refused(&server, &answer, 503, "HTTP_DRAINING").await;
    assert!(!answer.header("retry-after").is_empty());
    server.app.drain(false);
    let answer = call(&server, &hook.path, &github("push", "1", "{}"), "{}").await;
    run_of(&answer);
    server.stop().await;
}

#[tokio::test]
async fn the_owner_may_try_it_and_a_preset_may_be_run() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &inputs()).await;
    let preset =
        json!({ "name": "p", "graph_id": graph, "run": { "inputs": { "fixed": "preset's" } } });
    let preset = server.post("/v1/presets", A, &preset).await;
    assert_eq!(preset.status, 201, "{}", preset.text);
    let asked = json!({
        "name": "of a preset", "target": { "preset_id": preset.json()["id"] },
        "provider": { "kind": "unsigned" }, "enabled": false
    });
    let hook = make(&server, &asked).await;
    let path = format!("/v1/webhooks/{}/trial", hook.id);
    let tried = server.post(&path, A, &json!({ "payload": "hello" })).await;
    let over = server.over(A, &run_of(&tried)).await;
    assert_eq!(over["result"]["outputs"]["got"], json!(["hello"]));
    assert_eq!(over["result"]["outputs"]["fixed"], json!(["preset's"]));
    assert_eq!(over["preset_id"], preset.json()["id"]);
    assert_eq!(calls(&server, &hook).await[0]["is_trial"], true);
    server.stop().await;
}

/// The address of one that is unsigned is all that it takes to call it.
#[tokio::test]
async fn an_address_is_shown_to_those_who_may_write_it() {
    let world = World::at(START);
    let reads = Principal::new("a", "reader").scopes(Scopes::none().with(Scope::WebhooksRead));
    let taking = auth().token("reader", reads.clone());
    let server = Server::taking(world.app(), taking).await;
    let graph = server.keep(A, &echo()).await;
    let open = make(&server, &hook(&graph, "unsigned")).await;
    let signed = make(&server, &hook(&graph, "github")).await;
    let listed = server.get("/v1/webhooks", "reader").await;
    assert!(!listed.text.contains(&open.path) && listed.text.contains(&signed.path));
    let shown = server
        .get(&format!("/v1/webhooks/{}", open.id), "reader")
        .await;
    assert_eq!((shown.status, &shown.json()["path"]), (200, &Value::Null));
    for (path, sent) in [
        ("/v1/webhooks", hook(&graph, "github")),
        ("/v1/webhooks/x/trial", json!({ "payload": 1 })),
    ] {
        let answer = server.post(path, "reader", &sent).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "AUTH_SCOPE")
        );
    }
    // Each request that gives nothing to know it by is another one.
    let first = run_of(&call(&server, &open.path, &[], "").await);
    assert_ne!(run_of(&call(&server, &open.path, &[], "").await), first);
    let keyed = [("idempotency-key", "k-1".to_owned())];
    let first = run_of(&call(&server, &open.path, &keyed, "").await);
    assert_eq!(run_of(&call(&server, &open.path, &keyed, "").await), first);

    // Whoever has the records has neither addresses nor secrets.
    let kept = world.records.list(
        reads.may(Scope::WebhooksRead).expect("it may"),
        graphloom_server::records::Query::of(graphloom_server::records::Kind::Webhook, 10),
    );
    let kept = kept.await.expect("they are there");
    let all = format!("{kept:?}");
    let secret = signed.made["secret"].as_str().expect("it was drawn");
    let address = |hook: &Hook| hook.path.rsplit('/').next().expect("a text").to_owned();
    for word in [secret, &address(&open), &address(&signed)] {
        assert!(!all.contains(word), "{word} is in the records");
    }
    server.stop().await;
}

/// The program, killed and started again on its folder: it knows its deliveries, secrets and addresses, and has told its log
/// neither.
#[tokio::test]
async fn the_program_goes_on_where_it_was_killed() {
    let folder = Folder::new();
    let program = Program::start(&folder, &[]);
    let graph = program.keep(&echo()).await;
    let made = program
        .post("/v1/webhooks", &hook(&graph, "standard"))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let text = |member: &str| made[member].as_str().expect("text").to_owned();
    let (id, path, secret) = (text("id"), text("path"), text("secret"));
    let seconds = jiff::Timestamp::now().as_second();
    let headers = standard(&secret, "msg_1", seconds, "{}");
    let mut asking = JoinSet::new();
    for _ in 0..8 {
        let (url, path, headers) = (program.url.clone(), path.clone(), headers.clone());
        asking.spawn(async move { call_at(&url, &path, &headers, "{}").await });
    }
    let answers = asking.join_all().await;
    let run = run_of(&answers[0]);
    assert!(answers.iter().all(|answer| run_of(answer) == run));
    drop(program);

    let next = Program::start(&folder, &[]);
    let again = call_at(&next.url, &path, &headers, "{}").await;
    assert_eq!(
        (run_of(&again), &again.json()["outcome"]),
        (run, &json!("repeated"))
    );
    let wrong = standard(STANDARD_SECRET, "msg_2", seconds, "{}");
    let wrong = call_at(&next.url, &path, &wrong, "{}").await;
    assert_eq!(
        (wrong.status, wrong.problem().as_str()),
        (401, "HOOK_PROOF")
    );
    assert_eq!(next.runs().await.len(), 1);
    drop(next);

    let written = std::fs::read_to_string(folder.path().join("data/audit.jsonl")).expect("a log");
    assert!(written.contains("/hooks/{hook}") && written.contains(&id));
    let address = path.rsplit('/').next().expect("a text");
    assert!(!written.contains(address) && !written.contains(&secret));
}
