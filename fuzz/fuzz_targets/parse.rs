//! Documents: parsed, written, read as graphs. Nothing panics, places are inside the document, and what was read
//! without a fault is the same after it was written.
#![no_main]

use graphloom::fault::Fault;
use graphloom::graph::{GraphLimits, read};
use graphloom::json::{self, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    document(bytes);
    graph(bytes);
});

fn document(bytes: &[u8]) {
    let parsed = json::parse(bytes, &Limits::default());
    places(bytes, &parsed.faults);
    let Some(tree) = &parsed.tree else {
        assert!(!parsed.faults.is_empty(), "no tree and no fault");
        return;
    };
    let value = tree.root.to_value();
    for text in [json::to_json(&value), json::to_json_pretty(&value)] {
        let again = json::read_value(text.as_bytes(), &deep());
        assert_eq!(again.as_ref().ok(), Some(&value), "{text}: {again:?}");
    }
    if parsed.faults.is_empty() {
        let theirs: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
        assert!(theirs.is_ok(), "another parser refuses it: {theirs:?}");
    }
}

fn graph(bytes: &[u8]) {
    let reading = read(bytes, &GraphLimits::default());
    places(bytes, &reading.faults);
    let Some(graph) = reading.graph else {
        assert!(!reading.faults.is_empty(), "no graph and no fault");
        return;
    };
    let (semantic, document) = (graph.semantic_hash(), graph.document_hash());
    if !reading.faults.is_empty() {
        return;
    }
    let text = graph.to_json_pretty();
    let limits = GraphLimits::default().with_json(deep());
    let again = read(text.as_bytes(), &limits);
    assert!(again.faults.is_empty(), "{text}\n{:?}", again.faults);
    let again = again.graph.expect("a graph was written");
    assert_eq!(again, graph, "{text}");
    assert_eq!(again.semantic_hash(), semantic);
    assert_eq!(again.document_hash(), document);
    assert_eq!(again.to_json_pretty(), text);
}

/// What is written can be larger than what was read: escapes, and maps inside maps that keep the odd ones apart.
fn deep() -> Limits {
    Limits::default().with_max_depth(200)
}

fn places(bytes: &[u8], faults: &[Fault]) {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    for fault in faults {
        assert!(!fault.message.is_empty());
        if let Some(line) = fault.line {
            assert!(
                line >= 1 && line as usize <= lines + bytes.len(),
                "{fault:?}"
            );
            assert!(fault.column.is_some_and(|column| column >= 1), "{fault:?}");
        }
    }
}
