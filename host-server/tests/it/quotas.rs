//! How many runs of a tenant may be there that are not over.

use graphloom_server::Quotas;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, client, json as body};
use crate::timed::{World, approve, review, until};

const START: &str = "2026-11-21T12:00:30Z";

async fn with_room(world: &World, max_runs_going: u64) -> Server {
    let mut quotas = Quotas::default();
    quotas.max_runs_going = max_runs_going;
    Server::with(world.app().quotas(quotas)).await
}

async fn start(server: &Server, graph: &str, token: &str, key: Option<&str>) -> Answer {
    let path = format!("/v1/graphs/{graph}/runs");
    let request = server.ask(reqwest::Method::POST, &path, token);
    let request = match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    Answer::of(body(request, &json!({}))).await
}

fn run_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["run_id"].as_str().expect("an id").to_owned()
}

/// Returns the run that a repeated request is answered with, as it is now.
fn told_of(answer: &Answer) -> String {
    assert!([200, 202].contains(&answer.status), "{}", answer.text);
    answer.json()["run_id"].as_str().expect("an id").to_owned()
}

fn refused(answer: &Answer) {
    let told = (answer.status, answer.problem());
    assert_eq!(told, (429, "HTTP_TOO_MANY".to_owned()), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "5");
}

/// Waits until a run waits for somebody.
async fn waits(server: &Server, run: &str) {
    until("the run waits", async || {
        let run = server.get(&format!("/v1/runs/{run}"), A).await.json();
        (run["status"] == "waiting").then_some(())
    })
    .await;
}

async fn cancel(server: &Server, world: &World, run: &str) {
    let path = format!("/v1/runs/{run}/cancel");
    let told = server.post(&path, A, &json!({})).await;
    assert_eq!(told.status, 202, "{}", told.text);
    until("the run is over", async || {
        world.clock.pass(1);
        let run = server.get(&format!("/v1/runs/{run}"), A).await.json();
        (run["status"] == "cancelled").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_tenant_has_so_many_runs_that_are_not_over() {
    let world = World::at(START);
    let server = with_room(&world, 2).await;
    let graph = server.keep(A, &review()).await;
    let first = run_of(&start(&server, &graph, A, Some("k-1")).await);
    run_of(&start(&server, &graph, A, None).await);
    refused(&start(&server, &graph, A, None).await);
    refused(&start(&server, &graph, A, Some("k-2")).await);
    let inline = json!({ "graph": review() });
    refused(&server.post("/v1/runs", A, &inline).await);
    // One that comes again is told of the run that it made.
    let again = start(&server, &graph, A, Some("k-1")).await;
    assert_eq!(told_of(&again), first);
    assert_eq!(again.header("idempotency-replayed"), "true");
    // Another tenant has room of its own.
    let theirs = server.keep(B, &review()).await;
    run_of(&start(&server, &theirs, B, None).await);

    waits(&server, &first).await;
    approve(&server, &first).await;
    until("the run is over", async || {
        world.clock.pass(1);
        let run = server.get(&format!("/v1/runs/{first}"), A).await.json();
        (run["status"] == "completed").then_some(())
    })
    .await;
    // A refused request has not used up its key.
    let third = run_of(&start(&server, &graph, A, Some("k-2")).await);
    refused(&start(&server, &graph, A, None).await);
    let again = start(&server, &graph, A, Some("k-1")).await;
    assert_eq!(told_of(&again), first, "over, and still its key's");
    assert_ne!(third, first);

    // The next process over the same store counts those that are there.
    server.stop().await;
    let server = with_room(&world, 2).await;
    refused(&start(&server, &graph, A, None).await);
    let limits = server.get("/v1/admin/limits", A).await.json();
    assert_eq!(limits["max_runs_going"], 2);
    server.stop().await;
    let server = with_room(&world, 0).await;
    run_of(&start(&server, &graph, A, None).await);
    server.stop().await;
}

#[tokio::test]
async fn of_many_starts_at_once_no_more_are_let_through() {
    let server = with_room(&World::at(START), 10).await;
    let graph = server.keep(A, &review()).await;
    let starts = (0..40).map(|_| start(&server, &graph, A, None));
    let answers = futures_util::future::join_all(starts).await;
    let accepted = answers.iter().filter(|answer| answer.status == 202).count();
    assert!((1..=10).contains(&accepted), "{accepted}");
    answers
        .iter()
        .filter(|answer| answer.status != 202)
        .for_each(refused);
    // What was refused since others were on their way is let through now.
    for _ in accepted..10 {
        run_of(&start(&server, &graph, A, None).await);
    }
    refused(&start(&server, &graph, A, None).await);
    server.stop().await;
}

#[tokio::test]
async fn schedules_pass_over_and_webhooks_are_told() {
    let world = World::at(START);
    let server = with_room(&world, 1).await;
    let graph = server.keep(A, &review()).await;
    let first = run_of(&start(&server, &graph, A, None).await);
    waits(&server, &first).await;

    let hook = json!({
        "name": "open", "target": { "graph_id": graph }, "provider": { "kind": "unsigned" },
        "payload_to": { "node": "ask", "pin": "data" }
    });
    let hook = server.post("/v1/webhooks", A, &hook).await;
    assert_eq!(hook.status, 201, "{}", hook.text);
    let path = hook.json()["path"].as_str().expect("a path").to_owned();
    let call = || {
        let request = client().post(format!("{}{path}", server.url));
        Answer::of(body(request, &json!({ "n": 1 })))
    };
    refused(&call().await);

    let schedule = json!({
        "name": "each minute", "target": { "graph_id": graph }, "cron": "* * * * *"
    });
    let made = server.post("/v1/schedules", A, &schedule).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let show = async || server.get(&format!("/v1/schedules/{id}"), A).await.json();
    world.clock.pass(60);
    let shown = until("the time is passed over", async || {
        let shown = show().await;
        shown["last_error"].is_object().then_some(shown)
    })
    .await;
    assert_eq!(shown["last_error"]["code"], "HTTP_TOO_MANY");
    assert_eq!(shown["last_run"], Value::Null);

    // The next one finds room.
    cancel(&server, &world, &first).await;
    until("the next time", async || {
        world.clock.pass(30);
        let shown = show().await;
        shown["last_run"].is_string().then_some(())
    })
    .await;
    refused(&call().await);
    server.stop().await;
}
