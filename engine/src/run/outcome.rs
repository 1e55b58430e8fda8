//! How a run ended.

use std::time::Duration;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::event::{Failure, Record, Status};
use crate::plan::Plan;
use crate::value::{Text, Value};

use super::handle::Question;
use super::state::{Output, RunState};
use super::totals::Totals;

/// How a run ended.
///
/// Serialises as the result that every host prints: `run_id`, `status`, `outputs`, `node_errors`, `stalled`,
/// `duration_ms`, and where there are any `failure`, `errors`, `cancelled`, `costs`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOutcome {
    /// The run's id.
    pub run_id: Text,
    /// `completed`, `failed` or `cancelled`; of a kept run that left memory `waiting` where it waits for someone, `queued`
    /// where its worker had it leave ([`Worker::suspend`](crate::Worker::suspend)).
    pub status: Status,
    /// For each output name the values that it received, in the order in which its output nodes started; names in
    /// the order in which they first received one.
    pub outputs: Vec<(Text, Vec<Value>)>,
    /// How many firings failed, whether or not the error was routed.
    pub node_errors: u64,
    /// The first of those failures, at most [`RunOutcome::MAX_ERRORS`].
    pub errors: Vec<Failure>,
    /// What was left half-done: nodes that wait for something that never came.
    pub stalled: Vec<Stalled>,
    /// How many firings there were.
    pub firings: u64,
    /// How long it took, by the host's clock.
    pub duration_ms: u64,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What became of what was at work when the run was cancelled or failed.
    pub cancelled: Option<CancelReceipt>,
    /// What the blocks said they cost, by unit.
    pub costs: Vec<(Text, f64)>,
    /// What it waits for, where it left memory (status `waiting`).
    pub questions: Vec<Question>,
    /// The events, where the options asked to keep them.
    pub records: Vec<Record>,
}

impl RunOutcome {
    /// How many failures an outcome tells in full.
    pub const MAX_ERRORS: usize = 100;

    /// Returns the values of an output; none if it received none.
    #[must_use]
    pub fn output(&self, name: &str) -> &[Value] {
        self.outputs
            .iter()
            .find(|(n, _)| n.as_str() == name)
            .map_or(&[], |(_, values)| values)
    }

    /// Says whether everything went well: completed, and no firing failed.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status == Status::Completed && self.node_errors == 0
    }
}

impl RunOutcome {
    pub(super) fn new(run_id: Text, status: Status) -> Self {
        Self {
            run_id,
            status,
            outputs: Vec::new(),
            node_errors: 0,
            errors: Vec::new(),
            stalled: Vec::new(),
            firings: 0,
            duration_ms: 0,
            failure: None,
            cancelled: None,
            costs: Vec::new(),
            questions: Vec::new(),
            records: Vec::new(),
        }
    }

    pub(super) fn failed(run_id: Text, failure: Failure) -> Self {
        Self {
            failure: Some(failure),
            ..Self::new(run_id, Status::Failed)
        }
    }

    /// Takes what the run adds up to.
    pub(super) fn add_up(&mut self, totals: Totals) {
        self.node_errors = totals.node_errors;
        self.errors = totals.errors;
        self.costs = totals.costs;
        self.firings = totals.firings;
        if self.status == Status::Completed {
            self.stalled = totals.stalled;
            // Which call ended first is chance; how they are told is not.
            self.stalled.sort_by(|a, b| a.node.cmp(&b.node));
        }
    }

    /// Takes what the run's own graph gave, and left half-done.
    pub(super) fn give_outputs(&mut self, plan: &Plan, state: &RunState, outputs: Vec<Output>) {
        self.firings += state.firings;
        if self.status == Status::Completed {
            let mut calls = std::mem::take(&mut self.stalled);
            self.stalled = super::stalled::report(plan, state);
            self.stalled.append(&mut calls);
        }
        for output in outputs {
            if let Some(name) = plan.io_name(output.node) {
                self.give(name, output.value);
            }
        }
    }

    fn give(&mut self, name: &Text, value: Value) {
        match self.outputs.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value),
            None => self.outputs.push((name.clone(), vec![value])),
        }
    }
}

impl Serialize for RunOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Pairs<'a, T>(&'a [(Text, T)]);
        impl<T: Serialize> Serialize for Pairs<'_, T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, item)| (name.as_str(), item)))
            }
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("run_id", &self.run_id)?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("outputs", &Pairs(&self.outputs))?;
        map.serialize_entry("node_errors", &self.node_errors)?;
        map.serialize_entry("stalled", &self.stalled)?;
        map.serialize_entry("duration_ms", &self.duration_ms)?;
        if let Some(failure) = &self.failure {
            map.serialize_entry("failure", failure)?;
        }
        if !self.errors.is_empty() {
            map.serialize_entry("errors", &self.errors)?;
        }
        if let Some(receipt) = &self.cancelled {
            map.serialize_entry("cancelled", receipt)?;
        }
        if !self.questions.is_empty() {
            map.serialize_entry("questions", &self.questions)?;
        }
        if !self.costs.is_empty() {
            map.serialize_entry("costs", &Pairs(&self.costs))?;
        }
        map.end()
    }
}

/// A node that was left with something half-done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stalled {
    /// The node, as the graph calls it.
    pub node: Text,
    /// The pins that it waited for.
    pub waiting_for: Vec<Text>,
    /// How many values were left unused, by pin.
    pub unused: Vec<Unused>,
    /// How many firings starved: their merged input did not fit.
    pub starved: u32,
    /// Why, in words.
    pub reason: Text,
}

/// Values left at a pin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Unused {
    /// The pin.
    pub pin: Text,
    /// How many.
    pub values: usize,
}

/// What became of what was at work when a run was told to stop.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CancelReceipt {
    /// Milliseconds from the request to the end.
    pub took_ms: u64,
    /// Firings that ended by themselves within the grace time: `node:firing`.
    pub done: Vec<Text>,
    /// Firings that were dropped.
    pub aborted: Vec<Text>,
    /// Firings on blocking threads that did not return: they go on, and what they give is refused.
    pub abandoned: Vec<Text>,
    /// Those among the dropped and the abandoned that may have acted and must not be repeated without a decision.
    pub in_doubt: Vec<Text>,
}

impl CancelReceipt {
    /// Returns the receipt of a run that took so long to end; its lists in an order of their own, not of chance.
    pub(super) fn closed(mut self, took: Duration) -> Self {
        self.took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        for list in [
            &mut self.done,
            &mut self.aborted,
            &mut self.abandoned,
            &mut self.in_doubt,
        ] {
            list.sort();
        }
        self
    }
}
