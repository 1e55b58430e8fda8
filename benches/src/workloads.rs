//! The graphs that are measured. Each is a shape that stresses one thing.

use std::sync::Arc;

use crate::spec::{Spec, Work};

/// How many diamonds one sample runs.
const DIAMONDS: usize = 10_000;
/// How many of them are in motion at a time, in `diamond_256`.
const LANES: usize = 256;

/// How a workload's graph is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Once.
    Once,
    /// [`DIAMONDS`] times, one after the other.
    Row,
    /// The same number of times, in [`LANES`] lanes at once.
    Lanes,
}

/// Something to measure.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    pub(crate) mode: Mode,
    pub(crate) spec: Arc<Spec>,
}

impl Workload {
    /// Returns how many times one lane runs the graph in one repetition.
    pub(crate) fn runs(&self) -> usize {
        match self.mode {
            Mode::Once => 1,
            Mode::Row => DIAMONDS,
            Mode::Lanes => DIAMONDS / LANES,
        }
    }

    /// Returns how many lanes there are.
    pub(crate) fn lanes(&self) -> usize {
        if self.mode == Mode::Lanes { LANES } else { 1 }
    }

    /// Returns how many nodes one repetition runs, over all lanes.
    pub(crate) fn nodes(&self) -> usize {
        self.spec.nominal * self.runs() * self.lanes()
    }
}

/// Names, in the order of the tables.
pub(crate) const NAMES: &[&str] = &[
    "chain_1k",
    "fan_10k",
    "grid_100x100",
    "random_10k",
    "diamond_seq",
    "diamond_256",
    "work_32x32",
    "io_10k",
];

/// Makes a workload.
pub(crate) fn workload(name: &str) -> Option<Workload> {
    let diamond = || Spec::even(&[vec![], vec![0], vec![0], vec![1, 2]], 1, Work::Trivial);
    let (mode, spec) = match name {
        // The cost of handing one value on: nothing can run beside anything.
        "chain_1k" => (Mode::Once, chain(1_000)),
        // One value to 10,000 nodes, and back into one.
        "fan_10k" => (Mode::Once, fan(10_000, Work::Trivial)),
        // Even layers, two or three inputs a node.
        "grid_100x100" => (Mode::Once, layered(100, 100, Work::Trivial)),
        // One to five inputs from anywhere before: no locality.
        "random_10k" => (Mode::Once, random(10_000)),
        // A small graph at a time: what starting and ending a run costs.
        "diamond_seq" => (Mode::Row, diamond()),
        // Many small runs at once, as in a server.
        "diamond_256" => (Mode::Lanes, diamond()),
        // Real work in every node: does it run in parallel?
        "work_32x32" => (Mode::Once, layered(32, 32, Work::Spin)),
        // 10,000 nodes that wait 10 ms at once.
        "io_10k" => (Mode::Once, fan(10_000, Work::Sleep)),
        _ => return None,
    };
    Some(Workload {
        mode,
        spec: Arc::new(spec),
    })
}

fn chain(n: u32) -> Spec {
    let preds: Vec<_> = (0..n)
        .map(|i| i.checked_sub(1).into_iter().collect())
        .collect();
    Spec::even(&preds, 1, Work::Trivial)
}

/// The two ends of a fan do no work.
fn fan(width: u32, work: Work) -> Spec {
    let mut preds = vec![vec![]];
    preds.extend((0..width).map(|_| vec![0]));
    preds.push((1..=width).collect());
    let mut spec = Spec::even(&preds, 1, work);
    let last = spec.n - 1;
    (spec.work[0], spec.work[last]) = (Work::Trivial, Work::Trivial);
    spec
}

fn layered(width: u32, depth: u32, work: Work) -> Spec {
    let mut draw = Draw(0x1234_5678_9abc_def1);
    let mut preds = vec![vec![]; width as usize];
    for layer in 1..depth {
        let above = (layer - 1) * width;
        for i in 0..width {
            let mut list = vec![above + i, above + (i + 1) % width];
            if draw.below(2) == 0 {
                list.push(above + (i + 7) % width);
            }
            preds.push(list);
        }
    }
    Spec::even(&preds, 1, work)
}

fn random(n: u32) -> Spec {
    let mut draw = Draw(0xdead_beef_cafe_f00d);
    let mut preds: Vec<Vec<u32>> = Vec::new();
    for i in 0..n {
        let wanted = (1 + draw.below(5)).min(u64::from(i));
        let mut list = Vec::new();
        while (list.len() as u64) < wanted {
            let p = draw.below(u64::from(i)) as u32;
            if !list.contains(&p) {
                list.push(p);
            }
        }
        preds.push(list);
    }
    Spec::even(&preds, 1, Work::Trivial)
}

/// Xorshift (Marsaglia, 2003): the same graphs everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
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
