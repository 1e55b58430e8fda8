//! Replay without acting: firings whose blocks reach outside are played from the record. Their blocks are never polled;
//! what the record says of them happens, in its order. All other blocks run, and are held to the record.

use tokio::sync::oneshot;

use crate::block::Ask;
use crate::dense::NodeIx;
use crate::event::{Event, Failure, How, Record};
use crate::fault::Code;
use crate::plan::Plan;

use super::call::{Firing, Place};
use super::core::By;
use super::scope::Letter;
use super::serial::Serial;

/// How many firings of a replay ran, and how many were played.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) ran: u64,
    pub(super) played: u64,
}

/// The firing whose block caused an event.
pub(super) fn actor(record: &Record) -> Option<By> {
    match &record.event {
        Event::ToolStarted { caller, .. } => Some((caller.scope, caller.node, caller.firing)),
        Event::Opened {
            parent: Some(caller),
            ..
        } if !caller.direct => Some((caller.scope, caller.node, caller.firing)),
        Event::Emitted { node, firing, .. }
        | Event::Done { node, firing, .. }
        | Event::Finished { node, firing, .. }
        | Event::Retrying { node, firing, .. }
        | Event::Paid { node, firing, .. }
        | Event::Waiting { node, firing, .. }
        | Event::Answered { node, firing, .. }
        | Event::Charged { node, firing, .. } => Some((record.scope, *node, *firing)),
        _ => None,
    }
}

impl Serial {
    /// Says whether the firings of a node are played.
    pub(super) fn plays(&self, scope: u32, node: NodeIx) -> bool {
        if !self.options.plays {
            return false;
        }
        let plan = self.core.scopes.get(scope).map(|scope| scope.plan());
        let cold = plan.and_then(|plan| plan.cold.get(node));
        cold.is_some_and(|cold| cold.block.info().reaches_out())
    }

    fn played(&self, by: By) -> Option<usize> {
        let is_it = |at: Place| (at.scope, at.node, at.firing) == by;
        let mut pending = self.pending.iter();
        pending.position(|pending| pending.plays && is_it(pending.firing.at))
    }

    /// Lets a recorded event of a played firing happen. Says whether it did; `None`: it is of no such firing.
    pub(super) fn play(&mut self, record: &Record) -> Option<bool> {
        if !self.options.plays {
            return None;
        }
        let by = actor(record)?;
        if let Event::Charged {
            node, unit, amount, ..
        } = &record.event
            && self.plays(record.scope, *node)
        {
            // It holds even if the firing is over by now.
            self.core.totals.charged(unit, *amount);
            self.core.log.push(record.scope, record.event.clone());
            return Some(true);
        }
        let position = self.played(by)?;
        match &record.event {
            Event::Paid { .. } | Event::Waiting { .. } | Event::Answered { .. } => {
                self.core.log.push(record.scope, record.event.clone());
                Some(true)
            }
            Event::Opened { graph, given, .. } => {
                let (reply, _) = oneshot::channel();
                let (graph, inputs) = (graph.clone(), given.inputs.clone());
                let what = Ask::Graph {
                    graph,
                    inputs,
                    reply,
                };
                self.ask(by, what);
                Some(true)
            }
            Event::ToolStarted {
                node, arguments, ..
            } => {
                let up = self.core.scopes.get(by.0)?;
                let tools = &up.plan().options(by.1)?.tools;
                let tool = tools.iter().position(|tool| tool.node == *node)?;
                let (reply, _) = oneshot::channel();
                let what = Ask::Tool {
                    tool: u32::try_from(tool).unwrap_or(u32::MAX),
                    arguments: arguments.clone(),
                    reply,
                };
                self.ask(by, what);
                Some(true)
            }
            event => Some(self.play_gift(position, event, false)),
        }
    }

    fn ask(&mut self, (scope, node, firing): By, what: Ask) {
        let letter = Letter::Ask {
            scope,
            node,
            firing,
            what,
        };
        if let Some(firing) = self.core.read(letter) {
            self.hold(firing);
        }
    }

    /// Lets a played firing give what was recorded. `closes`: graphs that it called are closed before.
    pub(super) fn play_gift(&mut self, position: usize, event: &Event, closes: bool) -> bool {
        let Some(pending) = self.pending.get_mut(position) else {
            return false;
        };
        let at = pending.firing.at;
        let over = match event {
            Event::Emitted { .. } => false,
            Event::Retrying { attempt, .. } => {
                pending.firing.at.attempt = attempt.saturating_add(1);
                false
            }
            _ => true,
        };
        if over {
            self.pending.remove(position);
        }
        self.core.with(at.scope, |core, scope| match event {
            Event::Emitted { port, value, .. } => core.emitted(scope, at, *port, value.clone()),
            Event::Done { port, value, .. } => {
                let plan = scope.plan().clone();
                core.done(scope, &plan, at.node, at.firing, *port, value.clone());
            }
            Event::Retrying { .. } => {
                core.forget_asks(scope, at);
                core.log.push(at.scope, event.clone());
            }
            Event::Finished { how, .. } => {
                // One that was dropped leaves the graphs that it called to be dropped too.
                if closes || !matches!(how, How::Aborted) {
                    core.forget_asks(scope, at);
                }
                core.finish(scope, at, how.clone());
            }
            _ => {}
        });
        true
    }

    /// Lets a firing that the driver got go its way: its block is polled, or never is.
    pub(super) fn sort(&mut self, firing: &mut Firing) -> bool {
        let plays = self.plays(firing.at.scope, firing.at.node);
        if plays {
            super::call::drop_quietly(firing.future.take());
            self.tally.played += u64::from(firing.at.attempt == 1);
        } else {
            self.tally.ran += u64::from(firing.at.attempt == 1);
        }
        plays
    }

    /// A played firing gave a value that is too deep or too large, which has no event: its graph fails.
    pub(super) fn refuse_played(
        &mut self,
        scope: u32,
        failure: Option<&std::sync::Arc<Failure>>,
    ) -> bool {
        let refused = |failure: &&std::sync::Arc<Failure>| {
            matches!(failure.code, Code::RunValueDepth | Code::RunValueBytes)
        };
        let Some(failure) = failure.filter(refused) else {
            return false;
        };
        let plays = |plan: &Plan| {
            let node = failure.node.as_ref();
            let node = node.and_then(|node| plan.node(node.as_str()))?;
            Some(plan.cold.at(node).block.info().reaches_out())
        };
        let graph = self.core.scopes.get(scope);
        if !self.options.plays || graph.and_then(|graph| plays(graph.plan())) != Some(true) {
            return false;
        }
        self.core.with(scope, |_, scope| {
            scope.state.fatal.get_or_insert_with(|| failure.clone());
            scope.state.cancel();
        });
        true
    }
}
