//! What calls of the builder write, and what `finish` finds.

use std::time::Duration;

use super::*;
use crate::builder::GraphBuilder;
use crate::fault::Code;
use crate::graph::{Cycles, Graph, Node, OnError, Retry};
use crate::value;

fn written(build: impl FnOnce(&mut GraphBuilder)) -> crate::Value {
    let mut g = GraphBuilder::new();
    build(&mut g);
    g.finish().unwrap().to_value()
}

#[test]
fn nodes_literals_and_links_are_written() {
    let found = written(|g| {
        let split = g.add::<Split>("split");
        let join = g.add::<Join>("join");
        g.set(&split.input.text, "a,b")
            .set(&split.input.delimiter, ",");
        g.set(join.input.options.at("trim"), true)
            .set(join.input.options.at("marks").index(1), "!");
        g.link(&split.output.texts, &join.input.input);
        g.link(
            split.output.texts.index(0).typed::<String>(),
            &join.input.delimiter,
        )
        .sticky()
        .doc("the first word");
    });
    let expected = value!({
        "format": 1,
        "nodes": {
            "split": {"block": "text.split", "inputs": {"text": "a,b", "delimiter": ","}},
            "join": {"block": "text.join", "inputs": {"the options": {"trim": true, "marks": [null, "!"]}}},
        },
        "links": [
            {"from": "split.texts", "to": "join.input"},
            {"from": "split.texts[0]", "to": "join.delimiter", "sticky": true, "doc": "the first word"},
        ],
    });
    assert_eq!(found, expected);
}

#[test]
fn settings_are_written() {
    let found = written(|g| {
        let split = g.add::<Split>("split");
        g.edit(&split)
            .timeout(Duration::from_secs(1))
            .retry(Retry::new(3))
            .on_error(OnError::Continue)
            .concurrency(2)
            .version(1)
            .title("Split")
            .extra("colour", "red");
        g.name("name")
            .doc("doc")
            .ui(value!({"zoom": 2}))
            .extra("x-a", 1);
        g.policy().cycles = Cycles::Allow;
    });
    let expected = value!({
        "format": 1, "name": "name", "doc": "doc",
        "nodes": {"split": {
            "block": "text.split@1", "timeout_ms": 1000, "retry": {"max_attempts": 3}, "on_error": "continue",
            "concurrency": 2, "title": "Split", "x-colour": "red",
        }},
        "policy": {"cycles": "allow"}, "ui": {"zoom": 2}, "x-a": 1,
    });
    assert_eq!(found, expected);
}

#[test]
fn named_nodes_and_calls_are_written() {
    let mut child = GraphBuilder::new();
    child.node("it", "data.any@2");
    let found = written(|g| {
        g.subgraph("child", child);
        let call = g.call("call", "child");
        let any = g.add::<Anything>("any");
        g.set(call.input("who"), "Ada");
        g.link(call.output("greeting"), &any.input.value);
        g.link(call.error(), &any.input.value);
    });
    let expected = value!({
        "format": 1,
        "nodes": {
            "call": {"block": "graph.call", "inputs": {"graph": "child", "who": "Ada"}},
            "any": {"block": "data.anything"},
        },
        "links": [
            {"from": "call.greeting", "to": "any.value"},
            {"from": "call.error", "to": "any.value"},
        ],
        "graphs": {"child": {"nodes": {"it": {"block": "data.any@2"}}}},
    });
    assert_eq!(found, expected);
}

#[test]
fn what_will_not_do_is_told_all_at_once() {
    let mut g = GraphBuilder::new();
    let split = g.add::<Split>("split");
    g.add::<Split>("split");
    let bad = g.add::<Split>("a b");
    // Nothing more is said about a node that is none.
    g.set(&bad.input.text, "x");
    g.link(
        &bad.output.texts.index(0).typed::<String>(),
        &split.input.text,
    );
    g.edit("splt").concurrency(1);
    let join = g.add::<Join>("join");
    g.link(&split.output.texts, &join.input.input);
    g.link(&split.output.texts, &join.input.input);
    g.edit(&split).retry(Retry::new(0));
    let any = g.node("any", "data.any");
    g.set(any.input("a\nb"), 1);
    g.set(join.input.options.at("x").index(-1), 1);
    let mut child = GraphBuilder::new();
    child.add::<Split>("c d");
    g.subgraph("child", child).subgraph("child", Graph::new());
    let faults = g.finish().unwrap_err().0;
    let found: Vec<(Code, &str)> = faults
        .iter()
        .map(|fault| (fault.code, fault.pointer.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Code::GraphNodeDuplicate, "/nodes/split"),
            (Code::GraphNodeId, "/nodes/a b"),
            (Code::GraphUnknownNode, "/nodes"),
            (Code::GraphPinName, "/nodes/any"),
            (Code::GraphReference, "/nodes/join/inputs/the options"),
            (Code::GraphNodeId, "/graphs/child/nodes/c d"),
            (Code::JsonDuplicateKey, "/graphs/child"),
            (Code::GraphValueRange, "/nodes/split/retry/max_attempts"),
            (Code::GraphLinkDuplicate, "/links/1"),
        ]
    );
    assert_eq!(faults[2].suggestions, ["split"]);
    assert!(faults.iter().all(|fault| fault.line.is_none()));
}

#[test]
fn a_handle_of_another_graph_is_told() {
    let mut other = GraphBuilder::new();
    let split = other.add::<Split>("elsewhere");
    let mut g = GraphBuilder::new();
    let join = g.add::<Join>("join");
    g.link(&split.output.texts, &join.input.input).sticky();
    let faults = g.finish().unwrap_err().0;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, Code::GraphUnknownNode);
}

#[test]
fn building_goes_on_with_a_graph_that_was_read() {
    let graph = Graph::parse(
        br#"{"format": 1, "nodes": {"split": {"block": "text.split@1"}, "x": {"block": "data.x"}}}"#,
    )
    .unwrap();
    let mut g = GraphBuilder::from(graph);
    let split = g.find::<Split>("split").unwrap();
    assert!(g.find::<Join>("split").is_none() && g.find::<Split>("y").is_none());
    let x = g.find_node("x").unwrap();
    g.link(&split.output.texts, x.input("value"));
    g.add::<Join>("x");
    let faults = g.finish().unwrap_err().0;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, Code::GraphNodeDuplicate);
}

#[test]
fn an_import_is_built_on_and_written_natively() {
    let import = Graph::parse(
        br#"{"nodes": [{"id": "a b", "block_id": "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b",
            "input_default": {"name": "who", "value_#_x": 1}}], "links": []}"#,
    )
    .unwrap();
    assert!(import.is_import());
    let mut g = GraphBuilder::from(import.clone());
    assert_eq!(g.clone().finish().unwrap(), import);
    let id = import.nodes[0].id.as_str();
    let node = g.find_node(id).unwrap();
    g.set(node.input("value").at("y"), 2);
    let graph = g.finish().unwrap();
    assert!(!graph.is_import() && graph.policy == import.policy);
    assert_eq!(
        graph.nodes[0].inputs.get("value"),
        Some(&value!({"x": 1, "y": 2}))
    );
}

#[test]
fn a_graph_with_doubles_is_told() {
    let mut inner = Graph::new();
    inner.add_node(Node::parse("a", "data.x").unwrap());
    inner.add_node(Node::parse("a", "data.y").unwrap());
    let mut graph = Graph::new();
    graph.add_graph("inner", inner);
    let faults = GraphBuilder::from(graph).finish().unwrap_err().0;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, Code::GraphNodeDuplicate);
    assert_eq!(faults[0].pointer.as_str(), "/graphs/inner/nodes/a");
}

#[test]
fn paths_have_the_limits_of_documents() {
    let mut g = GraphBuilder::new();
    let any = g.add::<Anything>("any");
    g.link(&any.output.value, any.input.value.index(-1));
    let deep = (0..80).fold(any.input.value.clone(), |place, _| place.at("x"));
    g.link(&any.output.value, deep);
    g.link(any.output.value.at("a\u{202E}b"), &any.input.value);
    let faults = g.finish().unwrap_err().0;
    assert!(
        faults
            .iter()
            .all(|fault| fault.code == Code::GraphReference),
        "{faults:?}"
    );
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/links/0/to", "/links/1/to", "/links/2/from"]);
}

#[test]
fn a_program_may_build_more_than_is_read_from_others() {
    let mut g = GraphBuilder::new();
    let mut last = g.add::<Anything>("n0");
    for at in 1..20_000 {
        let next = g.add::<Anything>(format!("n{at}"));
        g.link(&last.output.value, &next.input.value);
        last = next;
    }
    g.set(&last.input.value, "x".repeat(9 << 20));
    assert_eq!(g.finish().unwrap().links.len(), 19_999);
}
