//! What a run is given, by position: run inputs and overrides, checked before anything starts.

use std::sync::Arc;

use crate::block::Shape;
use crate::dense::NodeIx;
use crate::event::Given;
use crate::fault::{Code, Fault, nearest};
use crate::graph::Nulls;
use crate::json::Pointer;
use crate::value::{Map, Text, Value};

use super::inputs::{Unfit, explain};
use super::{Node, Plan, repair};

/// Run inputs and overrides by node.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct GivenIx {
    /// Few: searched, not keyed.
    inputs: Vec<(NodeIx, Value)>,
    overrides: Vec<(NodeIx, u16, Value)>,
}

impl GivenIx {
    /// Gives an input node a value.
    pub(crate) fn give(&mut self, node: NodeIx, value: &Value) {
        self.inputs.push((node, value.clone()));
    }

    /// Forgets what was given; the room stays.
    pub(crate) fn clear(&mut self) {
        self.inputs.clear();
        self.overrides.clear();
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.overrides.is_empty()
    }

    /// Something replaces what links bring.
    #[inline(always)]
    pub(crate) fn has_overrides(&self) -> bool {
        !self.overrides.is_empty()
    }

    pub(crate) fn input(&self, node: NodeIx) -> Option<&Value> {
        let found = self.inputs.iter().find(|(known, _)| *known == node);
        found.map(|(_, value)| value)
    }

    pub(crate) fn overrides(&self, node: NodeIx) -> impl Iterator<Item = (u16, &Value)> {
        let own = self
            .overrides
            .iter()
            .filter(move |(known, ..)| *known == node);
        own.map(|(_, slot, value)| (*slot, value))
    }
}

impl Plan {
    /// Returns what a run without inputs is given, or what is wrong with giving it nothing. Looked at once a plan: it was
    /// a twentieth of what a run of four nodes takes.
    pub(crate) fn given_nothing(&self) -> Result<Arc<Given>, Vec<Fault>> {
        let nothing = self.nothing.get_or_init(|| {
            let given = Given::default();
            let fine = self.check_given(&given).is_empty();
            fine.then(|| Arc::new(given))
        });
        nothing
            .clone()
            .ok_or_else(|| self.check_given(&Given::default()))
    }

    /// Finds the nodes and slots that values are given to. What is unknown is left out: see [`Plan::check_given`].
    pub(crate) fn place_into(&self, given: &Given, placed: &mut GivenIx) {
        if !given.inputs.is_empty() {
            for (name, node) in &self.inputs {
                if let Some(value) = given.inputs.get(name.as_str()) {
                    placed.inputs.push((*node, value.clone()));
                }
            }
        }
        for (node, pin, value) in &given.overrides {
            if let Some(slot) = self
                .cold
                .get(*node)
                .and_then(|cold| cold.shape.input(pin.as_str()))
            {
                let slot = u16::try_from(slot).unwrap_or(u16::MAX);
                placed.overrides.push((*node, slot, value.clone()));
            }
        }
    }

    /// Finds the slots of the arguments that a block fires a tool node with.
    pub(crate) fn place_arguments(&self, node: NodeIx, arguments: &Map) -> GivenIx {
        let overrides = arguments
            .iter()
            .map(|(name, value)| (node, name.clone(), value.clone()))
            .collect();
        let given = Given {
            inputs: Map::new(),
            overrides,
        };
        let mut placed = GivenIx::default();
        self.place_into(&given, &mut placed);
        placed
    }

    /// Returns the literal name of an input or output node.
    pub(crate) fn io_name(&self, node: NodeIx) -> Option<&Text> {
        let cold = self.cold.get(node)?;
        cold.template
            .get(cold.shape.input("name")?)?
            .as_ref()?
            .as_text()
    }

    /// Finds what is wrong with the values given to a run: names that the graph does not have, values that do not
    /// fit, start nodes that lack something. Pointers are into the inputs (`/name`) or the overrides (`/node.pin`).
    #[must_use]
    pub fn check_given(&self, given: &Given) -> Vec<Fault> {
        let mut placed = GivenIx::default();
        self.place_into(given, &mut placed);
        self.check_placed(given, &placed, &mut Vec::new(), &mut Vec::new())
    }

    /// [`Plan::check_given`] for values whose nodes were found; the lists are room to work in.
    pub(crate) fn check_placed(
        &self,
        given: &Given,
        placed: &GivenIx,
        taken: &mut Vec<Option<Value>>,
        slots: &mut Vec<Option<Value>>,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        let import = self.policy.nulls == Nulls::Drop;
        let interface: &Shape = &self.interface;
        let at = |name: &str| Pointer::root().push(name);
        for (name, value) in given.inputs.iter() {
            let Some(pin) = interface.inputs.iter().find(|pin| pin.name == *name) else {
                // AutoGPT ignores what it does not know.
                if !import {
                    let known = || repair::input_names(interface);
                    let mut fault = Fault::new(
                        Code::InputUnknown,
                        at(name.as_str()),
                        format!("the graph has no input \"{name}\""),
                    )
                    .expected(match interface.inputs.as_slice() {
                        [] => "no inputs".to_owned(),
                        _ => format!("one of {}", repair::list(known())),
                    })
                    .actual(format!("\"{name}\""));
                    fault.suggestions = nearest(name.as_str(), known());
                    faults.push(fault);
                }
                continue;
            };
            if !import
                && !value.is_null()
                && let Err(mismatch) = pin.ty.coerce_strict(value.clone())
            {
                faults.push(
                    Fault::new(
                        Code::InputType,
                        at(name.as_str()),
                        format!("run {}", explain(pin, &mismatch)),
                    )
                    .expected(mismatch.expected)
                    .actual(mismatch.found),
                );
            }
        }
        for pin in interface
            .inputs
            .iter()
            .filter(|pin| pin.required && !given.inputs.contains_key(pin.name.as_str()))
        {
            faults.push(
                Fault::new(
                    Code::InputMissing,
                    at(pin.name.as_str()),
                    format!("the run input \"{}\" is missing", pin.name),
                )
                .expected(pin.ty.to_string())
                .actual("nothing"),
            );
        }
        if faults.is_empty() {
            self.check_starts(placed, taken, slots, &mut faults);
            slots.clear();
        }
        faults
    }

    fn check_starts(
        &self,
        placed: &GivenIx,
        taken: &mut Vec<Option<Value>>,
        slots: &mut Vec<Option<Value>>,
        faults: &mut Vec<Fault>,
    ) {
        for &node in &self.starts {
            let hot = *self.nodes.at(node);
            let mut complain = |message: String| {
                let fault = Fault::new(
                    Code::InputStart,
                    Pointer::root(),
                    format!("node \"{}\" cannot start: {message}", self.node_id(node)),
                );
                let block = format!("inputs that \"{}\" takes", self.block_id(node));
                faults.push(fault.expected(block).actual(message));
            };
            let import = self.policy.nulls == Nulls::Drop;
            // AutoGPT waits for every linked pin, of an input node that nobody gives a value too.
            if import && hot.is(Node::INPUT) && hot.n_pins > 0 && placed.input(node).is_none() {
                complain("its value comes over a link, so the run input must be given".to_owned());
                continue;
            }
            match self.prepare(node, true, placed, taken, slots) {
                Ok(()) => {}
                Err(Unfit::Starved(reason)) => complain(reason.to_string()),
                Err(Unfit::Failed(error)) => complain(error.to_string()),
            }
        }
    }
}
