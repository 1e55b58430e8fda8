//! Stopping a run: what every attempt is told, how long it may take, and what becomes of those that do not return.

use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use crate::block::Effect;
use crate::event::{Event, Failure, How, Status};
use crate::fault::Code;
use crate::host::BoxFuture;
use crate::value::Text;

use super::call::{Deadline, Place};
use super::core::Core;
use super::outcome::CancelReceipt;

/// Something told the run to stop.
pub(super) struct Stopping {
    pub(super) since: Duration,
    /// `None` once it has passed.
    grace: Option<BoxFuture<'static, ()>>,
}

impl Stopping {
    /// Says, once, that the grace time has passed.
    pub(super) fn poll_grace(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Some(grace) = &mut self.grace else {
            return Poll::Pending;
        };
        let over = grace.as_mut().poll(cx);
        if over.is_ready() {
            self.grace = None;
        }
        over
    }

    pub(super) async fn grace_over(&mut self) {
        std::future::poll_fn(|cx| self.poll_grace(cx)).await;
    }
}

impl Core {
    /// Someone asked the run to stop: from now on no failure changes how it ends.
    pub(super) fn asked_to_stop(&mut self) {
        if self.failure.is_some() || std::mem::replace(&mut self.cancelled, true) {
            return;
        }
        if self.log.on {
            self.log.push(0, Event::CancelRequested);
        }
    }

    /// How the run ends if it ends now.
    pub(super) fn status(&self) -> Status {
        match (self.cancelled, &self.failure) {
            (true, _) => Status::Cancelled,
            (false, Some(_)) => Status::Failed,
            (false, None) => Status::Completed,
        }
    }

    /// Starts nothing more and tells every attempt to stop. What waits for an answer will not get it.
    pub(super) fn stop_all(&mut self) -> Stopping {
        self.stop();
        self.run.env.cancel.cancel();
        self.waiters.clear();
        self.timers.clear();
        Stopping {
            since: self.run.env.host.clock.elapsed(),
            grace: Some(self.run.env.host.clock.sleep(self.limits.grace)),
        }
    }

    /// Closes the receipt of a run that has ended; `None` where nothing told it to stop.
    pub(super) fn receipt(
        &self,
        stopping: Option<Stopping>,
        receipt: CancelReceipt,
    ) -> Option<CancelReceipt> {
        let took = self.elapsed.saturating_sub(stopping?.since);
        Some(receipt.closed(took))
    }

    /// Ends a firing that was dropped, or whose thread goes on and is not listened to any more.
    pub(super) fn abort(&mut self, at: Place, receipt: &mut CancelReceipt, abandoned: bool) {
        if self.effect(at) == Some(Effect::AtMostOnce) {
            receipt.in_doubt.push(self.name(at));
        }
        self.abort_unacted(at, receipt, abandoned);
    }

    /// Ends a firing that was dropped and has not acted, or is no more in doubt than others.
    pub(super) fn abort_unacted(
        &mut self,
        at: Place,
        receipt: &mut CancelReceipt,
        abandoned: bool,
    ) {
        let name = self.name(at);
        if abandoned {
            receipt.abandoned.push(name);
        } else {
            receipt.aborted.push(name);
        }
        self.with(at.scope, |core, scope| core.finish(scope, at, How::Aborted));
    }

    /// Starts the time that a firing has, where its node says one.
    pub(super) fn deadline(&self, at: Place) -> Option<Deadline> {
        let scope = self.scopes.get(at.scope)?;
        let after = scope.plan().options(at.node)?.timeout?;
        Some(Deadline {
            after,
            sleep: self.run.env.host.clock.sleep(after),
        })
    }

    pub(super) fn timed_out(&mut self) {
        let failure = Failure::new(Code::RunTimeout, "the run did not end in time");
        self.failure.get_or_insert_with(|| Arc::new(failure));
    }

    /// Returns what a receipt calls a firing.
    pub(super) fn name(&self, at: Place) -> Text {
        let Some(scope) = self.scopes.get(at.scope) else {
            return Text::from(format!(":{}", at.firing));
        };
        let (callers, node) = (self.scopes.callers(scope), scope.plan().node_id(at.node));
        Text::from(format!("{callers}{node}:{}", at.firing))
    }

    fn effect(&self, at: Place) -> Option<Effect> {
        let plan = self.scopes.get(at.scope)?.plan();
        Some(plan.cold.at(at.node).block.info().effect)
    }
}
