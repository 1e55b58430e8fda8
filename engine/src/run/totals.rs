//! What a run adds up: part of its outcome, and of its state.

use serde::{Deserialize, Serialize};

use crate::event::{Failure, How};
use crate::plan::Plan;
use crate::value::Text;

use super::outcome::{RunOutcome, Stalled};
use super::state::RunState;

/// Sums over all graphs of a run, open and closed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Totals {
    /// Failed firings, whether or not the error was routed.
    pub(super) node_errors: u64,
    /// The first of their failures.
    #[serde(with = "super::wire::failures")]
    pub(super) errors: Vec<Failure>,
    /// Firings of the calls that are closed.
    pub(super) firings: u64,
    /// What blocks said they cost, by unit.
    pub(super) costs: Vec<(Text, f64)>,
    /// What calls left half-done.
    pub(super) stalled: Vec<Stalled>,
}

impl Totals {
    /// A firing ended, in a graph that these nodes called (each with a `/` after it).
    pub(super) fn finished(&mut self, how: &How, callers: impl FnOnce() -> String) {
        let How::Failed(failure) = how else { return };
        self.node_errors += 1;
        if self.errors.len() < RunOutcome::MAX_ERRORS {
            let mut failure = (**failure).clone();
            if let Some(node) = &mut failure.node {
                *node = Text::from(format!("{}{node}", callers()));
            }
            self.errors.push(failure);
        }
    }

    pub(super) fn charged(&mut self, unit: &Text, amount: f64) {
        match self.costs.iter_mut().find(|(known, _)| known == unit) {
            Some((_, sum)) => *sum += amount,
            None => self.costs.push((unit.clone(), amount)),
        }
    }

    /// A call is over that these nodes had called; one that neither failed nor was stopped leaves what it leaves.
    pub(super) fn closed(&mut self, plan: &Plan, state: &RunState, well: Option<String>) {
        self.firings += state.firings;
        if let Some(callers) = well.filter(|_| !state.has_nothing_left()) {
            super::stalled::note(&mut self.stalled, &callers, plan, state);
        }
    }
}
