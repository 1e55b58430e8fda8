//! Replay without acting: runs that another process had taken up. What ran is begun anew, as that process did.

use crate::event::{Event, Record};
use crate::plan::Node;

use super::call::{Firing, Place};
use super::core::Core;
use super::left::{Left, Wanted};
use super::machine::Machine;
use super::scope::Letter;
use super::scopes::Scopes;
use super::serial::Serial;
use super::timers::Timers;
use super::totals::Totals;
use crate::block::Ask;

impl Serial {
    /// Folds the events as they are replayed, where the run was taken up at some time.
    pub(super) fn fold_for_later(&mut self, records: &[Record]) {
        let taken_up = |record: &Record| matches!(record.event, Event::Resumed { .. });
        if records.iter().any(taken_up) {
            self.so_far = Some(Machine::new(self.core.log.plan()));
        }
    }

    /// The run is taken up: all that was at work is begun again, and of what was stopped without an event nothing is known.
    pub(super) fn taken_up(&mut self, record: &Record, epoch: u64) {
        let Some(machine) = self.so_far.clone() else {
            self.core.log.push(record.scope, record.event.clone());
            return;
        };
        self.pending.clear();
        self.letters.clear();
        drop(self.core.run.mail.take());
        self.core.forget_all();
        // Each counts once, however often it is begun.
        let tally = self.tally;
        for firing in self.core.restore(machine, epoch) {
            self.hold(firing);
        }
        for again in std::mem::take(&mut self.core.agains) {
            let scope = self.core.scopes.get(again.at.scope);
            let is_call = scope.is_some_and(|scope| {
                let hot = scope.plan().nodes.get(again.at.node);
                hot.is_some_and(|hot| hot.is(Node::CALL))
            });
            if is_call {
                self.core.agains.push(again);
            } else if let Some(firing) = self.core.again(again) {
                self.hold(firing);
            }
        }
        self.tally = tally;
        for at in self.core.left.take_ends() {
            self.await_recorded(at);
        }
        if self.core.cancelled || self.core.failure.is_some() {
            self.core.stop();
        }
    }

    /// What becomes of this firing the record tells.
    fn await_recorded(&mut self, at: Place) {
        let tally = self.tally;
        let firing = Firing {
            at,
            future: None,
            retry: None,
            cpu: false,
            acts: false,
            deadline: None,
            begun: false,
        };
        self.hold(firing);
        if let Some(pending) = self.pending.last_mut() {
            pending.plays = true;
        }
        self.tally = tally;
    }
}

impl Core {
    /// Forgets all but what is recorded.
    fn forget_all(&mut self) {
        self.scopes = Scopes::default();
        self.timers = Timers::default();
        self.totals = Totals::default();
        self.left = Left::default();
        (self.stopped, self.cancelled, self.failure) = (false, false, None);
        self.spare.clear();
        self.waiters.clear();
        self.parked.clear();
        self.given_up.clear();
        self.agains.clear();
        self.held_open = None;
    }

    /// A block asks again for what an earlier process was asked for: this has no event.
    pub(super) fn asks_again(&self, letter: &Letter) -> bool {
        let Letter::Ask {
            scope,
            node,
            firing,
            what,
        } = letter
        else {
            return false;
        };
        let by = (*scope, *node, *firing);
        match what {
            Ask::Graph { graph, inputs, .. } => self.left.is_asked(
                by,
                &Wanted::Graph(graph, inputs),
                &*self.run.env.host.credentials,
            ),
            Ask::Tool {
                tool, arguments, ..
            } => {
                let node = self.tool_node(by, *tool);
                node.is_some_and(|node| {
                    let wanted = Wanted::Tool(node, arguments);
                    self.left
                        .is_asked(by, &wanted, &*self.run.env.host.credentials)
                })
            }
            Ask::Paid { .. } | Ask::Wait { .. } => false,
        }
    }
}
