//! Documents that are no good JSON, no graph, or hold what a graph does not have.

use super::{codes, codes_of, graph};
use crate::faults::fixtures::faults_of;

fn at(document: &[u8]) -> (&'static str, u32, u32) {
    let faults = faults_of(document);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = &faults[0];
    (
        fault.code.as_str(),
        fault.line.unwrap(),
        fault.column.unwrap(),
    )
}

#[test]
fn a_map_of_nothing_is_no_graph() {
    assert_eq!(codes("{}"), ["GRAPH_SHAPE"]);
    assert_eq!(codes("[]"), ["GRAPH_SHAPE"]);
    assert_eq!(codes("null"), ["GRAPH_SHAPE"]);
    assert_eq!(codes(r#"{"format":1}"#), ["GRAPH_MISSING_KEY"]);
}

#[test]
fn an_empty_document_is_told_with_its_place() {
    assert_eq!(at(b""), ("JSON_EMPTY", 1, 1));
    assert_eq!(at(b" \n\t\r\n "), ("JSON_EMPTY", 1, 1));
}

#[test]
fn a_byte_order_mark_and_other_encodings_are_refused() {
    for bytes in [
        b"\xef\xbb\xbf{}".as_slice(),
        b"\xff\xfe{\0}\0",
        b"\xfe\xff\0{\0}",
        b"{\0}\0",
        b"\0{\0}",
        b"{\"a\": \"\xff\"}",
        b"{\"a\": \"\xed\xa0\x80\"}",
    ] {
        assert_eq!(codes_of(bytes), ["JSON_ENCODING"], "{bytes:?}");
    }
    assert_eq!(at(b"{\n \"a\": \"\xc3\x28\"}"), ("JSON_ENCODING", 2, 8));
}

#[test]
fn what_follows_the_document_is_told_with_its_place() {
    let sound = graph(r#""a":{"block":"app.pass"}"#, "");
    assert_eq!(codes(&sound), [""; 0]);
    assert_eq!(codes(&format!("{sound}\n\n")), [""; 0]);
    assert_eq!(
        at(format!("{sound}\n}}").as_bytes()),
        ("JSON_TRAILING", 2, 1)
    );
    assert_eq!(
        at(format!("{sound}\n{sound}").as_bytes()),
        ("JSON_TRAILING", 2, 1)
    );
    assert_eq!(
        at(format!("{sound}\n\0").as_bytes()),
        ("JSON_TRAILING", 2, 1)
    );
}

#[test]
fn a_hundred_thousand_brackets_do_not_use_up_the_stack() {
    // A thread with a small stack: a reader that went down with the document would crash here.
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let check = || {
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            assert_eq!(codes(&open.repeat(100_000)), ["JSON_DEPTH"], "{open}");
        }
    };
    small.spawn(check).unwrap().join().unwrap();
    let deepest = format!("{}{}", "[".repeat(63), "]".repeat(63));
    let ui = |value: &str| {
        format!(r#"{{"format":1,"nodes":{{"a":{{"block":"app.pass"}}}},"ui":{value}}}"#)
    };
    assert_eq!(codes(&ui(&deepest)), [""; 0]);
    assert_eq!(codes(&ui(&format!("[{deepest}]"))), ["JSON_DEPTH"]);
}

#[test]
fn a_key_that_stands_twice_is_refused_at_every_level() {
    for document in [
        r#"{"format":1,"format":1,"nodes":{"a":{"block":"app.pass"}}}"#,
        r#"{"format":1,"nodes":{"a":{"block":"app.pass"},"a":{"block":"app.pass"}}}"#,
        r#"{"format":1,"nodes":{"a":{"block":"app.pass","block":"app.count"}}}"#,
        r#"{"format":1,"nodes":{"a":{"block":"app.pass","inputs":{"in":1,"in":2}}}}"#,
        r#"{"format":1,"nodes":{"a":{"block":"app.pass","inputs":{"in":{"x":1,"\u0078":2}}}}}"#,
        r#"{"format":1,"nodes":{"a":{"block":"app.pass"}},"policy":{"cycles":"deny","cycles":"allow"}}"#,
    ] {
        assert_eq!(codes(document), ["JSON_DUPLICATE_KEY"], "{document}");
    }
}

#[test]
fn duplicate_nodes_and_links_are_all_reported() {
    let export = r#"{"nodes":[
        {"id":"a","block_id":"c0a8e994-ebf1-4a9c-a4d8-89d09c86741b","input_default":{"name":"x"}},
        {"id":"a","block_id":"c0a8e994-ebf1-4a9c-a4d8-89d09c86741b","input_default":{"name":"y"}},
        {"id":"a","block_id":"c0a8e994-ebf1-4a9c-a4d8-89d09c86741b","input_default":{"name":"z"}}],"links":[]}"#;
    assert_eq!(codes(export), ["GRAPH_NODE_DUPLICATE"; 2]);
    let nodes = r#""a":{"block":"app.pass"},"b":{"block":"app.pass"}"#;
    let link = r#"{"from":"a.out","to":"b.in"}"#;
    let twice = graph(nodes, &format!("{link},{link},{link}"));
    assert_eq!(codes(&twice), ["GRAPH_LINK_DUPLICATE"; 2]);
}

#[test]
fn different_links_into_one_pin_feed_one_queue() {
    let nodes = r#""a":{"block":"app.pass"},"b":{"block":"app.pass"},"c":{"block":"app.pass"}"#;
    let links = r#"{"from":"a.out","to":"c.in"},{"from":"b.out","to":"c.in"}"#;
    assert_eq!(codes(&graph(nodes, links)), [""; 0]);
}

#[test]
fn an_unknown_key_is_refused_at_every_level_and_its_neighbour_suggested() {
    for (document, near) in [
        (r#"{"format":1,"nodse":{}}"#, "nodes"),
        (
            r#"{"format":1,"nodes":{"a":{"block":"app.pass","timout_ms":1}}}"#,
            "timeout_ms",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"app.pass","retry":{"max_attempts":1,"backof_ms":1}}}}"#,
            "backoff_ms",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"app.pass"}},"policy":{"on_eror":"fail"}}"#,
            "on_error",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"app.pass"},"b":{"block":"app.pass"}},"links":[{"from":"a.out","to":"b.in","stiky":true}]}"#,
            "sticky",
        ),
        (
            r#"{"format":1,"nodes":{"a":{"block":"app.pass"}},"graphs":{"g":{"nodes":{"b":{"block":"app.pass","tilte":"x"}}}}}"#,
            "title",
        ),
    ] {
        let faults = faults_of(document.as_bytes());
        assert_eq!(faults.len(), 1, "{document}: {faults:?}");
        assert_eq!(faults[0].code.as_str(), "GRAPH_UNKNOWN_KEY");
        assert_eq!(
            faults[0].suggestions.first().map(String::as_str),
            Some(near)
        );
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let text = crate::mutants::GRAPHS[0].1.as_bytes();
    for cut in 0..text.len() {
        let _ = faults_of(&text[..cut]);
        for byte in [0, b'"', b'{', b'}', b'\\', b'9', 0xff] {
            let mut bytes = text.to_vec();
            bytes[cut] = byte;
            let _ = faults_of(&bytes);
        }
    }
}
