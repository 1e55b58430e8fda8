//! What the events tell of a firing that has not ended: all that another process needs to go on with it.

use crate::block::wait_key;
use crate::dense::{IxMap, NodeIx};
use crate::event::{Caller, Event, How, Record};
use crate::plan::{GivenIx, Plan};
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

use super::fold::Taken;

/// A firing that has started and has not ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Flight {
    /// The event that started it.
    pub(super) since: u64,
    /// It fired because its graph began.
    pub(super) start: bool,
    /// What it took, by pin.
    pub(super) taken: Vec<Option<Value>>,
    /// Of a tool: who fired it, and with which arguments.
    pub(super) tool: Option<(Caller, Map)>,
    /// The attempt that was last heard of, less one.
    pub(super) failed: u32,
    /// When the attempt after it begins, if nothing was heard of that one yet.
    pub(super) due: Option<Timestamp>,
    /// What was emitted, by whichever attempt.
    pub(super) emitted: Vec<(u16, Value)>,
    /// Results of sub-steps and answers, by their keys.
    pub(super) paid: Vec<(Text, Value)>,
    /// Questions that nobody has answered yet.
    pub(super) waits: Vec<Wait>,
    /// What its block asked the run for and has not been told yet, or would ask for again.
    pub(super) asks: Vec<Asked>,
}

/// A question without an answer.
#[derive(Debug, Clone)]
pub(super) struct Wait {
    pub(super) ask: u32,
    pub(super) signal: Text,
    pub(super) question: Value,
}

/// Outputs that a block asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) what: AskedFor,
    pub(super) outputs: Vec<(Text, Value)>,
    /// `None` as long as it is on its way.
    pub(super) done: Option<Result<(), Text>>,
}

/// What a block asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AskedFor {
    Graph {
        graph: Text,
        inputs: Map,
        scope: u32,
    },
    Tool {
        node: NodeIx,
        firing: u32,
        arguments: Map,
    },
}

/// The firings of one graph that have not ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(IxMap<(NodeIx, u32), Flight>);

impl Flights {
    /// Returns them in order of node and number.
    pub(super) fn into_sorted(self) -> Vec<((NodeIx, u32), Flight)> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_unstable_by_key(|(by, _)| *by);
        all
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&(NodeIx, u32), &Flight)> {
        self.0.iter()
    }

    pub(super) fn get(&self, node: NodeIx, firing: u32) -> Option<&Flight> {
        self.0.get(&(node, firing))
    }

    pub(super) fn get_mut(&mut self, node: NodeIx, firing: u32) -> Option<&mut Flight> {
        self.0.get_mut(&(node, firing))
    }

    /// Notes what an event of this graph tells; `taken` is what the firing took that it started.
    pub(super) fn note(&mut self, plan: &Plan, record: &Record, taken: &mut Taken) {
        match &record.event {
            Event::Started { node, firing } => {
                let flight = Flight {
                    since: record.seq,
                    start: taken.start,
                    taken: std::mem::take(&mut taken.values),
                    ..Flight::default()
                };
                self.0.insert((*node, *firing), flight);
            }
            Event::ToolStarted {
                caller,
                node,
                firing,
                arguments,
            } => {
                let flight = Flight {
                    since: record.seq,
                    tool: Some((*caller, arguments.clone())),
                    ..Flight::default()
                };
                self.0.insert((*node, *firing), flight);
                if let Some(by) = self.get_mut(caller.node, caller.firing) {
                    by.asked(AskedFor::Tool {
                        node: *node,
                        firing: *firing,
                        arguments: arguments.clone(),
                    });
                }
            }
            Event::Emitted {
                node,
                firing,
                port,
                value,
            } => {
                if let Some(flight) = self.get_mut(*node, *firing) {
                    flight.heard_of();
                    flight.emitted.push((*port, value.clone()));
                    let caller = flight.tool.as_ref().map(|(caller, _)| *caller);
                    if let Some(asked) = self.asked_by(caller, *node, *firing) {
                        let name = Text::from(plan.port_name(*node, *port));
                        asked.outputs.push((name, value.clone()));
                    }
                }
            }
            Event::Done { node, firing, .. } => drop(self.0.remove(&(*node, *firing))),
            Event::Finished { node, firing, how } => {
                let ended = self.0.remove(&(*node, *firing));
                let caller = ended
                    .and_then(|flight| flight.tool)
                    .map(|(caller, _)| caller);
                if let Some(asked) = self.asked_by(caller, *node, *firing) {
                    asked.done = Some(match how {
                        How::Failed(failure) => Err(failure.message.clone()),
                        _ => Ok(()),
                    });
                }
            }
            event => {
                if let Some((node, firing)) = of_flight(event)
                    && let Some(flight) = self.get_mut(node, firing)
                {
                    flight.note(record.at, event);
                }
            }
        }
    }

    /// The entry of a graph that a block asked for.
    pub(super) fn asked_graph(&mut self, caller: Caller, number: u32) -> Option<&mut Asked> {
        let by = self.get_mut(caller.node, caller.firing)?;
        let of_it = |asked: &&mut Asked| matches!(asked.what, AskedFor::Graph { scope, .. } if scope == number);
        by.asks.iter_mut().find(of_it)
    }

    fn asked_by(
        &mut self,
        caller: Option<Caller>,
        tool: NodeIx,
        number: u32,
    ) -> Option<&mut Asked> {
        let caller = caller?;
        let by = self.get_mut(caller.node, caller.firing)?;
        by.asks.iter_mut().find(|asked| {
            matches!(asked.what, AskedFor::Tool { node, firing, .. } if (node, firing) == (tool, number))
        })
    }
}

fn of_flight(event: &Event) -> Option<(NodeIx, u32)> {
    match event {
        Event::Retrying { node, firing, .. }
        | Event::Paid { node, firing, .. }
        | Event::Waiting { node, firing, .. }
        | Event::Answered { node, firing, .. } => Some((*node, *firing)),
        _ => None,
    }
}

impl Flight {
    /// The attempt after the one that failed has begun.
    pub(super) fn heard_of(&mut self) {
        self.due = None;
    }

    pub(super) fn asked(&mut self, what: AskedFor) {
        self.heard_of();
        self.asks.push(Asked {
            what,
            outputs: Vec::new(),
            done: None,
        });
    }

    fn note(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Retrying {
                attempt, delay_ms, ..
            } => {
                self.failed = *attempt;
                let delay = i64::try_from(*delay_ms).unwrap_or(i64::MAX);
                self.due = Some(Timestamp(at.as_millis().saturating_add(delay)));
                // Those of the attempt that failed are of no use to the next one.
                self.waits.clear();
                self.asks.clear();
            }
            Event::Paid { key, value, .. } => {
                self.heard_of();
                self.paid.push((key.clone(), value.clone()));
            }
            Event::Waiting {
                ask,
                signal,
                question,
                ..
            } => {
                self.heard_of();
                self.waits.push(Wait {
                    ask: *ask,
                    signal: signal.clone(),
                    question: question.clone(),
                });
            }
            Event::Answered {
                ask, signal, value, ..
            } => {
                self.waits
                    .retain(|wait| wait.ask != *ask || wait.signal != *signal);
                self.paid
                    .push((wait_key(*ask, signal.as_str()), value.clone()));
            }
            _ => {}
        }
    }

    /// The inputs of its block, merged again as they were when it started. `None`: they do not fit, which they did.
    pub(super) fn slots(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        given: &GivenIx,
    ) -> Option<Vec<Option<Value>>> {
        let mut slots = Vec::new();
        let fits = match &self.tool {
            Some((_, arguments)) => {
                let given = plan.place_arguments(node, arguments);
                plan.prepare(node, false, &given, &mut Vec::new(), &mut slots)
            }
            None => plan.prepare(node, self.start, given, &mut self.taken, &mut slots),
        };
        fits.is_ok().then_some(slots)
    }
}
