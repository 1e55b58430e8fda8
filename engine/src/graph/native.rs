//! Reading the native form, format 1: the graph, its settings, and the graphs in it.

use super::{
    Graph,
    at::{At, quoted, shown},
    field::{keep_extra, remove_null},
    native_link,
    native_node::read_nodes,
    origin::Origin,
    policy::{Coercion, Cycles, Nulls, OnError, Policy},
    read::Reader,
};
use crate::{
    fault::{Code, Fault},
    id::{MAX_BYTES, PinName},
    json::{self, Kind, Member},
};

const GRAPH_KEYS: &[&str] = &[
    "format", "name", "doc", "nodes", "links", "graphs", "policy", "ui",
];
const POLICY_KEYS: &[&str] = &[
    "on_error",
    "coercion",
    "cycles",
    "nulls",
    "timeout_ms",
    "max_parallel",
    "max_firings",
];

/// The longest time that a setting can ask for: a year.
pub(super) const MAX_TIMEOUT_MS: u64 = 365 * 24 * 3_600_000;
pub(super) const MAX_PARALLEL: u32 = 100_000;
const MAX_FIRINGS: u64 = 1_000_000_000;

/// Reads a graph. `None` where its nodes cannot be told at all.
pub(super) fn graph(
    reader: &mut Reader<'_>,
    at: At<'_>,
    root: &json::Node,
    members: &[Member],
) -> Option<Graph> {
    let mut graph = Graph {
        origin: Origin::native(at.pointer()),
        ..Graph::default()
    };
    let (mut nodes, mut links, mut graphs) = (None, None, None);
    let mut misnamed = false;
    for member in members {
        let here = at.key(&member.key);
        let value = &member.value;
        match member.key.as_str() {
            "format" => {}
            "name" => graph.name = reader.faults.text(here, value),
            "doc" => graph.doc = reader.faults.text(here, value),
            "nodes" => nodes = Some(value),
            "links" => links = Some(value),
            "graphs" => graphs = Some(value),
            "policy" => graph.policy = policy(reader, here, value),
            "ui" => graph.ui = Some(value.to_value()),
            _ if keep_extra(&mut graph.extra, member) => {}
            _ => match reader.faults.unknown_key(at, members, member, GRAPH_KEYS) {
                Some("nodes") => misnamed = true,
                Some("links") => graph.suppressed.any_input(),
                Some("graphs") => graph.suppressed.any_graph(),
                Some("policy") => {
                    graph.policy = policy(reader, here, value);
                    graph.suppressed.policy();
                }
                _ => {}
            },
        }
    }
    let Some(nodes) = nodes else {
        if !misnamed {
            reader
                .faults
                .missing(at, root, "nodes", "a map of nodes by id");
        }
        return None;
    };
    let renamed = read_nodes(reader, at.key("nodes"), nodes, &mut graph)?;
    if let Some(links) = links {
        native_link::read_links(reader, at.key("links"), links, &renamed, &mut graph);
    }
    if let Some(graphs) = graphs {
        read_graphs(reader, at.key("graphs"), graphs, &mut graph);
    }
    Some(graph)
}

fn policy(reader: &mut Reader<'_>, at: At<'_>, value: &json::Node) -> Policy {
    let mut policy = Policy::default();
    let Some(members) = reader.faults.map(at, value, remove_null(value)) else {
        return policy;
    };
    for member in members {
        let here = at.key(&member.key);
        let value = &member.value;
        let faults = &mut reader.faults;
        match member.key.as_str() {
            "on_error" => {
                policy.on_error = faults
                    .word(here, value, OnError::ALL, OnError::as_str)
                    .unwrap_or_default();
            }
            "coercion" => {
                policy.coercion = faults
                    .word(here, value, Coercion::ALL, Coercion::as_str)
                    .unwrap_or_default();
            }
            "cycles" => {
                // Where the word cannot be told, circles pass: one fault is enough. A null is mended by leaving it out.
                let otherwise = match value.kind {
                    Kind::Null => Cycles::default(),
                    _ => Cycles::Allow,
                };
                policy.cycles = faults
                    .word(here, value, Cycles::ALL, Cycles::as_str)
                    .unwrap_or(otherwise);
            }
            "nulls" => {
                policy.nulls = faults
                    .word(here, value, Nulls::ALL, Nulls::as_str)
                    .unwrap_or_default()
            }
            "timeout_ms" => policy.timeout_ms = faults.integer(here, value, 1..=MAX_TIMEOUT_MS),
            "max_parallel" => policy.max_parallel = faults.count(here, value, MAX_PARALLEL),
            "max_firings" => policy.max_firings = faults.integer(here, value, 1..=MAX_FIRINGS),
            _ => drop(faults.unknown_key(at, members, member, POLICY_KEYS)),
        }
    }
    policy
}

fn read_graphs(reader: &mut Reader<'_>, at: At<'_>, value: &json::Node, graph: &mut Graph) {
    let Some(members) = reader.faults.map(at, value, remove_null(value)) else {
        return;
    };
    if !reader.enter(at, value) {
        return;
    }
    for member in members {
        let here = at.key(&member.key);
        if PinName::from_text(member.key.clone()).is_err() || member.key.starts_with('$') {
            let fault = Fault::new(
                Code::GraphValueRange,
                here.pointer(),
                "not a name for a sub-graph",
            )
            .expected(format!(
                "1 to {MAX_BYTES} bytes without control characters, not beginning with `$`"
            ))
            .actual(quoted(&member.key));
            reader.faults.add(member.key_span.start, fault);
        }
        let inner = match &member.value.kind {
            Kind::Map(members) if reader.check_format(here, &member.value, members, false) => {
                self::graph(reader, here, &member.value, members)
            }
            Kind::Map(_) => None,
            _ => {
                let text = format!("sub-graph {} is not a map", quoted(&member.key));
                let fault = Fault::new(Code::GraphValueType, here.pointer(), text)
                    .expected("a graph")
                    .actual(shown(&member.value));
                reader.faults.add(member.value.span.start, fault);
                None
            }
        };
        match inner {
            Some(inner) => graph.graphs.push((member.key.clone(), inner)),
            None => graph.suppressed.graph(&member.key),
        }
    }
    reader.leave();
}
