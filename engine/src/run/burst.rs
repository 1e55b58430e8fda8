//! The hot loop: firings made one after the other, in the driver's own thread.
//!
//! Most firings take one value a pin, emit one and end where they are first polled. For those this is the whole way, and
//! it is written so that nothing is moved that was written a moment before: a value, or a struct, that is stored in
//! parts and loaded as a whole waits for the store buffer. That, and not the number of instructions, was half of a
//! trivial node's time: 217 ns with events with structs handed from step to step, 150 without (docs/performance.md).
//! Everything else goes the long way, through `begin` and `took`.

use std::sync::Arc;
use std::task::{Context as TaskContext, Waker};

use crate::block::{BlockError, Context, Entered, Out};
use crate::dense::NodeIx;
use crate::plan::{Node, Plan};
use crate::value::Value;

use super::call::{Attempts, Firing, Now, Place, Polled, poll, poll_now};
use super::core::{After, Again, Begun, Core};
use super::scope::Scope;
use super::state::{PENDING_START, READY, RunState};
use super::took::is_rare;

/// Why a burst of firings ended.
pub(super) enum Burst {
    /// Nothing is ready here, or a sub-graph call goes first, or the slice is used up.
    Idle,
    Waits {
        firing: Firing,
        full: bool,
    },
    Again(Again),
}

/// Fires ready nodes of a scope until one has to wait, none is ready, or the slice is used up. Not async: its locals
/// stay in registers.
pub(super) fn burst(core: &mut Core, scope: &mut Scope, slice: &mut u32) -> Burst {
    let plan = Arc::clone(scope.plan());
    let outbox = Entered::new();
    let mut cx = TaskContext::from_waker(Waker::noop());
    let overrides = scope.state.given.has_overrides();
    while let Some(node) = scope.state.next_ready(&plan) {
        let hot = plan.nodes.at(node);
        if !hot.is(Node::FAST) || overrides {
            if let Some(burst) = one_slow(core, scope, &plan, node) {
                return burst;
            }
        } else if let Some(call) = core.begin_fast(scope, &plan, node) {
            let (ticket, firing) = (call.ticket, call.firing);
            let mut future = Some(plan.cold.at(node).block.start(call));
            outbox.begin(ticket, core.stopped);
            let now = poll_now(&mut future, &mut cx);
            match now {
                Now::Ended(call) if call.error.is_none() => {
                    match outbox.only() {
                        Some((port, value)) if !is_rare(scope, hot, &value) => {
                            core.done(scope, &plan, node, firing, port, value);
                        }
                        Some((port, value)) => {
                            core.ended_well(scope, &call, Out::One(port, value));
                        }
                        None => {
                            let (out, _) = outbox.take();
                            core.ended_well(scope, &call, out);
                        }
                    }
                    scope.give_back(call);
                    if hot.is(Node::RETRY) {
                        core.kept.clear();
                    }
                }
                now => {
                    let (out, full) = outbox.take();
                    let at = Place {
                        scope: scope.id,
                        node,
                        firing,
                        attempt: 1,
                        ticket,
                    };
                    let firing = Firing {
                        at,
                        future,
                        retry: core.take_kept(hot),
                        cpu: false,
                        acts: false,
                        deadline: None,
                        begun: true,
                    };
                    if let Some(burst) = core.not_done(scope, firing, now, out, full) {
                        return burst;
                    }
                }
            }
        }
        if scope.state.fatal.is_some() {
            return Burst::Idle;
        }
        *slice = slice.saturating_sub(1);
        if *slice == 0 {
            return Burst::Idle;
        }
    }
    Burst::Idle
}

/// Makes one firing the long way. Returns what ends the burst, if something does.
#[inline(never)]
fn one_slow(core: &mut Core, scope: &mut Scope, plan: &Arc<Plan>, node: NodeIx) -> Option<Burst> {
    let Begun::Firing(mut firing) = core.begin(scope, plan, node) else {
        return core.turn_passed(scope.id).then_some(Burst::Idle);
    };
    if firing.cpu || firing.acts && core.log.is_kept() {
        return Some(Burst::Waits {
            firing,
            full: false,
        });
    }
    let cx = &mut TaskContext::from_waker(Waker::noop());
    let (polled, out) = poll(&mut firing, core.stopped, cx);
    let (end, full) = take_back(scope, polled);
    core.settled(scope, firing, out, end, full)
}

/// Takes the box back of an attempt that was polled. Returns its end, if that was the last, and whether it waits for
/// room.
pub(super) fn take_back(
    scope: &mut Scope,
    polled: Polled,
) -> (Option<Result<(), BlockError>>, bool) {
    match polled {
        Polled::Ended(result, call) => {
            if let Some(call) = call {
                scope.give_back(call);
            }
            (Some(result), false)
        }
        Polled::Pending { full } => (None, full),
    }
}

impl Core {
    /// Starts a firing that needs nothing but one value for each pin. `None`: its input did not fit, and it is over.
    #[inline(always)]
    fn begin_fast(&mut self, scope: &mut Scope, plan: &Plan, node: NodeIx) -> Option<Box<Context>> {
        let hot = plan.nodes.at(node);
        let firing = scope.state.next_firing(node);
        if self.log.on {
            self.log.started(scope.id, node, firing);
        }
        let mut call = scope.lend(node, firing);
        scope.state.started_fast(plan, node, &mut call.slots);
        if !hot.is(Node::PROVEN)
            && let Err(unfit) = plan.check_arrived(node, &mut call.slots)
        {
            scope.give_back(call);
            self.unfit(scope, node, firing, unfit);
            return None;
        }
        if hot.flags & (Node::OUTPUT | Node::RETRY) != 0 {
            self.note_inputs(scope, plan, node, &call);
        }
        self.tickets += 1;
        call.ticket = self.tickets;
        Some(call)
    }

    #[inline(never)]
    fn note_inputs(&mut self, scope: &mut Scope, plan: &Plan, node: NodeIx, call: &Context) {
        let hot = plan.nodes.at(node);
        if hot.is(Node::OUTPUT) {
            scope
                .state
                .note_prepared(plan, node, call.firing, &call.slots);
        }
        if hot.is(Node::RETRY) {
            // Into a list that stays: an attempt that ends well needs no box of its own.
            self.kept.clone_from(&call.slots);
        }
    }

    /// What a later attempt needs, of a node that may have one.
    fn take_kept(&mut self, hot: &Node) -> Option<Box<Attempts>> {
        hot.is(Node::RETRY).then(|| {
            let attempts = Attempts::new(&self.kept);
            self.kept.clear();
            attempts
        })
    }

    /// An attempt ended well at once, in a way that is not the common one.
    #[cold]
    fn ended_well(&mut self, scope: &mut Scope, call: &Context, out: Out) {
        let at = Place {
            scope: call.scope,
            node: NodeIx(call.node),
            firing: call.firing,
            attempt: 1,
            ticket: call.ticket,
        };
        // It ended well: there is no other attempt to repeat it.
        self.took(scope, at, &mut None, out, Some(Ok(())));
    }

    /// An attempt has to wait, or failed.
    #[inline(never)]
    fn not_done(
        &mut self,
        scope: &mut Scope,
        firing: Firing,
        now: Now,
        out: Out,
        full: bool,
    ) -> Option<Burst> {
        let end = match now {
            Now::Waits => None,
            Now::Ended(mut call) => {
                let result = call.end();
                let result = call.guard.presentable_end(result);
                scope.give_back(call);
                Some(result)
            }
            Now::Broke(error) => Some(Err(*error)),
        };
        self.settled(scope, firing, out, end, full)
    }

    /// Takes what a poll of a firing gave. Returns what the driver is to do with it, if anything.
    pub(super) fn settled(
        &mut self,
        scope: &mut Scope,
        mut firing: Firing,
        out: Out,
        end: Option<Result<(), BlockError>>,
        full: bool,
    ) -> Option<Burst> {
        let waits = end.is_none();
        match self.took(scope, firing.at, &mut firing.retry, out, end) {
            After::Again(again) => Some(Burst::Again(again)),
            After::Settled if waits => Some(Burst::Waits { firing, full }),
            After::Settled | After::Over => None,
        }
    }
}

impl RunState {
    /// Takes the values of a firing into the slots of its inputs: [`RunState::started`] and the merge in one, for a
    /// node with plain pins and nothing inside them, or with none (it starts when its graph does).
    #[inline(always)]
    fn started_fast(&mut self, plan: &Plan, node: NodeIx, slots: &mut Vec<Option<Value>>) {
        let hot = plan.nodes.at(node);
        let mut missing = 0;
        if hot.is(Node::IN_ORDER) {
            for pin in hot.pins() {
                let (value, is_empty) = self.pins.take(pin);
                missing += u32::from(is_empty);
                slots.push(value);
            }
        } else {
            slots.extend_from_slice(&plan.cold.at(node).template);
            for pin in hot.pins() {
                let (value, is_empty) = self.pins.take(pin);
                missing += u32::from(is_empty);
                if let Some(place) = slots.get_mut(usize::from(plan.pins.at(pin).slot)) {
                    *place = value;
                }
            }
        }
        let state = self.node(node);
        state.fired += 1;
        state.flags &= !(READY | PENDING_START);
        state.missing = missing;
        self.in_flight += 1;
        self.firings += 1;
        if missing == 0 && hot.n_pins != 0 {
            self.consider(plan, node);
        }
    }
}
