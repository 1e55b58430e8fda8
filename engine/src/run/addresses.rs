//! Where the graphs of a run are: by which firings they were called. Kept only for runs that ask, see
//! [`Reuse`](crate::Reuse).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::Caller;
use crate::plan::Plan;
use crate::reuse::At;
use crate::value::Text;

/// The addresses of the graphs that are open, by scope.
#[derive(Default)]
pub(super) struct Addresses(Mutex<HashMap<u32, Open>>);

struct Open {
    plan: Arc<Plan>,
    /// Empty for the run's own graph; else it ends with `/`.
    address: Text,
}

impl Addresses {
    /// Notes that a graph was opened.
    pub(super) fn opened(&self, scope: u32, plan: &Arc<Plan>, parent: Option<Caller>) {
        let mut open = self.lock();
        let up = parent.and_then(|caller| Some((open.get(&caller.scope)?, caller)));
        let address = up.map_or_else(Text::default, |(up, caller)| {
            let node = up.plan.node_id(caller.node);
            At::inside(&up.address, node).callee(caller.firing)
        });
        let plan = Arc::clone(plan);
        open.insert(scope, Open { plan, address });
    }

    /// Forgets a graph that was closed.
    pub(super) fn closed(&self, scope: u32) {
        self.lock().remove(&scope);
    }

    pub(super) fn of(&self, scope: u32) -> Text {
        let open = self.lock();
        open.get(&scope)
            .map(|open| open.address.clone())
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
