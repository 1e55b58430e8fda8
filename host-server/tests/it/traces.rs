//! What a request is a part of, and what is a part of it.

use std::sync::{Arc, Mutex};

use graphloom::host::HostSet;
use graphloom_server::CallbackOptions;
use graphloom_server::trace::{Span, SpanSink, TraceContext};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, Server, greet, json as body};
use crate::receiver::Receiver;
use crate::timed::{World, approve, review, until};

const START: &str = "2026-11-21T12:00:30Z";
const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Keeps the spans.
#[derive(Default)]
struct Spans(Mutex<Vec<Span>>);

impl SpanSink for Spans {
    fn ended(&self, span: Span) {
        self.0.lock().expect("no panic").push(span);
    }
}

impl Spans {
    /// Waits until there is a span of this name.
    async fn named(&self, name: &str) -> Span {
        until(&format!("the span {name}"), async || {
            let spans = self.0.lock().expect("no panic");
            spans.iter().find(|span| span.name == name).cloned()
        })
        .await
    }
}

async fn post(server: &Server, path: &str, traceparent: Option<&str>, sent: &Value) -> Answer {
    let request = server.ask(Method::POST, path, A);
    let request = match traceparent {
        Some(given) => request.header("traceparent", given),
        None => request,
    };
    Answer::of(body(request, sent)).await
}

fn context(answer: &Answer) -> TraceContext {
    let text = answer.header("traceparent");
    text.parse().expect("a traceparent")
}

fn given() -> TraceContext {
    GIVEN.parse().expect("a traceparent")
}

#[tokio::test]
async fn what_a_request_is_a_part_of_is_taken_and_told() {
    let server = Server::start().await;
    let asked = server.ask(Method::GET, "/v1/graphs/none", A);
    let answer = Answer::of(asked.header("traceparent", GIVEN)).await;
    let told = context(&answer);
    assert_eq!((told.trace, told.sampled), (given().trace, true));
    assert_ne!(told.span, given().span);
    assert_eq!(answer.json()["trace_id"], given().trace_id());
    // What cannot be read begins a trace, which is not that of the request before.
    for bad in [
        "",
        "00-0-0-00",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    ] {
        let asked = server.ask(Method::GET, "/v1/graphs/none", A);
        let answer = Answer::of(asked.header("traceparent", bad)).await;
        assert_ne!(context(&answer).trace, given().trace);
        assert_eq!(answer.json()["trace_id"], context(&answer).trace_id());
    }
    let two = server
        .ask(Method::GET, "/health", A)
        .header("traceparent", GIVEN);
    let two = Answer::of(two.header("traceparent", GIVEN)).await;
    assert_ne!(context(&two).trace, given().trace);
}

#[tokio::test]
async fn a_run_is_a_part_of_its_request_whoever_ends_it() {
    let world = World::at(START);
    let spans = Arc::new(Spans::default());
    let server = Server::with(world.app().spans(Arc::clone(&spans) as _)).await;
    let graph = server.keep(A, &review()).await;
    let path = format!("/v1/graphs/{graph}/runs");
    let started = post(&server, &path, Some(GIVEN), &json!({})).await;
    assert_eq!(started.status, 202, "{}", started.text);
    let request = spans.named("POST /v1/graphs/{graph}/runs").await;
    assert_eq!(request.context, context(&started));
    assert_eq!(
        (request.parent, request.is_remote),
        (Some(given().span), true)
    );
    assert!(request.is_request);
    let run = started.json()["run_id"].as_str().expect("an id").to_owned();
    until("it waits", async || {
        let shown = server.get(&format!("/v1/runs/{run}"), A).await.json();
        (shown["status"] == "waiting").then_some(())
    })
    .await;
    server.app.end(std::time::Duration::from_secs(30)).await;
    server.stop().await;

    let later = Arc::new(Spans::default());
    let server = Server::with(world.app().spans(Arc::clone(&later) as _)).await;
    approve(&server, &run).await;
    let ended = later.named("run").await;
    assert_eq!(ended.context.trace, given().trace);
    assert_eq!(ended.parent, Some(request.context.span));
    let attributes: Vec<&str> = ended
        .attributes
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    assert_eq!(attributes, [run.as_str(), "completed", graph.as_str()]);
}

#[tokio::test]
async fn what_is_not_to_be_collected_is_not() {
    let world = World::at(START);
    let spans = Arc::new(Spans::default());
    let server = Server::with(world.app().spans(Arc::clone(&spans) as _)).await;
    let graph = server.keep(A, &greet()).await;
    spans.named("POST /v1/graphs").await;
    spans.0.lock().expect("no panic").clear();
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    let unsampled = GIVEN.replace("-01", "-00");
    let ran = post(&server, &path, Some(&unsampled), &json!({})).await;
    assert_eq!((ran.status, context(&ran).sampled), (200, false));
    // One that begins here is, and so is its run.
    let ran = post(&server, &path, None, &json!({})).await;
    let run = spans.named("run").await;
    assert_eq!(
        (run.context.trace, run.parent),
        (context(&ran).trace, Some(context(&ran).span))
    );
    assert_eq!(spans.0.lock().expect("no panic").len(), 2);
}

#[tokio::test]
async fn a_callback_says_of_which_run_it_tells() {
    let world = World::at(START);
    let receiver = Receiver::start().await;
    let here = HostSet::parse(["127.0.0.1:*"]).expect("a host");
    let app = world
        .app()
        .callbacks(CallbackOptions::default().allow_hosts(here));
    let server = Server::with(app).await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}/runs");
    let start = json!({ "callback": { "url": receiver.url } });
    let started = post(&server, &path, Some(GIVEN), &start).await;
    assert_eq!(started.status, 202, "{}", started.text);
    let got = receiver.until(1).await;
    let told: TraceContext = got[0].header("traceparent").parse().expect("a traceparent");
    assert_eq!((told.trace, told.sampled), (given().trace, true));
    assert!(![given().span, context(&started).span].contains(&told.span));
    // Where nobody traces, nothing is said.
    assert_eq!(post(&server, &path, None, &start).await.status, 202);
    let got = receiver.until(2).await;
    assert_eq!(got[1].headers.get("traceparent"), None);
}
