//! The graph as written: nodes, links, settings. It has no meaning yet: whether its blocks exist and its links fit is
//! found when it is compiled into a plan.
//!
//! [`read()`] takes a document in either dialect (the native format 1, or an AutoGPT export or template) and gives a
//! [`Graph`] and every fault it found. [`Graph::to_value`] writes format 1. [`Graph::pointer`] tells where a part of
//! the graph stands in the document it was read from, so that later faults can point there and offer a repair.

mod at;
mod autogpt;
mod field;
mod hash;
mod ids;
mod locate;
mod native;
mod native_link;
mod native_node;
mod node;
mod node_index;
mod origin;
mod policy;
mod read;
mod reference;
mod source;
mod suppressed;
mod write;

pub use locate::Part;
pub use node::{Link, Node, Retry};
pub use node_index::NodeIndex;
pub use policy::{Coercion, Cycles, Nulls, OnError, Policy};
pub(crate) use read::drop_followers;
pub use read::{GraphLimits, Reading, read};
pub use reference::{MAX_STEPS, PinRef, PinRefError};
pub use source::Source;

use crate::{
    fault::Faults,
    json::Pointer,
    value::{Map, Text, Value},
};
use origin::Origin;
use suppressed::Suppressed;

/// A graph as written.
///
/// Two graphs are equal if they say the same, whatever documents they were read from.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Graph {
    /// What people call it.
    pub name: Option<Text>,
    /// What it is for, as free text.
    pub doc: Option<Text>,
    /// The nodes, in the order of the document. Their ids differ.
    pub nodes: Vec<Node>,
    /// The links, in the order of the document; values of one pin are delivered in this order.
    pub links: Vec<Link>,
    /// Graphs that nodes of this one may call by name, in the order of the document.
    pub graphs: Vec<(Text, Graph)>,
    /// The settings.
    pub policy: Policy,
    /// What an editor keeps here; means nothing to the engine.
    pub ui: Option<Value>,
    /// Keys that begin with `x-`; mean nothing to the engine.
    pub extra: Map,
    /// The document this was read from.
    origin: Origin,
    /// What could not be read and must not be complained about again.
    pub(crate) suppressed: Suppressed,
}

impl Graph {
    /// Returns a graph with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a document with the default limits, and takes it only if it has no fault.
    ///
    /// # Errors
    /// Every fault found in the document.
    ///
    /// # Examples
    /// ```
    /// use graphloom::Graph;
    ///
    /// let graph = Graph::parse(
    ///     br#"{"format": 1, "nodes": {
    ///         "who": {"block": "io.input", "inputs": {"name": "who", "value": "world"}},
    ///         "out": {"block": "io.output", "inputs": {"name": "greeting"}}},
    ///         "links": [{"from": "who.result", "to": "out.value"}]}"#,
    /// )?;
    /// assert_eq!(graph.links[0].to.to_string(), "out.value");
    ///
    /// let faults = Graph::parse(br#"{"format": 1, "nodes": {"who": {"blok": "io.input"}}}"#).unwrap_err();
    /// assert_eq!(faults.0[0].suggestions, ["block"]);
    /// # Ok::<(), graphloom::fault::Faults>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Faults> {
        match read(bytes, &GraphLimits::default()) {
            Reading {
                graph: Some(graph),
                faults,
                ..
            } if faults.is_empty() => Ok(graph),
            Reading { faults, .. } => Err(Faults(faults)),
        }
    }

    /// Adds a node and returns its index.
    pub fn add_node(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Adds a link and returns its index.
    pub fn add_link(&mut self, link: Link) -> usize {
        self.links.push(link);
        self.links.len() - 1
    }

    /// Adds a graph that nodes of this one may call by `name`.
    pub fn add_graph(&mut self, name: impl Into<Text>, mut graph: Graph) {
        let name = name.into();
        graph.rebase(&self.pointer(Part::Subgraph(name.as_str())));
        self.graphs.push((name, graph));
    }

    /// Returns the node with this id. Looks through all nodes; for many look-ups take an [`index`](Graph::index).
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|n| n.id == *id)
    }

    /// Returns the index of the node with this id. Looks through all nodes, as [`node`](Graph::node) does.
    #[must_use]
    pub fn node_index(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.id == *id)
    }

    /// Returns a table of the node ids, for many look-ups.
    #[must_use]
    pub fn index(&self) -> NodeIndex<'_> {
        NodeIndex::new(self)
    }

    /// Returns the graph that nodes of this one may call by `name`.
    #[must_use]
    pub fn subgraph(&self, name: &str) -> Option<&Graph> {
        self.graphs
            .iter()
            .find(|(n, _)| n.as_str() == name)
            .map(|(_, g)| g)
    }

    /// Says whether the graph was read from an AutoGPT export or template.
    #[must_use]
    pub fn is_import(&self) -> bool {
        self.origin.is_import()
    }

    /// Moves the graph, and those in it, to another place in the document.
    fn rebase(&mut self, base: &Pointer) {
        self.origin.set_base(base.clone());
        let places: Vec<Pointer> = self
            .graphs
            .iter()
            .map(|(name, _)| self.pointer(Part::Subgraph(name.as_str())))
            .collect();
        for ((_, graph), place) in self.graphs.iter_mut().zip(&places) {
            graph.rebase(place);
        }
    }
}

#[cfg(test)]
mod tests;
