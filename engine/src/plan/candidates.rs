//! Which registered block an unknown id was probably meant to be.

use crate::graph::{Graph, Node};
use crate::registry::Entry;

use super::compile::Compiler;

/// What a node shows of the block that it was meant to have: the pins that its literals and links name.
struct Traces<'g> {
    inputs: Vec<&'g str>,
    outputs: Vec<&'g str>,
}

impl<'g> Traces<'g> {
    fn of(graph: &'g Graph, node: &'g Node) -> Self {
        let literals = node.inputs.keys().map(|key| key.as_str());
        let fed = graph.links.iter().filter(|link| link.to.node == node.id);
        let feeding = graph.links.iter().filter(|link| link.from.node == node.id);
        Self {
            inputs: literals
                .chain(fed.map(|link| link.to.pin.as_str()))
                .collect(),
            outputs: feeding.map(|link| link.from.pin.as_str()).collect(),
        }
    }

    /// Counts the pins that the block does not have, and those that it needs and does not get.
    fn misses(&self, entry: &Entry) -> usize {
        let shape = entry.shape();
        let inputs = self
            .inputs
            .iter()
            .filter(|name| shape.input(name).is_none());
        let outputs = self
            .outputs
            .iter()
            .filter(|name| shape.output(name).is_none());
        let needed = shape.inputs.iter().filter(|pin| {
            let given = self.inputs.contains(&pin.name.as_str());
            pin.required && pin.default.is_none() && !given
        });
        inputs.count() + outputs.count() + needed.count()
    }
}

/// Returns the ids nearest to a node's unknown block, best first, and the one that goes best with the node's inputs and
/// links; where none is near, the only block that goes with all of them.
pub(super) fn blocks(
    compiler: &mut Compiler<'_>,
    graph: &Graph,
    position: usize,
) -> (Vec<String>, Option<String>) {
    let registry = compiler.registry;
    let Some(node) = graph.nodes.get(position) else {
        return (Vec::new(), None);
    };
    // Its class name in AutoGPT.
    if let Some(entry) = registry.get(node.block.as_str()) {
        let id = entry.info().id.to_owned();
        return (vec![id.clone()], Some(id));
    }
    let mut near = registry.nearest(node.block.as_str());
    // Each look goes through all links.
    if !compiler.may_look(graph.links.len()) {
        let best = near.first().cloned();
        return (near, best);
    }
    let traces = Traces::of(graph, node);
    let misses = |id: &str| {
        registry
            .get(id)
            .map_or(usize::MAX, |entry| traces.misses(entry))
    };
    near.sort_by_cached_key(|id| misses(id));
    if let Some(best) = near.first().cloned() {
        return (near, Some(best));
    }
    // One name may be that of many blocks; two are a likeness.
    if traces.inputs.len() + traces.outputs.len() < 2 {
        return (near, None);
    }
    let mut alike = registry.iter().filter(|entry| traces.misses(entry) == 0);
    let best = match (alike.next(), alike.next()) {
        (Some(one), None) => Some(one.info().id.to_owned()),
        _ => None,
    };
    (near, best)
}
