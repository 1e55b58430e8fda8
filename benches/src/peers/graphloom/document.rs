//! A workload's graph as a JSON document, as anyone would write it.

use serde_json::{Map, Value, json};

use crate::spec::{Spec, Work};

/// The pins of a block that takes a few inputs.
pub(super) const FEW: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Writes the graph. The results of its sinks, in their order, are its output `result`.
pub(super) fn write(spec: &Spec) -> String {
    let mut nodes = Map::new();
    let mut links = Vec::new();
    for i in 0..spec.n {
        let preds = spec.p(i);
        let mut node = json!({ "block": block(spec.work[i], preds.len()) });
        if preds.is_empty() {
            node["inputs"] = json!({ "a": 0 });
        }
        nodes.insert(format!("n{i}"), node);
        for (k, p) in preds.iter().enumerate() {
            let pin = match FEW.get(k) {
                Some(pin) if preds.len() <= FEW.len() => (*pin).to_owned(),
                _ => format!("values[{k}]"),
            };
            links.push(json!({ "from": format!("n{p}.sum"), "to": format!("n{i}.{pin}") }));
        }
    }
    nodes.insert(
        "out".to_owned(),
        json!({ "block": "bench.result", "inputs": { "name": "result" } }),
    );
    for (k, sink) in spec.sinks.iter().enumerate() {
        let pin = match spec.sinks.len() {
            1 => "value".to_owned(),
            _ => format!("value[{k}]"),
        };
        links.push(json!({ "from": format!("n{sink}.sum"), "to": format!("out.{pin}") }));
    }
    let graph: Value = json!({ "format": 1, "nodes": nodes, "links": links });
    graph.to_string()
}

/// The constant of every node is 1, so it belongs to the block.
fn block(work: Work, inputs: usize) -> &'static str {
    match (work, inputs) {
        (Work::Spin, _) => "bench.spin",
        (Work::Sleep, _) => "bench.sleep",
        (Work::Trivial, 0 | 1) => "bench.add_one",
        (Work::Trivial, 2..=5) => "bench.add_few",
        (Work::Trivial, _) => "bench.add_many",
    }
}
