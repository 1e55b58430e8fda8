//! What holds a run that goes on by itself.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::cancel::CancelToken;
use crate::event::{Failure, Status};
use crate::fault::Code;
use crate::value::{Text, Value};

use super::core::Core;
use super::observe::{EventStream, observe};
use super::outcome::RunOutcome;
use super::scope::{Letter, Order, RunShared};

/// A run in motion. Dropping it asks the run to stop; [`RunHandle::detach`] lets it live.
#[must_use = "dropping the handle cancels the run"]
pub struct RunHandle {
    pub(super) id: Text,
    pub(super) cancel: CancelToken,
    pub(super) run: Arc<RunShared>,
    pub(super) task: Option<JoinHandle<RunOutcome>>,
}

impl RunHandle {
    /// Lets a run go on by itself.
    pub(super) fn of(
        runtime: &tokio::runtime::Handle,
        run: &Arc<RunShared>,
        drive: impl Future<Output = RunOutcome> + Send + 'static,
    ) -> Self {
        Self {
            id: run.env.id.clone(),
            cancel: run.env.cancel.get().clone(),
            run: Arc::clone(run),
            task: Some(runtime.spawn(drive)),
        }
    }

    /// Returns the run's id.
    #[must_use]
    pub fn id(&self) -> &Text {
        &self.id
    }

    /// Asks the run to stop; idempotent. The outcome has the receipt.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Says whether the run is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Watches the run from now on: what happened before is in [`RunHandle::snapshot`]. The stream holds at most so
    /// many events.
    pub fn subscribe(&self, capacity: usize) -> EventStream {
        let (observer, stream) = observe(capacity);
        self.run
            .mail
            .post(Letter::Order(Order::Subscribe(observer)));
        stream
    }

    /// Watches what the blocks of the run tell from now on, and not its events; see [`observe_notes`](super::observe_notes). The stream holds at
    /// most so many notes.
    pub fn subscribe_notes(&self, capacity: usize) -> EventStream {
        self.run.subscribe_notes(capacity)
    }

    /// Answers a block that waits at this node, in this firing of it if one is named (`node:firing`), for this signal if
    /// one is named. Says whether one did.
    pub async fn answer(&self, node: &str, signal: Option<&str>, value: impl Into<Value>) -> bool {
        let (reply, answered) = oneshot::channel();
        let (node, signal, value) = (Text::from(node), signal.map(Text::from), value.into());
        self.run.mail.post(Letter::Order(Order::Answer {
            node,
            signal,
            value,
            reply,
        }));
        answered.await.unwrap_or(false)
    }

    /// Returns where the run stands; `None` once it is over.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        let (reply, snapshot) = oneshot::channel();
        self.run.mail.post(Letter::Order(Order::Snapshot(reply)));
        snapshot.await.ok()
    }

    /// Waits for the run's end. Dropping the future asks the run to stop.
    pub async fn outcome(mut self) -> RunOutcome {
        let Some(task) = &mut self.task else {
            return lost(&self.id, "the run was detached");
        };
        let joined = task.await;
        self.task = None;
        joined.unwrap_or_else(|error| lost(&self.id, &error.to_string()))
    }

    /// Waits for the run's end. Dropping the future lets the run go on without its handle, as [`RunHandle::detach`] does: for
    /// a host that is not to end runs by ending itself.
    pub async fn outcome_detached(mut self) -> RunOutcome {
        let Some(task) = self.task.take() else {
            return lost(&self.id, "the run was detached");
        };
        task.await
            .unwrap_or_else(|error| lost(&self.id, &error.to_string()))
    }

    /// Lets the run go on without its handle.
    pub fn detach(mut self) {
        self.task = None;
    }
}

/// The runtime was shut down under the run, or its driver panicked: the one failure that no event tells of.
fn lost(id: &Text, why: &str) -> RunOutcome {
    let failure = Failure::new(Code::RunNoRuntime, format!("the run was lost: {why}"));
    RunOutcome::failed(id.clone(), failure)
}

impl Drop for RunHandle {
    fn drop(&mut self) {
        if self.task.is_some() {
            self.cancel.cancel();
        }
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// `running`, or `waiting` if nothing moves until someone answers.
    pub status: Status,
    /// The sequence number that the next event gets, where events are recorded.
    pub next_seq: u64,
    /// Firings so far.
    pub firings: u64,
    /// Failed firings so far.
    pub node_errors: u64,
    /// Nodes at work or done: id, firings started, firings delivered.
    pub nodes: Vec<(Text, u32, u32)>,
    /// Questions that wait for an answer.
    pub questions: Vec<Question>,
}

/// A question that waits for an answer from outside.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Question {
    /// The node that asks; with `/` between a call and what is inside it.
    pub node: Text,
    /// Its firing.
    pub firing: u32,
    /// What it waits for.
    pub signal: Text,
    /// What it asks.
    pub question: Value,
}

impl Snapshot {
    pub(super) fn of(core: &Core) -> Self {
        let scope = core.scopes.get(0);
        let nodes = scope.map(|scope| {
            let plan = scope.plan();
            let counts = plan
                .node_positions()
                .map(|node| (node, scope.state.counts(node)));
            counts
                .filter(|(_, (fired, _))| *fired > 0)
                .map(|(node, (fired, delivered))| {
                    (Text::from(plan.node_id(node)), fired, delivered)
                })
                .collect()
        });
        let question = |waiter: &super::core::Waiter| {
            let (scope, node, firing) = waiter.by;
            let scope = core.scopes.get(scope);
            let name = |scope: &super::scope::Scope| {
                format!(
                    "{}{}",
                    core.scopes.callers(scope),
                    scope.plan().node_id(node)
                )
            };
            Question {
                node: Text::from(scope.map_or_else(String::new, name)),
                firing,
                signal: waiter.signal.clone(),
                question: waiter.question.clone(),
            }
        };
        let asking = core.waiters.iter().filter(|waiter| !waiter.is_gone());
        let questions: Vec<Question> = asking.map(question).collect();
        let in_flight = scope.map_or(0, |scope| scope.state.in_flight as usize);
        let waiting = !questions.is_empty() && in_flight <= core.parked.len();
        Self {
            status: if waiting {
                Status::Waiting
            } else {
                Status::Running
            },
            next_seq: core.log.next(),
            firings: core.totals.firings + scope.map_or(0, |scope| scope.state.firings),
            node_errors: core.totals.node_errors,
            nodes: nodes.unwrap_or_default(),
            questions,
        }
    }
}
