//! Every mistake in a native document gives one fault, at its place, and its repair removes it.

use super::*;
use crate::json::{self, PatchOp};

/// Reads `document` with the parts of a small graph filled in where they are not given.
fn codes(text: &str) -> Vec<String> {
    read_text(text)
        .faults
        .iter()
        .map(|f| format!("{} {}", f.code, f.pointer))
        .collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(codes(text), expected, "{text}");
}

/// Applies the repairs of every fault, last place first so that positions stay right, and reads the result.
fn mended(text: &str) -> Vec<String> {
    let reading = read_text(text);
    let mut value = reading
        .source
        .tree()
        .expect("the document is JSON")
        .root
        .to_value();
    for fault in reading.faults.iter().rev() {
        assert!(!fault.fix.is_empty(), "no repair: {fault}");
        json::apply(&mut value, &fault.fix).unwrap_or_else(|e| panic!("{fault}: {e}"));
    }
    codes(&json::to_json(&value))
}

#[test]
fn a_sound_graph_has_no_fault() {
    check(r#"{"format":1,"nodes":{}}"#, &[]);
    check(
        r#"{"format":1,"name":"n","doc":"d","ui":[1],"x-a":{},"nodes":{
            "a":{"block":"t.b","inputs":{"any name":1},"timeout_ms":1,"retry":{"max_attempts":2,"backoff_ms":0},
                 "on_error":"continue","concurrency":3,"title":"t","doc":"d","ui":null,"x-":1}},
            "links":[{"from":"a.b","to":"c.d[0].e","sticky":true,"doc":"d","ui":1,"x-z":2}],
            "graphs":{"g":{"nodes":{}}},
            "policy":{"on_error":"continue","coercion":"lenient","cycles":"allow","nulls":"drop","timeout_ms":1,
                      "max_parallel":2,"max_firings":3}}"#,
        &[],
    );
}

#[test]
fn the_shape_is_told() {
    for (text, expected) in [
        ("", "JSON_EMPTY "),
        ("[1]", "GRAPH_SHAPE "),
        ("{}", "GRAPH_SHAPE "),
        (r#"{"nodes":[{"a":1}]}"#, "GRAPH_SHAPE "),
        (r#"{"graph":{"nodes":{}}}"#, "GRAPH_SHAPE /graph"),
        (r#"{"format":2,"nodes":5}"#, "GRAPH_FORMAT /format"),
        (r#"{"format":1}"#, "GRAPH_MISSING_KEY /nodes"),
        (r#"{"format":1,"node":{}}"#, "GRAPH_UNKNOWN_KEY /node"),
    ] {
        check(text, &[expected]);
        assert!(read_text(text).graph.is_none(), "{text}");
    }
}

#[test]
fn settings_are_checked_and_mended() {
    for (text, expected) in [
        (r#"{"nodes":{}}"#, "GRAPH_FORMAT_MISSING /format"),
        (r#"{"format":"1","nodes":{}}"#, "GRAPH_VALUE_TYPE /format"),
        (
            r#"{"format":1,"nodes":[{"id":"a","block":"b.c"}]}"#,
            "GRAPH_VALUE_TYPE /nodes",
        ),
        (
            r#"{"format":1,"nodes":{"a":"b.c"}}"#,
            "GRAPH_VALUE_TYPE /nodes/a",
        ),
        (
            r#"{"format":1,"nodes":{"a b":{"block":"b.c"}}}"#,
            "GRAPH_NODE_ID /nodes/a b",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"type":"b.c"}}}"#,
            "GRAPH_UNKNOWN_KEY /nodes/a/type",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","blok":1}}}"#,
            "GRAPH_UNKNOWN_KEY /nodes/a/blok",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","when":1}}}"#,
            "GRAPH_RESERVED_KEY /nodes/a/when",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","inputs":null}}}"#,
            "GRAPH_VALUE_TYPE /nodes/a/inputs",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","inputs":{"x\u0000":1}}}}"#,
            "GRAPH_PIN_NAME /nodes/a/inputs/x\0",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","timeout_ms":"1000"}}}"#,
            "GRAPH_VALUE_TYPE /nodes/a/timeout_ms",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","timeout_ms":1e3}}}"#,
            "GRAPH_VALUE_TYPE /nodes/a/timeout_ms",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","timeout_ms":-1}}}"#,
            "GRAPH_VALUE_RANGE /nodes/a/timeout_ms",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","retry":3}}}"#,
            "GRAPH_VALUE_TYPE /nodes/a/retry",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","retry":{"max_attempts":101}}}}"#,
            "GRAPH_VALUE_RANGE /nodes/a/retry/max_attempts",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","on_error":"Fail"}}}"#,
            "GRAPH_VALUE_RANGE /nodes/a/on_error",
        ),
        (
            r#"{"format":1,"nodes":{},"policy":{"cycles":"alow"}}"#,
            "GRAPH_VALUE_RANGE /policy/cycles",
        ),
        (
            r#"{"format":1,"nodes":{},"policy":{"max_parallel":0}}"#,
            "GRAPH_VALUE_RANGE /policy/max_parallel",
        ),
        (
            r#"{"format":1,"nodes":{},"links":["a.b -> c.d"]}"#,
            "GRAPH_VALUE_TYPE /links/0",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"source":"a.b","to":"c.d"}]}"#,
            "GRAPH_UNKNOWN_KEY /links/0/source",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"from":"a:b","to":"c.d"}]}"#,
            "GRAPH_REFERENCE /links/0/from",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"from":"a.b","to":"c.d","sticky":"true"}]}"#,
            "GRAPH_VALUE_TYPE /links/0/sticky",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"from":"a.b","to":"c.d"},{"from":"a[\"b\"]","to":"c.d"}]}"#,
            "GRAPH_LINK_DUPLICATE /links/1",
        ),
        (
            r#"{"format":1,"nodes":{},"name":7}"#,
            "GRAPH_VALUE_TYPE /name",
        ),
    ] {
        check(text, &[expected]);
        assert_eq!(mended(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn some_mistakes_have_no_repair() {
    for (text, expected) in [
        (
            r#"{"format":1,"nodes":{"a":{}}}"#,
            "GRAPH_MISSING_KEY /nodes/a/block",
        ),
        (
            r#"{"format":1,"nodes":{"a":7}}"#,
            "GRAPH_VALUE_TYPE /nodes/a",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"from":"a.b"}]}"#,
            "GRAPH_MISSING_KEY /links/0/to",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"from":"a","to":"c.d"}]}"#,
            "GRAPH_REFERENCE /links/0/from",
        ),
        (
            r#"{"format":1,"nodes":{},"links":[{"from":"a.b","to":"c.d[-1]"}]}"#,
            "GRAPH_REFERENCE /links/0/to",
        ),
        (
            r#"{"format":1,"nodes":{},"graphs":{"g":{"format":3}}}"#,
            "GRAPH_FORMAT /graphs/g/format",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"b.c","retry":{}}}}"#,
            "GRAPH_MISSING_KEY /nodes/a/retry/max_attempts",
        ),
    ] {
        check(text, &[expected]);
    }
}

#[test]
fn every_fault_is_found_at_once_in_the_order_of_the_document() {
    let reading = read_text(
        "{\"format\": 1,\n \"nodes\": {\"a\": {\"blok\": \"b.c\", \"timeout_ms\": \"x\"},\n  \"a\": {}},\n \"links\": [{\"from\": \"a\", \"to\": 3}],\n \"colour\": 1}",
    );
    assert_eq!(
        brief(&reading.faults),
        [
            "GRAPH_UNKNOWN_KEY /nodes/a/blok 2:18",
            "GRAPH_VALUE_TYPE /nodes/a/timeout_ms 2:47",
            "JSON_DUPLICATE_KEY /nodes/a 3:3",
            "GRAPH_REFERENCE /links/0/from 4:21",
            "GRAPH_VALUE_TYPE /links/0/to 4:32",
            "GRAPH_UNKNOWN_KEY /colour 5:2",
        ]
    );
}

#[test]
fn a_renamed_node_takes_its_links_along() {
    let text = r#"{"format":1,"nodes":{"a.b":{"block":"b.c"},"a_b":{"block":"b.c"}},
        "links":[{"from":"a.b.out","to":"a_b.in"},{"from":"a_b.out","to":"a.b[\"in 1\"]"}]}"#;
    for raw in ["a.b", "a b", "ü"] {
        let text = text.replace("a.b", raw);
        let reading = read_text(&text);
        assert_eq!(codes(&text), [format!("GRAPH_NODE_ID /nodes/{raw}")]);
        let graph = reading.graph.expect("the nodes can be told");
        let id = graph.nodes[0].id.clone();
        assert_eq!(graph.links[0].from.to_string(), format!("{id}.out"));
        assert_eq!(graph.links[1].to.to_string(), format!("{id}[\"in 1\"]"));
        assert_eq!(
            graph.pointer(Part::Node(0)).as_str(),
            format!("/nodes/{raw}")
        );
        assert_eq!(mended(&text), Vec::<String>::new());
    }
}

#[test]
fn a_broken_part_is_not_complained_about_twice() {
    let suppressed = |text: &str| read_text(text).graph.expect("a graph").suppressed;
    let s = suppressed(r#"{"format":1,"nodes":{},"links":[{"from":"a","to":"c.d.e"}]}"#);
    assert!(
        s.is_fed("c", "d") && s.may_be_linked("c") && !s.is_fed("c", "e") && !s.is_fed("d", "d")
    );
    let s = suppressed(r#"{"format":1,"nodes":{},"links":[{"from":"a.b","to":"c d"}]}"#);
    assert!(s.is_fed("c", "d"), "what was meant counts");
    let s = suppressed(r#"{"format":1,"nodes":{},"links":[{"from":"a.b","to":"c"}]}"#);
    assert!(s.is_fed("c", "any") && !s.is_fed("d", "any"));
    let s = suppressed(r#"{"format":1,"nodes":{},"links":[{"from":"a.b"}]}"#);
    assert!(s.is_fed("any", "any"));
    let s = suppressed(r#"{"format":1,"nodes":{"a":7,"b":{}},"graphs":{"g":1}}"#);
    assert!(s.may_exist("a") && !s.may_exist("b") && s.lost_nodes());
    assert!(s.has_unknown_block("b") && s.has_graph("g"));
}

#[test]
fn limits_hold() {
    let nodes = r#"{"format":1,"nodes":{"a":{"block":"b.c"}},"graphs":{"g":{"nodes":{"a":{"block":"b.c"}}}},
        "links":[{"from":"a.b","to":"a.c"},{"from":"a.b","to":"a.d"}]}"#;
    for (limits, code) in [
        (GraphLimits::default().with_max_nodes(1), Code::LimitNodes),
        (GraphLimits::default().with_max_links(1), Code::LimitLinks),
    ] {
        let reading = read(nodes.as_bytes(), &limits);
        assert!(reading.graph.is_none());
        assert_eq!(
            reading.faults.iter().map(|f| f.code).collect::<Vec<_>>(),
            [code]
        );
    }
    let deep = format!(
        "{{\"format\":1,{}{}",
        r#""nodes":{},"graphs":{"g":{"#.repeat(40),
        r#""nodes":{}"#
    );
    let deep = format!("{deep}{}", "}}".repeat(40) + "}");
    let limits = GraphLimits::default().with_json(json::Limits::default().with_max_depth(200));
    let reading = read(deep.as_bytes(), &limits);
    assert_eq!(
        reading.faults.iter().map(|f| f.code).collect::<Vec<_>>(),
        [Code::LimitSubgraphDepth]
    );
}

#[test]
fn a_repair_is_a_patch_of_the_document() {
    let reading = read_text(r#"{"format":1,"nodes":{"a":{"blok":"b.c"}}}"#);
    let fix = &reading.faults[0].fix;
    assert!(matches!(fix.as_slice(), [PatchOp::Move { from, path }]
            if from.as_str() == "/nodes/a/blok" && path.as_str() == "/nodes/a/block"));
    assert_eq!(reading.faults[0].suggestions, ["block"]);
}

#[test]
fn a_list_of_nodes_with_ids_becomes_a_map() {
    let text = r#"{"nodes":[{"id":"a","block":"b.c"},{"id":"b","block":"b.d"}]}"#;
    check(
        text,
        &["GRAPH_FORMAT_MISSING /format", "GRAPH_VALUE_TYPE /nodes"],
    );
    assert_eq!(mended(text), Vec::<String>::new());
}
