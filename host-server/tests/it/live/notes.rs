//! What blocks tell while they work, for who asks for it.

use std::sync::Arc;

use graphloom::host::{Credential, MemoryCredentials, Secret};
use graphloom::prelude::*;
use graphloom::{Capability, Engine, Level, Registry};
use graphloom_server::{App, AppBuilder};
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::client::{Events, Frame, Talk, assert_from};
use super::steps::begin;
use crate::harness::{A, Server};

const SECRET: &str = "a-key-that-nobody-may-see";

/// Tells what it is told to when it is let, and is done when it is let again.
struct Talks(Arc<Semaphore>);

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// A line of text.
    text: String,
    /// How often.
    #[serde(default)]
    times: u64,
    /// The credential whose secret it tells behind the text.
    #[serde(default)]
    credential: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// How often it told.
    Told(u64),
}

impl Block for Talks {
    const INFO: BlockInfo = BlockInfo::new("test.talks", 1, "Tells a line of text.")
        .capabilities(&[Capability::Credential]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let let_through = async || {
            let permit = self.0.acquire().await;
            permit.expect("it is never closed").forget();
        };
        let_through().await;
        cx.progress(0.5);
        cx.partial("told", "a part");
        let mut text = input.text;
        if let Some(name) = &input.credential {
            let credential = cx.credential(name).await?;
            text += credential.token().expect("a token").expose();
        }
        for _ in 0..input.times {
            cx.log(Level::Info, text.as_str());
        }
        let_through().await;
        out.emit(Output::Told(input.times)).await?;
        Ok(())
    }
}

fn app() -> (AppBuilder, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).expect("the standard blocks");
    registry.add(Talks(Arc::clone(&gate))).expect("one more");
    (App::builder(Engine::new(registry)), gate)
}

fn graph(inputs: &Value) -> Value {
    json!({
        "format": 1,
        "name": "talks",
        "nodes": {
            "talks": { "block": "test.talks", "inputs": inputs },
            "out": { "block": "io.output", "inputs": { "name": "told" } }
        },
        "links": [{ "from": "talks.told", "to": "out.value" }]
    })
}

fn stream(server: &Server, run: &str, query: &str) -> reqwest::RequestBuilder {
    let path = format!("/v1/runs/{run}/events{query}");
    server.ask(Method::GET, &path, A)
}

fn sse(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header("accept", "text/event-stream")
}

fn expected(text: &str) -> [Value; 3] {
    [
        json!({ "type": "progress", "scope": 0, "node": "talks", "firing": 0, "part": 0.5 }),
        json!({ "type": "partial", "scope": 0, "node": "talks", "firing": 0, "pin": "told", "text": "a part" }),
        json!({ "type": "log", "scope": 0, "node": "talks", "firing": 0, "level": "info", "text": text }),
    ]
}

/// Holds that nothing of this is a note.
fn assert_no_notes<'a>(events: impl IntoIterator<Item = &'a Value>) {
    for event in events {
        let kind = event["type"].as_str().expect("a type");
        assert!(!["progress", "partial", "log"].contains(&kind), "{event}");
    }
}

#[tokio::test]
async fn notes_come_beside_events_for_who_asks() {
    let (app, gate) = app();
    let server = Server::with(app).await;
    let run = begin(&server, &graph(&json!({ "text": "half way", "times": 1 }))).await;
    let mut noted = Events::of(sse(stream(&server, &run, "?notes=true"))).await;
    let plain = Events::of(sse(stream(&server, &run, "?notes=false"))).await;
    let lines = stream(&server, &run, "?notes=true").header("accept", "application/jsonl");
    let lines = lines.send().await.expect("an answer");
    let mut talk = Talk::open(&server, A).await;
    let answer = talk
        .ask(&json!({ "type": "subscribe", "run": run, "notes": true }))
        .await;
    assert_eq!(
        answer,
        json!({ "type": "subscribed", "run": run, "notes": true })
    );
    gate.add_permits(1);
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    while notes.len() < 3 {
        let frame = noted.next().await.expect("the run goes on");
        match frame.event.as_str() {
            "note" => {
                assert_eq!(frame.id, None, "where to go on stays what it was");
                notes.push(frame.data);
            }
            _ => events.push(frame),
        }
    }
    assert_eq!(notes, expected("half way"));
    let mut heard = Vec::new();
    while heard.len() < 3 {
        let message = talk.hear().await.expect("a message");
        assert_eq!(message["run"], run.as_str());
        match message["type"].as_str() {
            Some("note") => heard.push(message["note"].clone()),
            _ => assert_eq!(message["type"], "events"),
        }
    }
    assert_eq!(heard, expected("half way"));
    gate.add_permits(1);
    events.extend(noted.rest().await);
    assert_from(&events, 0, "completed");

    let plain = plain.rest().await;
    assert_eq!(plain, events, "who has not asked gets the events alone");
    // A line has the form that a note has elsewhere.
    let lines = lines.text().await.expect("text");
    let lines = lines.lines().map(serde_json::from_str);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>().expect("lines of JSON");
    let notes = lines.iter().filter(|line| line["node"] == "talks");
    let notes = notes.filter(|line| line.get("seq").is_none()).cloned();
    assert_eq!(notes.collect::<Vec<_>>(), expected("half way"));
    // They are not kept.
    let again = Events::of(sse(stream(&server, &run, "?notes=true"))).await;
    assert_eq!(again.rest().await, events);
    let page = server
        .get(&format!("/v1/runs/{run}/events?notes=true"), A)
        .await
        .json();
    let items = page["items"].as_array().expect("a page");
    assert_eq!(items.len(), events.len() - 1);
    assert_no_notes(items);
    server.stop().await;
}

#[tokio::test]
async fn whoever_is_slow_loses_notes_and_no_event() {
    let (app, gate) = app();
    let server = Server::with(app).await;
    // More than sockets hold, and texts that are cut.
    let times = 8_000;
    let inputs = json!({ "text": "ö".repeat(4_000), "times": times });
    let run = begin(&server, &graph(&inputs)).await;
    let mut talk = Talk::open(&server, A).await;
    talk.ask(&json!({ "type": "subscribe", "run": run, "notes": true }))
        .await;
    gate.add_permits(2);
    // Nobody reads until the run is over.
    server.over(A, &run).await;
    let (mut events, mut notes) = (Vec::new(), 0);
    loop {
        let message = talk.hear().await.expect("a message");
        match message["type"].as_str() {
            Some("events") => events.extend(message["events"].as_array().expect("some").clone()),
            Some("note") if message["note"]["type"] == "log" => {
                notes += 1;
                let text = message["note"]["text"].as_str().expect("a text");
                assert_eq!(
                    (text.len(), &message["note"]["cut"]),
                    (4 << 10, &json!(true))
                );
            }
            Some("note") => {}
            Some("end") => break,
            _ => panic!("{message}"),
        }
    }
    assert!(notes < times, "{notes}");
    let all = Events::open(&server, &run, None).await.rest().await;
    let all: Vec<Frame> = all.into_iter().filter(|frame| frame.id.is_some()).collect();
    assert!(all.into_iter().map(|frame| frame.data).eq(events));
    server.stop().await;
}

#[tokio::test]
async fn what_is_secret_is_not_told() {
    let (app, gate) = app();
    let lent = MemoryCredentials::new().with(Credential::api_key("key", Secret::new(SECRET)));
    let server = Server::with(app.lend(Arc::new(lent))).await;
    let inputs = json!({ "text": "the key is ", "times": 1, "credential": "key" });
    let run = begin(&server, &graph(&inputs)).await;
    let mut noted = Events::of(sse(stream(&server, &run, "?notes=true"))).await;
    gate.add_permits(1);
    let log = loop {
        let frame = noted.next().await.expect("the run goes on");
        if frame.event == "note" && frame.data["type"] == "log" {
            break frame.data;
        }
    };
    assert_eq!(log["text"], "the key is [redacted]");
    gate.add_permits(1);
    assert_eq!(server.over(A, &run).await["status"], "completed");
    server.stop().await;
}
