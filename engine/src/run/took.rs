//! What attempts give: emissions delivered, ends noted, failures retried or routed.

use std::sync::Arc;
use std::time::Duration;

use crate::block::{BlockError, Effect, Out, Retry, mix, same_sealed};
use crate::dense::NodeIx;
use crate::event::{Event, Failure, How};
use crate::fault::Code;
use crate::host::Capability;
use crate::plan::{Node, Plan, RetryPlan};
use crate::value::{Excess, Text, Value};

use super::call::{Attempts, Place, Repeat};
use super::core::{After, Again, Core};
use super::left::Given;
use super::scope::Scope;

impl Core {
    /// Takes what a poll gave: emissions, and the end if it was the last.
    pub(super) fn took(
        &mut self,
        scope: &mut Scope,
        at: Place,
        retry: &mut Option<Box<Attempts>>,
        out: Out,
        end: Option<Result<(), BlockError>>,
    ) -> After {
        let out = match (out, end.as_ref()) {
            (Out::One(port, value), Some(Ok(())))
                if retry.is_none()
                    && !scope.tools.contains_key(&(at.node, at.firing))
                    && !self.parked.contains_key(&(at.scope, at.node, at.firing))
                    && !is_rare(scope, scope.plan().nodes.at(at.node), &value) =>
            {
                self.done_later(scope, at, port, value);
                return After::Settled;
            }
            (out, _) => out,
        };
        let goes_on = match out {
            Out::None => true,
            Out::One(port, value) => self.took_one(scope, at, retry, port, value),
            Out::Many(all) => all
                .into_iter()
                .all(|(port, value)| self.took_one(scope, at, retry, port, value)),
        };
        if !goes_on {
            return After::Over;
        }
        let Some(end) = end else {
            return After::Settled;
        };
        if self.log.is_kept() && scope.plan().nodes.at(at.node).is(Node::ACTS) {
            // That it has acted must not be in doubt for longer than need be.
            self.log.want();
        }
        self.forget_asks(scope, at);
        let error = match end {
            Ok(()) => {
                self.finish(scope, at, How::Ok);
                return After::Settled;
            }
            Err(BlockError::Cancelled) if self.stopped || self.run.env.cancel.is_cancelled() => {
                self.finish(scope, at, How::Aborted);
                return After::Settled;
            }
            Err(error) => error,
        };
        let failure = failure(scope, at, &error);
        if let Some(attempts) = retry.take()
            && !self.stopped
            && let Some(delay) = self.retries(scope, at, &error)
        {
            self.note_retry(at, delay, failure);
            return After::Again(Again {
                at,
                delay,
                attempts,
            });
        }
        self.finish(scope, at, How::Failed(failure));
        After::Settled
    }

    /// Takes one emission. Says whether the firing goes on: one that does not repeat itself is over.
    fn took_one(
        &mut self,
        scope: &mut Scope,
        at: Place,
        retry: &mut Option<Box<Attempts>>,
        port: u16,
        value: Value,
    ) -> bool {
        self.log.flush_full();
        if let Some(attempts) = retry {
            let credentials = &*self.run.env.host.credentials;
            let same = |a: &Value, b: &Value| same_sealed(credentials, a, b);
            match attempts.repeat(0, port, &value, same) {
                Repeat::New => {}
                Repeat::Same => return true,
                Repeat::Other(emission) => {
                    let error = BlockError::Diverged {
                        attempt: at.attempt,
                        emission,
                    };
                    let failure = failure(scope, at, &error);
                    self.forget_asks(scope, at);
                    self.finish(scope, at, How::Failed(failure));
                    return false;
                }
            }
        }
        if is_nested(scope.plan().nodes.at(at.node), &value)
            && self.refuses_value(scope, at.node, &value)
        {
            return false;
        }
        self.emitted(scope, at, port, value);
        true
    }

    /// A firing emitted its last value and ended well.
    #[inline(always)]
    pub(super) fn done(
        &mut self,
        scope: &mut Scope,
        plan: &Plan,
        node: NodeIx,
        firing: u32,
        port: u16,
        value: Value,
    ) {
        if self.log.on {
            self.log.done(scope.id, node, firing, port, &value);
        }
        scope.state.done(plan, node, firing, port, value);
        if scope.state.pins.queued > 0 {
            self.check_queues(scope, node);
        }
    }

    /// As [`Core::done`], for whoever does not hold the plan anyway.
    fn done_later(&mut self, scope: &mut Scope, at: Place, port: u16, value: Value) {
        if self.log.on {
            self.log.done(scope.id, at.node, at.firing, port, &value);
        }
        let Scope { seen, state, .. } = scope;
        state.done(seen.plan(), at.node, at.firing, port, value);
        if scope.state.pins.queued > 0 {
            self.check_queues(scope, at.node);
        }
    }

    pub(super) fn note_retry(&mut self, at: Place, delay: Duration, failure: Arc<Failure>) {
        if self.log.on {
            let event = Event::Retrying {
                node: at.node,
                firing: at.firing,
                attempt: at.attempt,
                delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
                failure,
            };
            self.log.push(at.scope, event);
        }
    }

    pub(super) fn emitted(&mut self, scope: &mut Scope, at: Place, port: u16, value: Value) {
        if self.log.on {
            let event = Event::Emitted {
                node: at.node,
                firing: at.firing,
                port,
                value: value.clone(),
            };
            self.log.push(at.scope, event);
        }
        if let Some(asked) = scope.tools.get_mut(&(at.node, at.firing)) {
            let name = scope.seen.plan().port_name(at.node, port);
            asked.outputs.push((Text::from(name), value.clone()));
        }
        // What a younger firing gives waits for the older ones: see `RunState::passed`.
        if scope.parent.is_some()
            && port == 0
            && scope.plan().nodes.at(at.node).is(Node::OUTPUT)
            && scope.state.is_oldest(at.node, at.firing)
        {
            self.call_gave(scope, at.node, value.clone());
        }
        let Scope { seen, state, .. } = scope;
        state.emitted(seen.plan(), at.node, at.firing, port, value);
        self.check_queues(scope, at.node);
    }

    #[inline(always)]
    pub(super) fn check_queues(&mut self, scope: &mut Scope, producer: NodeIx) {
        let (pins, others) = (&scope.state.pins, self.scopes.waiting);
        if pins.queued + others.values > self.limits.max_queued
            || pins.queued_bytes + others.bytes > self.limits.max_queued_bytes
        {
            self.queue_limit(scope, producer);
        }
    }

    /// Fails the scope if a value has become too deep or too large: each node, and each round of a cycle, may wrap it once
    /// more, and in the end dropping it would overflow the stack; or may hold it twice, and in the end no memory would
    /// hold it written down.
    #[cold]
    pub(super) fn refuses_value(&self, scope: &mut Scope, node: NodeIx, value: &Value) -> bool {
        let Err(excess) = self.weigh(value) else {
            return false;
        };
        let (code, message) = match excess {
            Excess::Depth => (
                Code::RunValueDepth,
                format!(
                    "a value came to be nested deeper than {} lists and maps",
                    self.limits.max_value_depth
                ),
            ),
            Excess::Bytes => (
                Code::RunValueBytes,
                format!(
                    "a list or map came to be larger than {} bytes",
                    self.limits.max_value_bytes
                ),
            ),
        };
        let failure = Failure::new(code, message).at(scope.plan().node_id(node));
        scope.state.fatal.get_or_insert_with(|| Arc::new(failure));
        scope.state.cancel();
        true
    }

    fn weigh(&self, value: &Value) -> Result<usize, Excess> {
        value.weigh(self.limits.max_value_depth, self.limits.max_value_bytes)
    }

    /// A replay asks whether this gift would fail the scope.
    pub(super) fn would_refuse(&self, at: Place, value: &Value) -> bool {
        let scope = self.scopes.get(at.scope);
        scope.is_some_and(|scope| is_nested(scope.plan().nodes.at(at.node), value))
            && self.weigh(value).is_err()
    }

    /// Fails the run, however deep in calls its limit was met: the limit is that of all its graphs together.
    #[cold]
    fn queue_limit(&mut self, scope: &mut Scope, producer: NodeIx) {
        if self.stopped {
            return;
        }
        let callers = self.scopes.callers(scope);
        let plan = scope.plan();
        let pins = &scope.state.pins;
        let fullest = scope
            .state
            .fullest()
            .map(|pin| (*plan.pins.at(pin), plan.paths.get(&pin)));
        let pin = fullest.map_or_else(String::new, |(pin, path)| {
            format!(
                "{callers}{}.{}",
                plan.node_id(pin.node),
                super::stalled::pin_name(plan, pin.node, pin, path)
            )
        });
        let values = pins.queued + self.scopes.waiting.values;
        let (code, what) = if values > self.limits.max_queued {
            (
                Code::RunQueueLimit,
                format!("more than {} values wait", self.limits.max_queued),
            )
        } else {
            (
                Code::RunBytesLimit,
                format!(
                    "values of more than {} bytes wait",
                    self.limits.max_queued_bytes
                ),
            )
        };
        let producer = format!("{callers}{}", plan.node_id(producer));
        let message =
            format!("{what}; the fullest pin is {pin}, and the last producer was \"{producer}\"");
        self.failure = Some(Arc::new(Failure::new(code, message).at(producer)));
        scope.state.cancel();
        self.stop();
    }

    /// Ends a firing.
    #[cold]
    pub(super) fn finish(&mut self, scope: &mut Scope, at: Place, how: How) {
        let scopes = &self.scopes;
        self.totals.finished(&how, || scopes.callers(scope));
        if self.log.on {
            let event = Event::Finished {
                node: at.node,
                firing: at.firing,
                how: how.clone(),
            };
            self.log.push(at.scope, event);
        }
        if let Some(asked) = scope.tools.remove(&(at.node, at.firing)) {
            let result = match &how {
                How::Failed(failure) => Err(BlockError::failed(failure.message.to_string())),
                How::Aborted => Err(BlockError::Cancelled),
                How::Ok | How::Starved(_) => Ok(asked.outputs),
            };
            let tool = Given::Tool(at.node, at.firing);
            self.give_asked(asked.by, asked.reply, &tool, result);
        }
        let Scope { seen, state, .. } = scope;
        state.finished(seen.plan(), at.node, at.firing, how);
        for (node, value) in std::mem::take(&mut scope.state.passed) {
            self.call_gave(scope, node, value);
        }
    }

    /// Returns how long to wait before the next attempt; `None` if there is none.
    pub(super) fn retries(&self, scope: &Scope, at: Place, error: &BlockError) -> Option<Duration> {
        if !is_transient(scope, at, error) {
            return None;
        }
        let asked = match error.retry() {
            Retry::After(time) | Retry::NotActedAfter(time) => time,
            _ => Duration::ZERO,
        };
        Some(self.backoff(scope, at)?.max(asked))
    }

    /// Returns how long the node waits before its next attempt; `None` if it has had them all.
    pub(super) fn backoff(&self, scope: &Scope, at: Place) -> Option<Duration> {
        let policy: RetryPlan = scope.plan().options(at.node)?.retry?;
        if at.attempt >= policy.max_attempts {
            return None;
        }
        let doubled = policy
            .backoff
            .saturating_mul(1_u32.checked_shl(at.attempt - 1).unwrap_or(u32::MAX));
        let full = doubled.min(policy.max_backoff);
        // Jitter between half and all of it, the same in every repetition of this run.
        let place =
            (u64::from(at.scope) << 48) ^ (u64::from(at.node.0) << 24) ^ u64::from(at.firing);
        let draw = mix(mix(self.run.env.seed ^ place) ^ u64::from(at.attempt)) % 1_000;
        Some(full / 2 + (full / 2).mul_f64(draw as f64 / 1_000.0))
    }
}

/// What is emitted needs more than delivery: it leaves a sub-graph, or may be too deep or too large.
#[inline(always)]
pub(super) fn is_rare(scope: &Scope, hot: &Node, value: &Value) -> bool {
    hot.is(Node::OUTPUT) && scope.parent.is_some() || is_nested(hot, value)
}

/// The value may have been wrapped many times.
#[inline(always)]
pub(super) fn is_nested(hot: &Node, value: &Value) -> bool {
    hot.is(Node::WEIGHED) && matches!(value, Value::List(_) | Value::Map(_))
}

pub(super) fn failure(scope: &Scope, at: Place, error: &BlockError) -> Arc<Failure> {
    let node = scope.plan().node_id(at.node);
    Arc::new(
        Failure::new(error.code(), scope.seen.env().told(error))
            .at(node)
            .attempt(at.attempt)
            .transient(is_transient(scope, at, error)),
    )
}

/// Another attempt may do better, and does no harm: one that may have acted is not repeated without a decision.
fn is_transient(scope: &Scope, at: Place, error: &BlockError) -> bool {
    let once = || {
        let plan = scope.plan();
        let info = plan.cold.at(at.node).block.info();
        // A block that runs sub-graphs from inside does what they do.
        info.effect == Effect::AtMostOnce
            || info.capabilities.contains(&Capability::Graphs)
                && plan.subgraphs.values().any(|sub| sub.acts)
    };
    match error.retry() {
        Retry::Never => false,
        Retry::NotActed | Retry::NotActedAfter(_) => true,
        Retry::Maybe | Retry::After(_) => !once(),
    }
}
