//! The builder itself.

use std::collections::HashMap;

use serde::Serialize;

use crate::fault::{Code, Fault, Faults, nearest};
use crate::graph::{Graph, Link, Node, PinRef, Policy};
use crate::id::{NodeId, PinName};
use crate::json::Pointer;
use crate::value::{Map, Text, Value, to_value};

use super::kind::Fits;
use super::pin::End;
use super::{LinkEdit, NamedNode, NodeEdit, PinValue, Pins, Placed, Source, Target, check};

/// Builds a graph. See the [module](super) for an example.
///
/// Nothing fails on the way: what will not do (an id that is none, two nodes of one id) is kept and told by
/// [`finish`](GraphBuilder::finish), all at once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GraphBuilder {
    graph: Graph,
    /// Ids that are no ids are in it too, without a place, so that they are complained about once.
    places: HashMap<Text, Option<usize>>,
    faults: Vec<Fault>,
}

impl GraphBuilder {
    /// Returns a builder of an empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node of a block whose pins are declared.
    pub fn add<P: Pins>(&mut self, id: impl Into<Text>) -> Placed<P> {
        let id = id.into();
        self.place(&id, Text::from(P::BLOCK));
        Placed::new(id)
    }

    /// Adds a node of a block by name: an id (`text.split`), one with a version (`text.split@1`), or an AutoGPT UUID.
    pub fn node(&mut self, id: impl Into<Text>, block: impl Into<Text>) -> NamedNode {
        let id = id.into();
        self.place(&id, block.into());
        NamedNode::new(id)
    }

    /// Adds a node that calls a graph added with [`subgraph`](GraphBuilder::subgraph). Its pins are that graph's inputs
    /// and outputs.
    pub fn call(&mut self, id: impl Into<Text>, graph: impl Into<Text>) -> NamedNode {
        let node = self.node(id, "graph.call");
        self.set(node.input("graph"), graph.into());
        node
    }

    /// Returns the node of this id, if it is one of this block.
    #[must_use]
    pub fn find<P: Pins>(&self, id: &str) -> Option<Placed<P>> {
        let node = self.at(id)?;
        let block = node.block.split('@').next().unwrap_or_default();
        (block == P::BLOCK).then(|| Placed::new(node.id.as_text().clone()))
    }

    /// Returns the node of this id, of whatever block.
    #[must_use]
    pub fn find_node(&self, id: &str) -> Option<NamedNode> {
        Some(NamedNode::new(self.at(id)?.id.as_text().clone()))
    }

    /// Writes a literal at an input pin, or at a place inside it; one that was there is replaced.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a pin is given as a handle or as a reference to one"
    )]
    pub fn set<T: Target, V>(&mut self, pin: T, value: V) -> &mut Self
    where
        V: PinValue + Serialize,
        V::Kind: Fits<<T::Value as PinValue>::Kind>,
    {
        match to_value(&value) {
            Ok(value) => self.write(pin.end(), value),
            Err(error) => {
                let message = format!("the literal for \"{}\" is no value: {error}", pin.end());
                let place = Pointer::root().push("nodes").push(pin.end().node());
                self.faults
                    .push(Fault::new(Code::GraphValueType, place, message));
            }
        }
        self
    }

    /// Adds a link. The values of one output are delivered in the order in which its links were added.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a pin is given as a handle or as a reference to one"
    )]
    pub fn link<S: Source, T: Target>(&mut self, from: S, to: T) -> LinkEdit<'_>
    where
        <S::Value as PinValue>::Kind: Fits<<T::Value as PinValue>::Arrives>,
    {
        let ends = (self.reference(from.end()), self.reference(to.end()));
        let (Some(from), Some(to)) = ends else {
            return LinkEdit(None);
        };
        let at = self.graph.add_link(Link::new(from, to));
        LinkEdit(self.graph.links.get_mut(at))
    }

    /// Sets what a node has beside its inputs: time limit, retry, title. Takes a node or its id.
    pub fn edit(&mut self, node: impl AsRef<str>) -> NodeEdit<'_> {
        let at = self.index(node.as_ref());
        NodeEdit(at.and_then(|at| self.graph.nodes.get_mut(at)))
    }

    /// Adds a graph that nodes of this one may call by name.
    pub fn subgraph(&mut self, name: impl Into<Text>, graph: impl Into<GraphBuilder>) -> &mut Self {
        let (name, inner) = (name.into(), graph.into());
        let base = Pointer::root().push("graphs").push(&name);
        self.faults
            .extend(inner.faults.into_iter().map(|mut fault| {
                fault.pointer = check::within(&base, &fault.pointer);
                fault
            }));
        self.graph.add_graph(name, inner.graph);
        self
    }

    /// Returns the settings of the graph, to be changed.
    pub fn policy(&mut self) -> &mut Policy {
        &mut self.graph.policy
    }

    /// Sets what people call the graph.
    pub fn name(&mut self, name: impl Into<Text>) -> &mut Self {
        self.graph.name = Some(name.into());
        self
    }

    /// Sets what the graph is for, as free text.
    pub fn doc(&mut self, doc: impl Into<Text>) -> &mut Self {
        self.graph.doc = Some(doc.into());
        self
    }

    /// Sets what an editor keeps here.
    pub fn ui(&mut self, ui: impl Into<Value>) -> &mut Self {
        self.graph.ui = Some(ui.into());
        self
    }

    /// Keeps something under a key that means nothing to the engine; `x-` is put before it where it is not there.
    pub fn extra(&mut self, key: impl Into<Text>, value: impl Into<Value>) -> &mut Self {
        self.graph.extra.insert(extra_key(key.into()), value);
        self
    }

    /// Returns the graph as it is by now, unchecked.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Returns the graph, checked by the rules by which documents are read: what it gives can be written as JSON, and
    /// read back equal. Faults point into that document.
    ///
    /// # Errors
    /// Everything that will not do: ids and pin names, two nodes of one id, links that stand twice, settings out of
    /// range. Whether blocks and pins exist is found when the graph is compiled.
    pub fn finish(self) -> Result<Graph, Faults> {
        check::finish(&self.graph, self.faults)
    }

    fn at(&self, id: &str) -> Option<&Node> {
        self.graph.nodes.get((*self.places.get(id)?)?)
    }

    fn place(&mut self, id: &Text, block: Text) {
        let place = Pointer::root().push("nodes").push(id);
        if self.places.contains_key(id.as_str()) {
            self.faults.push(check::two_nodes(id, &Pointer::root()));
            return;
        }
        let at = match NodeId::from_text(id.clone()) {
            Ok(node) => Some(self.graph.add_node(Node::new(node, block))),
            Err(error) => {
                let fault = Fault::new(Code::GraphNodeId, place, "not a node id")
                    .expected("1 to 128 letters, digits, `_` and `-`")
                    .actual(format!("\"{}\": {error}", id.escape_debug()));
                self.faults.push(fault);
                None
            }
        };
        self.places.insert(id.clone(), at);
    }

    /// Returns the position of a node; none, and a fault, where there is no such node.
    fn index(&mut self, id: &str) -> Option<usize> {
        if let Some(at) = self.places.get(id) {
            return *at;
        }
        let message = format!("there is no node \"{}\"", id.escape_debug());
        let place = Pointer::root().push("nodes");
        let mut fault = Fault::new(Code::GraphUnknownNode, place, message);
        fault.suggestions = nearest(id, self.places.keys().map(Text::as_str));
        self.faults.push(fault);
        None
    }

    fn reference(&mut self, end: &End) -> Option<PinRef> {
        let at = self.index(end.node())?;
        let pin = PinName::parse(end.pin());
        let place = || Pointer::root().push("nodes").push(end.node());
        match (self.graph.nodes.get(at), pin) {
            (Some(node), Ok(pin)) => {
                let mut reference = PinRef::new(node.id.clone(), pin);
                reference.path = end.path().clone();
                Some(reference)
            }
            (_, Err(error)) => {
                let message = format!(
                    "\"{}\" is not a pin name: {error}",
                    end.pin().escape_debug()
                );
                self.faults
                    .push(Fault::new(Code::GraphPinName, place(), message));
                None
            }
            (None, _) => None,
        }
    }

    fn write(&mut self, end: &End, value: Value) {
        let Some(at) = self.reference(end).and_then(|_| self.index(end.node())) else {
            return;
        };
        let Some(node) = self.graph.nodes.get_mut(at) else {
            return;
        };
        if end.path().is_empty() {
            node.inputs.insert(end.pin(), value);
            return;
        }
        let mut whole = match node.inputs.get(end.pin()) {
            Some(whole) => whole.clone(),
            None => Value::from(Map::new()),
        };
        match end.path().write_into(&mut whole, value) {
            Ok(()) => {
                node.inputs.insert(end.pin(), whole);
            }
            Err(error) => {
                let place = Pointer::root().push("nodes").push(end.node());
                let place = place.push("inputs").push(end.pin());
                self.faults
                    .push(Fault::new(Code::GraphReference, place, error.to_string()));
            }
        }
    }
}

pub(super) fn extra_key(key: Text) -> Text {
    if key.starts_with("x-") {
        key
    } else {
        Text::from(format!("x-{key}"))
    }
}

/// Goes on building a graph that was read or built before.
impl From<Graph> for GraphBuilder {
    fn from(graph: Graph) -> Self {
        let nodes = graph.nodes.iter().enumerate();
        Self {
            places: nodes
                .map(|(at, node)| (node.id.as_text().clone(), Some(at)))
                .collect(),
            graph,
            faults: Vec::new(),
        }
    }
}
