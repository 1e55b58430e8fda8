//! A run that goes on when the test lets it.

use std::sync::Arc;

use graphloom::prelude::*;
use graphloom::{Engine, Registry};
use graphloom_server::{App, AppBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::harness::{A, Server};

/// Emits numbers, each when it is let.
pub(crate) struct Steps(Arc<Semaphore>);

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Input {
    /// How many.
    count: u64,
    /// How many bytes of text go with each.
    #[serde(default)]
    bytes: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output {
    /// The next one, and its text.
    Number(String),
}

impl Block for Steps {
    const INFO: BlockInfo = BlockInfo::new("test.steps", 1, "Emits numbers, each when it is let.");
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        for number in 0..input.count {
            let let_through = self.0.acquire().await;
            let_through.expect("it is never closed").forget();
            let text = format!("{number} {}", "x".repeat(input.bytes));
            out.emit(Output::Number(text)).await?;
        }
        Ok(())
    }
}

/// Returns an application with the block, and what lets it go on.
pub(crate) fn app() -> (AppBuilder, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).expect("the standard blocks");
    registry.add(Steps(Arc::clone(&gate))).expect("one more");
    (App::builder(Engine::new(registry)), gate)
}

/// A graph that emits so many numbers.
pub(crate) fn graph(count: u64, bytes: usize) -> Value {
    json!({
        "format": 1,
        "name": "steps",
        "nodes": {
            "steps": { "block": "test.steps", "inputs": { "count": count, "bytes": bytes } },
            "out": { "block": "io.output", "inputs": { "name": "numbers" } }
        },
        "links": [{ "from": "steps.number", "to": "out.value" }]
    })
}

/// A graph that calls one inside of it for each item of a list.
pub(crate) fn calls() -> Value {
    json!({
        "format": 1,
        "name": "calls",
        "nodes": {
            "each": { "block": "flow.each", "inputs": { "items": ["a", "b", "c"] } },
            "inner": { "block": "graph.call", "inputs": { "graph": "frame" } },
            "outer": { "block": "io.output", "inputs": { "name": "all" } }
        },
        "links": [
            { "from": "each.item", "to": "inner.text" },
            { "from": "inner.framed", "to": "outer.value" }
        ],
        "graphs": {
            "frame": {
                "nodes": {
                    "text": { "block": "io.input_text", "inputs": { "name": "text" } },
                    "fill": { "block": "text.fill_template", "inputs": { "format": "<{{ text }}>" } },
                    "framed": { "block": "io.output", "inputs": { "name": "framed" } }
                },
                "links": [
                    { "from": "text.result", "to": "fill.values.text" },
                    { "from": "fill.output", "to": "framed.value" }
                ]
            }
        }
    })
}

/// Starts a run of a graph without waiting for it; returns its id.
pub(crate) async fn begin(server: &Server, graph: &Value) -> String {
    let graph = server.keep(A, graph).await;
    begin_kept(server, &graph).await
}

/// Starts a run of a graph that is kept.
pub(crate) async fn begin_kept(server: &Server, graph: &str) -> String {
    let path = format!("/v1/graphs/{graph}/runs");
    let answer = server.post(&path, A, &json!({})).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["run_id"].as_str().expect("an id").to_owned()
}

/// Runs a graph to its end; returns the run's id.
pub(crate) async fn through(server: &Server, graph: &Value) -> String {
    let graph = server.keep(A, graph).await;
    let run = server.run(A, &graph, &json!({})).await;
    assert_eq!(run["status"], "completed", "{run}");
    run["run_id"].as_str().expect("an id").to_owned()
}
