//! Documents and values that are too large: refused in bounded time.

use std::time::{Duration, Instant};

use graphloom::graph::{GraphLimits, read};
use graphloom::json::Limits;
use graphloom::{RunLimits, RunOptions};

use super::{engine, plan};

fn codes(document: &[u8], limits: &GraphLimits) -> Vec<&'static str> {
    let since = Instant::now();
    let faults = read(document, limits).faults;
    assert!(
        since.elapsed() < Duration::from_secs(180),
        "{:?}",
        since.elapsed()
    );
    faults.iter().map(|fault| fault.code.as_str()).collect()
}

fn wide() -> GraphLimits {
    GraphLimits::default().with_json(Limits::default().with_max_bytes(256 << 20))
}

fn with_name(name: &str) -> Vec<u8> {
    format!(r#"{{"format":1,"nodes":{{}},"name":"{name}"}}"#).into_bytes()
}

#[test]
fn a_text_of_a_hundred_mebibytes_is_refused() {
    let document = with_name(&"x".repeat(100 << 20));
    assert_eq!(
        codes(&document, &GraphLimits::default()),
        ["LIMIT_DOCUMENT_BYTES"]
    );
    assert_eq!(codes(&document, &wide()), ["LIMIT_TEXT_BYTES"]);
    let escaped = with_name(&"\\u0041".repeat(9 << 20));
    assert_eq!(codes(&escaped, &wide()), ["LIMIT_TEXT_BYTES"]);
}

#[test]
fn a_key_of_a_mebibyte_is_refused() {
    let key = "k".repeat(1 << 20);
    for (document, code) in [
        (
            format!(r#"{{"format":1,"nodes":{{"{key}":{{"block":"a.b"}}}}}}"#),
            "GRAPH_NODE_ID",
        ),
        (
            format!(r#"{{"format":1,"nodes":{{"a":{{"block":"a.b","inputs":{{"{key}":1}}}}}}}}"#),
            "GRAPH_PIN_NAME",
        ),
        (
            format!(r#"{{"format":1,"nodes":{{"a":{{"block":"a.b","{key}":1}}}}}}"#),
            "GRAPH_UNKNOWN_KEY",
        ),
        (
            format!(r#"{{"format":1,"nodes":{{}},"{key}":1}}"#),
            "GRAPH_UNKNOWN_KEY",
        ),
    ] {
        assert_eq!(codes(document.as_bytes(), &GraphLimits::default()), [code]);
    }
    let tight = GraphLimits::default().with_json(Limits::default().with_max_text_bytes(1 << 10));
    let document = format!(r#"{{"format":1,"nodes":{{}},"x-{key}":1}}"#);
    assert_eq!(codes(document.as_bytes(), &tight), ["LIMIT_TEXT_BYTES"]);
}

#[test]
fn ten_million_nulls_are_refused() {
    let nulls = format!(
        r#"{{"format":1,"nodes":[{}null]}}"#,
        "null,".repeat(10_000_000)
    );
    assert_eq!(
        codes(nulls.as_bytes(), &GraphLimits::default()),
        ["LIMIT_DOCUMENT_BYTES"]
    );
    assert_eq!(codes(nulls.as_bytes(), &wide()), ["GRAPH_VALUE_TYPE"]);
}

#[test]
fn a_thousand_faults_are_enough_of_one_kind() {
    let numbers = format!(
        r#"{{"format":1,"nodes":{{}},"ui":[{}0]}}"#,
        "1e999,".repeat(1_000_000)
    );
    assert_eq!(
        codes(numbers.as_bytes(), &GraphLimits::default()).len(),
        1_000
    );
}

#[test]
fn many_unknown_names_take_no_minutes() {
    let nodes: Vec<String> = (0..3_000)
        .map(|i| format!(r#""node_{i}":{{"block":"app.pas_{i}"}}"#))
        .collect();
    let links: Vec<String> = (0..10_000)
        .map(|i| format!(r#"{{"from":"nod_{i}.out","to":"nide_{i}.in"}}"#))
        .collect();
    let document = super::graph(&nodes.join(","), &links.join(","));
    let since = Instant::now();
    let faults = engine([]).diagnose(document.as_bytes()).faults;
    assert_eq!(faults.len(), 23_000);
    assert!(
        since.elapsed() < Duration::from_secs(180),
        "{:?}",
        since.elapsed()
    );
}

#[tokio::test]
async fn a_run_input_over_the_limit_is_refused_before_the_run() {
    let engine = engine([]);
    let document = super::graph(r#""a":{"block":"io.input","inputs":{"name":"x"}}"#, "");
    let plan = plan(&engine, &document);
    let large = "x".repeat(2_000);
    for options in [
        RunOptions::new().input("x", large.as_str()),
        RunOptions::new()
            .input("x", 1)
            .set("a", "title", large.as_str()),
    ] {
        let options = options.limits(RunLimits::default().max_input_bytes(1_000));
        let faults = engine.run(&plan, options).await.unwrap_err().0;
        assert_eq!(faults[0].code.as_str(), "INPUT_BYTES");
    }
}
