//! Which requests are taken: proven, of now, and each of them once.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    Hook, SECRET, STANDARD_SECRET, START, as_json, call, call_at, calls, count, echo, github, hex,
    hook, mac, now, refused, run_of, standard, with_secret,
};
use crate::harness::{A, Answer, Folder, Server, client, write};
use crate::program::Program;
use crate::timed::{Killed, World, runs};

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

/// 78. Each provider that signs the time: what is older than five minutes, or newer, starts nothing; what is of now does.
#[tokio::test]
async fn what_is_signed_of_another_time_starts_nothing() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let (at, sent) = (now(&world), r#"{"a": 1}"#);
    let stripe = |at: i64| {
        let code = hex(&mac(SECRET.as_bytes(), format!("{at}.{sent}").as_bytes()));
        vec![as_json(), ("stripe-signature", format!("t={at},v1={code}"))]
    };
    let slack = |at: i64| {
        let code = hex(&mac(
            SECRET.as_bytes(),
            format!("v0:{at}:{sent}").as_bytes(),
        ));
        vec![
            as_json(),
            ("x-slack-request-timestamp", at.to_string()),
            ("x-slack-signature", format!("v0={code}")),
        ]
    };
    let timed = |at: i64| standard(STANDARD_SECRET, "1", at, sent);
    type Signs<'a> = &'a dyn Fn(i64) -> Vec<(&'static str, String)>;
    let all: [(&str, &str, Signs<'_>); 3] = [
        ("stripe", SECRET, &stripe),
        ("slack", SECRET, &slack),
        ("standard", STANDARD_SECRET, &timed),
    ];
    let mut hooks = Vec::new();
    for (kind, secret, signs) in all {
        let hooked = with_secret(&server, hook(&graph, kind), secret).await;
        for other in [at - 301, at + 301, 0, -1, i64::MAX] {
            let answer = call(&server, &hooked.path, &signs(other), sent).await;
            refused(&server, &answer, 401, "HOOK_PROOF").await;
        }
        hooks.push((kind, hooked, signs));
    }
    for (kind, hooked, signs) in &hooks {
        // The proof of another provider, also of now and by the same secret.
        for (other, _, foreign) in hooks.iter().filter(|(other, ..)| other != kind) {
            let before = count(&server).await;
            let answer = call(&server, &hooked.path, &foreign(at), sent).await;
            assert_eq!(answer.status, 401, "{other} at {kind}");
            assert_eq!(count(&server).await, before, "{other} at {kind}");
        }
        run_of(&call(&server, &hooked.path, &signs(at), sent).await);
    }
    assert_eq!(count(&server).await, 3);
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
