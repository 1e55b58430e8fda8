//! Parts of a graph point to where they stand in the document, in both dialects and in graphs made in code.

use super::*;
use crate::json::{self, PatchOp};

/// Says what stands at the place of a part.
fn at(reading: &Reading, graph: &Graph, part: Part<'_>) -> String {
    let root = reading
        .source
        .tree()
        .expect("the document is JSON")
        .root
        .to_value();
    let pointer = graph.pointer(part);
    let mut here = root;
    for segment in pointer.segments() {
        let next = match &here {
            Value::Map(map) => map.get(&segment).cloned(),
            Value::List(list) => segment
                .parse::<usize>()
                .ok()
                .and_then(|i| list.get(i).cloned()),
            _ => None,
        };
        here = next.unwrap_or_else(|| panic!("{part:?}: nothing at {pointer}"));
    }
    here.to_string()
}

pub(super) const NATIVE: &str = r#"{"format":1,"policy":{"cycles":"allow"},
    "nodes":{"a":{"block":"b.c","inputs":{"x":1},"title":"A"},"b/~":{"block":"b.d"}},
    "links":[7,{"from":"a.out[0]","to":"b.in"}],
    "graphs":{"g":{"nodes":{"n":{"block":"b.e","inputs":{"y":2}}},"graphs":{"h":{"nodes":{"m":{"block":"b.f"}}}}}}}"#;

pub(super) const EXPORT: &str = r#"{"nodes":[7,{"id":"a b","block_id":"u1","input_default":{"x":1,"v_#_k":2,"v_#_l":3},
        "metadata":{"customized_name":"A"}},
      {"id":"c","block_id":"e189baac-8c20-45a1-94a7-55177ea42565","input_default":{"graph_id":"g","inputs":{"q":4}}}],
    "links":[7,{"source_id":"a b","source_name":"out_$_0","sink_id":"c","sink_name":"in"}],
    "sub_graphs":[{"id":"broken"},{"id":"g","nodes":[{"id":"n","block_id":"u2","input_default":{"y":5}}],"links":[]}]}"#;

#[test]
fn native_parts_are_found() {
    let reading = read_text(NATIVE);
    let graph = reading.graph.as_ref().expect("a graph");
    for (part, expected) in [
        (Part::Block(0), "\"b.c\""),
        (Part::Input(0, "x"), "1"),
        (Part::NodeKey(0, "title"), "\"A\""),
        (Part::Block(1), "\"b.d\""),
        (Part::LinkFrom(0), "\"a.out[0]\""),
        (Part::LinkTo(0), "\"b.in\""),
        (Part::Policy("cycles"), "\"allow\""),
    ] {
        assert_eq!(at(&reading, graph, part), expected, "{part:?}");
    }
    let inner = graph.subgraph("g").expect("the sub-graph");
    assert_eq!(at(&reading, inner, Part::Input(0, "y")), "2");
    let inmost = inner.subgraph("h").expect("the sub-graph in it");
    assert_eq!(at(&reading, inmost, Part::Block(0)), "\"b.f\"");
    assert_eq!(
        graph.end_node_pointer(0, true),
        graph.pointer(Part::LinkTo(0))
    );
}

#[test]
fn imported_parts_are_found() {
    let reading = read_text(EXPORT);
    let graph = reading.graph.as_ref().expect("a graph");
    for (part, expected) in [
        (Part::Block(0), "\"u1\""),
        (Part::Input(0, "x"), "1"),
        (Part::Input(0, "v"), "2"),
        (Part::NodeKey(0, "title"), "\"A\""),
        (Part::Input(1, "graph"), "\"g\""),
        (Part::Input(1, "q"), "4"),
        (Part::LinkFrom(0), "\"out_$_0\""),
        (Part::LinkTo(0), "\"in\""),
    ] {
        assert_eq!(at(&reading, graph, part), expected, "{part:?}");
    }
    assert_eq!(
        graph.end_node_pointer(0, false).as_str(),
        "/links/1/source_id"
    );
    assert_eq!(graph.end_node_pointer(0, true).as_str(), "/links/1/sink_id");
    let inner = graph.subgraph("g").expect("the sub-graph");
    assert_eq!(at(&reading, inner, Part::Input(0, "y")), "5");
    assert!(graph.suppressed.has_graph("broken"));
}

#[test]
fn a_graph_made_in_code_has_the_places_of_its_native_form() {
    let mut inner = Graph::new();
    inner.add_node(Node::parse("n", "b.e").expect("an id").input("y", 2));
    let mut middle = Graph::new();
    middle.add_graph("h", inner);
    let mut graph = Graph::new();
    graph.add_node(Node::parse("a", "b.c").expect("an id").input("x", 1));
    graph.add_link(Link::parse("a.out", "a.in").expect("two pins"));
    graph.add_graph("g", middle);
    assert_eq!(
        graph.pointer(Part::Input(0, "x")).as_str(),
        "/nodes/a/inputs/x"
    );
    assert_eq!(graph.pointer(Part::LinkTo(0)).as_str(), "/links/0/to");
    let inmost = graph
        .subgraph("g")
        .and_then(|g| g.subgraph("h"))
        .expect("the sub-graph");
    assert_eq!(
        inmost.pointer(Part::Input(0, "y")).as_str(),
        "/graphs/g/graphs/h/nodes/n/inputs/y"
    );
}

/// Applies a repair to the document and reads the result.
fn mended(text: &str, ops: &[PatchOp]) -> Graph {
    let mut value = read_text(text).source.tree().expect("JSON").root.to_value();
    json::apply(&mut value, ops).expect("the repair fits the document");
    read_text(&json::to_json(&value)).graph.expect("a graph")
}

#[test]
fn repairs_change_what_they_say_in_both_dialects() {
    for text in [NATIVE, EXPORT] {
        let graph = read_text(text).graph.expect("a graph");
        let new = mended(text, &[graph.rename_end(0, false, "new pin")]);
        assert_eq!(new.links[0].from.pin, "new pin");
        assert_eq!(new.links[0].from.path, graph.links[0].from.path);
        let new = mended(text, &[graph.rename_end_node(0, true, "a")]);
        assert_eq!(new.links[0].to.node, "a");
        let new = mended(text, &graph.rename_input(0, "x", "z"));
        assert_eq!(
            (new.nodes[0].inputs.get("x"), new.nodes[0].inputs.get("z")),
            (None, Some(&Value::Int(1)))
        );
        let new = mended(text, &graph.remove_input(0, "x"));
        assert!(!new.nodes[0].inputs.contains_key("x"));
        for (node, key) in [(0, "x"), (0, "w"), (1, "w")] {
            let new = mended(text, &graph.set_input(node, key, Value::Int(9)));
            assert_eq!(new.nodes[node].inputs.get(key), Some(&Value::Int(9)));
        }
    }
}

#[test]
fn flattened_inputs_are_repaired_as_one() {
    let graph = read_text(EXPORT).graph.expect("a graph");
    let both = Some(crate::value!({"k": 2, "l": 3}));
    let new = mended(EXPORT, &graph.rename_input(0, "v", "w"));
    assert_eq!(
        (
            new.nodes[0].inputs.get("v"),
            new.nodes[0].inputs.get("w").cloned()
        ),
        (None, both)
    );
    let new = mended(EXPORT, &graph.set_input(0, "v", Value::Int(1)));
    assert_eq!(new.nodes[0].inputs.get("v"), Some(&Value::Int(1)));
    assert!(
        !mended(EXPORT, &graph.remove_input(0, "v")).nodes[0]
            .inputs
            .contains_key("v")
    );
}

#[test]
fn a_policy_is_set_where_there_is_one() {
    let graph = read_text(NATIVE).graph.expect("a graph");
    let ops: Vec<_> = graph
        .set_policy("nulls", Value::from("drop"))
        .into_iter()
        .collect();
    assert_eq!(mended(NATIVE, &ops).policy.nulls, Nulls::Drop);
    assert_eq!(mended(NATIVE, &ops).policy.cycles, Cycles::Allow);
    let bare = r#"{"format":1,"nodes":{}}"#;
    let graph = read_text(bare).graph.expect("a graph");
    let ops: Vec<_> = graph
        .set_policy("cycles", Value::from("allow"))
        .into_iter()
        .collect();
    assert_eq!(mended(bare, &ops).policy.cycles, Cycles::Allow);
    assert!(
        read_text(EXPORT)
            .graph
            .expect("a graph")
            .set_policy("cycles", Value::Null)
            .is_none()
    );
}

#[test]
fn many_faults_are_located_in_one_pass() {
    let nodes: Vec<String> = (0..9_000)
        .map(|i| format!("\"n{i}\":{{\"block\":\"b.c\"}}"))
        .collect();
    let text = format!("{{\"format\":1,\n\"nodes\":{{{}}}}}", nodes.join(",\n"));
    let reading = read_text(&text);
    let graph = reading.graph.expect("a graph");
    let mut faults: Vec<Fault> = (0..graph.nodes.len())
        .rev()
        .map(|i| {
            Fault::new(
                Code::GraphUnknownBlock,
                graph.pointer(Part::Block(i)),
                "unknown",
            )
        })
        .collect();
    reading.source.locate(&mut faults);
    for (i, fault) in faults.iter().enumerate() {
        assert_eq!(fault.line, u32::try_from(i + 2).ok());
    }
}
