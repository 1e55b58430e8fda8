//! `flow.map`: a sub-graph for each item of a list.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use graphloom::block::{Literals, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Capability, Category, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::callee::{callee, known, last};

/// Runs a sub-graph for each item of a list.
pub(super) struct MapItems;

/// How many items may be at work at a time.
const MAX_PARALLEL: u32 = 256;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The name of the sub-graph to run for each item.
    graph: Text,
    /// The items.
    items: List,
    /// Which input of the sub-graph gets the item; not needed if it has only one.
    item_input: Option<Text>,
    /// Which output of the sub-graph is the result; without it the only one is, or a map of all.
    output: Option<Text>,
    /// Values for other inputs of the sub-graph, the same for each item.
    #[serde(default)]
    with: Map,
    /// How many items may be at work at a time, from 1 to 256.
    #[serde(default = "eight")]
    parallel: u32,
    /// What becomes of an item whose sub-graph fails: it fails the whole, or is left out of the results.
    #[serde(default)]
    on_item_error: OnItemError,
}

fn eight() -> u32 {
    8
}

/// What becomes of an item that fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum OnItemError {
    #[default]
    Fail,
    Skip,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The result of the next item, as soon as those before it are done.
    Result(Value),
    /// An item that failed and was left out: its `index`, the `item`, and the `error` as a text.
    Failed(Map),
    /// The results of all items, in the order of the items.
    Results(Vec<Value>),
}

impl Block for MapItems {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.map",
        1,
        "Runs a sub-graph for each item of a list, several at a time, and keeps their order.",
    )
    .details(
        "A result is the last value that the output got, null if it got none. The calls are part of the run: its limits \
         hold for all of them together, and its cancellation stops them.",
    )
    .category(Category::Flow)
    .capabilities(&[Capability::Graphs])
    .config(&["graph", "item_input", "output"]);
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
        let inputs = graph.inputs.iter().map(|pin| &pin.name);
        known(literals, "item_input", "input", inputs)?;
        if literals.get("item_input").is_none() && graph.inputs.len() != 1 {
            let message = format!(
                "the sub-graph has {} inputs: say which one gets the item",
                graph.inputs.len()
            );
            return Err(ShapeError::new("item_input", message));
        }
        let outputs = graph.outputs.iter().map(|pin| &pin.name);
        known(literals, "output", "output", outputs)?;
        // Written down where a firing finds it: see `or_only`.
        let mut shape = (**base).clone();
        let only = |names: &[Text]| match names {
            [name] => Some(Value::Text(name.clone())),
            _ => None,
        };
        let inputs: Vec<Text> = graph.inputs.iter().map(|pin| pin.name.clone()).collect();
        let outputs: Vec<Text> = graph.outputs.iter().map(|pin| pin.name.clone()).collect();
        for pin in &mut shape.inputs {
            match pin.name.as_str() {
                "item_input" => pin.default = only(&inputs),
                "output" => pin.default = only(&outputs),
                _ => {}
            }
        }
        Ok(Arc::new(shape))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        if !(1..=MAX_PARALLEL).contains(&input.parallel) {
            return Err(BlockError::input(format!(
                "parallel is from 1 to {MAX_PARALLEL}, and not {}",
                input.parallel
            )));
        }
        let item_input = or_only(input.item_input, cx, "item_input").ok_or_else(|| {
            BlockError::input("item_input is needed: the sub-graph has not just one input")
        })?;
        let output = or_only(input.output, cx, "output");
        let call = |(index, item): (usize, &Value)| {
            let (index, item) = (index, item.clone());
            let mut inputs = input.with.clone();
            inputs.insert(item_input.clone(), item.clone());
            let called = cx.call_graph(input.graph.clone(), inputs);
            async move { (index, item, called.await) }
        };
        let calls = stream::iter(input.items.iter().enumerate()).map(call);
        // In the order of the items, and no more than this many begun and not taken.
        let mut calls = std::pin::pin!(calls.buffered(input.parallel as usize));
        let mut results = Vec::with_capacity(input.items.len());
        while let Some((index, item, called)) = calls.next().await {
            match called {
                Ok(outputs) => {
                    let result = result(outputs, output.as_ref());
                    out.emit(Output::Result(result.clone())).await?;
                    results.push(result);
                }
                Err(BlockError::Cancelled) => return Err(BlockError::Cancelled),
                Err(error) if input.on_item_error == OnItemError::Skip => {
                    let mut failed = Map::new();
                    failed.insert("index", index);
                    failed.insert("item", item);
                    failed.insert("error", error.to_string());
                    out.emit(Output::Failed(failed)).await?;
                }
                Err(error) => {
                    return Err(BlockError::failed(format!("item {index}: {error}")));
                }
            }
        }
        out.emit(Output::Results(results)).await?;
        Ok(())
    }
}

/// Returns the name that is given, or the one that the node's shape has for it: that of the only pin of its kind.
fn or_only(given: Option<Text>, cx: &Context, input: &str) -> Option<Text> {
    given.or_else(|| {
        let shape = cx.shape();
        let pin = shape.inputs.get(shape.input(input)?)?;
        pin.default.as_ref()?.as_text().cloned()
    })
}

fn result(outputs: Vec<(Text, Value)>, output: Option<&Text>) -> Value {
    let mut outputs = last(outputs);
    match output {
        Some(name) => outputs.remove(name.as_str()).unwrap_or_default(),
        None => Value::from(outputs),
    }
}
