//! A few plans that between them have every kind of pin and node.

use std::sync::{Arc, OnceLock};

use graphloom::host::ManualClock;
use graphloom::{Engine, NodeIx, Plan, Record, Registry, RunOptions, SerialOptions};

/// A plan, and the events of one run of it: events cannot be made out of nothing, so these are bent into others.
#[derive(Debug)]
pub struct Fixed {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What happened in a run.
    pub records: Vec<Record>,
    /// Its nodes, and a few positions that it does not have.
    pub nodes: Vec<NodeIx>,
}

const GRAPHS: [&str; 7] = [
    // A line, with a value that a path selects and one that a path builds.
    r#"{"format": 1, "nodes": {
        "in": {"block": "io.input", "inputs": {"name": "in", "value": {"a": [1, 2]}}},
        "keep": {"block": "data.store"},
        "out": {"block": "io.output", "inputs": {"name": "out"}}},
      "links": [{"from": "in.result.a[0]", "to": "keep.input"}, {"from": "keep.output", "to": "out.value.x[1]"}]}"#,
    // A stream: many values from one node, two pins that wait for each other, an error that is linked.
    r#"{"format": 1, "policy": {"on_error": "continue"}, "nodes": {
        "list": {"block": "list.create", "inputs": {"values": [1, 2, 3, 0]}},
        "each": {"block": "flow.each", "concurrency": 2},
        "sum": {"block": "math.calculate", "inputs": {"operation": "divide", "a": 6}},
        "out": {"block": "io.output", "inputs": {"name": "out"}},
        "bad": {"block": "io.output", "inputs": {"name": "bad"}}},
      "links": [{"from": "list.list", "to": "each.items"}, {"from": "each.item", "to": "sum.b"},
                {"from": "sum.result", "to": "out.value"}, {"from": "sum.error", "to": "bad.value"}]}"#,
    // Values that stay.
    r#"{"format": 1, "nodes": {
        "n": {"block": "io.input", "inputs": {"name": "n", "value": 2}},
        "list": {"block": "list.create", "inputs": {"values": [1, 2, 3]}},
        "each": {"block": "flow.each"},
        "sum": {"block": "math.calculate", "inputs": {"operation": "add"}},
        "out": {"block": "io.output", "inputs": {"name": "out"}}},
      "links": [{"from": "list.list", "to": "each.items"}, {"from": "each.item", "to": "sum.a"},
                {"from": "n.result", "to": "sum.b", "sticky": true}, {"from": "sum.result", "to": "out.value"}]}"#,
    // A collector behind two streams.
    r#"{"format": 1, "nodes": {
        "a": {"block": "list.create", "inputs": {"values": [1, 2]}},
        "b": {"block": "list.create", "inputs": {"values": [3]}},
        "ea": {"block": "flow.each"}, "eb": {"block": "flow.each"},
        "all": {"block": "list.collect"},
        "out": {"block": "io.output", "inputs": {"name": "out"}}},
      "links": [{"from": "a.list", "to": "ea.items"}, {"from": "b.list", "to": "eb.items"},
                {"from": "ea.item", "to": "all.items"}, {"from": "eb.item", "to": "all.items"},
                {"from": "all.list", "to": "out.value"}]}"#,
    // A cycle with a way out.
    r#"{"format": 1, "policy": {"cycles": "allow", "max_firings": 5, "on_error": "continue"}, "nodes": {
        "start": {"block": "io.input", "inputs": {"name": "n", "value": 1}},
        "keep": {"block": "data.store"},
        "sum": {"block": "math.calculate", "inputs": {"operation": "add", "b": 1}},
        "out": {"block": "io.output", "inputs": {"name": "out"}}},
      "links": [{"from": "start.result", "to": "keep.input"}, {"from": "keep.output", "to": "sum.a"},
                {"from": "sum.result", "to": "keep.input"}, {"from": "sum.result", "to": "out.value"}]}"#,
    // A call of a sub-graph.
    r#"{"format": 1, "nodes": {
        "who": {"block": "io.input", "inputs": {"name": "who", "value": "Ada"}},
        "call": {"block": "graph.call", "inputs": {"graph": "child"}},
        "out": {"block": "io.output", "inputs": {"name": "out"}}},
      "links": [{"from": "who.result", "to": "call.x"}, {"from": "call.y", "to": "out.value"}],
      "graphs": {"child": {"nodes": {
          "x": {"block": "io.input", "inputs": {"name": "x"}},
          "y": {"block": "io.output", "inputs": {"name": "y"}}},
        "links": [{"from": "x.result", "to": "y.value"}]}}}"#,
    // The policy of imports: nulls are dropped, and what does not fit starves.
    r#"{"format": 1,
      "policy": {"on_error": "continue", "coercion": "lenient", "cycles": "allow", "nulls": "drop"}, "nodes": {
        "list": {"block": "list.create", "inputs": {"values": [1, null, "x"]}},
        "each": {"block": "flow.each"},
        "n": {"block": "data.store", "inputs": {"input": 5}},
        "sum": {"block": "math.calculate", "inputs": {"operation": "add"}},
        "out": {"block": "io.output", "inputs": {"name": "out"}}},
      "links": [{"from": "list.list", "to": "each.items"}, {"from": "each.item", "to": "sum.a"},
                {"from": "n.output", "to": "sum.b", "sticky": true}, {"from": "sum.result", "to": "out.value"}]}"#,
];

/// Returns the standard blocks.
pub fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).expect("the standard blocks go together");
        registry
    })
}

/// Returns the plans.
pub fn fixed() -> &'static [Fixed] {
    static FIXED: OnceLock<Vec<Fixed>> = OnceLock::new();
    FIXED.get_or_init(|| GRAPHS.iter().map(|json| make(json)).collect())
}

fn make(json: &str) -> Fixed {
    // A clock of its own, since there is no runtime here whose timers the system's clock could use.
    let clock = Arc::new(ManualClock::new());
    let engine = Engine::builder(registry().clone()).clock(clock).build();
    let plan = match engine.load(json.as_bytes()) {
        Ok(plan) => plan,
        Err(faults) => panic!("{faults}\n{json}"),
    };
    let run = engine.run_serial(&plan, RunOptions::new().record(), SerialOptions::seeded(1));
    let records = wait(run).expect("no inputs are needed").records;
    // Positions of a larger plan are out of range here.
    let larger = larger(&engine);
    let nodes = plan
        .node_positions()
        .chain(larger.into_iter().rev().take(2))
        .collect();
    Fixed {
        plan,
        records,
        nodes,
    }
}

fn larger(engine: &Engine) -> Vec<NodeIx> {
    let nodes: Vec<String> = (0..300)
        .map(|i| format!(r#""n{i}": {{"block": "data.store", "inputs": {{"input": 1}}}}"#))
        .collect();
    let json = format!(r#"{{"format": 1, "nodes": {{{}}}}}"#, nodes.join(","));
    let plan = engine
        .load(json.as_bytes())
        .expect("a graph of one kind of node");
    plan.node_positions().collect()
}

/// Drives a serial run, which waits for nothing outside.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut cx) {
            return done;
        }
    }
}
