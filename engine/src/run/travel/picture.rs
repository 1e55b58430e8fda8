//! Where a run stood: the state after some of its events, in the names that the graph gives.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dense::{NodeIx, PinIx};
use crate::event::{Failure, Status};
use crate::plan::Plan;
use crate::run::flight::{AskedFor, Flight};
use crate::run::handle::Question;
use crate::run::machine::{Folded, Machine, callers};
use crate::run::stalled::pin_name;
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::brief::{brief, pairs};

/// Where a run stood after some of its events.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Picture {
    /// `queued` before the first event, `waiting` where nothing moved before someone answered, else `running`, or how it
    /// ended.
    pub status: Status,
    /// After how many events: the number of the next one.
    pub events: u64,
    /// Someone had asked it to stop.
    pub cancelled: bool,
    /// The graphs that were open, the run's own first. Those of calls that were over are not there any more.
    pub scopes: Vec<ScopePicture>,
    /// Questions that nobody had answered.
    pub questions: Vec<Question>,
    /// What each output of the run had received, in the order in which its output nodes started.
    #[serde(serialize_with = "pairs")]
    pub outputs: Vec<(Text, Vec<Value>)>,
    /// Failed firings, whether or not the error was routed.
    pub node_errors: u64,
    /// The first of those failures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Failure>,
    /// What blocks had said they cost, by unit.
    #[serde(serialize_with = "pairs", skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<(Text, f64)>,
}

/// One graph in motion.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScopePicture {
    /// Its number; 0 is the run's own graph.
    pub scope: u32,
    /// The nodes that called it, with `/` between them; empty for the run's own graph.
    pub path: Text,
    /// The name of the sub-graph; empty for the run's own graph.
    pub graph: Text,
    /// Which firing of the last node in `path` called it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<u32>,
    /// The nodes that had fired, or at which values waited, in the order of the graph.
    pub nodes: Vec<NodePicture>,
}

/// A node of a graph in motion.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NodePicture {
    /// As the graph calls it.
    pub node: Text,
    /// Firings that had started, those that starved too.
    pub fired: u32,
    /// Firings that had ended, and whose outputs had all been handed on.
    pub delivered: u32,
    /// Firings that had starved: their merged input did not fit.
    #[serde(skip_serializing_if = "is_zero")]
    pub starved: u32,
    /// Firings that had not ended, by number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at_work: Vec<Working>,
    /// Linked pins at which values waited, or stayed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<PinPicture>,
}

/// A firing that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Working {
    /// Its number.
    pub firing: u32,
    /// Which attempt, from 1; one that is about to begin counts.
    pub attempt: u32,
    /// The event that started it.
    pub since: u64,
    /// What it waits for; nothing where its block is at work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Waits>,
}

/// What a firing waits for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "for", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Waits {
    /// An answer from outside.
    Answer {
        /// Under which name.
        signal: Text,
    },
    /// Its next attempt.
    Retry {
        /// When it begins.
        until: Timestamp,
    },
    /// A sub-graph that it called.
    Graph {
        /// The name of the sub-graph.
        graph: Text,
        /// The number of the call.
        scope: u32,
    },
    /// A node that its block fired as a tool.
    Tool {
        /// The node.
        node: Text,
        /// Which firing of it.
        firing: u32,
    },
}

/// A linked pin with values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PinPicture {
    /// Its name, with the path that links write to.
    pub pin: Text,
    /// How many unused values wait there; of a collecting pin, what it has collected.
    pub values: usize,
    /// The oldest of them, as JSON; long ones end with `…`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Text>,
    /// Of a sticky pin: the value that was used last, and stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stays: Option<Text>,
}

impl PinPicture {
    /// How many values of a pin are shown.
    pub const MAX_FIRST: usize = 3;
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The calls that are open, by the scope, node and firing that called.
type Calls<'m> = BTreeMap<(u32, NodeIx, u32), Vec<(u32, &'m Text)>>;

impl Machine {
    /// Returns where the run stands, in the names that the graph gives.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let mut calls = Calls::new();
        for (id, folded) in &self.scopes {
            if let Some(caller) = folded.parent {
                let by = (caller.scope, caller.node, caller.firing);
                calls.entry(by).or_default().push((*id, &folded.graph));
            }
        }
        let (mut scopes, mut questions, mut moves) = (Vec::new(), Vec::new(), false);
        for (id, folded) in &self.scopes {
            let path = callers(&self.scopes, *id);
            moves |= !folded.state.ready.is_empty();
            let mut at_work: BTreeMap<NodeIx, Vec<Working>> = BTreeMap::new();
            let mut flights: Vec<_> = folded.flights.iter().collect();
            flights.sort_unstable_by_key(|(by, _)| **by);
            for ((node, firing), flight) in flights {
                let called = calls.get(&(*id, *node, *firing));
                let waits_for = waits(&folded.plan, flight, called.map_or(&[], Vec::as_slice));
                moves |= waits_for.is_empty() || flight.due.is_some();
                questions.extend(flight.waits.iter().map(|wait| Question {
                    node: Text::from(format!("{path}{}", folded.plan.node_id(*node))),
                    firing: *firing,
                    signal: wait.signal.clone(),
                    question: wait.question.clone(),
                }));
                at_work.entry(*node).or_default().push(Working {
                    firing: *firing,
                    attempt: flight.failed + 1,
                    since: flight.since,
                    waits_for,
                });
            }
            scopes.push(ScopePicture {
                scope: *id,
                path: Text::from(path.strip_suffix('/').unwrap_or_default()),
                graph: folded.graph.clone(),
                firing: folded.parent.map(|caller| caller.firing),
                nodes: nodes(folded, at_work),
            });
        }
        let status = match self.status() {
            Some(status) => status,
            None if self.next_seq() == 0 => Status::Queued,
            None if !moves && !questions.is_empty() => Status::Waiting,
            None => Status::Running,
        };
        Picture {
            status,
            events: self.next_seq(),
            cancelled: self.cancelled,
            scopes,
            questions,
            outputs: self.outputs(),
            node_errors: self.totals.node_errors,
            errors: self.totals.errors.clone(),
            costs: self.totals.costs.clone(),
        }
    }

    /// What the outputs of the run have received, by name, in the order in which they first received something.
    fn outputs(&self) -> Vec<(Text, Vec<Value>)> {
        let mut outputs: Vec<(Text, Vec<Value>)> = Vec::new();
        let Some(root) = self.scopes.get(&0) else {
            return outputs;
        };
        for output in &root.state.outputs {
            let Some(name) = root.plan.io_name(output.node) else {
                continue;
            };
            match outputs.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(output.value.clone()),
                None => outputs.push((name.clone(), vec![output.value.clone()])),
            }
        }
        outputs
    }
}

fn waits(plan: &Plan, flight: &Flight, called: &[(u32, &Text)]) -> Vec<Waits> {
    let mut waits = Vec::new();
    waits.extend(flight.due.map(|until| Waits::Retry { until }));
    waits.extend(flight.waits.iter().map(|wait| Waits::Answer {
        signal: wait.signal.clone(),
    }));
    waits.extend(called.iter().map(|(scope, graph)| Waits::Graph {
        graph: (*graph).clone(),
        scope: *scope,
    }));
    for asked in flight.asks.iter().filter(|asked| asked.done.is_none()) {
        if let AskedFor::Tool { node, firing, .. } = &asked.what {
            waits.push(Waits::Tool {
                node: Text::from(plan.node_id(*node)),
                firing: *firing,
            });
        }
    }
    waits
}

fn nodes(folded: &Folded, mut at_work: BTreeMap<NodeIx, Vec<Working>>) -> Vec<NodePicture> {
    let (plan, state) = (&folded.plan, &folded.state);
    let node = |node: NodeIx| {
        let (fired, delivered) = state.counts(node);
        let pins = plan.nodes.at(node).pins();
        let pins: Vec<PinPicture> = pins.filter_map(|pin| pin_picture(folded, pin)).collect();
        (fired > 0 || !pins.is_empty()).then(|| NodePicture {
            node: Text::from(plan.node_id(node)),
            fired,
            delivered,
            starved: state.starved.get(&node).map_or(0, |(n, _)| *n),
            at_work: at_work.remove(&node).unwrap_or_default(),
            pins,
        })
    };
    plan.node_positions().filter_map(node).collect()
}

fn pin_picture(folded: &Folded, pin: PinIx) -> Option<PinPicture> {
    let (plan, state) = (&folded.plan, &folded.state);
    let waiting = state.pins.waiting(pin);
    let items = state.closing.iter().flat_map(|closing| closing.items(pin));
    let values = state.pins.unused(pin) + state.collected(pin);
    let stays = state.pins.stays(pin);
    if values == 0 && stays.is_none() {
        return None;
    }
    let declared = *plan.pins.at(pin);
    let first = waiting.chain(items).take(PinPicture::MAX_FIRST);
    Some(PinPicture {
        pin: pin_name(plan, declared.node, declared, plan.paths.get(&pin)),
        values,
        first: first.map(brief).collect(),
        stays: stays.map(brief),
    })
}
