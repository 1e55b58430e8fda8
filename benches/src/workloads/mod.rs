//! What is measured. Each workload stresses one thing.

use std::sync::Arc;

use crate::form::{CALLED, Form};
use crate::spec::{Spec, Work};

mod shapes;

pub(crate) use shapes::{chain, random};
use shapes::{diamond, fan, joined, layered};

/// How many diamonds one repetition runs.
const DIAMONDS: usize = 10_000;
/// How many of them are in motion at a time, in `diamond_256`.
const LANES: usize = 256;

/// How a workload's graph is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One time after the other.
    Row {
        /// How many times.
        runs: usize,
    },
    /// In many lanes at once.
    Lanes {
        /// How many.
        lanes: usize,
        /// How many times in each.
        runs: usize,
    },
}

/// Something to measure.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    pub(crate) mode: Mode,
    pub(crate) spec: Arc<Spec>,
}

impl Workload {
    /// Returns how many nodes one repetition runs.
    pub(crate) fn nodes(&self) -> usize {
        let runs = match self.mode {
            Mode::Row { runs } => runs,
            Mode::Lanes { lanes, runs } => lanes * runs,
        };
        self.spec.form.per_run(self.spec.nominal) * runs
    }

    /// Returns how many nodes are built.
    pub(crate) fn built(&self) -> usize {
        self.spec.form.written(self.spec.nominal)
    }
}

/// Names, in the order of the tables.
pub(crate) const NAMES: &[&str] = &[
    "chain_1k",
    "fan_10k",
    "grid_100x100",
    "random_10k",
    "join_pins",
    "diamond_seq",
    "diamond_256",
    "work_32x32",
    "io_10k",
    "guarded",
    "subgraph",
    "subgraph_inlined",
    "stream_100k",
    "stream_1m",
    "stream_slow_100k",
    "stream_slow",
    "share",
    "runs_1k",
    "runs_3k",
    "runs_10k",
];

/// Makes a workload.
pub(crate) fn workload(name: &str) -> Option<Workload> {
    let once = Mode::Row { runs: 1 };
    let crowd = |lanes| Mode::Lanes { lanes, runs: 1 };
    let (mode, spec) = match name {
        // The cost of handing one value on: nothing can run beside anything.
        "chain_1k" => (once, chain(1_000)),
        // One value to 10,000 nodes, and back into one.
        "fan_10k" => (once, fan(10_000, Work::Trivial)),
        // Even layers, two or three inputs a node.
        "grid_100x100" => (once, layered(100, 100, Work::Trivial)),
        // One to five inputs from anywhere before: no locality.
        "random_10k" => (once, random(10_000)),
        // Four linked inputs a node, each of which goes to four nodes.
        "join_pins" => (once, joined(4, 250)),
        // A small graph at a time: what starting and ending a run costs.
        "diamond_seq" => (Mode::Row { runs: DIAMONDS }, diamond(Work::Trivial)),
        // Many small runs at once, as in a server.
        "diamond_256" => (
            Mode::Lanes {
                lanes: LANES,
                runs: DIAMONDS / LANES,
            },
            diamond(Work::Trivial),
        ),
        // Real work in every node: does it run in parallel?
        "work_32x32" => (once, layered(32, 32, Work::Spin)),
        // 10,000 nodes that wait 10 ms at once.
        "io_10k" => (once, fan(10_000, Work::Sleep)),
        // chain_1k with a retry and a time limit on every node, neither of which is needed.
        "guarded" => (once, chain(1_000).formed(Form::Guarded)),
        // 1,000 calls of a graph, one after the other.
        "subgraph" => (once, chain(1_000).adding(|_| 3).formed(Form::Calls)),
        // The same nodes without calls; the ends of each graph pass on what they get.
        "subgraph_inlined" => (once, chain(5_000).adding(inlined)),
        // Many values through few nodes.
        "stream_100k" => (once, stream(100_000, Work::Trivial)),
        "stream_1m" => (once, stream(1_000_000, Work::Trivial)),
        // The same with a last node that is ten times slower than the first: is what waits bounded?
        "stream_slow_100k" => (once, stream(100_000, Work::Drag)),
        "stream_slow" => (once, stream(1_000_000, Work::Drag)),
        // One large value to many nodes: is it shared?
        "share" => (
            once,
            fan(1_000, Work::Trivial).formed(Form::Share(10 << 20)),
        ),
        // Many small runs that wait at once: what a run costs that does nothing.
        "runs_1k" => (crowd(1_000), diamond(Work::Sleep)),
        "runs_3k" => (crowd(3_000), diamond(Work::Sleep)),
        "runs_10k" => (crowd(10_000), diamond(Work::Sleep)),
        _ => return None,
    };
    Some(Workload {
        mode,
        spec: Arc::new(spec),
    })
}

/// Says why a way to run graphs of numbers, and no more than that, cannot do a workload.
pub(crate) fn beyond_numbers(name: &str) -> Option<&'static str> {
    match name {
        "guarded" => Some("no retry or timeout"),
        "subgraph" => Some("no sub-graphs"),
        "share" => Some("numbers only"),
        name if is_stream(name) => Some("one value a node"),
        _ => None,
    }
}

/// Says whether a workload is one of the streams.
pub(crate) fn is_stream(name: &str) -> bool {
    name.starts_with("stream")
}

/// Says whether a workload's nodes wait.
pub(crate) fn waits(name: &str) -> bool {
    name == "io_10k" || name.starts_with("runs")
}

/// What a node of `subgraph_inlined` adds: nothing where an input or an output stood.
fn inlined(node: usize) -> u64 {
    match node % CALLED {
        0 => 0,
        place if place == CALLED - 1 => 0,
        _ => 1,
    }
}

/// Four nodes in a row that each add one, between one that emits and one that adds up.
fn stream(items: u64, last: Work) -> Spec {
    let mut spec = chain(6).adding(|node| u64::from((1..5).contains(&node)));
    spec.work[5] = last;
    spec.formed(Form::Stream(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_graph_in_order() {
        for name in NAMES {
            let found = workload(name).unwrap();
            let spec = &found.spec;
            assert!(found.nodes() >= spec.n);
            assert!((0..spec.n).all(|i| spec.p(i).iter().all(|&p| (p as usize) < i)));
            assert_ne!(spec.expected(), 0);
        }
    }
}
