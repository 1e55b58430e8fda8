//! Replay: stops that no event tells of. The run's time was up, or it met a limit; what follows shows it.

use crate::dense::NodeIx;
use crate::event::{Event, Failure, How, Record};
use crate::plan::Node;

use super::serial::Serial;

impl Serial {
    /// Says whether the run had been stopped when the next event was recorded, as that event and those show that were
    /// decided together with it.
    pub(super) fn was_stopped(&self, order: &[Record]) -> bool {
        !self.core.stopped && self.shows_a_stop(order) && self.nothing_starts(order)
    }

    /// Says whether it goes on as a run does that was stopped, and nobody asked for that: a block may find out that the
    /// run was cancelled before the run itself does.
    pub(super) fn nothing_starts(&self, order: &[Record]) -> bool {
        let rest = order.get(self.at..).unwrap_or_default().iter();
        let mut own = rest.take_while(|record| !matches!(record.event, Event::Resumed { .. }));
        !own.any(|record| {
            matches!(
                record.event,
                Event::Started { .. }
                    | Event::ToolStarted { .. }
                    | Event::Opened { .. }
                    | Event::CancelRequested
            )
        })
    }

    fn shows_a_stop(&self, order: &[Record]) -> bool {
        let mut rest = order.get(self.at..).unwrap_or_default().iter();
        let Some(first) = rest.next() else {
            return false;
        };
        match &first.event {
            Event::Finished { how, node, .. } if self.is_stopped(first.scope, *node, how) => {
                return true;
            }
            Event::Done { .. } | Event::Finished { .. } => {}
            _ => return false,
        }
        // The end of the last firing of a call closes the call, which ends its caller, which may close another one.
        let mut closed = None;
        for record in rest {
            let scope = self.core.scopes.get(record.scope);
            match &record.event {
                Event::Closed { .. } => closed = scope.and_then(|scope| scope.parent),
                Event::Emitted { node, .. }
                    if scope
                        .and_then(|scope| scope.plan().nodes.get(*node))
                        .is_some_and(|hot| hot.is(Node::CALL)) => {}
                Event::Finished { node, firing, how }
                    if closed.take().is_some_and(|by| {
                        by.direct
                            && (by.scope, by.node, by.firing) == (record.scope, *node, *firing)
                    }) =>
                {
                    if self.is_stopped(record.scope, *node, how) {
                        return true;
                    }
                }
                _ => return false,
            }
        }
        false
    }

    /// Only in a run that was stopped a firing ends in this way.
    pub(super) fn is_stopped(&self, scope: u32, node: NodeIx, how: &How) -> bool {
        match how {
            How::Aborted => true,
            How::Failed(failure) => self.would_retry(scope, node, failure),
            How::Ok | How::Starved(_) => false,
        }
    }

    fn would_retry(&self, scope: u32, node: NodeIx, failure: &Failure) -> bool {
        let scope = self.core.scopes.get(scope);
        let known = scope.filter(|scope| scope.plan().nodes.get(node).is_some());
        let options = known.and_then(|scope| scope.plan().options(node));
        let retries = options.and_then(|options| {
            let acts = options.call.as_ref().is_some_and(|plan| plan.acts);
            options.retry.filter(|_| !acts)
        });
        let left = retries.is_some_and(|retry| failure.attempt < retry.max_attempts);
        left && failure.transient
    }

    /// Stops the run, as something did that no event tells of.
    pub(super) fn stop_silently(&mut self, order: &[Record]) {
        let failure = order.last().and_then(|last| match &last.event {
            Event::Ended { failure, .. } => failure.clone(),
            _ => None,
        });
        self.core.failure = self.core.failure.take().or(failure);
        self.core.stop();
    }

    /// In a run that was stopped a call is over as soon as nothing in it is at work.
    pub(super) fn close_stopped(&mut self, order: &[Record], scope: u32) -> bool {
        let state = self.core.scopes.get(scope).map(|scope| &scope.state);
        let busy = state.is_none_or(|state| state.in_flight > 0);
        if self.core.stopped || busy || !self.nothing_starts(order) {
            return false;
        }
        self.stop_silently(order);
        self.core.with(scope, |_, _| ());
        true
    }
}
