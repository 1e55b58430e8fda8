//! What one process tells the next: a sample of a child, a row of the result.

use serde::{Deserialize, Serialize};

use crate::memory::Memory;

/// A child's sample, as it prints it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) correct: bool,
    pub(crate) narrowed: bool,
    /// Of each repetition.
    pub(crate) ns_per_node: Vec<f64>,
    /// Of each time that it was built.
    pub(crate) compile_ns_per_node: Vec<f64>,
    #[serde(flatten)]
    pub(crate) memory: Memory,
}

/// One peer at one workload, over all rounds; or as another program measured it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) peer: String,
    pub(crate) workload: String,
    /// The best repetition of all: what the machine does when nothing else runs.
    pub(crate) ns_per_node_best: f64,
    /// The median over the rounds of the median of each.
    pub(crate) ns_per_node_median: f64,
    /// The best.
    pub(crate) compile_ns_per_node: f64,
    /// The medians over the processes.
    #[serde(flatten)]
    pub(crate) memory: Memory,
    #[serde(skip)]
    pub(crate) narrowed: bool,
}
