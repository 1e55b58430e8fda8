//! How two graphs differ, node by node.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::dense::NodeIx;
use crate::plan::{Node, Pin, Plan};
use crate::run::stalled::pin_name;
use crate::run::travel::brief::brief;
use crate::value::{Path, Text, Value};

use super::{Change, NodeChange};

/// Returns the nodes that are not the same.
pub(super) fn diff(a: &Arc<Plan>, b: &Arc<Plan>) -> Vec<NodeChange> {
    let mut changes = Vec::new();
    if a.hash() != b.hash() || a.block_versions() != b.block_versions() {
        compare(a, b, "", &mut changes);
    }
    changes
}

fn compare(a: &Plan, b: &Plan, graph: &str, changes: &mut Vec<NodeChange>) {
    let mut push = |node: &str, change, what| {
        changes.push(NodeChange {
            graph: Text::from(graph),
            node: Text::from(node),
            change,
            what,
        });
    };
    if a.policy() != b.policy() {
        push("", Change::Changed, vec![Text::from("the policy")]);
    }
    let (links_a, links_b) = (links(a), links(b));
    for one in a.node_positions() {
        let id = a.node_id(one);
        let Some(other) = b.node(id) else {
            push(id, Change::Removed, Vec::new());
            continue;
        };
        let mut what = node((a, one), (b, other));
        if links_a.get(id) != links_b.get(id) {
            what.push(Text::from("what is linked to it"));
        }
        if !what.is_empty() {
            push(id, Change::Changed, what);
        }
    }
    for other in b.node_positions() {
        let id = b.node_id(other);
        if a.node(id).is_none() {
            push(id, Change::Added, Vec::new());
        }
    }
    let names: BTreeSet<&Text> = a.subgraphs.keys().chain(b.subgraphs.keys()).collect();
    for name in names {
        // One that only one has is called by nodes that only one has, or that have changed.
        if let (Some(one), Some(other)) = (a.subgraphs.get(name), b.subgraphs.get(name)) {
            let path = if graph.is_empty() {
                name.to_string()
            } else {
                format!("{graph}/{name}")
            };
            if one.hash() != other.hash() || one.block_versions() != other.block_versions() {
                compare(one, other, &path, changes);
            }
        }
    }
}

/// What of a node has changed, but for its links.
fn node((a, one): (&Plan, NodeIx), (b, other): (&Plan, NodeIx)) -> Vec<Text> {
    let mut what = Vec::new();
    let (x, y) = (a.cold.at(one), b.cold.at(other));
    let block = |plan: &Plan, node| {
        let info = plan.cold.at(node).block.info();
        (info.id, info.version)
    };
    let (was, is) = (block(a, one), block(b, other));
    if was != is {
        what.push(Text::from(format!(
            "block {}@{}, and {}@{}",
            was.0, was.1, is.0, is.1
        )));
    }
    let literals = |plan: &Plan, node: NodeIx| -> BTreeMap<Text, Value> {
        let cold = plan.cold.at(node);
        let pins = cold.shape.inputs.iter().zip(cold.template.iter());
        let set = pins.filter_map(|(pin, value)| Some((pin.name.clone(), value.clone()?)));
        set.collect()
    };
    let (was, is) = (literals(a, one), literals(b, other));
    let inputs: BTreeSet<&Text> = was.keys().chain(is.keys()).collect();
    for input in inputs {
        let (was, is) = (was.get(input), is.get(input));
        if was != is {
            let shown = |value: Option<&Value>| value.map_or(Text::from("nothing"), brief);
            let text = format!("input {input}: {}, and {}", shown(was), shown(is));
            what.push(Text::from(text));
        }
    }
    let settings = |plan: &Plan, node: NodeIx| {
        let (hot, own) = (plan.nodes.at(node), plan.options(node));
        let retry = own.and_then(|own| own.retry);
        let retry = retry.map(|retry| (retry.max_attempts, retry.backoff, retry.max_backoff));
        (
            hot.window,
            hot.is(Node::FAILS_RUN),
            own.and_then(|own| own.timeout),
            retry,
        )
    };
    if settings(a, one) != settings(b, other) {
        what.push(Text::from(
            "its settings (on_error, retry, timeout, concurrency)",
        ));
    }
    debug_assert_eq!(x.id, y.id, "nodes are compared by their ids");
    what
}

/// What leads to each node: pins, what is linked to them, whether it stays; and who may fire it as a tool.
fn links(plan: &Plan) -> BTreeMap<&str, BTreeSet<String>> {
    let mut links: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for node in plan.node_positions() {
        let id = plan.node_id(node);
        for port in 0..plan.nodes.at(node).n_ports {
            let (first, own) = plan.links_of(node, port);
            for (link, position) in own.iter().zip(first..) {
                let pin = *plan.pins.at(link.pin());
                let name = pin_name(plan, pin.node, pin, plan.paths.get(&link.pin()));
                let path = plan.selections.get(&position);
                let path = path.map_or_else(String::new, ToString::to_string);
                let port = plan.port_name(node, port);
                let sticky = pin.is(Pin::STICKY);
                let text = format!("{id}.{port}{path} {name} {sticky}");
                links
                    .entry(plan.node_id(pin.node))
                    .or_default()
                    .insert(text);
            }
        }
        for tool in plan.options(node).into_iter().flat_map(|own| &own.tools) {
            let argument = |(slot, path): &(u16, Path)| format!("{slot}{path}");
            let slots: Vec<String> = tool.arguments.iter().map(argument).collect();
            let slots = format!("{id} uses it: {slots:?}");
            links
                .entry(plan.node_id(tool.node))
                .or_default()
                .insert(slots);
        }
    }
    links
}
