//! What a later stage must not complain about, because it was broken already when the document was read.
//!
//! One mistake should give one fault: a link that could not be read must not also show up as a missing input.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::Text;

/// The parts of a graph of which not everything is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suppressed {
    /// Input pins that a broken link would feed, by node.
    pins: BTreeMap<Text, BTreeSet<Text>>,
    /// Nodes of which some input may be fed by a broken link.
    nodes: BTreeSet<Text>,
    /// A broken link may feed any input.
    any_input: bool,
    /// Nodes whose block is not known.
    blocks: BTreeSet<Text>,
    /// Ids of nodes that were too broken to keep.
    lost: BTreeSet<Text>,
    /// A node was too broken to tell its id.
    any_node: bool,
    /// Names of sub-graphs that were too broken to keep.
    graphs: BTreeSet<Text>,
    /// The sub-graphs stand where they were not looked for.
    any_graph: bool,
    /// The settings stand under another key, where no other repair finds them.
    policy: bool,
}

impl Suppressed {
    /// Says whether a pin may be fed by a link that could not be read.
    pub(crate) fn is_fed(&self, node: &str, pin: &str) -> bool {
        self.any_input
            || self.nodes.contains(node)
            || self.pins.get(node).is_some_and(|pins| pins.contains(pin))
    }

    /// Says whether a node may have incoming links that could not be read.
    pub(crate) fn may_be_linked(&self, node: &str) -> bool {
        self.any_input || self.nodes.contains(node) || self.pins.contains_key(node)
    }

    /// Says whether the block of a node could not be read.
    pub(crate) fn has_unknown_block(&self, node: &str) -> bool {
        self.blocks.contains(node)
    }

    /// Says whether a node that the graph does not have may be one that could not be read.
    pub(crate) fn may_exist(&self, node: &str) -> bool {
        self.any_node || self.lost.contains(node)
    }

    /// Says whether the document had a sub-graph of this name that could not be read.
    pub(crate) fn has_graph(&self, name: &str) -> bool {
        self.any_graph || self.graphs.contains(name)
    }

    /// Says whether some node was left out.
    pub(crate) fn lost_nodes(&self) -> bool {
        self.any_node || !self.lost.is_empty()
    }

    pub(super) fn pin(&mut self, node: &Text, pin: &Text) {
        self.pins
            .entry(node.clone())
            .or_default()
            .insert(pin.clone());
    }

    pub(super) fn node(&mut self, node: &str) {
        self.nodes.insert(Text::from(node));
    }

    pub(super) fn any_input(&mut self) {
        self.any_input = true;
    }

    pub(super) fn block(&mut self, node: &Text) {
        self.blocks.insert(node.clone());
    }

    pub(super) fn lost(&mut self, node: &str) {
        self.lost.insert(Text::from(node));
    }

    pub(super) fn any_node(&mut self) {
        self.any_node = true;
    }

    /// Says whether the settings stand where they are looked for.
    pub(super) fn has_policy(&self) -> bool {
        !self.policy
    }

    pub(super) fn policy(&mut self) {
        self.policy = true;
    }

    pub(super) fn any_graph(&mut self) {
        self.any_graph = true;
    }

    pub(super) fn graph(&mut self, name: &Text) {
        self.graphs.insert(name.clone());
    }
}

/// A broken part is not something that a graph says.
impl PartialEq for Suppressed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
