//! What depends on a node: the part of a graph that a run does anew which begins there.

use std::collections::HashSet;

use crate::dense::{IxMap, NodeIx};
use crate::fault::nearest;
use crate::reuse::Reuse;
use crate::value::Text;

use super::Plan;

/// A graph has no such node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no node \"{node}\"")]
#[non_exhaustive]
pub struct UnknownNode {
    /// What was asked for.
    pub node: String,
    /// The nodes with the nearest names.
    pub suggestions: Vec<String>,
}

impl Plan {
    /// Returns a node and all that depends on it, in the order of the graph: what its links lead to, and so on; of a tool
    /// also the nodes that may fire it, since it answers to them. Nothing for a position of another plan.
    #[must_use]
    pub fn cone(&self, node: NodeIx) -> Vec<NodeIx> {
        let mut callers: IxMap<NodeIx, Vec<NodeIx>> = IxMap::default();
        for (caller, options) in &self.options {
            for tool in &options.tools {
                callers.entry(tool.node).or_default().push(*caller);
            }
        }
        let mut seen = vec![false; self.n_nodes()];
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            match seen.get_mut(node.get() as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let ports = 0..self.nodes.at(node).n_ports;
            for port in ports {
                let (_, links) = self.links_of(node, port);
                left.extend(links.iter().map(|link| self.pins.at(link.pin()).node));
            }
            if let Some(options) = self.options(node) {
                left.extend(options.tools.iter().map(|tool| tool.node));
            }
            left.extend(callers.get(&node).into_iter().flatten());
        }
        let nodes = self.node_positions().zip(seen);
        nodes
            .filter_map(|(node, seen)| seen.then_some(node))
            .collect()
    }
}

impl Reuse {
    /// Lets the run begin at this node of its own graph: it and all that [depends on it](Plan::cone) run anew, whatever
    /// there is of them; everything else takes its results from the earlier run, whatever its effects. What is inside a
    /// sub-graph call is as the node that calls.
    ///
    /// # Errors
    /// [`UnknownNode`].
    pub fn from_node(mut self, plan: &Plan, node: &str) -> Result<Self, UnknownNode> {
        let ids = || plan.node_positions().map(|node| plan.node_id(node));
        let Some(found) = plan.node(node) else {
            return Err(UnknownNode {
                node: node.to_owned(),
                suggestions: nearest(node, ids()),
            });
        };
        let cone = plan.cone(found).into_iter();
        let cone: HashSet<Text> = cone.map(|node| Text::from(plan.node_id(node))).collect();
        self.begin(Text::from(node), cone);
        Ok(self)
    }
}
