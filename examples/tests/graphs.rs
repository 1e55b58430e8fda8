//! Each graph gives what is written beside it.
//!
//! `expected.json` has the `outputs`, how many firings failed (`node_errors`, none if it is not there), and how to
//! `compare`: `exact`, or `shape` where values depend on the time: there every digit counts as any other.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has failed"
)]

use std::path::Path;

use graphloom::{Engine, Graph, GraphBuilder, Registry, RunOptions};
use serde_json::{Map, Value, json};

fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shape(value: &Value) -> String {
    value.to_string().replace(|c: char| c.is_ascii_digit(), "0")
}

async fn check(engine: &Engine, folder: &Path) {
    let name = folder.display();
    let document = std::fs::read(folder.join("graph.json")).unwrap();
    let plan = engine
        .load(&document)
        .unwrap_or_else(|faults| panic!("{name}: {faults}"));
    let graph = Graph::parse(&document).unwrap();
    let rebuilt = GraphBuilder::from(graph.clone()).finish().unwrap();
    assert_eq!(rebuilt, graph, "{name}");
    assert_eq!(rebuilt.document_hash(), graph.document_hash(), "{name}");

    let inputs: graphloom::value::Map =
        serde_json::from_value(read(&folder.join("inputs.json"))).unwrap();
    let expected = read(&folder.join("expected.json"));
    let outcome = engine
        .run(&plan, RunOptions::new().inputs(inputs))
        .await
        .unwrap_or_else(|faults| panic!("{name}: {faults}"));

    assert_eq!(
        outcome.status.as_str(),
        "completed",
        "{name}: {:?}",
        outcome.failure
    );
    assert_eq!(
        json!(outcome.node_errors),
        *expected.get("node_errors").unwrap_or(&json!(0)),
        "{name}"
    );
    let outputs = outcome
        .outputs
        .iter()
        .map(|(name, values)| (name.to_string(), json!(values)));
    let outputs = Value::Object(outputs.collect::<Map<_, _>>());
    match expected.get("compare").and_then(Value::as_str) {
        None | Some("exact") => assert_eq!(outputs, expected["outputs"], "{name}"),
        Some("shape") => assert_eq!(shape(&outputs), shape(&expected["outputs"]), "{name}"),
        Some(other) => panic!("{name}: there is no way to compare called {other}"),
    }
}

#[tokio::test]
async fn graphs_give_what_is_expected() {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let engine = Engine::new(registry);
    let graphs = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs");
    let mut n = 0;
    for entry in std::fs::read_dir(graphs).unwrap() {
        check(&engine, &entry.unwrap().path()).await;
        n += 1;
    }
    assert!(n >= 10, "{n} graphs");
}
