//! Graphs that would not end, would not begin, or link what is not there.

use graphloom::{Grants, RunOptions, Status};

use super::{codes, engine, failed, graph, plan, run, run_with};
use crate::faults::blocks::{pass, registry};
use crate::faults::fixtures::faults_of;

const PAIR: &str = r#""a":{"block":"app.pass"},"b":{"block":"app.pass"}"#;

#[test]
fn a_circle_is_refused_and_its_path_told() {
    let start = r#""s":{"block":"app.pass"}"#;
    let into = r#"{"from":"s.out","to":"a.in"}"#;
    let own = graph(
        &format!("{start},{PAIR}"),
        &format!(r#"{into},{{"from":"a.out","to":"a.in"}}"#),
    );
    let two = graph(
        &format!("{start},{PAIR}"),
        &format!(r#"{into},{{"from":"a.out","to":"b.in"}},{{"from":"b.out","to":"a.in"}}"#),
    );
    for (document, path) in [(own, "a -> a"), (two, "a -> b -> a")] {
        let faults = faults_of(document.as_bytes());
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].code.as_str(), "GRAPH_CYCLE");
        assert!(faults[0].message.contains(path), "{}", faults[0]);
    }
}

const THROUGH: &str = r#"{"format":1,"nodes":{"s":{"block":"app.pass","inputs":{"in":1}},
    "c":{"block":"graph.call","inputs":{"graph":"g"}}},
    "links":[{"from":"s.out","to":"c.x"},{"from":"c.y","to":"c.x"}],
    "graphs":{"g":{"nodes":{"i":{"block":"io.input","inputs":{"name":"x"}},
        "o":{"block":"io.output","inputs":{"name":"y"}}},"links":[{"from":"i.result","to":"o.value"}]}}POLICY}"#;

#[test]
fn a_circle_through_a_sub_graph_is_refused() {
    assert_eq!(codes(&THROUGH.replace("POLICY", "")), ["GRAPH_CYCLE"]);
}

#[tokio::test]
async fn an_allowed_circle_without_an_end_meets_its_limit() {
    let allowed = r#","policy":{"cycles":"allow","max_firings":50}"#;
    let outcome = run(&engine([]), &THROUGH.replace("POLICY", allowed)).await;
    assert_eq!(failed(&outcome), "RUN_CYCLE_LIMIT");
    let document = r#"{"format":1,"nodes":{"s":{"block":"app.pass"},"a":{"block":"app.pass"}},
        "links":[{"from":"s.out","to":"a.in"},{"from":"a.out","to":"a.in"}],"policy":{"cycles":"allow"}}"#;
    let outcome = run(&engine([]), document).await;
    assert_eq!(failed(&outcome), "RUN_CYCLE_LIMIT");
    // The default bound of a node inside a cycle.
    assert_eq!(outcome.firings, 10_001);
}

fn calls(pairs: &[(&str, &str)]) -> String {
    let graphs: Vec<String> = pairs
        .iter()
        .map(|(name, called)| {
            format!(r#""{name}":{{"nodes":{{"c":{{"block":"graph.call","inputs":{{"graph":"{called}"}}}}}}}}"#)
        })
        .collect();
    let first = pairs[0].0;
    format!(
        r#"{{"format":1,"nodes":{{"c":{{"block":"graph.call","inputs":{{"graph":"{first}"}}}}}},"graphs":{{{},"end":{{"nodes":{{"p":{{"block":"app.pass"}}}}}}}}}}"#,
        graphs.join(",")
    )
}

#[test]
fn a_sub_graph_that_calls_itself_is_refused() {
    assert_eq!(codes(&calls(&[("a", "a")])), ["GRAPH_SUBGRAPH_CYCLE"]);
    assert_eq!(
        codes(&calls(&[("a", "b"), ("b", "a")])),
        ["GRAPH_SUBGRAPH_CYCLE"]
    );
    let export = r#"{"nodes":[{"id":"n","block_id":"e189baac-8c20-45a1-94a7-55177ea42565",
            "input_default":{"graph_id":"g","inputs":{}}}],"links":[],
        "sub_graphs":[{"id":"g","nodes":[{"id":"m","block_id":"e189baac-8c20-45a1-94a7-55177ea42565",
            "input_default":{"graph_id":"g","inputs":{}}}],"links":[]}]}"#;
    assert_eq!(codes(export), ["GRAPH_SUBGRAPH_CYCLE"]);
}

#[test]
fn sixteen_levels_of_calls_are_allowed_and_seventeen_are_not() {
    let levels = |n: usize| {
        let names: Vec<String> = (1..n)
            .map(|i| format!("g{i}"))
            .chain(["end".to_owned()])
            .collect();
        let pairs: Vec<(&str, &str)> = names
            .windows(2)
            .map(|w| (w[0].as_str(), w[1].as_str()))
            .collect();
        codes(&calls(&pairs))
    };
    assert_eq!(levels(16), [""; 0]);
    assert_eq!(levels(17), ["LIMIT_SUBGRAPH_DEPTH"]);
}

#[test]
fn links_to_what_is_not_there_name_the_nearest() {
    let nodes = r#""split":{"block":"text.split","inputs":{"text":"a","delimiter":","}},"out":{"block":"io.output","inputs":{"name":"x"}}"#;
    for (from, to, code, near) in [
        ("splt.texts", "out.value", "GRAPH_UNKNOWN_NODE", "split"),
        ("split.texts", "oot.value", "GRAPH_UNKNOWN_NODE", "out"),
        ("split.text", "out.value", "GRAPH_UNKNOWN_OUTPUT", "texts"),
        ("split.texts", "out.valu", "GRAPH_UNKNOWN_INPUT", "value"),
        ("split.texts", "out.output", "GRAPH_UNKNOWN_INPUT", ""),
        ("split.delimiter", "out.value", "GRAPH_UNKNOWN_OUTPUT", ""),
        ("out.value", "split.texts", "GRAPH_LINK_DIRECTION", ""),
    ] {
        let document = graph(nodes, &format!(r#"{{"from":"{from}","to":"{to}"}}"#));
        let faults = faults_of(document.as_bytes());
        assert_eq!(faults.len(), 1, "{from} -> {to}: {faults:?}");
        assert_eq!(faults[0].code.as_str(), code, "{from} -> {to}");
        assert_eq!(
            faults[0].suggestions.first().map_or("", String::as_str),
            near,
            "{from} -> {to}"
        );
    }
}

#[test]
fn a_block_that_cannot_be_used_is_refused_when_the_graph_is_loaded() {
    let node = |block: &str| graph(&format!(r#""a":{{"block":"{block}"}}"#), "");
    let mut registry = registry();
    registry.disable("app.count", "out of order");
    let engine = graphloom::Engine::new(registry);
    for (block, code) in [
        ("app.none_such", "GRAPH_UNKNOWN_BLOCK"),
        ("APP.PASS", "GRAPH_UNKNOWN_BLOCK"),
        ("App.Pass", "GRAPH_UNKNOWN_BLOCK"),
        ("", "GRAPH_UNKNOWN_BLOCK"),
        ("app.count", "GRAPH_BLOCK_DISABLED"),
        ("app.pass@2", "GRAPH_BLOCK_VERSION"),
        ("app.pass@", "GRAPH_BLOCK_VERSION"),
        ("app.pass@1.0", "GRAPH_BLOCK_VERSION"),
    ] {
        let faults = engine.load(node(block).as_bytes()).unwrap_err().0;
        assert_eq!(faults[0].code.as_str(), code, "{block}");
    }
    assert!(engine.load(node("app.pass@1").as_bytes()).is_ok());
}

#[tokio::test]
async fn what_a_run_may_not_use_is_refused_when_it_starts() {
    // A plan may have been made before an operator took the grant away.
    let engine = engine([]);
    let document = graph(
        r#""a":{"block":"app.pass"},"b":{"block":"app.count","inputs":{"in":1}}"#,
        "",
    );
    let options = RunOptions::new().grants(Grants::all().deny_block("app.count"));
    let outcome = run_with(&engine, &document, options).await;
    assert_eq!(
        (outcome.status, failed(&outcome)),
        (Status::Failed, "GRANT_BLOCK")
    );
    assert_eq!(outcome.firings, 0);
}

#[test]
fn a_plan_keeps_the_blocks_that_it_was_made_with() {
    // Registries are values: a later change makes another engine, and a plan holds what it was proven with.
    let document = graph(r#""a":{"block":"app.more"}"#, "");
    let before = engine([pass("app.more")]);
    let plan = plan(&before, &document);
    let after = engine([]);
    assert_eq!(
        after.load(document.as_bytes()).unwrap_err().0[0]
            .code
            .as_str(),
        "GRAPH_UNKNOWN_BLOCK"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let outcome = runtime
        .block_on(after.run(&plan, RunOptions::new()))
        .unwrap();
    assert_eq!(outcome.status, Status::Completed);
}

#[test]
fn a_graph_in_which_nothing_can_start_is_refused() {
    let circle = r#"{"format":1,"nodes":{"a":{"block":"app.pass"},"b":{"block":"app.pass"}},
        "links":[{"from":"a.out","to":"b.in"},{"from":"b.out","to":"a.in"}],"policy":{"cycles":"allow"}}"#;
    let notes = graph(r#""n":{"block":"io.note","inputs":{"text":"hello"}}"#, "");
    for document in [circle, notes.as_str(), r#"{"format":1,"nodes":{}}"#] {
        assert_eq!(codes(document), ["GRAPH_NO_START"], "{document}");
    }
    let unmet = graph(r#""a":{"block":"text.split"}"#, "");
    assert_eq!(codes(&unmet), ["GRAPH_INPUT_MISSING"; 2]);
}

#[tokio::test]
async fn a_run_that_gets_stuck_names_the_pins_that_wait() {
    let nodes = r#""one":{"block":"app.pass","inputs":{"in":1}},"none":{"block":"app.count","inputs":{"in":0}},
        "pair":{"block":"app.join"}"#;
    let links = r#"{"from":"one.out","to":"pair.a"},{"from":"none.out","to":"pair.b"}"#;
    let outcome = run(&engine([]), &graph(nodes, links)).await;
    assert_eq!(outcome.status, Status::Completed);
    let stalled = &outcome.stalled[0];
    assert_eq!(
        (stalled.node.as_str(), stalled.waiting_for[0].as_str()),
        ("pair", "b")
    );
    assert_eq!(
        (stalled.unused[0].pin.as_str(), stalled.unused[0].values),
        ("a", 1)
    );
}

#[tokio::test]
async fn one_to_ten_thousand_to_one() {
    let mut nodes = vec![
        r#""s":{"block":"app.pass","inputs":{"in":1}}"#.to_owned(),
        r#""all":{"block":"list.collect"}"#.to_owned(),
        r#""n":{"block":"math.count_items"}"#.to_owned(),
        r#""o":{"block":"io.output","inputs":{"name":"n"}}"#.to_owned(),
    ];
    let mut links = vec![
        r#"{"from":"all.list","to":"n.collection"}"#.to_owned(),
        r#"{"from":"n.count","to":"o.value"}"#.to_owned(),
    ];
    for i in 0..10_000 {
        nodes.push(format!(r#""m{i}":{{"block":"app.pass"}}"#));
        links.push(format!(
            r#"{{"from":"s.out","to":"m{i}.in"}},{{"from":"m{i}.out","to":"all.items"}}"#
        ));
    }
    let document = graph(&nodes.join(","), &links.join(","));
    assert_eq!(codes(&document), ["LIMIT_NODES"]);
    let limits = graphloom::graph::GraphLimits::default().with_max_nodes(20_000);
    let engine = graphloom::Engine::builder(registry())
        .graph_limits(limits)
        .build();
    let outcome = run(&engine, &document).await;
    assert_eq!(outcome.output("n"), [graphloom::Value::from(10_000)]);
}
