//! How a node that calls a graph meets that graph: which of its inputs goes to which of the graph's input nodes, and which
//! of its ports has what each output node gives. Found by name once, when the graph is compiled, and not at each call.

use crate::block::Shape;
use crate::dense::NodeIx;
use crate::graph::Nulls;
use crate::value::Value;

use super::{GivenIx, Node, Plan};

/// Of one shape that calls one graph; shared by all such nodes.
#[derive(Debug)]
pub(crate) struct Binding {
    /// Inputs of the caller, each with its position in the graph's interface, if it has one there.
    inputs: Vec<(usize, Option<usize>)>,
    /// Input nodes of the graph, each with the caller's input that it gets, in the graph's order.
    nodes: Vec<(NodeIx, usize)>,
    /// Output nodes of the graph, each with the caller's port.
    ports: Vec<(NodeIx, u16)>,
    /// An input that must be given is none of the caller's.
    incomplete: bool,
}

impl Binding {
    /// Finds how a shape meets the graph that it calls.
    pub(super) fn new(shape: &Shape, called: &Plan) -> Self {
        let known = &called.interface.inputs;
        let own = |name: &str| {
            let slot = shape.input(name)?;
            shape.inputs.get(slot).filter(|pin| !pin.config)?;
            Some(slot)
        };
        let pins = shape.inputs.iter().enumerate();
        let pins = pins.filter(|(_, pin)| !pin.config);
        let nodes = called.inputs.iter();
        let outputs = called.node_positions().filter_map(|node| {
            let output = called.nodes.at(node).is(Node::OUTPUT);
            let name = called.io_name(node).filter(|_| output)?;
            let port = u16::try_from(shape.output(name.as_str())?).ok()?;
            Some((node, port))
        });
        Self {
            inputs: pins
                .map(|(slot, pin)| (slot, known.iter().position(|input| input.name == pin.name)))
                .collect(),
            nodes: nodes
                .filter_map(|(name, node)| Some((*node, own(name.as_str())?)))
                .collect(),
            ports: outputs.collect(),
            incomplete: known
                .iter()
                .any(|input| input.required && own(input.name.as_str()).is_none()),
        }
    }

    /// Gives the graph's input nodes what stands in the caller's slots.
    pub(crate) fn place(&self, slots: &[Option<Value>], given: &mut GivenIx) {
        for (node, slot) in &self.nodes {
            if let Some(Some(value)) = slots.get(*slot) {
                given.give(*node, value);
            }
        }
    }

    /// Says whether it is plain that the graph can begin with what stands in the caller's slots: all that it must have is
    /// there, and all fits as it is. Else [`Plan::check_placed`] finds out.
    pub(crate) fn fits(&self, called: &Plan, slots: &[Option<Value>]) -> bool {
        // An import's nulls are another matter.
        if called.policy.nulls == Nulls::Drop || self.incomplete {
            return false;
        }
        let given = |slot: usize| slots.get(slot).and_then(Option::as_ref);
        let known = self.inputs.iter().all(|(slot, input)| {
            let pin = input.and_then(|input| called.interface.inputs.get(input));
            match (given(*slot), pin) {
                (Some(value), Some(pin)) => pin.ty.fits(value),
                (Some(_), None) => false,
                (None, pin) => pin.is_none_or(|pin| !pin.required),
            }
        });
        known
            && self.nodes.iter().all(|(node, slot)| {
                let shape = &called.cold.at(*node).shape;
                let pin = shape.input("value").and_then(|n| shape.inputs.get(n));
                match (given(*slot), pin) {
                    (Some(value), Some(pin)) => pin.ty.fits(value),
                    _ => true,
                }
            })
    }

    /// Returns the caller's port for what an output node of the graph gives.
    pub(crate) fn port(&self, node: NodeIx) -> Option<u16> {
        let found = self.ports.iter().find(|(known, _)| *known == node);
        found.map(|(_, port)| *port)
    }
}

#[cfg(test)]
mod tests;
