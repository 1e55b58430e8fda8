//! The numbers of a server.

use std::collections::BTreeSet;

use graphloom::host::HostSet;
use graphloom::prelude::*;
use graphloom::{Engine, Registry};
use graphloom_server::config::Rate;
use graphloom_server::{App, CallbackOptions};
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, client, engine, greet};
use crate::receiver::{Receiver, Say};
use crate::timed::{World, runs, until};

const START: &str = "2026-11-21T12:00:30Z";

/// Returns the numbers, by series.
async fn numbers(server: &Server) -> Numbers {
    let answer = server.get("/metrics", A).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Numbers(answer.text)
}

struct Numbers(String);

impl Numbers {
    fn series(&self) -> BTreeSet<String> {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        let names = lines.filter_map(|line| line.rsplit_once(' '));
        names.map(|(series, _)| series.to_owned()).collect()
    }

    /// Returns the number of a series; 0 where there is none.
    fn of(&self, series: &str) -> f64 {
        let lines = self.0.lines().filter_map(|line| line.rsplit_once(' '));
        let found = lines.filter(|(name, _)| *name == format!("graphloom_{series}"));
        let mut found = found.map(|(_, number)| number.parse().expect("a number"));
        found.next().unwrap_or(0.0)
    }
}

/// Waits until a series has this number.
async fn comes(server: &Server, series: &str, number: f64) -> Numbers {
    until(&format!("{series} {number}"), async || {
        let numbers = numbers(server).await;
        ((numbers.of(series) - number).abs() < 1e-9).then_some(numbers)
    })
    .await
}

#[tokio::test]
async fn numbers_are_about_all_tenants_and_take_a_scope_of_their_own() {
    let server = Server::start().await;
    let url = format!("{}/metrics", server.url);
    let nobody = Answer::of(client().get(&url)).await;
    assert_eq!(
        (nobody.status, nobody.problem().as_str()),
        (401, "AUTH_MISSING")
    );
    let owner = server.get("/metrics", B).await;
    assert_eq!(
        (owner.status, owner.problem().as_str()),
        (403, "AUTH_SCOPE")
    );
    let body = json!({ "name": "prometheus", "scopes": ["metrics"] });
    assert_eq!(server.post("/v1/keys", B, &body).await.status, 403);
    let made = server.post("/v1/keys", A, &body).await.json();
    let key = made["key"].as_str().expect("a key");
    let answer = server.get("/metrics", key).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert!(
        answer
            .text
            .contains("# TYPE graphloom_runs_started_total counter\n")
    );
    assert!(!answer.text.contains("# EOF"));
    assert_eq!(server.get("/v1/graphs", key).await.status, 403);
    let newer = server.ask(Method::GET, "/metrics", key).header(
        "accept",
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
    );
    let newer = Answer::of(newer).await;
    assert!(
        newer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(newer.text.ends_with("# EOF\n"));
    let other = server.ask(Method::GET, "/metrics", key);
    let other = Answer::of(other.header("accept", "application/json")).await;
    assert_eq!(other.status, 406);
}

#[tokio::test]
async fn what_clients_write_makes_no_series() {
    let server = Server::start().await;
    let strange = async |at: usize| {
        let method: Method = format!("VERB{at}").parse().expect("a method");
        server.get(&format!("/nowhere/{at}"), A).await;
        server.get(&format!("/v1/blocks/none.of_{at}"), A).await;
        server
            .get(&format!("/v1/graphs/graph-{at}?q={at}"), A)
            .await;
        server.get(&format!("/v1/runs/run-{at}/events"), A).await;
        Answer::of(server.ask(method, &format!("/v1/graphs/{at}"), A)).await;
        let name = format!("agent{at}");
        let graph = json!({
            "format": 1,
            "name": name,
            "nodes": { name.as_str(): { "block": format!("own.block_{at}") } }
        });
        let refused = server.post("/v1/graphs", A, &graph).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let labels = json!({ "graph": greet(), "labels": { name.as_str(): name } });
        let path = "/v1/runs?wait_ms=60000";
        let ran = server.post(path, A, &labels).await;
        assert_eq!(ran.status, 200, "{}", ran.text);
    };
    // Those that ask for numbers are counted, too.
    numbers(&server).await;
    strange(0).await;
    let once = comes(&server, "block_seconds_count{block=\"io.output\"}", 1.0).await;
    let before = once.series();
    for at in 1..20 {
        strange(at).await;
    }
    let many = comes(&server, "block_seconds_count{block=\"io.output\"}", 20.0).await;
    let all = many.series();
    let new: Vec<&String> = all.difference(&before).collect();
    assert!(new.is_empty(), "{new:?}");
    let nowhere = "http_requests_total{method=\"GET\",route=\"none\",status=\"4xx\"}";
    assert_eq!((once.of(nowhere), many.of(nowhere)), (1.0, 20.0));
    assert!(before.contains(
        "graphloom_http_requests_total{method=\"GET\",route=\"/v1/blocks/{block}\",status=\"4xx\"}"
    ));
    assert!(!many.0.contains("own.block"));
}

/// Costs what it is told, or fails.
struct Spend;

#[derive(Deserialize, JsonSchema)]
struct SpendInput {
    /// How much, in dollars.
    usd: f64,
    /// Whether it fails.
    fails: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SpendOutput {
    /// That it is done.
    Done(bool),
}

impl Block for Spend {
    const INFO: BlockInfo = BlockInfo::new("test.spend", 1, "Cost something.");
    type Input = SpendInput;
    type Output = SpendOutput;

    async fn run(
        &self,
        cx: &Context,
        input: SpendInput,
        out: Emitter<'_, SpendOutput>,
    ) -> Result<(), BlockError> {
        cx.cost("usd", input.usd);
        if input.fails {
            return Err(BlockError::input("it was to fail"));
        }
        out.emit(SpendOutput::Done(true)).await?;
        Ok(())
    }
}

fn spends(usd: f64, fails: bool) -> Value {
    json!({
        "format": 1,
        "name": "spend",
        "nodes": { "buy": { "block": "test.spend", "inputs": { "usd": usd, "fails": fails } } }
    })
}

#[tokio::test]
async fn runs_blocks_and_costs_are_counted() {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).expect("the standard blocks");
    registry.add(Spend).expect("a block");
    let server = Server::with(App::builder(Engine::new(registry))).await;
    for (usd, fails) in [(0.25, false), (0.5, false), (1.0, true)] {
        let graph = server.keep(A, &spends(usd, fails)).await;
        server.run(A, &graph, &json!({})).await;
    }
    let numbers = comes(&server, "block_seconds_count{block=\"test.spend\"}", 3.0).await;
    for (series, number) in [
        ("runs_started_total", 3.0),
        ("runs_taken_up_total", 0.0),
        ("runs_active", 0.0),
        ("store_runs_going", 0.0),
        ("store_up", 1.0),
        ("runs_left_total{status=\"completed\"}", 2.0),
        ("runs_left_total{status=\"failed\"}", 1.0),
        ("run_seconds_count{status=\"completed\"}", 2.0),
        ("run_cost_count{unit=\"usd\"}", 3.0),
        ("run_cost_sum{unit=\"usd\"}", 1.75),
        ("node_errors_total", 1.0),
        ("block_failures_total{block=\"test.spend\"}", 1.0),
        ("events_missed_total", 0.0),
        ("draining", 0.0),
        ("http_requests_underway", 1.0),
    ] {
        let found = numbers.of(series);
        assert!(
            (found - number).abs() < 1e-9,
            "{series}: {found}\n{}",
            numbers.0
        );
    }
    server.app.drain(true);
    comes(&server, "draining", 1.0).await;
}

#[tokio::test]
async fn refusals_are_counted_by_code() {
    let mut rate = Rate::default();
    (rate.requests_per_second, rate.burst) = (1, 2);
    let server = Server::with(App::builder(engine()).rate(rate)).await;
    for _ in 0..4 {
        server.get("/v1/graphs", B).await;
    }
    let numbers = numbers(&server).await;
    let refused = numbers.of("http_problems_total{code=\"HTTP_RATE_LIMIT\"}");
    assert!((1.0..=2.0).contains(&refused), "{}", numbers.0);
}

#[tokio::test]
async fn callbacks_and_schedules_are_counted() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    receiver.say([Say::This(500, Vec::new())]);
    let here = HostSet::parse(["127.0.0.1:*"]).expect("a host");
    let options = CallbackOptions::default().allow_hosts(here);
    let server = Server::with(world.app().callbacks(options)).await;
    let graph = server.keep(A, &greet()).await;
    let started = json!({ "callback": { "url": receiver.url } });
    let path = format!("/v1/graphs/{graph}/runs");
    assert_eq!(server.post(&path, A, &started).await.status, 202);
    comes(&server, "callback_attempts_total{result=\"failed\"}", 1.0).await;
    world.clock.pass(60);
    comes(
        &server,
        "callback_attempts_total{result=\"delivered\"}",
        1.0,
    )
    .await;

    let schedule = json!({
        "name": "each minute",
        "target": { "graph_id": graph },
        "cron": "* * * * *",
        "misfire": "skip"
    });
    assert_eq!(server.post("/v1/schedules", A, &schedule).await.status, 201);
    world.clock.pass(30);
    runs(&server, 2).await;
    comes(&server, "schedule_times_total{result=\"fired\"}", 1.0).await;
    world.clock.pass(630);
    comes(&server, "schedule_times_total{result=\"missed\"}", 1.0).await;
}
