//! Going on where the events of a run end: the state is their fold, and what was at work is begun again.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::block::{BlockError, Effect, idempotency_key};
use crate::event::{Event, Failure, How};
use crate::plan::Node;
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

use super::call::{Attempts, Firing, Place};
use super::core::{Again, By, Core, Waiter};
use super::flight::{Asked as Told, AskedFor, Flight};
use super::left::{Doubt, IN_DOUBT, Recovered};
use super::machine::{Folded, Machine};
use super::scope::{Asked, Scope};
use super::took::failure;

/// How many values each open call gave, by its scope and the caller's port.
type Gave = BTreeMap<u32, BTreeMap<u16, usize>>;

impl Core {
    /// Makes this run the one that the events tell of. Returns the attempts to be made again.
    pub(super) fn restore(&mut self, machine: Machine, epoch: u64) -> Vec<Firing> {
        let spent = machine.times.spent();
        self.go_on_from(machine.times.last, spent);
        self.log.go_on_from(machine.next_seq());
        self.tick();
        if self.log.on {
            self.log.push(0, Event::Resumed { epoch });
        }
        self.totals = machine.totals;
        for (unit, amount) in &self.totals.costs {
            self.run.env.spent.add(unit, *amount);
        }
        self.cancelled = machine.cancelled;
        let (mut flights, mut ids, mut gave) = (Vec::new(), Vec::new(), Gave::new());
        for (id, mut folded) in machine.scopes {
            ids.push(id);
            gave.insert(id, std::mem::take(&mut folded.gave));
            // A graph that has failed is about to close, and what is at work in it is given up.
            let closes = folded.state.fatal.is_some() && folded.parent.is_some();
            let own = std::mem::take(&mut folded.flights).into_sorted();
            let own = own.into_iter().filter(|_| !closes);
            flights.extend(own.map(|((node, firing), flight)| ((id, node, firing), flight)));
            self.reopen(id, folded, spent);
        }
        self.scopes.go_on_from(machine.opened);
        let root = self.scopes.get(0);
        let failed = root.is_some_and(|scope| scope.state.fatal.is_some());
        let stops = self.cancelled || failed;
        let mut firings = Vec::new();
        for (by, flight) in flights {
            if stops {
                self.left.abort(place(by, flight.failed + 1));
            } else {
                firings.extend(self.take_off(by, flight, &gave));
            }
        }
        // What is over, or has failed, closes as it would have.
        for id in ids.into_iter().rev() {
            self.with(id, |_, _| ());
        }
        firings
    }

    /// Opens a graph in the state that it had.
    fn reopen(&mut self, id: u32, folded: Folded, spent: Duration) {
        let Folded { plan, parent, .. } = folded;
        let mut scope = Box::new(Scope::new(&self.run, &plan));
        (scope.id, scope.parent) = (id, parent);
        (scope.depth, scope.attempt) = (folded.depth, folded.attempt);
        scope.state = folded.state;
        scope.state.pins.limit_softly(self.limits.soft_limit.max(1));
        scope.in_turn = true;
        if let Some(addresses) = &self.run.addresses {
            addresses.opened(id, &plan, parent);
        }
        self.scopes.open(scope);
        let Some(caller) = parent else { return };
        let gone = spent.saturating_sub(folded.opened);
        if let Some(ms) = plan.policy().timeout_ms {
            self.time_graph(id, ms, gone);
        }
        let up = self.scopes.get(caller.scope).filter(|_| caller.direct);
        if let Some(after) =
            up.and_then(|up| up.plan().options(caller.node).and_then(|own| own.timeout))
        {
            let error = BlockError::Timeout { after };
            let failure = Failure::new(error.code(), error.to_string());
            self.time_call(id, after.saturating_sub(gone), failure);
        }
    }

    /// Begins a firing again that had not ended.
    fn take_off(&mut self, by: By, mut flight: Flight, gave: &Gave) -> Option<Firing> {
        let (scope, node, firing) = by;
        for (key, value) in std::mem::take(&mut flight.paid) {
            self.run.mail.note_paid(scope, node, firing, key, value);
        }
        let doubted = flight.waits.iter().any(|w| w.signal.as_str() == IN_DOUBT);
        for wait in std::mem::take(&mut flight.waits) {
            self.left.recover_wait(by, wait.ask, wait.signal);
        }
        for asked in std::mem::take(&mut flight.asks) {
            self.recover(by, asked);
        }
        let at = place(by, flight.failed + 1);
        let up = self.scopes.get(scope)?;
        let (plan, given) = (up.plan().clone(), up.state.given.clone());
        let Some(slots) = flight.slots(&plan, node, &given) else {
            let error = BlockError::Bug {
                message: "what it took does not fit any more".to_owned(),
            };
            self.with(scope, |core, scope| {
                let failure = failure(scope, at, &error);
                core.finish(scope, at, How::Failed(failure));
            });
            return None;
        };
        let delay = flight.due.map(|due| self.until(due));
        if plan.nodes.at(node).is(Node::CALL) {
            self.call_on(at, slots, flight, delay, gave);
            return None;
        }
        let attempts = Attempts::of_block(slots, flight.emitted);
        let block = &plan.cold.at(node).block;
        match delay {
            // Another attempt was to come; it has not begun.
            Some(delay) if !delay.is_zero() => {
                self.try_again(at, delay, attempts);
                None
            }
            _ if block.info().effect == Effect::AtMostOnce => {
                self.doubt(by, doubted, Doubt { at, attempts });
                None
            }
            _ => self.take_up(at, attempts),
        }
    }

    /// Begins an attempt again that another process had begun.
    pub(super) fn take_up(&mut self, at: Place, attempts: Box<Attempts>) -> Option<Firing> {
        self.with(at.scope, |core, scope| {
            let mut call = scope.lend(at.node, at.firing);
            call.slots.clone_from(&attempts.slots);
            call.resumed = true;
            core.attempt(scope, at, call, Some(attempts))
        })
    }

    /// Goes on with a firing that calls a graph.
    fn call_on(
        &mut self,
        at: Place,
        slots: Vec<Option<Value>>,
        flight: Flight,
        delay: Option<Duration>,
        gave: &Gave,
    ) {
        let open = self.scopes.calls_of(at.scope, Some((at.node, at.firing)));
        let given = open.first().and_then(|child| gave.get(child));
        let none = BTreeMap::new();
        let attempts = Attempts::of_call(slots, flight.emitted, given.unwrap_or(&none));
        let plan = self.scopes.get(at.scope).map(|scope| scope.plan().clone());
        let retries = plan.is_some_and(|plan| plan.nodes.at(at.node).is(Node::RETRY));
        if let Some(child) = open.first().and_then(|child| self.scopes.get_mut(*child)) {
            child.attempts = retries.then_some(attempts);
        } else {
            self.try_again(at, delay.unwrap_or_default(), attempts);
        }
    }

    /// Begins this attempt after some time.
    fn try_again(&mut self, mut at: Place, delay: Duration, attempts: Box<Attempts>) {
        // It follows on the one before.
        at.attempt -= 1;
        self.tickets += 1;
        at.ticket = self.tickets;
        self.agains.push(Again {
            at,
            delay,
            attempts,
        });
    }

    fn recover(&mut self, by: By, asked: Told) {
        let Told {
            what,
            outputs,
            done,
        } = asked;
        let done = match done {
            Some(Ok(())) => Some(Ok(outputs)),
            Some(Err(message)) => Some(Err(BlockError::failed(message.as_str()))),
            None => {
                let asked = Asked {
                    by,
                    reply: None,
                    outputs,
                };
                match &what {
                    AskedFor::Graph { scope, .. } => {
                        if let Some(scope) = self.scopes.get_mut(*scope) {
                            scope.asked = Some(asked);
                        }
                    }
                    AskedFor::Tool { node, firing, .. } => {
                        if let Some(scope) = self.scopes.get_mut(by.0) {
                            scope.tools.insert((*node, *firing), asked);
                        }
                    }
                }
                None
            }
        };
        self.left.recover(Recovered { by, what, done });
    }

    /// Asks what became of an effect; `asked`: the question is recorded already.
    fn doubt(&mut self, by: By, asked: bool, doubt: Doubt) {
        let (scope, node, firing) = by;
        let Some(plan) = self.scopes.get(scope).map(|scope| scope.plan().clone()) else {
            return;
        };
        let cold = plan.cold.at(node);
        let slots = cold.shape.inputs.iter().zip(&doubt.attempts.slots);
        let inputs: Map = slots
            .filter_map(|(pin, slot)| Some((pin.name.clone(), slot.clone()?)))
            .collect();
        let mut question = Map::new();
        question.insert(
            "question",
            "this effect may have happened: it was begun, and its end is not known",
        );
        question.insert(
            "answers",
            "\"repeat\", \"fail\", or {\"done\": {pin: value}}",
        );
        question.insert("block", cold.block.info().id);
        // What the outside world may know it by.
        let key = idempotency_key(&self.run.env.id, scope, cold.id.as_str(), firing);
        question.insert("idempotency_key", key);
        question.insert("inputs", inputs);
        let (signal, question) = (Text::from(IN_DOUBT), Value::from(question));
        if self.log.on && !asked {
            let event = Event::Waiting {
                node,
                firing,
                ask: u32::MAX,
                signal: signal.clone(),
                question: question.clone(),
            };
            self.log.push(scope, event);
        }
        self.left.asked_before(by, u32::MAX, &signal);
        self.waiters.push(Waiter {
            by,
            ask: u32::MAX,
            signal,
            question,
            reply: None,
        });
        self.left.doubt(doubt);
    }

    /// How long it is until then.
    fn until(&self, due: Timestamp) -> Duration {
        let now = self.run.env.host.clock.now();
        let left = due.as_millis().saturating_sub(now.as_millis());
        Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }
}

fn place((scope, node, firing): By, attempt: u32) -> Place {
    Place {
        scope,
        node,
        firing,
        attempt,
        ticket: 0,
    }
}
