//! What attempts and handles ask for: tools, sub-graphs, paid steps, answers, notes.

use std::sync::Arc;

use crate::block::{Ask, BlockError, Reply, Said, wait_key};
use crate::dense::NodeIx;
use crate::event::{Caller, Event, Given, Record};
use crate::plan::Plan;
use crate::value::{Map, Text, Value};

use super::call::Firing;
use super::core::{Begun, By, Core, Waiter};
use super::left::Wanted;
use super::observe::Note;
use super::scope::{Asked, Letter, Order};

impl Core {
    /// Reads the letter box. Returns what attempts are to be polled for it: tool firings.
    pub(super) fn read_mail(&mut self) -> Vec<Firing> {
        let letters = self.run.mail.take();
        letters
            .into_iter()
            .filter_map(|letter| self.read(letter))
            .collect()
    }

    pub(super) fn read(&mut self, letter: Letter) -> Option<Firing> {
        self.log.flush_full();
        match letter {
            Letter::Ask {
                scope,
                node,
                firing,
                what,
            } => return self.asked((scope, node, firing), what),
            Letter::Told(note) => self.told(note),
            // Only the driver knows the tasks, and the store.
            Letter::Gave { .. }
            | Letter::Order(Order::Messages(_) | Order::Lost | Order::Leave(_)) => {}
            Letter::Order(Order::Subscribe(observer)) => self.log.subscribe(observer),
            Letter::Order(Order::Answer {
                node,
                signal,
                value,
                reply,
            }) => {
                let _ = reply.send(self.answer(&node, signal.as_ref(), value));
            }
            Letter::Order(Order::Snapshot(reply)) => {
                let _ = reply.send(super::handle::Snapshot::of(self));
            }
        }
        None
    }

    /// A firing that is over, e.g. one that was given up on a blocking thread, gets no answer.
    fn is_at_work(&self, (scope, node, firing): By) -> bool {
        let scope = self.scopes.get(scope);
        scope.is_some_and(|scope| scope.state.is_at_work(node, firing))
    }

    fn asked(&mut self, by: By, what: Ask) -> Option<Firing> {
        let (scope, node, firing) = by;
        if !self.is_at_work(by) {
            return None;
        }
        match what {
            Ask::Paid { key, value, reply } => {
                if self.log.on {
                    let event = Event::Paid {
                        node,
                        firing,
                        key: key.clone(),
                        value: value.clone(),
                    };
                    self.log.push(scope, event);
                }
                self.run.mail.note_paid(scope, node, firing, key, value);
                // Whoever paid goes on when that cannot be forgotten.
                if let Some(reply) = self.log.pledge(reply) {
                    let _ = reply.send(Ok(()));
                }
            }
            Ask::Wait {
                ask,
                signal,
                question,
                reply,
            } => {
                if self.stopped {
                    let _ = reply.send(Err(BlockError::Cancelled));
                    return None;
                }
                if self.log.on && !self.left.asked_before(by, ask, &signal) {
                    let event = Event::Waiting {
                        node,
                        firing,
                        ask,
                        signal: signal.clone(),
                        question: question.clone(),
                    };
                    self.log.push(scope, event);
                }
                self.park(by);
                self.waiters.push(Waiter {
                    by,
                    ask,
                    signal,
                    question,
                    reply: Some(reply),
                });
            }
            Ask::Graph {
                graph,
                inputs,
                reply,
            } => {
                let reply = self.ask_again(by, &Wanted::Graph(&graph, &inputs), reply)?;
                let found = match self.callee(scope, &graph, inputs) {
                    Ok(found) => found,
                    Err(refusal) => {
                        let _ = reply.send(Err(refusal));
                        return None;
                    }
                };
                let parent = Caller {
                    scope,
                    node,
                    firing,
                    direct: false,
                };
                self.park(by);
                let asked = Asked {
                    by,
                    reply: Some(reply),
                    outputs: Vec::new(),
                };
                let Callee { plan, given, depth } = found;
                let mut scope = self.scope_for(&plan);
                plan.place_into(&given, &mut scope.state.given);
                (scope.parent, scope.asked, scope.depth) = (Some(parent), Some(asked), depth);
                let parent = Some(parent);
                self.open(scope, |log, id| {
                    let given = Arc::new(given);
                    let event = Event::Opened {
                        parent,
                        graph,
                        given,
                    };
                    log.push(id, event);
                });
            }
            Ask::Tool {
                tool,
                arguments,
                reply,
            } => return self.tool(by, tool, &arguments, reply),
        }
        None
    }

    /// Finds the sub-graph that a block asks for, and what speaks against calling it.
    fn callee(&self, scope: u32, graph: &Text, inputs: Map) -> Result<Callee, BlockError> {
        let up = self.scopes.get(scope).filter(|_| !self.stopped);
        let up = up.ok_or(BlockError::Cancelled)?;
        let plan = up
            .plan()
            .subgraph(graph.as_str())
            .ok_or_else(|| BlockError::input(format!("there is no sub-graph \"{graph}\"")))?;
        let given = Given {
            inputs,
            overrides: Vec::new(),
        };
        if let Some(fault) = plan.check_given(&given).into_iter().next() {
            return Err(BlockError::input(fault.message));
        }
        let depth = up.depth + 1;
        if depth > self.limits.max_depth {
            return Err(BlockError::input(format!(
                "sub-graph calls are nested deeper than {}",
                self.limits.max_depth
            )));
        }
        Ok(Callee {
            plan: Arc::clone(plan),
            given,
            depth,
        })
    }

    /// Finds the node that a block asks to fire.
    pub(super) fn tool_node(&self, (scope, node, _): By, tool: u32) -> Option<NodeIx> {
        let options = self.scopes.get(scope)?.plan().options(node)?;
        Some(options.tools.get(tool as usize)?.node)
    }

    /// Reading this letter changes nothing.
    pub(super) fn refuses(&self, letter: &Letter) -> bool {
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
        !self.is_at_work(by)
            || match what {
                Ask::Graph { graph, inputs, .. } => {
                    self.callee(*scope, graph, inputs.clone()).is_err()
                }
                Ask::Tool { tool, .. } => self.stopped || self.tool_node(by, *tool).is_none(),
                Ask::Wait { .. } => self.stopped,
                Ask::Paid { .. } => false,
            }
    }

    /// Reading this letter is an event of this kind, of the same firing.
    pub(super) fn gives(&self, letter: &Letter, record: &Record) -> bool {
        if let (Letter::Told(note), Event::Charged { node, firing, .. }) = (letter, &record.event) {
            return (note.scope, note.node, note.firing) == (record.scope, *node, *firing);
        }
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
        match (what, &record.event) {
            (
                Ask::Graph { .. },
                Event::Opened {
                    parent: Some(caller),
                    ..
                },
            ) => !caller.direct && by == (caller.scope, caller.node, caller.firing),
            (
                Ask::Tool {
                    tool, arguments, ..
                },
                Event::ToolStarted {
                    caller,
                    node,
                    arguments: recorded,
                    ..
                },
            ) => {
                by == (caller.scope, caller.node, caller.firing)
                    && self.tool_node(by, *tool) == Some(*node)
                    && arguments == recorded
            }
            (Ask::Paid { .. }, Event::Paid { node, firing, .. })
            | (Ask::Wait { .. }, Event::Waiting { node, firing, .. }) => {
                by == (record.scope, *node, *firing)
            }
            _ => false,
        }
    }

    fn tool(
        &mut self,
        by: By,
        tool: u32,
        arguments: &Map,
        reply: Reply<Vec<(Text, Value)>>,
    ) -> Option<Firing> {
        let found = match self.tool_node(by, tool) {
            _ if self.stopped => Err(BlockError::Cancelled),
            Some(node) => Ok(node),
            None => Err(BlockError::input(format!("there is no tool {tool}"))),
        };
        let node = match found {
            Ok(node) => node,
            Err(refusal) => {
                let _ = reply.send(Err(refusal));
                return None;
            }
        };
        let reply = self.ask_again(by, &Wanted::Tool(node, arguments), reply)?;
        self.with(by.0, |core, scope| {
            let plan = Arc::clone(scope.plan());
            let firing = scope.state.tool_started(&plan, node);
            if core.log.on {
                core.log.push(
                    by.0,
                    Event::ToolStarted {
                        caller: Caller {
                            scope: by.0,
                            node: by.1,
                            firing: by.2,
                            direct: false,
                        },
                        node,
                        firing,
                        arguments: arguments.clone(),
                    },
                );
            }
            core.park(by);
            scope.tools.insert(
                (node, firing),
                Asked {
                    by,
                    reply: Some(reply),
                    outputs: Vec::new(),
                },
            );
            let given = plan.place_arguments(node, arguments);
            let mut call = scope.lend(node, firing);
            let mut none = Vec::new();
            if let Err(unfit) = plan.prepare(node, false, &given, &mut none, &mut call.slots) {
                scope.give_back(call);
                core.unfit(scope, node, firing, unfit);
                return None;
            }
            match core.begin_prepared(scope, &plan, node, firing, call) {
                Begun::Firing(firing) => Some(firing),
                Begun::Settled => None,
            }
        })?
    }

    /// Reads what was told and not yet read; the run ends, and the rest of the letters is of no use.
    pub(super) fn read_last_words(&mut self) {
        for letter in self.run.mail.take() {
            if let Letter::Told(note) = letter {
                self.told(note);
            }
        }
    }

    /// An attempt told something, which holds even if it is over by now: what it cost was spent.
    fn told(&mut self, note: Note) {
        let Said::Cost { unit, amount } = note.said else {
            return self.log.note(note);
        };
        self.totals.charged(&unit, amount);
        if self.log.on {
            let event = Event::Charged {
                node: note.node,
                firing: note.firing,
                unit,
                amount,
            };
            self.log.push(note.scope, event);
        }
    }

    /// Answers who waits at a node (for a signal, if one is named). Says whether someone did.
    pub(super) fn answer(&mut self, node: &Text, signal: Option<&Text>, value: Value) -> bool {
        // `node:firing` means one firing of it.
        let (id, firing) = match node.as_str().rsplit_once(':') {
            Some((id, firing)) => (id, firing.parse::<u32>().ok()),
            None => (node.as_str(), None),
        };
        let waits = |waiter: &Waiter| {
            let scope = self.scopes.get(waiter.by.0);
            let here = scope.is_some_and(|scope| {
                let own = scope.plan().node_id(waiter.by.1);
                id == own || id.strip_suffix(own) == Some(&self.scopes.callers(scope))
            });
            let here = here && firing.is_none_or(|firing| waiter.by.2 == firing);
            // A block may have stopped waiting.
            here && signal.is_none_or(|signal| waiter.signal == *signal) && !waiter.is_gone()
        };
        let Some(position) = self.waiters.iter().position(waits) else {
            return false;
        };
        if let Some(waiter) = self.waiters.get(position)
            && waiter.reply.is_none()
        {
            return self.decide(position, &value);
        }
        let waiter = self.waiters.remove(position);
        self.unpark(waiter.by);
        let (scope, node, firing) = waiter.by;
        let key = wait_key(waiter.ask, waiter.signal.as_str());
        self.run
            .mail
            .note_paid(scope, node, firing, key, value.clone());
        if self.log.on {
            let event = Event::Answered {
                node,
                firing,
                ask: waiter.ask,
                signal: waiter.signal,
                value: value.clone(),
            };
            self.log.push(scope, event);
        }
        let reply = waiter.reply;
        reply.is_some_and(|reply| reply.send(Ok(value)).is_ok())
    }
}

/// A sub-graph about to be called.
struct Callee {
    plan: Arc<Plan>,
    given: Given,
    depth: u32,
}
