//! Starting firings: values taken, inputs merged, the block called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

use crate::block::{CallHost, Context};
use crate::dense::NodeIx;
use crate::event::{Failure, How};
use crate::fault::Code;
use crate::plan::{Node, Plan, Unfit};

use super::call::{Attempts, Firing, Place};
use super::core::{Again, Begun, Core};
use super::scope::{Scope, ScopeShared};
use super::took::failure;

impl Core {
    /// Starts the next firing of a node that was taken from the scope's ready list.
    pub(super) fn begin(&mut self, scope: &mut Scope, node: NodeIx) -> Begun {
        // Borrowed, not counted: the scope holds the plan.
        let plan: &Plan = &scope.shared.plan;
        let hot = *plan.nodes.at(node);
        let firing = scope.state.next_firing(node);
        if hot.is(Node::CYCLE) && firing >= plan.max_firings() {
            self.cycle_limit(scope, node);
            return Begun::Settled;
        }
        if self.log.on {
            self.log.started(scope.shared.id, node, firing);
        }
        let mut call = self.lend(&scope.shared, node, firing);
        let start = scope.state.started(plan, node, &mut self.taken);
        if let Err(unfit) = plan.prepare(
            node,
            start,
            &scope.state.given,
            &mut self.taken,
            &mut call.slots,
        ) {
            self.give_back(Some(call));
            self.unfit(scope, node, firing, unfit);
            return Begun::Settled;
        }
        let plan = Arc::clone(&scope.shared.plan);
        self.begin_prepared(scope, &plan, node, firing, call)
    }

    /// Starts a firing whose inputs are merged.
    pub(super) fn begin_prepared(
        &mut self,
        scope: &mut Scope,
        plan: &Arc<Plan>,
        node: NodeIx,
        firing: u32,
        call: Box<Context>,
    ) -> Begun {
        let hot = *plan.nodes.at(node);
        if hot.is(Node::OUTPUT) {
            scope.state.note_prepared(plan, node, firing, &call.slots);
        }
        let retry = hot.is(Node::RETRY).then(|| Attempts::new(&call.slots));
        let at = Place {
            scope: scope.shared.id,
            node,
            firing,
            attempt: 1,
            ticket: 0,
        };
        if hot.is(Node::CALL) {
            self.open_call(scope, at, &call.slots, retry);
            self.give_back(Some(call));
            return Begun::Settled;
        }
        Begun::Firing(self.attempt(scope, at, call, retry))
    }

    pub(super) fn attempt(
        &mut self,
        scope: &Scope,
        mut at: Place,
        mut call: Box<Context>,
        retry: Option<Box<Attempts>>,
    ) -> Firing {
        self.tickets += 1;
        at.ticket = self.tickets;
        call.ticket = at.ticket;
        call.attempt = at.attempt;
        let plan = scope.plan();
        let cpu = plan.nodes.at(at.node).is(Node::CPU);
        Firing {
            at,
            future: Some(plan.cold.at(at.node).block.start(call)),
            retry,
            cpu,
            deadline: None,
            begun: false,
        }
    }

    /// Starts the next attempt at a firing. `None`: its scope is gone, or it is a call, whose graph was opened.
    pub(super) fn again(&mut self, again: Again) -> Option<Firing> {
        let Again {
            mut at,
            mut attempts,
            ..
        } = again;
        at.attempt += 1;
        attempts.restart();
        let begun = self.with(at.scope, |core, scope| {
            if scope.plan().nodes.at(at.node).is(Node::CALL) {
                let slots = attempts.slots.clone();
                core.open_call(scope, at, &slots, Some(attempts));
                return None;
            }
            let mut call = core.lend(&scope.shared, at.node, at.firing);
            call.slots.clone_from(&attempts.slots);
            Some(core.attempt(scope, at, call, Some(attempts)))
        });
        begun.flatten()
    }

    #[inline(always)]
    pub(super) fn lend(
        &mut self,
        shared: &Arc<ScopeShared>,
        node: NodeIx,
        firing: u32,
    ) -> Box<Context> {
        let mut call = match self.lent.take() {
            Some(call) if call.scope == shared.id => call,
            other => self.lend_other(shared, other),
        };
        call.node = node.0;
        call.firing = firing;
        call.attempt = 1;
        call.ports = shared.plan.nodes.at(node).n_ports - 1;
        *call.draws.get_mut() = 0;
        *call.asks.get_mut() = 0;
        call
    }

    /// Makes a box, or fits one that another scope had.
    #[cold]
    fn lend_other(&self, shared: &Arc<ScopeShared>, other: Option<Box<Context>>) -> Box<Context> {
        let host = Arc::clone(shared) as Arc<dyn CallHost>;
        if let Some(mut call) = other {
            call.host = host;
            call.scope = shared.id;
            return call;
        }
        Box::new(Context {
            host,
            ticket: 0,
            scope: shared.id,
            node: 0,
            firing: 0,
            attempt: 1,
            ports: 0,
            // Most blocks have no more inputs; growing costs as much as the rest of this.
            slots: Vec::with_capacity(8),
            result: Ok(()),
            draws: AtomicU64::new(0),
            asks: AtomicU32::new(0),
        })
    }

    /// Takes back the box of an attempt that ended, empty.
    #[inline(always)]
    pub(super) fn give_back(&mut self, call: Option<Box<Context>>) {
        if let Some(mut call) = call {
            call.slots.clear();
            self.lent = Some(call);
        }
    }

    #[cold]
    pub(super) fn unfit(&mut self, scope: &mut Scope, node: NodeIx, firing: u32, unfit: Unfit) {
        let at = Place {
            scope: scope.shared.id,
            node,
            firing,
            attempt: 1,
            ticket: 0,
        };
        match unfit {
            Unfit::Starved(reason) => self.finish(scope, at, How::Starved(reason)),
            Unfit::Failed(error) => {
                let failure = failure(scope, at, &error);
                self.finish(scope, at, How::Failed(failure));
            }
        }
    }

    #[cold]
    pub(super) fn cycle_limit(&mut self, scope: &mut Scope, node: NodeIx) {
        let plan = scope.plan();
        let component = plan.cold.at(node).component;
        let inside = plan
            .node_positions()
            .filter(|other| plan.cold.at(*other).component == component);
        let ids: Vec<&str> = inside.take(12).map(|other| plan.node_id(other)).collect();
        let message = format!(
            "a node inside a cycle may fire {} times; the cycle is made of {}",
            plan.max_firings(),
            ids.join(", ")
        );
        let failure = Failure::new(Code::RunCycleLimit, message).at(plan.node_id(node));
        scope.state.fatal = Some(Arc::new(failure));
        scope.state.cancel();
    }
}
