//! Nodes whose outputs go nowhere: what an input that has no value was probably meant to be fed from.

use std::collections::HashSet;

use crate::block::Role;
use crate::block::types::Fit;
use crate::graph::{Graph, PinRef};
use crate::id::{NodeId, PinName};
use crate::json::PatchOp;
use crate::value::Path;

use super::compile::Compiler;
use super::link::{Join, Wires};
use super::resolve::Resolved;

/// Returns the link that feeds an input from the only node whose outputs go nowhere and one of which is made for it.
pub(super) fn feed(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    nodes: &[Resolved<'_>],
    wires: &Wires,
    (to, slot): (usize, usize),
) -> Option<PatchOp> {
    let pin = nodes.get(to)?.shape.inputs.get(slot)?;
    // Each look goes through all nodes and links.
    if pin.config || graph.is_import() || !compiler.may_look(nodes.len() + graph.links.len()) {
        return None;
    }
    let after = downstream(nodes.len(), wires, to);
    let used: HashSet<&str> = graph
        .links
        .iter()
        .map(|link| link.from.node.as_str())
        .collect();
    let whole = Path::new();
    let mut found = None;
    for (from, (written, node)) in graph.nodes.iter().zip(nodes).enumerate() {
        let loose = !used.contains(written.id.as_str())
            && matches!(node.role(), Role::Standard | Role::Input | Role::Call)
            && !after.contains(&from);
        if !loose {
            continue;
        }
        for (port, output) in node.shape.outputs.iter().enumerate() {
            let join = Join {
                from,
                port,
                select: &whole,
                to,
                slot,
                build: &whole,
            };
            let exact = |fit: Fit| fit == Fit::Always || output.ty.is_any() && fit == Fit::Maybe;
            let holds = join
                .judge(graph, nodes)
                .is_ok_and(|carried| exact(carried.fit));
            if !holds || output.tools {
                continue;
            }
            if found.is_some() {
                return None;
            }
            found = Some((written.id.clone(), output.name.clone()));
        }
    }
    let (node, output) = found?;
    let sink = graph.nodes.get(to)?;
    let from = PinRef::new(node, PinName::parse(output.as_str()).ok()?);
    let id = NodeId::parse(sink.id.as_str()).ok()?;
    graph.new_link(
        &from,
        &PinRef::new(id, PinName::parse(pin.name.as_str()).ok()?),
    )
}

/// Returns the nodes that a node feeds, over any number of links, and itself.
fn downstream(n: usize, wires: &Wires, from: usize) -> HashSet<usize> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); n];
    for wire in &wires.wires {
        if let Some(list) = next.get_mut(wire.from()) {
            list.push(wire.to());
        }
    }
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for to in next.get(node).into_iter().flatten() {
            if seen.insert(*to) {
                open.push(*to);
            }
        }
    }
    seen
}
