//! Others are told of runs.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::HostSet;
use graphloom_server::records::{Kind, Query};
use graphloom_server::{AppBuilder, CallbackOptions, Principal, Scope, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, client, greet, json as body};
use crate::receiver::{Receiver, Say};
use crate::timed::{Killed, World, approve, review, until};

const START: &str = "2026-11-21T12:00:30Z";

/// What may be told to this machine, and does not take long.
fn options() -> CallbackOptions {
    let here = HostSet::parse(["127.0.0.1:*"]).expect("a host");
    CallbackOptions::default()
        .allow_hosts(here)
        .timeout(Duration::from_secs(5))
}

fn app(world: &World) -> AppBuilder {
    world.app().callbacks(options())
}

async fn start(server: &Server, graph: &str, callback: &Value) -> Value {
    let path = format!("/v1/graphs/{graph}/runs");
    let answer = server
        .post(&path, A, &json!({ "callback": callback }))
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()
}

async fn secret(server: &Server) -> String {
    let shown = server.get("/v1/callback-secret", A).await.json();
    shown["secret"].as_str().expect("a secret").to_owned()
}

/// Waits until the only delivery is in this state, and returns it.
async fn delivery(server: &Server, state: &str) -> Value {
    until(&format!("a delivery that is {state}"), async || {
        let path = format!("/v1/deliveries?state={state}");
        let listed = server.get(&path, A).await.json();
        listed["items"].get(0).cloned()
    })
    .await
}

#[tokio::test]
async fn what_becomes_of_a_run_is_told_and_signed() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(app(&world)).await;
    let graph = server.keep(A, &greet()).await;
    let run = start(&server, &graph, &json!({ "url": receiver.url })).await;
    let got = receiver.until(1).await;
    let told = got[0].json();
    assert_eq!(
        (&told["type"], &told["run"]["run_id"]),
        (&json!("run.completed"), &run["run_id"])
    );
    assert_eq!(
        told["run"]["result"]["outputs"]["greeting"],
        json!(["Hello world!"])
    );
    assert_eq!(got[0].header("content-type"), "application/json");
    let secret = secret(&server).await;
    assert_eq!(got[0].signed(&secret), [true]);
    let kept = delivery(&server, "delivered").await;
    assert_eq!(kept["id"], got[0].header("webhook-id"));
    assert_eq!(
        (&kept["attempts"], &kept["last_attempt"]["status"]),
        (&json!(1), &json!(200))
    );
    let path = format!("/v1/deliveries/{}", kept["id"].as_str().expect("an id"));
    assert_eq!(server.get(&path, A).await.json()["payload"], told);
    let of_run = format!(
        "/v1/deliveries?run={}",
        run["run_id"].as_str().expect("an id")
    );
    assert_eq!(
        server.get(&of_run, A).await.json()["items"][0]["id"],
        kept["id"]
    );

    // Another tenant has other deliveries, and another secret.
    assert_eq!(server.get(&path, B).await.status, 404);
    assert_eq!(
        server
            .post(&format!("{path}/retry"), B, &json!({}))
            .await
            .status,
        404
    );
    assert_eq!(
        server.get("/v1/deliveries", B).await.json()["items"],
        json!([])
    );
    let other = server.get("/v1/callback-secret", B).await.json();
    assert_ne!(other["secret"], secret.as_str());

    // It was taken: there is nothing to send again.
    let again = server.post(&format!("{path}/retry"), A, &json!({})).await;
    assert_eq!(
        (again.status, again.problem().as_str()),
        (409, "HTTP_CONFLICT")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_waits_is_told_of_each_time() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(app(&world)).await;
    let graph = server.keep(A, &review()).await;
    let run = start(&server, &graph, &json!({ "url": receiver.url })).await;
    let run = run["run_id"].as_str().expect("an id");
    let got = receiver.until(1).await;
    assert_eq!(
        (&got[0].json()["type"], &got[0].json()["run"]["status"]),
        (&json!("run.waiting"), &json!("waiting"))
    );
    assert_eq!(
        got[0].json()["run"]["result"]["questions"][0]["node"],
        "ask"
    );
    approve(&server, run).await;
    until("the end", async || {
        world.clock.pass(1);
        (receiver.got().len() == 2).then_some(())
    })
    .await;
    let got = receiver.got();
    assert_eq!(got[1].json()["type"], "run.completed");
    assert_ne!(got[0].header("webhook-id"), got[1].header("webhook-id"));

    // Only what was asked for.
    let some = json!({ "url": receiver.url, "events": ["cancelled"] });
    let run = start(&server, &graph, &some).await;
    let run = run["run_id"].as_str().expect("an id");
    until("it waits", async || {
        let shown = server.get(&format!("/v1/runs/{run}"), A).await.json();
        (shown["status"] == "waiting").then_some(())
    })
    .await;
    let cancelled = server
        .post(&format!("/v1/runs/{run}/cancel"), A, &json!({}))
        .await;
    assert_eq!(cancelled.status, 202, "{}", cancelled.text);
    until("the cancelled one", async || {
        world.clock.pass(1);
        (receiver.got().len() == 3).then_some(())
    })
    .await;
    assert_eq!(receiver.got()[2].json()["type"], "run.cancelled");
    server.stop().await;
}

#[tokio::test]
async fn a_message_is_sent_again_until_it_is_taken() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(app(&world)).await;
    let graph = server.keep(A, &greet()).await;
    let elsewhere = Receiver::start().await;
    receiver.say([
        Say::This(500, vec![]),
        // Not followed.
        Say::This(307, vec![("location", elsewhere.url.clone())]),
        Say::This(429, vec![("retry-after", "1000".to_owned())]),
    ]);
    start(&server, &graph, &json!({ "url": receiver.url })).await;
    receiver.until(1).await;
    // 10 s, 40 s, and what the receiver asked for: a fifth more at most.
    for (attempt, early, pause) in [(2, 7, 12), (3, 31, 48), (4, 999, 1_001)] {
        until("it is noted", async || {
            let pending = delivery(&server, "pending").await;
            (pending["attempts"] == attempt - 1
                && pending["last_attempt"]["at"].is_string()
                && pending["next_at"] != pending["last_attempt"]["at"])
                .then_some(())
        })
        .await;
        world.clock.pass(early);
        tokio::task::yield_now().await;
        assert_eq!(receiver.got().len(), attempt - 1, "too early");
        world.clock.pass(pause - early);
        receiver.until(attempt).await;
    }
    let kept = delivery(&server, "delivered").await;
    assert_eq!(kept["attempts"], 4);
    let got = receiver.got();
    let ids: Vec<&str> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids, [kept["id"].as_str().expect("an id"); 4]);
    let secret = secret(&server).await;
    assert!(
        got.iter()
            .all(|sent| sent.signed(&secret) == [true] && sent.body == got[0].body)
    );
    assert_ne!(
        got[0].header("webhook-timestamp"),
        got[3].header("webhook-timestamp")
    );
    assert!(elsewhere.got().is_empty());
    server.stop().await;
}

/// 79. A receiver that is slow, fails for ever, or wants no more: bounded, and then dead.
#[tokio::test]
async fn what_is_never_taken_is_given_up() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let short = options().attempts(3).timeout(Duration::from_millis(300));
    let server = Server::with(world.app().callbacks(short)).await;
    let graph = server.keep(A, &greet()).await;
    receiver.say([Say::Nothing, Say::This(500, vec![]), Say::This(404, vec![])]);
    start(&server, &graph, &json!({ "url": receiver.url })).await;
    let dead = until("it is given up", async || {
        world.clock.pass(20);
        let listed = server.get("/v1/deliveries?state=dead", A).await.json();
        listed["items"].get(0).cloned()
    })
    .await;
    assert_eq!(
        (&dead["attempts"], &dead["next_at"]),
        (&json!(3), &Value::Null)
    );
    assert_eq!(dead["last_attempt"]["status"], 404);
    assert_eq!(receiver.got().len(), 3);

    // By hand it is sent again, with the same id.
    let path = format!(
        "/v1/deliveries/{}/retry",
        dead["id"].as_str().expect("an id")
    );
    let again = server.post(&path, A, &json!({})).await;
    assert_eq!(
        (again.status, &again.json()["state"]),
        (202, &json!("pending"))
    );
    let got = receiver.until(4).await;
    assert_eq!(
        got[3].header("webhook-id"),
        dead["id"].as_str().expect("an id")
    );
    delivery(&server, "delivered").await;

    // Whoever says that it wants no more is asked no more.
    receiver.say([Say::This(410, vec![])]);
    start(&server, &graph, &json!({ "url": receiver.url })).await;
    let dead = delivery(&server, "dead").await;
    assert_eq!(
        (&dead["attempts"], &dead["last_attempt"]["status"]),
        (&json!(1), &json!(410))
    );

    // What was taken is forgotten after a week, what was given up after a month.
    for (days, left) in [(6, 2), (2, 1), (21, 1), (2, 0)] {
        world.clock.pass(days * 86_400);
        until(&format!("{left} deliveries"), async || {
            let listed = server.get("/v1/deliveries", A).await.json();
            (listed["items"].as_array()?.len() == left).then_some(())
        })
        .await;
    }
    server.stop().await;
}

/// 79. Nothing is sent into the network around the server.
#[tokio::test]
async fn a_callback_goes_where_the_operator_lets_it() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(world.app()).await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}/runs");
    for url in [
        receiver.url.as_str(),
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://metadata.google.internal/",
        "https://example.com:22/",
        "https://user:word@example.com/",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://example.com/{secret}",
        "https://example.com/ ",
        "https://exa\tmple.com/",
        "example.com",
        "",
        &format!("https://example.com/{}", "a".repeat(2_048)),
    ] {
        let answer = server
            .post(&path, A, &json!({ "callback": { "url": url } }))
            .await;
        answer.refuses("/callback/url");
    }
    assert_eq!(server.get("/v1/runs", A).await.json()["items"], json!([]));
    // A name is judged by where it leads: localhost is this machine.
    let named = format!("https://localhost:{}/", receiver.port);
    start(&server, &graph, &json!({ "url": named })).await;
    let told = until("it is refused", async || {
        let pending = delivery(&server, "pending").await;
        pending["last_attempt"]["error"].as_str().map(str::to_owned)
    })
    .await;
    assert!(
        told.starts_with("refused") && !told.contains("127.0.0.1"),
        "{told}"
    );
    assert!(receiver.got().is_empty());
    for bad in [
        json!({ "url": "https://example.com/", "events": [] }),
        json!({ "url": "https://example.com/", "events": ["begun"] }),
        json!({ "url": "https://example.com/", "secret": "short" }),
        json!({ "url": "https://example.com/", "secret": { "key": "a", "sealed": "b" } }),
        json!({ "url": "https://example.com/", "uri": 1 }),
    ] {
        let answer = server.post(&path, A, &json!({ "callback": bad })).await;
        assert_eq!(answer.status, 422, "{bad}: {}", answer.text);
    }
    server.stop().await;
}

#[tokio::test]
async fn secrets_are_the_tenants_or_the_callbacks_own() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(app(&world)).await;
    let graph = server.keep(A, &greet()).await;
    let first = secret(&server).await;
    let rotated = server
        .post("/v1/callback-secret:rotate", A, &json!({}))
        .await
        .json();
    let second = rotated["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(first, second);
    assert_eq!(rotated["former_until"], "2026-11-22T12:00:30.000Z");
    start(&server, &graph, &json!({ "url": receiver.url })).await;
    let got = receiver.until(1).await;
    assert_eq!(got[0].signed(&second), [true, false]);
    assert_eq!(got[0].signed(&first), [false, true]);
    world.clock.pass(86_401);
    start(&server, &graph, &json!({ "url": receiver.url })).await;
    assert_eq!(receiver.until(2).await[1].signed(&second), [true]);

    // One of its own, in a request, a preset and a schedule.
    let own = "whsec_b3duIHNlY3JldCBvZiB0aGlzIG9uZSBjYWxsYmFjaw==";
    let callback = json!({ "url": receiver.url, "secret": own, "events": ["completed"] });
    start(&server, &graph, &callback).await;
    assert_eq!(receiver.until(3).await[2].signed(own), [true]);
    let preset = json!({ "name": "told", "graph_id": graph, "run": { "callback": callback } });
    let preset = server.post("/v1/presets", A, &preset).await;
    assert_eq!(preset.status, 201, "{}", preset.text);
    let schedule = json!({ "name": "told", "cron": "* * * * *",
        "target": { "preset_id": preset.json()["id"] } });
    let schedule = server.post("/v1/schedules", A, &schedule).await;
    assert_eq!(schedule.status, 201, "{}", schedule.text);
    world.clock.pass(60);
    assert_eq!(receiver.until(4).await[3].signed(own), [true]);
    let schedule = json!({ "name": "told", "cron": "* * * * *", "target": { "graph_id": graph },
        "callback": callback });
    let schedule = server.post("/v1/schedules", A, &schedule).await;
    assert_eq!(schedule.status, 201, "{}", schedule.text);
    let path = schedule.header("location").to_owned();
    // It stays where the callback stays what it is, and opens nowhere else.
    let patch = |tag: String, patch: Value| {
        let request = server.ask(Method::PATCH, &path, A).header("if-match", tag);
        let request = request.header("content-type", "application/merge-patch+json");
        Answer::of(request.body(patch.to_string()))
    };
    let patched = patch("*".to_owned(), json!({ "cron": "0,30 * * * * *" })).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    world.clock.pass(30);
    let got = until("the schedule's own", async || {
        receiver
            .got()
            .into_iter()
            .skip(4)
            .find(|got| got.signed(own) == [true])
    });
    got.await;
    let moved = patch(
        "*".to_owned(),
        json!({ "callback": { "url": format!("{}/else", receiver.url) } }),
    )
    .await;
    assert_eq!(
        (moved.status, &moved.json()["errors"][0]["pointer"]),
        (422, &json!("/callback/secret"))
    );
    for shown in [
        &preset,
        &schedule,
        &patched,
        &server.get("/v1/schedules", A).await,
        &server.get("/v1/presets", A).await,
        &server.get("/v1/deliveries", A).await,
    ] {
        assert!(
            !shown.text.contains("secret") && !shown.text.contains("sealed"),
            "{}",
            shown.text
        );
        assert!(!shown.text.contains("b3duIHNl"), "{}", shown.text);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_result_that_is_too_large_is_left_out() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(world.app().callbacks(options().max_bytes(2_000))).await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}/runs");
    let body =
        json!({ "inputs": { "who": "A".repeat(5_000) }, "callback": { "url": receiver.url } });
    assert_eq!(server.post(&path, A, &body).await.status, 202);
    let told = receiver.until(1).await[0].json();
    assert_eq!(
        (&told["type"], told["run"].get("result")),
        (&json!("run.completed"), None)
    );
    assert!(told["run"]["links"]["self"].is_string());
    server.stop().await;
}

/// How many records of a kind the tenant of the tests has.
async fn count(world: &World, kind: Kind) -> usize {
    let who = Principal::new("a", "tests").scopes(Scopes::all());
    let tenant = who.may(Scope::RunsRead).expect("a tenant");
    let listed = world.records.list(tenant, Query::of(kind, 100)).await;
    listed.expect("a list").len()
}

/// Whoever is killed at any write has told somebody at least once, with one id, if the run came to be.
#[tokio::test]
async fn a_process_that_is_killed_loses_no_callback() {
    // Arming; then the message in place of it; then claimed; then noted.
    for (kind, write) in [
        ("Callback", 0),
        ("Callback", 1),
        ("Delivery", 0),
        ("Delivery", 1),
        ("Delivery", 2),
    ] {
        for written in [false, true] {
            let world = World::at(START);
            let receiver = Receiver::start().await;
            let dying = Arc::new(Killed::at(&world, kind, written));
            let server = Server::with(app(&world).records(dying.clone())).await;
            let graph = server.keep(A, &greet()).await;
            dying.after(write);
            let path = format!("{}/v1/graphs/{graph}/runs", server.url);
            let request = client()
                .post(path)
                .bearer_auth(A)
                .timeout(Duration::from_secs(2));
            let asked = body(request, &json!({ "callback": { "url": receiver.url } }));
            let accepted = asked
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 202);
            assert_eq!(accepted, (kind, write) != ("Callback", 0));
            until("it is killed", async || dying.is_dead().then_some(())).await;
            if accepted {
                until("the run is over", async || {
                    let listed = server.get("/v1/runs?status=completed", A).await.json();
                    listed["items"].get(0).map(drop)
                })
                .await;
            }
            drop(server);
            let server = Server::with(app(&world)).await;
            let case = format!("{kind} {write} {written}");
            if accepted {
                // What was claimed is sent again when the claim has ended.
                let delivered = until(&case, async || {
                    world.clock.pass(5);
                    let listed = server.get("/v1/deliveries?state=delivered", A).await.json();
                    listed["items"].get(0).cloned()
                })
                .await;
                let got = receiver.got();
                assert!((1..=2).contains(&got.len()), "{case}: {}", got.len());
                assert!(
                    got.iter()
                        .all(|got| got.header("webhook-id") == delivered["id"]),
                    "{case}"
                );
                assert_eq!(count(&world, Kind::Delivery).await, 1, "{case}");
            } else {
                // The run never came to be, and what was armed for it is forgotten.
                assert_eq!(
                    count(&world, Kind::Callback).await,
                    usize::from(written),
                    "{case}"
                );
                until(&case, async || {
                    world.clock.pass(600);
                    (count(&world, Kind::Callback).await == 0).then_some(())
                })
                .await;
                assert!(receiver.got().is_empty(), "{case}");
            }
            assert_eq!(count(&world, Kind::Callback).await, 0, "{case}");
            server.stop().await;
        }
    }
}

#[tokio::test]
async fn a_request_that_is_repeated_tells_once() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let server = Server::with(app(&world)).await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}/runs");
    for _ in 0..3 {
        let request = server
            .ask(Method::POST, &path, A)
            .header("idempotency-key", "k");
        let asked = body(request, &json!({ "callback": { "url": receiver.url } }));
        let answer = Answer::of(asked).await;
        assert!([200, 202].contains(&answer.status), "{}", answer.text);
        receiver.until(1).await;
    }
    // What does not fit leaves nothing behind either.
    let bad = json!({ "inputs": { "nobody": 1 }, "callback": { "url": receiver.url } });
    assert_eq!(server.post(&path, A, &bad).await.status, 422);
    delivery(&server, "delivered").await;
    assert_eq!(
        (
            count(&world, Kind::Callback).await,
            count(&world, Kind::Delivery).await
        ),
        (0, 1)
    );
    assert_eq!(receiver.got().len(), 1);
    server.stop().await;
}
