//! What to know of a graph that came from the AutoGPT Platform: which of its blocks are not here, and which follow
//! AutoGPT where another block does what one would expect.

use std::collections::HashMap;

use crate::block::ERROR_PIN;
use crate::graph::{Graph, Node, Part};
use crate::id::NodeId;
use crate::json::{PatchOp, Pointer};
use crate::registry::{Entry, Lookup, Registry};
use crate::value::{Map, Text, Value, to_value};
use crate::words::words;

/// One thing to know of a node; nothing that keeps the graph from being written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Advice {
    /// What about.
    pub kind: AdviceKind,
    /// The node's id.
    pub node: NodeId,
    /// Where its block is named.
    pub pointer: Pointer,
    /// The block as written.
    pub block: Text,
    /// One lower-case line without a final period.
    pub message: String,
    /// The id of the block to take instead, where there is one.
    pub instead: Option<&'static str>,
    /// A JSON Patch that takes it, where it has every pin that the node uses and takes the literals. What it does
    /// differs, as the message says.
    pub fix: Vec<PatchOp>,
}

words! {
    /// What an [`Advice`] is about.
    AdviceKind {
        /// The block is not registered.
        Missing = "missing",
        /// The block is switched off.
        Disabled = "disabled",
        /// The block follows AutoGPT; another does what one would expect.
        Native = "native",
    }
}

impl Advice {
    /// Returns the advice as hosts print it: `kind`, `node`, `pointer`, `block`, `message`, and where there are any
    /// `instead` and `fix`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("kind", self.kind.as_str());
        map.insert("node", self.node.as_str());
        map.insert("pointer", self.pointer.as_str());
        map.insert("block", self.block.clone());
        map.insert("message", self.message.as_str());
        if let Some(id) = self.instead {
            map.insert("instead", id);
        }
        if !self.fix.is_empty() {
            map.insert("fix", to_value(&self.fix).unwrap_or(Value::Null));
        }
        map.into()
    }
}

/// The input and output pins that the links of a node name.
#[derive(Default)]
struct Linked<'g> {
    inputs: Vec<&'g str>,
    outputs: Vec<&'g str>,
}

impl Registry {
    /// Returns what to know of the nodes of a graph and of the graphs inside it, in order. Places are those of the
    /// document that the graph was read from.
    #[must_use]
    pub fn advise(&self, graph: &Graph) -> Vec<Advice> {
        let mut linked: HashMap<&str, Linked<'_>> = HashMap::new();
        for link in &graph.links {
            let to = linked.entry(link.to.node.as_str()).or_default();
            to.inputs.push(link.to.pin.as_str());
            let from = linked.entry(link.from.node.as_str()).or_default();
            from.outputs.push(link.from.pin.as_str());
        }
        let mut advice = Vec::new();
        for (position, node) in graph.nodes.iter().enumerate() {
            let pointer = graph.pointer(Part::Block(position));
            advice.extend(self.advise_node(node, pointer, linked.get(node.id.as_str())));
        }
        for (_, inner) in &graph.graphs {
            advice.extend(self.advise(inner));
        }
        advice
    }

    fn advise_node(
        &self,
        node: &Node,
        pointer: Pointer,
        linked: Option<&Linked<'_>>,
    ) -> Option<Advice> {
        let mut advice = Advice {
            kind: AdviceKind::Missing,
            node: node.id.clone(),
            pointer,
            block: node.block.clone(),
            message: String::new(),
            instead: None,
            fix: Vec::new(),
        };
        let written = node.block.as_str();
        let stand_in = self.absent(written).and_then(|block| self.stand_in(block));
        advice.instead = stand_in.map(|entry| entry.info().id);
        match self.find(written) {
            Lookup::Found(entry) => {
                let native = self.get(entry.info().native?)?;
                advice.kind = AdviceKind::Native;
                let (id, ours) = (entry.info().id, native.info().id);
                advice.message =
                    format!("\"{id}\" does as AutoGPT does, \"{ours}\" what one would expect");
                let details = entry.info().details;
                if !details.is_empty() {
                    advice.message += ". ";
                    advice.message += details.trim_end_matches('.');
                }
                advice.instead = Some(ours);
                if written == id && goes_with(native, node, linked) {
                    let (path, value) = (advice.pointer.clone(), Value::from(ours));
                    advice.fix.push(PatchOp::Replace { path, value });
                }
            }
            Lookup::Known(block) => advice.message = block.absence(),
            Lookup::Disabled(reason) => {
                advice.kind = AdviceKind::Disabled;
                advice.message = format!("block \"{written}\" is switched off: {reason}");
            }
            Lookup::Version { entry, asked } => {
                advice.message = format!("block \"{}\" has no version {asked}", entry.info().id);
            }
            Lookup::Unknown => advice.message = format!("there is no block \"{written}\""),
        }
        Some(advice)
    }
}

/// Says whether a block has the pins that a node uses, takes its literals, and needs nothing that the node has not got.
fn goes_with(entry: &Entry, node: &Node, linked: Option<&Linked<'_>>) -> bool {
    let shape = entry.shape();
    let (inputs, outputs) = match linked {
        Some(linked) => (linked.inputs.as_slice(), linked.outputs.as_slice()),
        None => (&[] as &[&str], &[] as &[&str]),
    };
    let takes = |(name, value): (&Text, &Value)| {
        let pin = shape.inputs.iter().find(|pin| pin.name == *name);
        pin.is_some_and(|pin| pin.ty.fits(value))
    };
    let is_given =
        |name: &Text| node.inputs.get(name.as_str()).is_some() || inputs.contains(&name.as_str());
    node.inputs.iter().all(takes)
        && inputs.iter().all(|name| shape.input(name).is_some())
        && outputs
            .iter()
            .all(|name| *name == ERROR_PIN || shape.output(name).is_some())
        && shape
            .inputs
            .iter()
            .all(|pin| !pin.required || is_given(&pin.name))
}
