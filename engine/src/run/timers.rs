//! The times that sub-graph calls have: by the policy of the sub-graph, and by the node that calls it.

use std::sync::Arc;
use std::task::Context as TaskContext;
use std::time::Duration;

use crate::event::Failure;
use crate::host::BoxFuture;

use super::core::Core;

/// The open calls whose time is counted, each with the failure that it ends with.
#[derive(Default)]
pub(super) struct Timers(Vec<Timer>);

struct Timer {
    scope: u32,
    failure: Failure,
    sleep: BoxFuture<'static, ()>,
}

impl Timers {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The call is over.
    pub(super) fn forget(&mut self, scope: u32) {
        self.0.retain(|timer| timer.scope != scope);
    }

    /// Returns a call whose time is up, once. Else `cx` is woken when there is one.
    fn next(&mut self, cx: &mut TaskContext<'_>) -> Option<(u32, Failure)> {
        let due = |timer: &mut Timer| timer.sleep.as_mut().poll(cx).is_ready();
        let position = self.0.iter_mut().position(due)?;
        let timer = self.0.swap_remove(position);
        Some((timer.scope, timer.failure))
    }
}

impl Core {
    /// Starts the time that a call has.
    pub(super) fn time_call(&mut self, scope: u32, after: Duration, failure: Failure) {
        let sleep = self.run.env.host.clock.sleep(after);
        self.timers.0.push(Timer {
            scope,
            failure,
            sleep,
        });
    }

    /// Ends the calls whose time is up. Says whether there were any; else `cx` is woken when there are.
    pub(super) fn poll_timers(&mut self, cx: &mut TaskContext<'_>) -> bool {
        let mut any = false;
        while let Some((scope, failure)) = self.timers.next(cx) {
            any = true;
            self.tick();
            self.fail_call(scope, failure);
        }
        any
    }

    /// Ends a call before it is done.
    pub(super) fn fail_call(&mut self, scope: u32, failure: Failure) {
        let failure = Arc::new(failure.transient(true));
        self.with(scope, |_, scope| {
            scope.state.fatal.get_or_insert(failure);
            scope.state.cancel();
        });
    }
}
