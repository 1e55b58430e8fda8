//! AutoGPT documents are read as what they mean here.

use super::*;
use crate::value;

fn import(text: &str) -> Graph {
    let reading = read_text(text);
    assert_eq!(brief(&reading.faults), Vec::<String>::new(), "{text}");
    reading.graph.expect("a document without faults is a graph")
}

/// Reads a graph of one node with these literal inputs and returns them folded.
fn folded(inputs: &str) -> String {
    let graph = import(&format!(
        r#"{{"nodes":[{{"id":"n","block_id":"u","input_default":{inputs}}}],"links":[]}}"#
    ));
    Value::from(graph.nodes[0].inputs.clone()).to_string()
}

#[test]
fn flattened_inputs_are_folded() {
    for (inputs, expected) in [
        (r#"{"a_#_x":1,"a_#_y":2}"#, r#"{"a":{"x":1,"y":2}}"#),
        (r#"{"a":{"x":0},"a_#_x":1}"#, r#"{"a":{"x":1}}"#),
        (r#"{"a_#_x_$_0_#_y":5}"#, r#"{"a":{"x":[{"y":5}]}}"#),
        (r#"{"a":"str","a_$_1":1}"#, r#"{"a":["s",1,"r"]}"#),
        (r#"{"a":[1,2,3],"a_$_0":9}"#, r#"{"a":[9,2,3]}"#),
        (r#"{"a_#_x":1,"a":7}"#, r#"{"a":7}"#),
        (r#"{"a_#_":1}"#, "{}"),
        (r#"{"a_@_b":1}"#, r#"{"a":{"b":1}}"#),
        (r#"{"with space":null}"#, r#"{"with space":null}"#),
        ("null", "{}"),
    ] {
        assert_eq!(folded(inputs), expected, "{inputs}");
    }
}

#[test]
fn links_are_read() {
    let graph = import(
        r#"{"nodes":[{"id":"a","block_id":"u"},{"id":"b","block_id":"u"}],"links":[
        {"source_id":"a","source_name":"r_#_x_$_-1","sink_id":"b","sink_name":"values_#_k_$_2","is_static":true},
        {"source_id":"a","source_name":"r","sink_id":"b","sink_name":"two words"},
        {"source_id":"a","source_name":"r","sink_id":"b","sink_name":"two words"},
        {"source_id":"a","source_name":"tools_^_b_~_q","sink_id":"b","sink_name":"q_#_z","is_static":false},
        {"source_id":"a","source_name":"tools","sink_id":"b","sink_name":"q","is_static":null},
        {"source_id":"a","source_name":"r_$_x","sink_id":"b","sink_name":"q"},
        {"source_id":"a","source_name":"r_#_","sink_id":"b","sink_name":"q"}]}"#,
    );
    let links: Vec<String> = graph
        .links
        .iter()
        .map(|l| format!("{} {} {}", l.from, l.to, l.sticky))
        .collect();
    assert_eq!(
        links,
        [
            "a.r.x[-1] b.values.k[2] true",
            "a.r b[\"two words\"] false",
            "a.r b[\"two words\"] false",
            "a.tools b.q.z false",
            "a.tools b.q false",
            "a.r[\"r_$_x\"] b.q false",
            "a.r[\"r_#_\"] b.q false",
        ]
    );
}

#[test]
fn calls_of_sub_graphs_name_them_by_key() {
    let call = |id: &str, version: u32| {
        format!(
            r#"{{"id":"{id}{version}","block_id":"e189baac-8c20-45a1-94a7-55177ea42565","input_default":{{
            "user_id":"x","graph_id":"{id}","graph_version":{version},"input_schema":{{}},
            "inputs":{{"Max Results":3,"list_$_0":"x"}}}}}}"#
        )
    };
    let graph = import(&format!(
        r#"{{"name":"top","description":"what for","nodes":[{},{},{},{}],"links":[],"sub_graphs":[
        {{"id":"g","version":1,"name":"first","nodes":[{}],"links":[]}},
        {{"id":"g","version":2,"name":"second","nodes":[]}},
        {{"id":"h","version":1,"nodes":[]}}]}}"#,
        call("g", 1),
        call("g", 2),
        call("g", 3),
        call("elsewhere", 1),
        call("h", 1),
    ));
    assert_eq!(graph.name.as_deref(), Some("top"));
    assert_eq!(graph.doc.as_deref(), Some("what for"));
    let called: Vec<_> = graph
        .nodes
        .iter()
        .map(|n| n.inputs.get("graph").and_then(Value::as_str).unwrap())
        .collect();
    assert_eq!(called, ["g", "g@2", "g", "elsewhere"]);
    assert!(graph.nodes.iter().all(|n| n.block.as_str() == "graph.call"));
    assert_eq!(
        Value::from(graph.nodes[0].inputs.clone()),
        value!({"graph": "g", "Max Results": 3, "list": ["x"]})
    );
    let keys: Vec<_> = graph
        .graphs
        .iter()
        .map(|(k, g)| (k.as_str(), g.name.as_deref()))
        .collect();
    assert_eq!(
        keys,
        [("g", Some("first")), ("g@2", Some("second")), ("h", None)]
    );
    let inner = graph.subgraph("g").unwrap();
    assert_eq!(
        inner.nodes[0].inputs.get("graph").and_then(Value::as_str),
        Some("h")
    );
    assert_eq!(inner.policy, Policy::import());
}

#[test]
fn what_people_wrote_is_kept() {
    let graph = import(
        r#"{"nodes":[{"id":"a","block_id":"u","input_links":[7],"webhook":null,"metadata":
        {"position":{"x":1.5,"y":2},"customized_name":"Search","credentials_optional":true}}]
        ,"links":null,"is_template":true,"subgraphs":{},"sub_graphs":null}"#,
    );
    let node = &graph.nodes[0];
    assert_eq!(node.title.as_deref(), Some("Search"));
    assert_eq!(node.ui, Some(value!({"position": {"x": 1.5, "y": 2}})));
    assert_eq!(
        node.extra.get("x-credentials_optional"),
        Some(&Value::Bool(true))
    );
    assert_eq!(graph.policy, Policy::import());
    assert!(graph.is_import());
}

#[test]
fn ids_that_do_not_fit_are_changed_and_followed() {
    let graph = import(
        r#"{"nodes":[{"id":"a b","block_id":"u"},{"id":"a_b","block_id":"u"},{"id":"","block_id":"u"}],"links":[
        {"source_id":"a b","source_name":"r","sink_id":"a_b","sink_name":"v"},
        {"source_id":"a_b","source_name":"r","sink_id":"","sink_name":"v"}]}"#,
    );
    let ids: Vec<_> = graph.nodes.iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids, ["a_b_2", "a_b", "node"]);
    assert_eq!(graph.links[0].from.node, "a_b_2");
    assert_eq!(graph.links[1].to.node, "node");
    let to = |op| match op {
        crate::json::PatchOp::Replace { path, value } => format!("{path} {value}"),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        to(graph.rename_end_node(1, true, "a_b_2")),
        "/links/1/sink_id \"a b\""
    );
}

#[test]
fn mistakes_are_told_where_they_are() {
    let call = "e189baac-8c20-45a1-94a7-55177ea42565";
    for (nodes, links, expected) in [
        (
            r#"{"id":"a"}"#.to_owned(),
            "",
            "GRAPH_MISSING_KEY /nodes/0/block_id",
        ),
        (
            r#"{"block_id":"u"}"#.to_owned(),
            "",
            "GRAPH_MISSING_KEY /nodes/0/id",
        ),
        (
            r#"{"id":7,"block_id":"u"}"#.to_owned(),
            "",
            "GRAPH_VALUE_TYPE /nodes/0/id",
        ),
        (
            r#"{"id":"a","block_id":"u"},{"id":"a","block_id":"v"}"#.to_owned(),
            "",
            "GRAPH_NODE_DUPLICATE /nodes/1/id",
        ),
        (
            r#"{"id":"a","block_id":"u","input_default":[1]}"#.to_owned(),
            "",
            "GRAPH_VALUE_TYPE /nodes/0/input_default",
        ),
        (
            r#"{"id":"a","block_id":"u","input_default":{"v_$_x":1}}"#.to_owned(),
            "",
            "GRAPH_PIN_NAME /nodes/0/input_default/v_$_x",
        ),
        (
            r#"{"id":"a","block_id":"u","input_default":{"v_$_-1":1}}"#.to_owned(),
            "",
            "GRAPH_PIN_NAME /nodes/0/input_default/v_$_-1",
        ),
        (
            format!(r#"{{"id":"a","block_id":"{call}","input_default":{{"inputs":{{}}}}}}"#),
            "",
            "GRAPH_MISSING_KEY /nodes/0/input_default/graph_id",
        ),
        (
            format!(
                r#"{{"id":"a","block_id":"{call}","input_default":{{"graph_id":"g","inputs":{{"graph":1}}}}}}"#
            ),
            "",
            "GRAPH_PIN_NAME /nodes/0/input_default/inputs/graph",
        ),
        (
            r#"{"id":"a","block_id":"u"}"#.to_owned(),
            r#"{"source_id":"a","source_name":"r","sink_id":"a","sink_name":"v_$_x"}"#,
            "GRAPH_PIN_NAME /links/0/sink_name",
        ),
        (
            r#"{"id":"a","block_id":"u"}"#.to_owned(),
            r#"{"source_id":"a","source_name":"r","sink_id":"b c","sink_name":"v"}"#,
            "GRAPH_UNKNOWN_NODE /links/0/sink_id",
        ),
        (
            r#"{"id":"a","block_id":"u"}"#.to_owned(),
            r#"{"source_id":"a","sink_id":"a","sink_name":"v"}"#,
            "GRAPH_MISSING_KEY /links/0/source_name",
        ),
        (
            r#"{"id":"a","block_id":"u"}"#.to_owned(),
            r#"{"source_id":"a","source_name":"","sink_id":"a","sink_name":"v"}"#,
            "GRAPH_PIN_NAME /links/0/source_name",
        ),
    ] {
        let text =
            format!(r#"{{"nodes":[{nodes},{{"id":"z","block_id":"u"}}],"links":[{links}]}}"#);
        let reading = read_text(&text);
        let found: Vec<_> = reading
            .faults
            .iter()
            .map(|f| format!("{} {}", f.code, f.pointer))
            .collect();
        assert_eq!(found, [expected], "{text}");
        assert!(reading.graph.is_some(), "{text}");
    }
}

#[test]
fn short_documents_do_not_build_long_lists() {
    let keys: Vec<String> = (0..100)
        .map(|i| format!("\"a_#_{i}_$_1000000\":1"))
        .collect();
    let text = format!(
        r#"{{"nodes":[{{"id":"n","block_id":"u","input_default":{{{}}}}}],"links":[]}}"#,
        keys.join(",")
    );
    let faults = read_text(&text).faults;
    assert_eq!(faults.len(), 96);
    assert!(faults.iter().all(|f| f.code == Code::GraphPinName));
}
