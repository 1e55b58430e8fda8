//! What becomes of a request: its run, and what its owner sees of it.

use graphloom_server::WebhookOptions;
use graphloom_server::config::Rate;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    SECRET, START, call, calls, count, echo, github, hook, inputs, make, refused, run_of, show,
    with_secret,
};
use crate::harness::{A, Answer, B, Server, json as json_body, write};
use crate::timed::World;

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
    let large = "x".repeat(200_000);
    let form = "a&".repeat(30_000);
    for (media, sent, got) in [
        // Whoever calls names no file of the owner's.
        (
            "text/plain",
            "workspace://01a20000-0000-7000-8000-000000000000",
            json!("workspace://01a20000-0000-7000-8000-000000000000"),
        ),
        // Each field is read once.
        (
            "application/x-www-form-urlencoded",
            &*form,
            json!({ "a": vec![""; 30_000] }),
        ),
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
        // Looked at aside.
        ("text/plain", &*large, json!(large)),
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

    // Webhooks of two tenants may have one id, and share nothing by it.
    let foreign = server.keep(B, &echo()).await;
    let of_b = server.ask(Method::PUT, &format!("/v1/webhooks/{}", first.id), B);
    let mut asked = hook(&foreign, "github");
    asked["secret"] = json!(SECRET);
    let of_b = Answer::of(json_body(of_b.header("if-none-match", "*"), &asked)).await;
    assert_eq!(of_b.status, 201, "{}", of_b.text);
    let path = of_b.json()["path"].as_str().expect("a path").to_owned();
    world.clock.pass(1);
    let answer = call(&server, &path, &github("push", "1", "{}"), "{}").await;
    let run = run_of(&answer);
    assert_eq!(server.get(&format!("/v1/runs/{run}"), A).await.status, 404);
    assert_eq!(server.get(&format!("/v1/runs/{run}"), B).await.status, 200);

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
