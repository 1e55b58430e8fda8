//! Where the parts of a graph stand in the document they were read from, and how the document can be changed there.
//!
//! A stage that finds a fault in a part points at it with [`Graph::pointer`], whichever dialect the document is in. A
//! graph made in code has the places that [`Graph::to_value`] would give it.

use super::{
    Graph, Link, PinRef,
    autogpt::{flatten, with_pin},
    origin::{ImportedNode, Place},
    policy::Policy,
};
use crate::{
    json::{PatchOp, Pointer},
    value::{Map, Text, Value},
};

/// A part of a graph that a fault can be about. Nodes and links go by their index in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part<'a> {
    /// The graph as a whole.
    Graph,
    /// A node.
    Node(usize),
    /// The block of a node.
    Block(usize),
    /// A literal input of a node.
    Input(usize, &'a str),
    /// A setting of a node, by its native key.
    NodeKey(usize, &'a str),
    /// A link.
    Link(usize),
    /// The output pin of a link.
    LinkFrom(usize),
    /// The input pin of a link.
    LinkTo(usize),
    /// A setting of the graph, by its native key.
    Policy(&'a str),
    /// A graph inside the graph, by its name.
    Subgraph(&'a str),
}

impl Graph {
    /// Returns where a part stands, or would stand, in the document. For a setting that the document's dialect has no
    /// place for, that is the node or the graph it belongs to.
    #[must_use]
    pub fn pointer(&self, part: Part<'_>) -> Pointer {
        let base = self.origin.base();
        match part {
            Part::Graph => base.clone(),
            Part::Node(node) => self.node_pointer(node),
            Part::Block(node) => self.node_pointer(node).push(if self.is_import() {
                "block_id"
            } else {
                "block"
            }),
            Part::Input(node, key) => self.input_pointer(node, key),
            Part::NodeKey(node, key) if self.is_import() => match key {
                "title" => self
                    .node_pointer(node)
                    .push("metadata")
                    .push("customized_name"),
                _ => self.node_pointer(node),
            },
            Part::NodeKey(node, key) => self.node_pointer(node).push(key),
            Part::Link(link) => self.link_pointer(link),
            Part::LinkFrom(link) => self.link_pointer(link).push(if self.is_import() {
                "source_name"
            } else {
                "from"
            }),
            Part::LinkTo(link) => {
                self.link_pointer(link)
                    .push(if self.is_import() { "sink_name" } else { "to" })
            }
            Part::Policy(_) if self.is_import() => base.clone(),
            Part::Policy(key) => base.push("policy").push(key),
            Part::Subgraph(name) => self.subgraph_pointer(name),
        }
    }

    /// Returns where the node of a link's end stands: of its input with `to`, else of its output. In the native form
    /// that is the whole reference.
    #[must_use]
    pub fn end_node_pointer(&self, link: usize, to: bool) -> Pointer {
        match (self.is_import(), to) {
            (false, false) => self.pointer(Part::LinkFrom(link)),
            (false, true) => self.pointer(Part::LinkTo(link)),
            (true, false) => self.link_pointer(link).push("source_id"),
            (true, true) => self.link_pointer(link).push("sink_id"),
        }
    }

    /// Returns the change that moves an end of a link to another pin of its node; the path stays.
    #[must_use]
    pub fn rename_end(&self, link: usize, to: bool, new_pin: &str) -> PatchOp {
        let part = if to {
            Part::LinkTo(link)
        } else {
            Part::LinkFrom(link)
        };
        let text = match self.links.get(link).map(|l| end(l, to)) {
            Some(pin) if self.is_import() => flatten(new_pin, &pin.path),
            Some(pin) => PinRef::written(pin.node.as_str(), new_pin, &pin.path),
            None => new_pin.to_owned(),
        };
        PatchOp::Replace {
            path: self.pointer(part),
            value: Value::from(text),
        }
    }

    /// Returns the change that moves an end of a link to the pin of the same name of another node.
    #[must_use]
    pub fn rename_end_node(&self, link: usize, to: bool, new_node: &str) -> PatchOp {
        let text = match self.links.get(link).map(|l| end(l, to)) {
            Some(pin) if !self.is_import() => {
                PinRef::written(new_node, pin.pin.as_str(), &pin.path)
            }
            _ => self.written_id(new_node).to_owned(),
        };
        PatchOp::Replace {
            path: self.end_node_pointer(link, to),
            value: Value::from(text),
        }
    }

    /// Returns the changes that move an end of a link to any pin of any node.
    #[must_use]
    pub fn move_end(&self, link: usize, to: bool, pin: &PinRef) -> Vec<PatchOp> {
        let part = if to {
            Part::LinkTo(link)
        } else {
            Part::LinkFrom(link)
        };
        let path = self.pointer(part);
        if !self.is_import() {
            let value = Value::from(pin.to_string());
            return vec![PatchOp::Replace { path, value }];
        }
        let value = Value::from(flatten(pin.pin.as_str(), &pin.path));
        vec![
            self.rename_end_node(link, to, pin.node.as_str()),
            PatchOp::Replace { path, value },
        ]
    }

    /// Returns the change that adds a link, or `None` where the document's dialect wants more of a link than its ends.
    #[must_use]
    pub fn new_link(&self, from: &PinRef, to: &PinRef) -> Option<PatchOp> {
        if self.is_import() {
            return None;
        }
        let ends = [("from", from), ("to", to)];
        let link: Map = ends
            .into_iter()
            .map(|(key, end)| (Text::from(key), Value::from(end.to_string())))
            .collect();
        let links = self.origin.base().push("links");
        // There may be no list yet, and if there is one, it is empty.
        Some(if self.links.is_empty() {
            PatchOp::Add {
                path: links,
                value: Value::from(vec![Value::from(link)]),
            }
        } else {
            PatchOp::Add {
                path: links.push("-"),
                value: Value::from(link),
            }
        })
    }

    /// Returns the changes that give a literal input to another pin.
    #[must_use]
    pub fn rename_input(&self, node: usize, key: &str, new_key: &str) -> Vec<PatchOp> {
        let map = self.inputs_pointer(node, key);
        let keys = self.written_keys(node, key);
        keys.map(|raw| PatchOp::Move {
            from: map.push(raw),
            path: map.push(&with_pin(raw, new_key)),
        })
        .collect()
    }

    /// Returns the changes that drop a literal input.
    #[must_use]
    pub fn remove_input(&self, node: usize, key: &str) -> Vec<PatchOp> {
        let map = self.inputs_pointer(node, key);
        self.written_keys(node, key)
            .map(|raw| PatchOp::Remove {
                path: map.push(raw),
            })
            .collect()
    }

    /// Returns the changes that give a pin a literal input, in place of the one it may have.
    #[must_use]
    pub fn set_input(&self, node: usize, key: &str, value: Value) -> Vec<PatchOp> {
        let map = self.inputs_pointer(node, key);
        let call = self.imported(node).is_some_and(|place| place.call);
        // A called graph's own name stands elsewhere.
        let empty = self
            .nodes
            .get(node)
            .is_none_or(|n| n.inputs.len() == usize::from(call && n.inputs.contains_key("graph")));
        if empty {
            // There may be no map yet, and if there is one, it is empty.
            let inputs: Map = [(Text::from(key), value)].into_iter().collect();
            return vec![PatchOp::Add {
                path: map,
                value: Value::from(inputs),
            }];
        }
        let is_flattened = self.written_keys(node, key).any(|raw| raw != key);
        let mut ops = if is_flattened {
            self.remove_input(node, key)
        } else {
            Vec::new()
        };
        ops.push(PatchOp::Add {
            path: map.push(key),
            value,
        });
        ops
    }

    /// Returns the change that makes a setting of the graph, or `None` where the document's dialect has no settings.
    #[must_use]
    pub fn set_policy(&self, key: &str, value: Value) -> Option<PatchOp> {
        if self.is_import() || !self.suppressed.has_policy() {
            return None;
        }
        if self.policy == Policy::default() {
            // There may be no map yet, and if there is one, it says nothing.
            let policy: Map = [(Text::from(key), value)].into_iter().collect();
            return Some(PatchOp::Add {
                path: self.origin.base().push("policy"),
                value: Value::from(policy),
            });
        }
        Some(PatchOp::Add {
            path: self.pointer(Part::Policy(key)),
            value,
        })
    }

    fn node_pointer(&self, node: usize) -> Pointer {
        let nodes = self.origin.base().push("nodes");
        match self.nodes.get(node).map(|n| (&n.place, n)) {
            Some((Place::Imported(place), _)) if self.is_import() => nodes.push_index(place.index),
            Some((Place::Key(key), _)) => nodes.push(key),
            Some((_, n)) if !self.is_import() => nodes.push(n.id.as_str()),
            _ => nodes.push_index(node),
        }
    }

    fn link_pointer(&self, link: usize) -> Pointer {
        let index = match self.links.get(link).map(|l| &l.place) {
            Some(Place::Index(index)) => *index,
            _ => link,
        };
        self.origin.base().push("links").push_index(index)
    }

    fn subgraph_pointer(&self, name: &str) -> Pointer {
        let base = self.origin.base();
        let import = self.origin.as_import();
        match import.and_then(|import| {
            import
                .subgraphs
                .iter()
                .find(|(key, _)| key.as_str() == name)
        }) {
            Some((_, index)) => base.push("sub_graphs").push_index(*index),
            None if self.is_import() => base.push("sub_graphs"),
            None => base.push("graphs").push(name),
        }
    }

    fn imported(&self, node: usize) -> Option<&ImportedNode> {
        match self.nodes.get(node).map(|n| &n.place) {
            Some(Place::Imported(place)) if self.is_import() => Some(place),
            _ => None,
        }
    }

    /// Returns the map in which a literal input stands.
    fn inputs_pointer(&self, node: usize, key: &str) -> Pointer {
        let pointer = self.node_pointer(node);
        match self.imported(node) {
            Some(place) if place.call && key != "graph" => {
                pointer.push("input_default").push("inputs")
            }
            _ if self.is_import() => pointer.push("input_default"),
            _ => pointer.push("inputs"),
        }
    }

    fn input_pointer(&self, node: usize, key: &str) -> Pointer {
        let map = self.inputs_pointer(node, key);
        match self.written_keys(node, key).next() {
            Some(raw) => map.push(raw),
            None => map,
        }
    }

    /// Returns the keys under which a literal input stands in the document, of which only flattened ones can be many.
    fn written_keys<'s>(&'s self, node: usize, key: &'s str) -> impl Iterator<Item = &'s str> {
        let place = self.imported(node);
        let flattened = place.map(|p| p.flattened.as_slice()).unwrap_or_default();
        let written = flattened
            .iter()
            .filter(move |(pin, _)| pin.as_str() == key)
            .map(|(_, raw)| raw.as_str());
        let plain = match place {
            Some(place) if place.call && key == "graph" => Some("graph_id"),
            _ if flattened.iter().any(|(pin, _)| pin.as_str() == key) => None,
            _ => Some(key),
        };
        written.chain(plain)
    }

    /// Returns the id of a node as the document has it.
    fn written_id<'s>(&'s self, id: &'s str) -> &'s str {
        let renamed = self
            .origin
            .as_import()
            .map(|import| import.renamed.as_slice())
            .unwrap_or_default();
        renamed
            .iter()
            .find(|(new, _)| *new == *id)
            .map_or(id, |(_, raw)| raw.as_str())
    }
}

fn end(link: &Link, to: bool) -> &PinRef {
    if to { &link.to } else { &link.from }
}
