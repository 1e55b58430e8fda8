//! Documents that are too large to stand in a test: observed AutoGPT behaviour, and real agents. They lie outside this
//! repository, in the folder named by `GRAPHLOOM_SHARED` or in `shared` beside it; without them these tests say so and
//! pass.

use std::path::{Path, PathBuf};

use super::*;
use crate::{
    json::{self, Limits},
    value::Step,
};

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("GRAPHLOOM_SHARED").map(PathBuf::from);
    let folder = named
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no folder {}", folder.display());
    None
}

fn load(path: &Path) -> Option<Value> {
    let bytes = std::fs::read(path)
        .map_err(|e| println!("skipped: {}: {e}", path.display()))
        .ok()?;
    let limits = Limits::default().with_max_bytes(1 << 30);
    Some(json::read_value(&bytes, &limits).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

fn conformance(name: &str) -> Option<Value> {
    load(&folder()?.join("conformance/autogpt").join(name))
}

/// Reads an import, writes it in the native form, and compares.
fn survives(name: &str, bytes: &[u8]) -> Graph {
    let reading = read(bytes, &GraphLimits::default());
    assert!(
        reading.faults.is_empty(),
        "{name}: {:?}",
        brief(&reading.faults)
    );
    let graph = reading.graph.unwrap_or_else(|| panic!("{name}: no graph"));
    let written = graph.to_json_pretty();
    let native = Graph::parse(written.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(native, graph, "{name}");
    assert_eq!(native.semantic_hash(), graph.semantic_hash(), "{name}");
    graph
}

#[test]
fn observed_graphs_are_read() {
    for file in ["executor_golden.json", "generated.json", "llm_golden.json"] {
        let Some(corpus) = conformance(file) else {
            return;
        };
        let cases = corpus
            .get("cases")
            .and_then(Value::as_list)
            .expect("a list of cases");
        for case in cases.iter() {
            let name = case.get("name").and_then(Value::as_str).expect("a name");
            let graph = case.get("graph").expect("a graph");
            let read = survives(name, json::to_json(graph).as_bytes());
            let count = graph.get("nodes").and_then(Value::as_list).map(|l| l.len());
            assert_eq!(Some(read.nodes.len()), count, "{name}");
        }
    }
}

#[test]
fn real_agents_are_read() {
    let Some(folder) = folder() else { return };
    let Ok(entries) = std::fs::read_dir(folder.join("autogpt-agents")) else {
        println!("skipped: no agents");
        return;
    };
    let paths = entries.filter_map(|e| Some(e.ok()?.path()));
    for path in paths.filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let name = path.display().to_string();
        let graph = survives(&name, &std::fs::read(&path).expect("the file can be read"));
        assert!(graph.is_import() && !graph.nodes.is_empty(), "{name}");
        let index = graph.index();
        for link in &graph.links {
            assert!(
                index.get_id(&link.from.node).is_some() && index.get_id(&link.to.node).is_some(),
                "{name}"
            );
        }
    }
}

#[test]
fn pins_and_inputs_are_merged_as_observed() {
    let Some(vectors) = conformance("function_vectors.json") else {
        return;
    };
    let cases = |name: &str| {
        vectors
            .get(name)
            .and_then(Value::as_list)
            .expect("a list of cases")
            .clone()
    };
    for case in cases("merge_inputs").iter() {
        let input = case.get("input").expect("an input");
        let node = crate::value!({"id": "n", "block_id": "u", "input_default": (input.clone())});
        let document = crate::value!({"nodes": [(node)], "links": []});
        let graph = Graph::parse(json::to_json(&document).as_bytes()).expect("a graph");
        // There the flattened keys stay beside what they built; here they do not.
        let merged = case.get("merged").and_then(Value::as_map).expect("a map");
        let flat = |key: &str| ["_#_", "_$_", "_@_"].iter().any(|d| key.contains(d));
        let expected: Map = merged
            .iter()
            .filter(|(k, _)| !flat(k))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        assert_eq!(graph.nodes[0].inputs, expected, "{input}");
    }
    for case in cases("output_selectors").iter() {
        let selector = case
            .get("selector")
            .and_then(Value::as_str)
            .expect("a selector");
        let output = case
            .get("output")
            .and_then(Value::as_list)
            .expect("an output");
        let link = crate::value!({"source_id": "n", "source_name": (selector), "sink_id": "n", "sink_name": "q"});
        let document = crate::value!({"nodes": [{"id": "n", "block_id": "u"}], "links": [(link)]});
        let graph = Graph::parse(json::to_json(&document).as_bytes()).expect("a graph");
        let from = &graph.links[0].from;
        if from.pin == "tools"
            || from
                .path
                .steps()
                .iter()
                .any(|s| *s == Step::Key("upper".into()))
        {
            // Tools are told apart by the node behind the link, and methods are no values.
            continue;
        }
        assert_eq!(output[0].as_str(), Some(from.pin.as_str()), "{selector}");
        let expected = case.get("value").filter(|v| !v.is_null()).cloned();
        assert_eq!(from.path.select(&output[1]), expected, "{selector}");
    }
}
