//! What is asked about: `node`, `node.pin`, `node:firing`, with calls before them.

use crate::dense::{NodeIx, PinIx};
use crate::plan::{Node, Plan};
use crate::run::stalled::pin_name;
use crate::run::travel::brief::brief;
use crate::value::Text;

use super::WhyError;
use super::asker::{Asker, By, Here, values};
use super::cause::{Cause, CauseKind};

/// A node or a firing of it, as it is written.
struct Place<'t> {
    node: &'t str,
    firing: Option<u32>,
}

impl<'t> Place<'t> {
    fn read(target: &str, part: &'t str) -> Result<Self, WhyError> {
        let bad = || WhyError::Target {
            target: target.to_owned(),
        };
        let (node, firing) = match part.split_once(':') {
            Some((node, firing)) => (node, Some(firing.parse().map_err(|_| bad())?)),
            None => (part, None),
        };
        if node.is_empty() {
            return Err(bad());
        }
        Ok(Self { node, firing })
    }
}

impl Asker<'_> {
    /// Answers a question.
    pub(super) fn answer(&mut self, target: &str) -> Result<Vec<Cause>, WhyError> {
        let mut parts: Vec<&str> = target.split('/').collect();
        let last = parts.pop().unwrap_or_default();
        let mut scope = 0;
        for (position, part) in parts.iter().enumerate() {
            let place = Place::read(target, part)?;
            let node = self.find(scope, target, &place)?;
            match self.call(scope, node, place.firing) {
                Some(child) => scope = child,
                None => {
                    let rest = parts.get(position + 1..).unwrap_or_default();
                    let rest = rest.iter().copied().chain([last]);
                    return self.not_called(target, (scope, node), rest);
                }
            }
        }
        let (place, pin) = match last.split_once('.') {
            Some((node, pin)) => (Place::read(target, node)?, Some(pin)),
            None => (Place::read(target, last)?, None),
        };
        let node = self.find(scope, target, &place)?;
        match (pin, place.firing) {
            (Some(pin), None) => self.about_pin(scope, node, pin),
            (None, Some(firing)) => Ok(vec![self.about(scope, node, firing)]),
            (None, None) => Ok(self.about_node(scope, node)),
            (Some(_), Some(_)) => Err(WhyError::Target {
                target: target.to_owned(),
            }),
        }
    }

    fn find(&self, scope: u32, target: &str, place: &Place<'_>) -> Result<NodeIx, WhyError> {
        let plan = self.plan(scope);
        let found = plan.as_ref().and_then(|plan| plan.node(place.node));
        found.ok_or_else(|| {
            let known = plan.iter().flat_map(|plan| {
                let ids = plan.node_positions().map(|node| plan.node_id(node));
                ids.collect::<Vec<_>>()
            });
            WhyError::node(target.split('.').next().unwrap_or(target).to_owned(), known)
        })
    }

    /// The last graph that a node called, or that this firing of it did.
    fn call(&self, scope: u32, node: NodeIx, firing: Option<u32>) -> Option<u32> {
        let mut scopes = self.trail.scopes.iter().rev();
        let found = scopes.find(|(_, track)| {
            track.parent.is_some_and(|caller| {
                (caller.scope, caller.node) == (scope, node)
                    && firing.is_none_or(|firing| caller.firing == firing)
            })
        });
        found.map(|(id, _)| *id)
    }

    /// A node inside of a graph that was not called.
    fn not_called<'t>(
        &mut self,
        target: &str,
        (scope, node): (u32, NodeIx),
        rest: impl Iterator<Item = &'t str>,
    ) -> Result<Vec<Cause>, WhyError> {
        let name = self.node((scope, node));
        let Some(plan) = self.plan(scope) else {
            return Ok(Vec::new());
        };
        let own = plan.options(node).and_then(|own| own.call.clone());
        let may_call = own.is_some() || !plan.subgraphs.is_empty();
        if !may_call {
            return Err(WhyError::NoCall { node: name });
        }
        // Where the graph is known, so are its nodes.
        if let Some(mut inside) = own {
            for part in rest {
                let id = part.split(['.', ':']).next().unwrap_or_default();
                let Some(found) = inside.node(id) else {
                    let ids = inside.node_positions().map(|node| inside.node_id(node));
                    return Err(WhyError::node(target.to_owned(), ids));
                };
                match inside.options(found).and_then(|own| own.call.clone()) {
                    Some(next) => inside = next,
                    None => break,
                }
            }
        }
        let mut cause = Cause::new(
            CauseKind::NotCalled,
            format!("there is no {target}: {name} has called no graph that has it"),
        );
        self.add(&mut cause, 0, |asker, depth| {
            asker.not_fired(depth, (scope, node))
        });
        Ok(vec![cause])
    }

    /// A firing, or why there is none of that number.
    fn about(&mut self, scope: u32, node: NodeIx, firing: u32) -> Cause {
        if firing < self.fired((scope, node)) {
            return self.about_firing(0, (scope, node, firing));
        }
        self.not_fired(0, (scope, node))
    }

    /// A node: its last firing, and why it does not fire, or not again where values wait for that.
    fn about_node(&mut self, scope: u32, node: NodeIx) -> Vec<Cause> {
        let fired = self.fired((scope, node));
        let mut answer = Vec::new();
        if fired > 0 {
            let by = (scope, node, fired - 1);
            answer.push(self.about_firing(0, by));
        }
        if fired == 0 || self.has_left(scope, node) {
            answer.push(self.not_fired(0, (scope, node)));
        }
        answer
    }

    /// Values wait at a node, or firings of it starved.
    fn has_left(&self, scope: u32, node: NodeIx) -> bool {
        let Some(track) = self.track(scope) else {
            return false;
        };
        let waits = |pin: PinIx| {
            let pin = track.pin(pin);
            pin.is_some_and(|pin| !pin.queue.is_empty() || !pin.collected.is_empty())
        };
        track.plan.nodes.at(node).pins().any(waits)
    }

    /// What a pin gave, or has.
    fn about_pin(&mut self, scope: u32, node: NodeIx, pin: &str) -> Result<Vec<Cause>, WhyError> {
        let Some(plan) = self.plan(scope) else {
            return Ok(Vec::new());
        };
        let shape = &plan.cold.at(node).shape;
        let mut answer = Vec::new();
        let port = shape.output(pin).and_then(|port| u16::try_from(port).ok());
        if let Some(port) = port {
            answer.push(self.about_port((scope, node), port));
        }
        for own in pins_of(&plan, node, pin) {
            answer.push(self.about_input(scope, own));
        }
        let slot = shape.input(pin);
        if answer.is_empty()
            && let Some(slot) = slot
        {
            let mut cause = Cause::new(
                CauseKind::Literal,
                format!("{}.{pin} is not linked", self.node((scope, node))),
            );
            self.written_at(&mut cause, 0, (scope, node, 0), Some(slot));
            answer.push(cause);
        }
        if answer.is_empty() {
            let outputs = shape.outputs.iter().map(|pin| pin.name.clone());
            let inputs = shape.inputs.iter().map(|pin| pin.name.clone());
            let known: Vec<Text> = outputs.chain(inputs).collect();
            return Err(WhyError::pin(self.node((scope, node)), pin, &known));
        }
        Ok(answer)
    }

    /// The last value that an output pin gave, or why it gave none.
    fn about_port(&mut self, here: Here, port: u16) -> Cause {
        let (scope, node) = here;
        let name = self.port(here, port);
        let firings: Vec<By> = (0..self.fired((scope, node)))
            .map(|firing| (scope, node, firing))
            .collect();
        let gave: Vec<(By, u64)> = firings
            .into_iter()
            .flat_map(|by| self.gave(by, port).into_iter().map(move |seq| (by, seq)))
            .collect();
        let Some((by, seq)) = gave.last().copied() else {
            let mut cause = Cause::new(CauseKind::NothingCame, format!("{name} gave nothing"));
            self.gives_no_more(&mut cause, 0, here, port);
            return cause;
        };
        let plan = self.plan(scope);
        let value = plan.and_then(|plan| self.look.value(&plan, seq));
        let value = brief(&value.unwrap_or_default());
        let text = match gave.len() {
            1 => format!("{name} gave {value}, by {}", self.name(by)),
            n => format!(
                "{name} gave {}; the last is {value}, by {}",
                values(n),
                self.name(by)
            ),
        };
        let mut cause = Cause::new(CauseKind::Value, text).at(seq);
        self.chain(&mut cause, 0, seq);
        cause
    }

    /// What an input pin holds or held, or why it has nothing.
    fn about_input(&mut self, scope: u32, pin: PinIx) -> Cause {
        let Some((plan, track)) = self
            .plan(scope)
            .zip(self.track(scope).and_then(|track| track.pin(pin)).cloned())
        else {
            return Cause::new(CauseKind::PinEmpty, "");
        };
        let node = plan.pins.at(pin).node;
        if let Some(oldest) = track.queue.front() {
            let n = track.queue.len();
            let name = self.pin(scope, pin);
            let says = format!("{name} holds {} unused, the oldest", values(n));
            let mut cause = self.value_at(0, scope, pin, oldest, &says);
            self.add(&mut cause, 0, |asker, depth| {
                asker.not_fired(depth, (scope, node))
            });
            return cause;
        }
        let Some((by, origins)) = self.last_taken(scope, pin) else {
            return self.empty(0, scope, pin);
        };
        let (name, by) = (self.pin(scope, pin), self.name(by));
        let says = match track.arrived {
            1 => format!("{name}: {by} took"),
            n => {
                let n = values(usize::try_from(n).unwrap_or(usize::MAX));
                format!("{name}: {n} came, and {by} took the last,")
            }
        };
        self.value_at(0, scope, pin, &origins, &says)
    }
}

/// The linked pins of a node that a name means: the pin of that name, or with that path, or all that build that input.
fn pins_of(plan: &Plan, node: NodeIx, name: &str) -> Vec<PinIx> {
    let hot: &Node = plan.nodes.at(node);
    let named = |pin: &PinIx| {
        let declared = *plan.pins.at(*pin);
        pin_name(plan, node, declared, plan.paths.get(pin)).as_str() == name
    };
    let exact: Vec<PinIx> = hot.pins().filter(named).collect();
    if !exact.is_empty() {
        return exact;
    }
    let slot = plan.cold.at(node).shape.input(name);
    let inside = |pin: &PinIx| Some(usize::from(plan.pins.at(*pin).slot)) == slot;
    hot.pins().filter(inside).collect()
}
