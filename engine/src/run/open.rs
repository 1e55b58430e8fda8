//! Opening graphs: the run's own and those that it calls, where it can in the room that an earlier call has left.

use std::sync::Arc;
use std::time::Duration;

use crate::event::{Failure, Given};
use crate::fault::Code;
use crate::plan::Plan;

use super::core::Core;
use super::log::Log;
use super::scope::Scope;

/// How many closed calls of a run are kept for the next ones.
const SPARE: usize = 8;

impl Core {
    /// Opens the run's own graph.
    pub(super) fn open_run(&mut self, plan: &Arc<Plan>, given: Arc<Given>) {
        self.start_time();
        let mut scope = Box::new(Scope::new(&self.run, plan));
        plan.place_into(&given, &mut scope.state.given);
        self.open(scope, |log, id| log.opened(id, given));
    }

    /// Returns a scope for a call of a graph, in which nothing has happened. Making one takes a dozen allocations, a
    /// third of what a call of five nodes takes.
    pub(super) fn scope_for(&mut self, plan: &Arc<Plan>) -> Box<Scope> {
        let mut spare = self.spare.iter();
        match spare.rposition(|scope| Arc::ptr_eq(scope.plan(), plan)) {
            Some(position) => self.spare.swap_remove(position),
            None => Box::new(Scope::new(&self.run, plan)),
        }
    }

    /// Keeps a scope that is closed for the next call of its graph. What it knew is dropped at once.
    pub(super) fn keep(&mut self, mut scope: Box<Scope>) {
        if self.spare.len() < SPARE {
            scope.clear();
            self.spare.push(scope);
        }
    }

    /// Opens a graph, in a scope that knows its caller and what it is given; `opened` writes the event where someone wants
    /// it. Returns its number.
    pub(super) fn open(
        &mut self,
        mut scope: Box<Scope>,
        opened: impl FnOnce(&mut Log, u32),
    ) -> u32 {
        let id = self.scopes.next();
        let parent = scope.parent;
        if self.log.on {
            opened(&mut self.log, id);
        }
        scope.id = id;
        scope.in_turn = true;
        let timeout = {
            let Scope { seen, state, .. } = &mut *scope;
            state.call = parent.is_some();
            state.pins.soft_limit = self.limits.soft_limit.max(1);
            state.open(seen.plan());
            seen.plan().policy().timeout_ms
        };
        if let Some(addresses) = &self.run.addresses {
            addresses.opened(id, scope.plan(), parent);
        }
        self.scopes.open(scope);
        if let Some(ms) = timeout.filter(|_| parent.is_some()) {
            self.time_graph(id, ms, Duration::ZERO);
        }
        id
    }

    /// Starts the time that a called graph has by its own policy, of which some has gone already.
    pub(super) fn time_graph(&mut self, id: u32, ms: u64, gone: Duration) {
        let failure = Failure::new(
            Code::RunTimeout,
            format!("the sub-graph did not end within {ms} ms"),
        );
        self.time_call(id, Duration::from_millis(ms).saturating_sub(gone), failure);
    }
}
