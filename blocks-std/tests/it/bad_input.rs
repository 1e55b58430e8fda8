//! Bad input of every kind: each gives a typed error or the documented outcome, in bounded time and memory.

mod blocks;
mod cancel;
mod clocks;
mod documents;
mod emissions;
mod formats;
mod graphs;
mod hostile;
mod memory;
mod names;
mod numbers;
mod panics;
mod retries;
mod sizes;
mod texts;
mod waits;

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphloom::graph::Coercion;
use graphloom::value::Map;
use graphloom::{BlockRun, Engine, Plan, RunOptions, RunOutcome};

use crate::faults::blocks::{Probe, registry};
use crate::faults::fixtures::faults_of;

/// The codes of everything that is wrong with a document.
fn codes(document: &str) -> Vec<&'static str> {
    codes_of(document.as_bytes())
}

fn codes_of(document: &[u8]) -> Vec<&'static str> {
    let faults = faults_of(document);
    faults.iter().map(|fault| fault.code.as_str()).collect()
}

/// A graph with these nodes and links, both as they stand in JSON.
fn graph(nodes: &str, links: &str) -> String {
    format!(r#"{{"format":1,"nodes":{{{nodes}}},"links":[{links}]}}"#)
}

/// An engine with every block of the tests, and these.
fn engine(probes: impl IntoIterator<Item = Probe>) -> Engine {
    let mut registry = registry();
    for probe in probes {
        registry.add(probe).unwrap();
    }
    Engine::new(registry)
}

fn plan(engine: &Engine, document: &str) -> Arc<Plan> {
    engine
        .load(document.as_bytes())
        .unwrap_or_else(|faults| panic!("{faults}\n{document}"))
}

/// Runs a document that is sound, and not for ever.
async fn run(engine: &Engine, document: &str) -> RunOutcome {
    run_with(engine, document, RunOptions::new()).await
}

async fn run_with(engine: &Engine, document: &str, options: RunOptions) -> RunOutcome {
    let plan = plan(engine, document);
    let run = Box::pin(engine.run(&plan, options));
    let ended = tokio::time::timeout(Duration::from_secs(60), run).await;
    ended.expect("the run ends").unwrap()
}

/// The code of the failure that a run ended with.
fn failed(outcome: &RunOutcome) -> &'static str {
    outcome
        .failure
        .as_ref()
        .map_or("", |failure| failure.code.as_str())
}

/// Far more than any case takes in a debug build on a busy machine, far less than any of the bombs would.
const SOON: Duration = Duration::from_secs(180);

/// Runs one block once, and soon.
async fn soon(engine: &Engine, id: &str, inputs: Map) -> BlockRun {
    let since = Instant::now();
    let ran = engine
        .run_block(id, inputs, Coercion::Strict, RunOptions::new())
        .await
        .unwrap_or_else(|faults| panic!("{id}: {faults}"));
    assert!(since.elapsed() < SOON, "{id} took {:?}", since.elapsed());
    ran
}
