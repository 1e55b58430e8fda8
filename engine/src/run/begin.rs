//! Starting firings: values taken, inputs merged, the block called.

use std::sync::Arc;

use crate::block::Context;
use crate::dense::NodeIx;
use crate::event::{Failure, How};
use crate::fault::Code;
use crate::plan::{Node, Plan, Unfit};

use super::call::{Attempts, Firing, Place};
use super::core::{Again, Begun, Core};
use super::scope::Scope;
use super::took::failure;

impl Core {
    /// Starts the next firing of a node that was taken from the scope's ready list.
    pub(super) fn begin(&mut self, scope: &mut Scope, plan: &Arc<Plan>, node: NodeIx) -> Begun {
        let hot = *plan.nodes.at(node);
        let firing = scope.state.next_firing(node);
        if hot.is(Node::CYCLE) && firing >= plan.max_firings() {
            self.cycle_limit(scope, node);
            return Begun::Settled;
        }
        if self.log.on {
            self.log.started(scope.id, node, firing);
        }
        let mut call = scope.lend(node, firing);
        let start = scope.state.started(plan, node, &mut self.taken);
        if let Err(unfit) = plan.prepare(
            node,
            start,
            &scope.state.given,
            &mut self.taken,
            &mut call.slots,
        ) {
            scope.give_back(call);
            self.unfit(scope, node, firing, unfit);
            return Begun::Settled;
        }
        self.begin_prepared(scope, plan, node, firing, call)
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
            scope: scope.id,
            node,
            firing,
            attempt: 1,
            ticket: 0,
        };
        if hot.is(Node::CALL) {
            self.open_call(scope, plan, at, &call.slots, retry);
            scope.give_back(call);
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
        let hot = plan.nodes.at(at.node);
        Firing {
            at,
            future: Some(plan.cold.at(at.node).block.start(call)),
            retry,
            cpu: hot.is(Node::CPU),
            acts: hot.is(Node::ACTS),
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
                let plan = Arc::clone(scope.plan());
                core.open_call(scope, &plan, at, &slots, Some(attempts));
                return None;
            }
            let mut call = scope.lend(at.node, at.firing);
            call.slots.clone_from(&attempts.slots);
            Some(core.attempt(scope, at, call, Some(attempts)))
        });
        begun.flatten()
    }

    #[cold]
    pub(super) fn unfit(&mut self, scope: &mut Scope, node: NodeIx, firing: u32, unfit: Unfit) {
        let at = Place {
            scope: scope.id,
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
