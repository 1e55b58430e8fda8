//! The same transitions, taken for recorded events: folding them gives the state.

use crate::dense::NodeIx;
use crate::event::{Event, Failure};
use crate::fault::Code;
use crate::plan::{Node, Plan};
use crate::value::{Map, Value};

use super::state::RunState;

/// What a firing took that an event started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    /// It fired because its graph began.
    pub(super) start: bool,
    /// By pin.
    pub(super) values: Vec<Option<Value>>,
}

impl RunState {
    /// Takes the same way for an event as the run took when it was decided.
    ///
    /// # Errors
    /// [`Code::RunReplay`] where the event cannot follow on this state.
    pub(crate) fn apply(
        &mut self,
        plan: &Plan,
        event: &Event,
        taken: &mut Taken,
    ) -> Result<(), Failure> {
        let refuse = |what: String| Err(Failure::new(Code::RunReplay, what));
        let known = |node: NodeIx| plan.nodes.get(node).is_some();
        let running = |state: &Self, node: NodeIx, firing: u32| {
            let at = state.peek(node);
            firing >= at.delivered && firing < at.fired && !state.has_ended(node, firing)
        };
        match event {
            Event::Opened { .. } => self.open(plan),
            Event::Started { node, firing } => {
                let Some(position) = self.ready.iter().position(|ready| ready == node) else {
                    return refuse(format!("node {} is not ready", plan.node_id(*node)));
                };
                if self.next_firing(*node) != *firing {
                    return refuse(format!(
                        "firing {firing} of node {} is not its next",
                        plan.node_id(*node)
                    ));
                }
                self.ready.remove(position);
                taken.values.clear();
                taken.start = self.started(plan, *node, &mut taken.values);
                self.note_output(plan, *node, *firing, taken);
            }
            Event::ToolStarted {
                caller,
                node,
                firing,
                arguments,
            } => {
                if !known(*node) || self.next_firing(*node) != *firing {
                    return refuse(format!("tool firing {firing} is not the next"));
                }
                if !known(caller.node) || !running(self, caller.node, caller.firing) {
                    return refuse(format!(
                        "firing {} of the caller is not in flight",
                        caller.firing
                    ));
                }
                self.tool_started(plan, *node);
                self.note_tool_output(plan, *node, *firing, arguments);
            }
            Event::Emitted { node, firing, .. }
            | Event::Done { node, firing, .. }
            | Event::Finished { node, firing, .. }
                if !known(*node) || !running(self, *node, *firing) =>
            {
                return refuse(format!(
                    "firing {firing} of node {} is not in flight",
                    plan.node_id(*node)
                ));
            }
            Event::Emitted { node, port, .. } | Event::Done { node, port, .. }
                if *port >= plan.nodes.at(*node).n_ports =>
            {
                return refuse(format!("node {} has no port {port}", plan.node_id(*node)));
            }
            Event::Emitted {
                node,
                firing,
                port,
                value,
            } => self.emitted(plan, *node, *firing, *port, value.clone()),
            Event::Done {
                node,
                firing,
                port,
                value,
            } => self.done(plan, *node, *firing, *port, value.clone()),
            Event::Finished { node, firing, how } => {
                self.finished(plan, *node, *firing, how.clone())
            }
            Event::CancelRequested => self.cancel(),
            Event::Ended { .. } | Event::Closed { .. } => self.pins.clear(),
            Event::Retrying { .. }
            | Event::Paid { .. }
            | Event::Waiting { .. }
            | Event::Answered { .. }
            | Event::Charged { .. }
            | Event::Resumed { .. } => {}
        }
        Ok(())
    }

    /// As [`RunState::note_output`], of an output node that a block fired as its tool.
    fn note_tool_output(&mut self, plan: &Plan, node: NodeIx, firing: u32, arguments: &Map) {
        if !plan.nodes.at(node).is(Node::OUTPUT) {
            return;
        }
        let given = plan.place_arguments(node, arguments);
        let mut slots = Vec::new();
        if plan
            .prepare(node, false, &given, &mut Vec::new(), &mut slots)
            .is_ok()
        {
            self.note_prepared(plan, node, firing, &slots);
        }
    }

    /// Merges the input of an output node's firing to learn the graph's output.
    pub(super) fn note_output(&mut self, plan: &Plan, node: NodeIx, firing: u32, taken: &Taken) {
        if !plan.nodes.at(node).is(Node::OUTPUT) {
            return;
        }
        let (mut values, mut slots) = (taken.values.clone(), Vec::new());
        let prepared = plan.prepare(node, taken.start, &self.given, &mut values, &mut slots);
        if prepared.is_ok() {
            self.note_prepared(plan, node, firing, &slots);
        }
    }

    /// Notes the output of an output node whose input is merged.
    pub(super) fn note_prepared(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        firing: u32,
        slots: &[Option<Value>],
    ) {
        let slot = plan.cold.at(node).shape.input("value");
        let value = slot.and_then(|slot| slots.get(slot)).cloned().flatten();
        self.output(node, firing, value.unwrap_or(Value::Null));
    }

    pub(super) fn has_ended(&self, node: NodeIx, firing: u32) -> bool {
        let delivered = self.peek(node).delivered;
        let at = firing.checked_sub(delivered + 1);
        at.and_then(|at| self.reorder.get(&node)?.get(at as usize))
            .is_some_and(|held| held.how.is_some())
    }
}
