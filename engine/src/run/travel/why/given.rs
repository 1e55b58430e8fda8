//! What firings have beside the values that they took: run inputs, inputs of calls, literals, overrides.

use crate::event::{Caller, Event, Given};
use crate::plan::{Node, Pin};
use crate::run::travel::brief::{brief, cut};
use crate::value::{Text, Value};

use super::asker::{Asker, By, Here, Told};
use super::cause::{Cause, CauseKind};
use super::value::SHORT;

impl Asker<'_> {
    /// What an input node was given.
    pub(super) fn given(&mut self, to: &mut Cause, depth: usize, (scope, node, _): By) {
        let Some(track) = self.track(scope) else {
            return;
        };
        let (opened, parent) = (track.opened, track.parent);
        let name = track.plan.io_name(node).cloned();
        let is_input = track.plan.nodes.at(node).is(Node::INPUT);
        let Some(name) = name.filter(|_| is_input) else {
            return;
        };
        let Some(given) = self.was_given(opened) else {
            return;
        };
        let Some(value) = given.inputs.get(name.as_str()).map(brief) else {
            return;
        };
        self.add(to, depth, |asker, depth| match parent {
            None => Cause::new(
                CauseKind::RunInput,
                format!("the run was given {name} = {value}"),
            ),
            Some(caller) => asker.call_input(depth, caller, opened, &name, &value),
        });
    }

    pub(super) fn was_given(&self, opened: u64) -> Option<&Given> {
        match &self.look.at(opened)?.event {
            Event::Opened { given, .. } => Some(given),
            _ => None,
        }
    }

    /// What a sub-graph was given comes from the firing that called it.
    fn call_input(
        &mut self,
        depth: usize,
        caller: Caller,
        opened: u64,
        name: &Text,
        value: &Text,
    ) -> Cause {
        let by = (caller.scope, caller.node, caller.firing);
        let text = format!("{} called the graph with {name} = {value}", self.name(by));
        let mut cause = Cause::new(CauseKind::CallInput, text).at(opened);
        if !caller.direct {
            if self.tells(Told::Firing(by)) {
                self.led_to(&mut cause, depth, by, opened);
            } else {
                cause.shown_above();
            }
            return cause;
        }
        let Some((plan, firing)) = self.plan(caller.scope).zip(self.firing(by).cloned()) else {
            return cause;
        };
        let slot = plan.cold.at(caller.node).shape.input(name.as_str());
        let pins = plan.nodes.at(caller.node).pins().zip(&firing.taken);
        for (pin, origins) in pins {
            let declared = *plan.pins.at(pin);
            if let Some(origins) = origins
                && Some(usize::from(declared.slot)) == slot
            {
                self.add(&mut cause, depth, |asker, depth| {
                    let says = format!("{} took", asker.pin(caller.scope, pin));
                    asker.value_at(depth, caller.scope, pin, origins, &says)
                });
            }
        }
        if cause.because.is_empty() {
            self.written_at(&mut cause, depth, by, slot);
        }
        cause
    }

    /// Values that stand in the graph, and those that the run was started with in their place.
    pub(super) fn written(&mut self, to: &mut Cause, depth: usize, by: By, start: bool) {
        let Some((scope, plan)) = Some(by.0).zip(self.plan(by.0)) else {
            return;
        };
        let (hot, cold) = (*plan.nodes.at(by.1), plan.cold.at(by.1));
        let linked = |slot: usize| {
            let mut pins = hot.pins().map(|pin| *plan.pins.at(pin));
            !start && pins.any(|pin| usize::from(pin.slot) == slot && !pin.is(Pin::PATH))
        };
        let track = self.track(scope);
        let given = track.and_then(|track| self.was_given(track.opened));
        let set: Vec<(Text, Text)> = given.map_or_else(Vec::new, |given| {
            let own = given.overrides.iter().filter(|(node, ..)| *node == by.1);
            own.map(|(_, pin, value)| (pin.clone(), brief(value)))
                .collect()
        });
        let brought = given.and_then(|given| {
            let name = plan
                .io_name(by.1)
                .filter(|_| start && hot.is(Node::INPUT))?;
            given.inputs.get(name.as_str())
        });
        let mut literals = Vec::new();
        for (slot, (pin, literal)) in cold
            .shape
            .inputs
            .iter()
            .zip(cold.template.iter())
            .enumerate()
        {
            let role = hot.is(Node::INPUT) || hot.is(Node::OUTPUT) || hot.is(Node::CALL);
            let hidden = linked(slot)
                || role && pin.config
                || set.iter().any(|(name, _)| *name == pin.name)
                || brought.is_some() && pin.name.as_str() == "value";
            if let Some(value) = literal.as_ref().filter(|_| !hidden) {
                let value = cut(SHORT, format_args!("{value}"));
                literals.push(format!("{} = {value}", pin.name));
            }
        }
        if !literals.is_empty() {
            let text = format!("the graph says {}", literals.join(", "));
            self.add(to, depth, |_, _| Cause::new(CauseKind::Literal, text));
        }
        for (pin, value) in set {
            let text = format!("the run was started with {pin} set to {value}");
            self.add(to, depth, |_, _| Cause::new(CauseKind::Set, text));
        }
    }

    /// The literal of one input.
    pub(super) fn written_at(&mut self, to: &mut Cause, depth: usize, by: By, slot: Option<usize>) {
        let Some((plan, slot)) = self.plan(by.0).zip(slot) else {
            return;
        };
        let cold = plan.cold.at(by.1);
        let Some(pin) = cold.shape.inputs.get(slot) else {
            return;
        };
        let literal = cold.template.get(slot).cloned().flatten();
        let (says, value) = match (&literal, &pin.default) {
            (Some(literal), _) => ("the graph says", literal),
            (None, Some(default)) => ("its default is", default),
            (None, None) => return,
        };
        let text = format!("{says} {} = {}", pin.name, brief(value));
        self.add(to, depth, |_, _| Cause::new(CauseKind::Literal, text));
    }

    /// Says whether an input node was given a value, or has one written.
    pub(super) fn brings_nothing(&self, (scope, node): Here) -> bool {
        let Some(track) = self.track(scope) else {
            return false;
        };
        let plan = &track.plan;
        let cold = plan.cold.at(node);
        let name = plan.io_name(node);
        let given = self.was_given(track.opened).zip(name);
        let given = given.and_then(|(given, name)| given.inputs.get(name.as_str()));
        let slot = cold.shape.input("value");
        let literal = slot
            .and_then(|slot| cold.template.get(slot))
            .cloned()
            .flatten();
        let value = given.or(literal.as_ref());
        plan.nodes.at(node).is(Node::INPUT) && value.is_none_or(Value::is_null)
    }
}
