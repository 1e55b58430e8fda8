//! Runs: how many this process has begun and taken up, how they left it, how long they took, what they cost.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use graphloom::{RunOutcome, Status, Text};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::{Histograms, counter, counters, long};
use crate::locked::lock;
use crate::runs::{RunEnded, is_lost};

/// How many units of cost are told apart; a graph may name any.
const UNITS: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct By {
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct In {
    unit: String,
}

/// Counts runs.
pub(crate) struct Runs {
    started: Counter,
    taken_up: Counter,
    left: Family<By, Counter>,
    seconds: Histograms<By>,
    cost: Histograms<In>,
    node_errors: Counter,
    units: Mutex<HashSet<Text>>,
}

impl Runs {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let seconds = Histograms::new_with_constructor(long as fn() -> _);
        let cost = Histograms::new_with_constructor(cost as fn() -> _);
        let runs = Self {
            started: counter(registry, "runs_started", "Runs that were accepted here"),
            taken_up: counter(
                registry,
                "runs_taken_up",
                "Runs that this process went on with",
            ),
            left: counters(
                registry,
                "runs_left",
                "Runs that left this process, by what they are then",
            ),
            seconds: seconds.clone(),
            cost: cost.clone(),
            node_errors: counter(registry, "node_errors", "Firings that failed"),
            units: Mutex::default(),
        };
        let what = "Time from the start of a run to its end";
        registry.register("run_seconds", what, seconds);
        registry.register("run_cost", "What a run cost, where it cost anything", cost);
        runs
    }

    /// Returns the label of a unit: a name of its own for the first few that there are.
    fn unit(&self, unit: &Text) -> String {
        let mut units = lock(&self.units);
        if units.contains(unit) {
            return unit.to_string();
        }
        if units.len() >= UNITS || unit.len() > 32 {
            return "other".to_owned();
        }
        units.insert(unit.clone());
        unit.to_string()
    }
}

impl RunEnded for Runs {
    fn began(&self, _: &Text, taken_up: bool) {
        if taken_up {
            self.taken_up.inc();
        } else {
            self.started.inc();
        }
    }

    fn ended(&self, _: &Text, outcome: &RunOutcome, _: bool) {
        let status = match outcome.status {
            _ if is_lost(outcome) => "lost",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Waiting => "waiting",
            _ => "queued",
        };
        self.left.get_or_create(&By { status }).inc();
        if !outcome.status.is_terminal() || status == "lost" {
            return;
        }
        let took = Duration::from_millis(outcome.duration_ms).as_secs_f64();
        self.seconds.get_or_create(&By { status }).observe(took);
        self.node_errors.inc_by(outcome.node_errors);
        for (unit, amount) in &outcome.costs {
            let unit = self.unit(unit);
            self.cost.get_or_create(&In { unit }).observe(*amount);
        }
    }
}

/// Cents and tokens are both told.
fn cost() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 10.0, 11))
}
