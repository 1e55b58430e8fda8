//! Finding nodes by id, many times.

use std::collections::HashMap;

use super::Graph;
use crate::id::NodeId;

/// The ids of a graph's nodes, each with the node's index.
// Short ids, which most are, stand in the table itself: an id elsewhere costs a second wait for memory for each look-up,
// and in a graph of 100,000 nodes that was a third of what resolving its links takes.
#[derive(Debug, Clone)]
pub struct NodeIndex<'g> {
    short: HashMap<Short, u32>,
    long: HashMap<&'g str, u32>,
}

/// Bytes and, in the last, how many.
type Short = [u8; 16];

fn short(id: &str) -> Option<Short> {
    let mut short = [0; 16];
    short
        .get_mut(..15)?
        .get_mut(..id.len())?
        .copy_from_slice(id.as_bytes());
    *short.last_mut()? = id.len() as u8;
    Some(short)
}

impl<'g> NodeIndex<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut index = Self {
            short: HashMap::with_capacity(graph.nodes.len()),
            long: HashMap::new(),
        };
        for (position, node) in (0..).zip(&graph.nodes) {
            let id = node.id.as_str();
            match short(id) {
                Some(id) => index.short.insert(id, position),
                None => index.long.insert(id, position),
            };
        }
        index
    }

    /// Returns the index of the node with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<usize> {
        let found = match short(id) {
            Some(id) => self.short.get(&id),
            None => self.long.get(id),
        };
        found.map(|position| *position as usize)
    }

    /// Returns the index of a link's node.
    #[must_use]
    pub fn get_id(&self, id: &NodeId) -> Option<usize> {
        self.get(id.as_str())
    }
}
