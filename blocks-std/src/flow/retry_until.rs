//! `flow.retry_until`: a sub-graph again and again, until it says that it is done.

use std::sync::Arc;
use std::time::Duration;

use graphloom::block::{Literals, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Capability, Category, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::callee::{callee, known, last};

/// Runs a sub-graph until it says that it is done.
pub(super) struct RetryUntil;

/// How often it may be run.
const MAX_ATTEMPTS: u32 = 10_000;
/// How long it may wait in between: a day.
const MAX_WAIT_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The name of the sub-graph to run.
    graph: Text,
    /// Its inputs. An output of the sub-graph that is called as one of these replaces it in the next attempt.
    #[serde(default)]
    inputs: Map,
    /// The output of the sub-graph that says whether it is done: `true`, or anything else.
    #[serde(default = "done")]
    until: Text,
    /// How often the sub-graph may be run, from 1 to 10,000.
    #[serde(default = "ten")]
    max_attempts: u32,
    /// How long to wait between two attempts, in milliseconds, at most a day.
    #[serde(default)]
    wait_ms: u64,
}

fn done() -> Text {
    Text::from("done")
}

fn ten() -> u32 {
    10
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The last value of each output of the sub-graph in the attempt that was the last.
    Outputs(Map),
    /// How many attempts it took.
    Attempts(u32),
}

impl Block for RetryUntil {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.retry_until",
        1,
        "Runs a sub-graph again and again until it says that it is done.",
    )
    .details(
        "An attempt whose sub-graph fails counts as one that is not done. When none of the attempts is, that is an error, \
         with what the last one said.",
    )
    .category(Category::Flow)
    .capabilities(&[Capability::Graphs, Capability::Clock])
    .config(&["graph", "until"]);
    type Input = Input;
    type Output = Output;

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let Some(graph) = callee(literals, env)? else {
            return Ok(Arc::clone(base));
        };
        let names = graph.outputs.iter().map(|pin| &pin.name);
        known(literals, "until", "output", names.clone())?;
        if literals.get("until").is_none() && !names.clone().any(|name| *name == done()) {
            let message = "the sub-graph has no output \"done\": say which output tells that it is";
            return Err(ShapeError::new("until", message));
        }
        Ok(Arc::clone(base))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        if !(1..=MAX_ATTEMPTS).contains(&input.max_attempts) {
            return Err(BlockError::input(format!(
                "max_attempts is from 1 to {MAX_ATTEMPTS}, and not {}",
                input.max_attempts
            )));
        }
        if input.wait_ms > MAX_WAIT_MS {
            return Err(BlockError::input(format!(
                "wait_ms is at most {MAX_WAIT_MS} (a day), and not {}",
                input.wait_ms
            )));
        }
        let mut inputs = input.inputs;
        let mut said = String::new();
        for attempt in 1..=input.max_attempts {
            if attempt > 1 && input.wait_ms > 0 {
                cx.sleep(Duration::from_millis(input.wait_ms)).await?;
            }
            match cx.call_graph(input.graph.clone(), inputs.clone()).await {
                Ok(outputs) => {
                    let outputs = last(outputs);
                    if outputs.get(&input.until) == Some(&Value::Bool(true)) {
                        out.emit(Output::Outputs(outputs)).await?;
                        out.emit(Output::Attempts(attempt)).await?;
                        return Ok(());
                    }
                    said = match outputs.get(&input.until) {
                        Some(value) => format!("\"{}\" was {}", input.until, brief(value)),
                        None => format!("\"{}\" got no value", input.until),
                    };
                    for (name, value) in outputs.iter() {
                        if let Some(place) = inputs.get_mut(name) {
                            *place = value.clone();
                        }
                    }
                }
                Err(BlockError::Cancelled) => return Err(BlockError::Cancelled),
                Err(error) => said = error.to_string(),
            }
        }
        Err(BlockError::failed(format!(
            "not done after {} attempts; in the last one {said}",
            input.max_attempts
        )))
    }
}

/// The beginning of a value, as JSON.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
