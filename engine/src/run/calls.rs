//! Sub-graph calls: opened as scopes of the same run, closed into the firing that called.

use std::sync::Arc;

use crate::block::{BlockError, same_sealed};
use crate::dense::NodeIx;
use crate::event::{self, Caller, Event, Failure, How};
use crate::fault::{Code, Fault};
use crate::plan::{Binding, GivenIx, Node, Options, Plan};
use crate::value::Value;

use super::call::{Attempts, Place, Repeat};
use super::core::{Again, By, Core};
use super::facts::{Called, named};
use super::left::Given;
use super::scope::Scope;
use super::took::{failure, is_nested};

impl Core {
    /// A sub-graph gave an output: it is an emission of the node that called it, or goes to the block that asked.
    pub(super) fn call_gave(&mut self, scope: &mut Scope, node: NodeIx, value: Value) {
        let Some(parent) = scope.parent else {
            return;
        };
        if let Some(asked) = &mut scope.asked {
            if let Some(name) = scope.seen.plan().io_name(node) {
                asked.outputs.push((name.clone(), value));
            }
            return;
        }
        let at = caller_place(scope, parent);
        let mut diverged = None;
        self.with(parent.scope, |core, up| {
            let own = up.plan().options(parent.node);
            let binding = own.and_then(|own| own.binding.as_ref());
            let Some(port) = binding.and_then(|binding| binding.port(node)) else {
                return;
            };
            if let Some(attempts) = &mut scope.attempts {
                let credentials = &*core.run.env.host.credentials;
                let same = |a: &Value, b: &Value| same_sealed(credentials, a, b);
                match attempts.repeat(usize::from(port), port, &value, same) {
                    Repeat::New => {}
                    Repeat::Same => return,
                    Repeat::Other(emission) => {
                        let attempt = at.attempt;
                        diverged = Some(BlockError::Diverged { attempt, emission });
                        return;
                    }
                }
            }
            let nested = is_nested(up.plan().nodes.at(at.node), &value);
            if !(nested && core.refuses_value(up, at.node, &value)) {
                core.emitted(up, at, port, value);
            }
        });
        if let Some(error) = diverged {
            let failure = Failure::new(error.code(), error.to_string());
            scope.state.fatal.get_or_insert_with(|| Arc::new(failure));
            scope.state.cancel();
        }
    }

    /// Opens the sub-graph that a node calls: the attempt that `at` says, which `attempts` compares with those before.
    pub(super) fn open_call(
        &mut self,
        scope: &mut Scope,
        plan: &Plan,
        at: Place,
        slots: &[Option<Value>],
        attempts: Option<Box<Attempts>>,
    ) {
        let node = at.node;
        let own = plan.options(node);
        let called = own.and_then(|own: &Options| own.call.as_ref().zip(own.binding.as_ref()));
        let Some((child, binding)) = called else {
            let error = BlockError::Bug {
                message: "the plan holds no sub-graph for this call".to_owned(),
            };
            let failure = failure(scope, at, &error);
            return self.finish(scope, at, How::Failed(failure));
        };
        match self.open_child(scope, at, (child, binding), slots, attempts) {
            Ok(id) => {
                if let Some(after) = own.and_then(|options| options.timeout) {
                    let error = BlockError::Timeout { after };
                    self.time_call(id, after, Failure::new(error.code(), error.to_string()));
                }
            }
            Err(failure) => {
                let failure = failure.at(plan.node_id(node));
                self.finish(scope, at, How::Failed(Arc::new(failure)));
            }
        }
    }

    /// Opens the graph that a firing calls, and returns its number.
    fn open_child(
        &mut self,
        up: &Scope,
        at: Place,
        (plan, binding): (&Arc<Plan>, &Binding),
        slots: &[Option<Value>],
        attempts: Option<Box<Attempts>>,
    ) -> Result<u32, Failure> {
        if up.depth + 1 > self.limits.max_depth {
            let message = format!(
                "sub-graph calls are nested deeper than {}",
                self.limits.max_depth
            );
            return Err(Failure::new(Code::RunDepthLimit, message));
        }
        let mut child = self.scope_for(plan);
        binding.place(slots, &mut child.state.given);
        if !binding.fits(plan, slots)
            && let Some(fault) = self.unfit_call(up, at, plan, &child.state.given, slots)
        {
            self.keep(child);
            return Err(Failure::new(Code::BlockCall, fault.message));
        }
        let caller = Caller {
            scope: at.scope,
            node: at.node,
            firing: at.firing,
            direct: true,
        };
        child.parent = Some(caller);
        child.depth = up.depth + 1;
        child.attempt = at.attempt;
        child.attempts = attempts;
        Ok(self.open(child, |log, id| {
            let shape = Arc::clone(&up.plan().cold.at(at.node).shape);
            let slots = slots.to_vec();
            log.called(
                id,
                Called {
                    caller,
                    shape,
                    slots,
                },
            );
        }))
    }

    /// Returns what is wrong with what a call gives its graph.
    #[cold]
    fn unfit_call(
        &mut self,
        up: &Scope,
        at: Place,
        plan: &Plan,
        placed: &GivenIx,
        slots: &[Option<Value>],
    ) -> Option<Fault> {
        let given = event::Given {
            inputs: named(&up.plan().cold.at(at.node).shape, slots),
            overrides: Vec::new(),
        };
        let faults = plan.check_placed(&given, placed, &mut self.taken, &mut self.slots);
        faults.into_iter().next()
    }

    /// Ends a sub-graph call, well or with its failure; or the run, if it is the run's own graph that failed.
    #[cold]
    pub(super) fn close(&mut self, mut scope: Box<Scope>) {
        let fatal = scope.state.fatal.clone();
        let Some(parent) = scope.parent else {
            self.failure = self.failure.take().or(fatal);
            self.stopped = true;
            scope.state.cancel();
            let _ = self.scopes.put(scope);
            return;
        };
        let id = scope.id;
        if !self.scopes.is_open(id) {
            self.totals.firings += scope.state.firings;
            return;
        }
        self.give_up_calls_of(id, None);
        self.scopes.close(id);
        self.forget(id);
        let well = fatal.is_none() && !self.stopped && !scope.state.has_nothing_left();
        let well = well.then(|| self.scopes.callers(&scope));
        self.totals.closed(scope.plan(), &scope.state, well);
        if fatal.is_some() {
            self.given_up.push(id);
        }
        if self.log.on {
            let failure = fatal.clone();
            self.log.push(id, Event::Closed { failure });
        }
        if let Some(asked) = scope.asked.take() {
            let result = match &fatal {
                Some(failure) => Err(BlockError::failed(failure.to_string())),
                None => Ok(asked.outputs),
            };
            self.give_asked(asked.by, asked.reply, &Given::Graph(id), result);
            return self.keep(scope);
        }
        let mut at = caller_place(&scope, parent);
        // What has acted outside is not repeated without a decision.
        let attempts = scope.attempts.take().filter(|_| !scope.plan().acts);
        self.with(parent.scope, |core, up| {
            let Some(inner) = fatal else {
                let how = if core.stopped { How::Aborted } else { How::Ok };
                return core.finish(up, at, how);
            };
            let failure = Arc::new(of_call(up, at, &inner));
            if let Some(attempts) = attempts
                && inner.transient
                && !core.stopped
                && let Some(delay) = core.backoff(up, at)
            {
                core.note_retry(at, delay, failure);
                core.tickets += 1;
                at.ticket = core.tickets;
                return core.agains.push(Again {
                    at,
                    delay,
                    attempts,
                });
            }
            core.finish(up, at, How::Failed(failure));
        });
        self.keep(scope);
    }

    /// Gives up the calls that a scope has open, or those of one of its firings, and theirs.
    pub(super) fn give_up_calls_of(&mut self, parent: u32, by: Option<(NodeIx, u32)>) {
        for child in self.scopes.calls_of(parent, by) {
            self.give_up_calls_of(child, None);
            if let Some(scope) = self.scopes.close(child) {
                self.totals.firings += scope.state.firings;
            }
            if self.log.on {
                self.log.push(child, Event::Closed { failure: None });
            }
            self.forget(child);
            self.given_up.push(child);
        }
    }

    /// Forgets what firings of a scope that is closed wait for.
    fn forget(&mut self, scope: u32) {
        if let Some(addresses) = &self.run.addresses {
            addresses.closed(scope);
        }
        self.timers.forget(scope);
        self.agains.retain(|again| again.at.scope != scope);
        self.waiters.retain(|waiter| waiter.by.0 != scope);
        self.parked.retain(|by, _| by.0 != scope);
    }

    /// A firing waits for something that the run gives it: it holds no place meanwhile.
    pub(super) fn park(&mut self, by: By) {
        *self.parked.entry(by).or_insert(0) += 1;
    }

    pub(super) fn unpark(&mut self, by: By) {
        if let Some(count) = self.parked.get_mut(&by) {
            *count -= 1;
            if *count == 0 {
                self.parked.remove(&by);
            }
        }
    }

    /// An attempt is over: what it has asked for and not waited for is of no use to anyone.
    #[cold]
    pub(super) fn forget_asks(&mut self, scope: &mut Scope, at: Place) {
        let by = (at.scope, at.node, at.firing);
        let forgotten = self.left.forget(by);
        if self.parked.remove(&by).is_none() && !forgotten {
            return;
        }
        self.waiters.retain(|waiter| waiter.by != by);
        // A tool goes on: what it gives flows along its own links too.
        scope.tools.retain(|_, asked| asked.by != by);
        if !scope.plan().nodes.at(at.node).is(Node::CALL) {
            self.give_up_calls_of(at.scope, Some((at.node, at.firing)));
        }
    }
}

/// The firing that called a graph, in the attempt that the graph is.
fn caller_place(scope: &Scope, parent: Caller) -> Place {
    Place {
        scope: parent.scope,
        node: parent.node,
        firing: parent.firing,
        attempt: scope.attempt,
        ticket: 0,
    }
}

/// The failure of a call: that of its graph, with the way to where it was.
fn of_call(up: &Scope, at: Place, inner: &Failure) -> Failure {
    let here = up.plan().node_id(at.node);
    let place = match &inner.node {
        Some(node) => format!("{here}/{node}"),
        None => here.to_owned(),
    };
    Failure::new(inner.code, inner.message.clone())
        .at(place)
        .attempt(at.attempt)
        .transient(inner.transient)
}
