//! What these tests share: blocks made of closures that note their calls, kept runs, and runs that reuse.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use graphloom::block::{BoxFuture, DynEmitter, InputPin, OutputPin, Shape, ShapeError};
use graphloom::host::{MemoryResults, Store};
use graphloom::{
    BlockError, BlockInfo, Context, DynBlock, Engine, Explanations, Inputs, Registry, Resource,
    Reuse, RunOptions, RunOutcome, RunResults, Value, Verdict, value,
};

use crate::blocks;
use crate::harness::{in_time, one_thread};
use crate::kept::Trial;

type Work = dyn for<'a> Fn(&'a Context, Inputs<'a>, DynEmitter<'a>) -> BoxFuture<'a, Result<(), BlockError>>
    + Send
    + Sync;

/// A block made of a closure.
pub(super) struct Made {
    pub(super) info: BlockInfo,
    pub(super) inputs: Vec<InputPin>,
    pub(super) outputs: Vec<OutputPin>,
    pub(super) work: Box<Work>,
}

impl DynBlock for Made {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(self.inputs.clone(), self.outputs.clone()))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        (self.work)(cx, inputs, out)
    }
}

/// A pure block without capabilities.
pub(super) const fn pure(id: &'static str, version: u32) -> BlockInfo {
    BlockInfo::new(id, version, "A block for tests.")
}

pub(super) fn made(
    info: BlockInfo,
    inputs: &[&str],
    outputs: &[&str],
    work: impl for<'a> Fn(
        &'a Context,
        Inputs<'a>,
        DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>>
    + Send
    + Sync
    + 'static,
) -> Made {
    Made {
        info,
        inputs: inputs.iter().map(|name| blocks::any(name)).collect(),
        outputs: blocks::outs(outputs),
        work: Box::new(work),
    }
}

/// Which nodes had their blocks called, and how often.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls(Arc<Mutex<BTreeMap<String, u32>>>);

impl Calls {
    /// Notes a call. Its node is all that it is known by: a pure block looks at it in tests only.
    pub(super) fn note(&self, cx: &Context) {
        let node = cx.info().node.to_string();
        *self.0.lock().unwrap().entry(node).or_default() += 1;
    }

    /// Returns the calls since this was last asked.
    pub(super) fn take(&self) -> BTreeMap<String, u32> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Returns the nodes that were called since this was last asked, once each.
    pub(super) fn nodes(&self) -> Vec<String> {
        self.take().into_keys().collect()
    }
}

/// A block that emits the digest of all that it is given, under `word`, and notes its calls.
pub(super) fn digests(
    info: BlockInfo,
    word: &'static str,
    inputs: &[&str],
    outputs: &[&'static str],
    calls: &Calls,
) -> Made {
    let calls = calls.clone();
    let pins: Vec<&'static str> = outputs.to_vec();
    made(info, inputs, outputs, move |cx, inputs, out| {
        let (calls, pins) = (calls.clone(), pins.clone());
        Box::pin(async move {
            calls.note(cx);
            let given: Vec<&Value> = inputs.iter().map(|(_, value)| value).collect();
            for (position, pin) in pins.iter().enumerate() {
                let word = format!("{word} {position}");
                out.emit(pin, blocks::digest(&word, &given)).await?;
            }
            Ok(())
        })
    })
}

/// Inputs, outputs and calls of graphs, and these.
pub(super) fn registry(with: impl IntoIterator<Item = Made>) -> Registry {
    let mut registry = blocks::registry();
    for block in with {
        registry.add(block).unwrap();
    }
    registry
}

pub(super) fn engine(with: impl IntoIterator<Item = Made>) -> Engine {
    Engine::new(registry(with))
}

/// Runs a graph and keeps it.
pub(super) fn kept(engine: &Engine, json: &str) -> (Trial, RunOutcome) {
    kept_with(engine, json, RunOptions::new())
}

pub(super) fn kept_with(engine: &Engine, json: &str, options: RunOptions) -> (Trial, RunOutcome) {
    let mut trial = Trial::new(engine.clone(), json, &options);
    let outcome = trial.process(u64::MAX, options).unwrap();
    (trial, outcome)
}

/// Reads a kept run again.
pub(super) fn results(engine: &Engine, trial: &Trial) -> RunResults {
    let store: &dyn Store = &trial.store;
    let read = RunResults::of(store, &trial.run, engine);
    one_thread().block_on(read).unwrap()
}

/// Runs a graph that reuses.
pub(super) fn rerun(engine: &Engine, json: &str, reuse: Reuse) -> (RunOutcome, Explanations) {
    rerun_with(engine, json, reuse, RunOptions::new())
}

pub(super) fn rerun_with(
    engine: &Engine,
    json: &str,
    reuse: Reuse,
    options: RunOptions,
) -> (RunOutcome, Explanations) {
    let reuse = Arc::new(reuse);
    let engine = engine.reusing(&reuse);
    let plan = engine.load(json.as_bytes());
    let plan = plan.unwrap_or_else(|faults| panic!("{faults:#?}\n{json}"));
    let outcome = one_thread().block_on(in_time(engine.run(&plan, options)));
    (outcome.unwrap(), reuse.explanations())
}

/// Runs a graph that takes results from the earlier run.
pub(super) fn after(engine: &Engine, trial: &Trial, json: &str) -> (RunOutcome, Explanations) {
    rerun(engine, json, Reuse::new().run(results(engine, trial)))
}

/// Runs a graph that has a cache.
pub(super) fn cached(
    engine: &Engine,
    cache: &MemoryResults,
    json: &str,
) -> (RunOutcome, Explanations) {
    let cache = Arc::new(cache.clone());
    rerun(engine, json, Reuse::new().cache(cache))
}

/// Returns each explanation in short: `node.firing: run`, `cache`, or the reason.
pub(super) fn short(explanations: &Explanations) -> Vec<String> {
    let line = |told: &graphloom::Explanation| {
        let verdict = match &told.verdict {
            Verdict::Run { .. } => "run".to_owned(),
            Verdict::Cache => "cache".to_owned(),
            Verdict::Miss(reason) => reason.to_string(),
            other => panic!("{other:?}"),
        };
        format!("{}.{}: {verdict}", told.node, told.firing)
    };
    explanations.list.iter().map(line).collect()
}

/// A graph of one node with an output for each of its pins.
pub(super) fn one(block: &str, inputs: &str, pins: &[&str]) -> String {
    let outs = pins
        .iter()
        .map(|pin| format!(r#", "o_{pin}": {{"block": "t.out", "inputs": {{"name": "{pin}"}}}}"#));
    let links = pins
        .iter()
        .map(|pin| format!(r#"{{"from": "n.{pin}", "to": "o_{pin}.value"}}"#));
    format!(
        r#"{{"format": 1, "policy": {{"on_error": "continue"}},
            "nodes": {{"n": {{"block": "{block}"{inputs}}}{}}}, "links": [{}]}}"#,
        outs.collect::<String>(),
        links.collect::<Vec<_>>().join(", ")
    )
}

/// Emits `n` numbers on `item`, every third on `other` too, then how many there were on `count`.
pub(super) fn streams(calls: &Calls, resource: Resource) -> Made {
    let calls = calls.clone();
    let info = pure("r.stream", 1).resource(resource);
    made(
        info,
        &["n"],
        &["item", "other", "count"],
        move |cx, inputs, out| {
            calls.note(cx);
            Box::pin(async move {
                let n = inputs.get("n").and_then(Value::as_i64).unwrap_or(0);
                for i in 0..n {
                    out.emit("item", i).await?;
                    if i % 3 == 0 {
                        out.emit("other", value!({"i": i})).await?;
                    }
                    if i % 50 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
                out.emit("count", n).await?;
                Ok(())
            })
        },
    )
}
