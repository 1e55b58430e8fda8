//! What the generated graphs are made of: the properties say little if the graphs leave out what breaks them.

use std::collections::{BTreeMap, BTreeSet};

use graphloom::{Event, Graph, How, RunOutcome, SerialOptions};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{paced, plan, seeds, serial};

/// What a run of a graph came to see, by what its events tell.
fn seen(graph: &Graph, outcome: &RunOutcome) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    let plan = plan(&graph.to_value().to_string());
    for record in &outcome.records {
        match &record.event {
            Event::Started { node, firing } if record.scope == 0 => {
                let id = plan.node_id(*node);
                let links = graph
                    .links
                    .iter()
                    .filter(|link| link.to.node.as_str() == id);
                let pins: BTreeSet<String> = links
                    .clone()
                    .filter(|link| !link.sticky)
                    .map(|link| format!("{}{}", link.to.pin, link.to.path))
                    .collect();
                let sticky = links.clone().any(|link| link.sticky);
                if pins.len() > 1 && *firing > 0 {
                    seen.insert("join of several items");
                }
                if sticky {
                    seen.insert("sticky");
                }
                if links.clone().any(|link| !link.to.path.is_empty()) {
                    seen.insert("path");
                }
                match plan.block_id(*node) {
                    "t.loop" if *firing > 0 => seen.insert("cycle"),
                    "t.gather" | "t.total" | "t.every" => seen.insert("gather"),
                    "t.ask" => seen.insert("asked sub-graph"),
                    _ => false,
                };
                let into: Vec<&str> = links.map(|link| link.from.pin.as_str()).collect();
                if into.contains(&"error") {
                    seen.insert("routed error");
                }
            }
            Event::Opened {
                parent: Some(_), ..
            } => {
                seen.insert("sub-graph");
            }
            Event::ToolStarted { .. } => {
                seen.insert("tool");
            }
            Event::Retrying { failure, .. } => {
                let inside = failure.node.as_ref().is_some_and(|node| node.contains('/'));
                seen.insert(if inside { "retried call" } else { "retry" });
            }
            Event::Finished {
                how: How::Starved(_),
                ..
            } => {
                seen.insert("starved");
            }
            Event::Finished {
                how: How::Failed(_),
                ..
            } => {
                seen.insert("error");
            }
            _ => {}
        }
    }
    seen
}

#[test]
fn generated_graphs_have_what_breaks_drivers() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut n = 0;
    for seed in seeds("quotas", 200) {
        let case = case(seed);
        let graph = Graph::parse(case.json.as_bytes()).unwrap();
        let options = paced(Pace { seed, waits: 2 });
        let outcome = serial(&plan(&case.json), options, SerialOptions::seeded(seed));
        n += 1;
        for what in seen(&graph, &outcome) {
            *counts.entry(what).or_default() += 1;
        }
        *counts.entry("exact").or_default() += usize::from(case.is_exact());
    }
    println!("of {n}: {counts:?}");
    for (what, percent) in [
        ("join of several items", 30),
        ("sub-graph", 20),
        ("error", 20),
        ("routed error", 10),
        ("sticky", 20),
        ("cycle", 15),
        ("gather", 20),
        ("path", 15),
        ("tool", 10),
        ("asked sub-graph", 10),
        ("retry", 10),
        ("retried call", 3),
        ("starved", 5),
        ("exact", 25),
    ] {
        let got = counts.get(what).copied().unwrap_or(0);
        assert!(
            n < 50 || got * 100 >= percent * n,
            "{what}: {got} of {n}, wanted {percent} %"
        );
    }
}
