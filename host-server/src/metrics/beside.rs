//! What goes on beside requests: callbacks that are sent, schedules whose times come.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::counters;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Became {
    result: &'static str,
}

/// Counts callbacks and schedules.
pub(crate) struct Beside {
    callbacks: Family<Became, Counter>,
    schedules: Family<Became, Counter>,
}

impl Beside {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            callbacks: counters(
                registry,
                "callback_attempts",
                "Attempts to send a callback, by what became of it",
            ),
            schedules: counters(
                registry,
                "schedule_times",
                "Times of schedules, by what became of them",
            ),
        }
    }

    /// Counts an attempt: `delivered`, `failed` (there will be another) or `dead` (it was the last one).
    pub(crate) fn callback(&self, result: &'static str) {
        self.callbacks.get_or_create(&Became { result }).inc();
    }

    /// Counts times: `fired`, `missed` (nobody was there), `skipped` (the run before went on) or `failed`.
    pub(crate) fn schedule(&self, result: &'static str, times: u64) {
        if times > 0 {
            let became = Became { result };
            self.schedules.get_or_create(&became).inc_by(times);
        }
    }
}
