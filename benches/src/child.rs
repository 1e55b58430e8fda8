//! One sample in this process, told on the standard output.

use std::time::Duration;

use crate::args::Child;
use crate::row::Told;
use crate::{peers, workloads};

/// Measures and prints.
pub(crate) fn run(options: &Child) {
    let entry = peers::all()
        .into_iter()
        .find(|entry| entry.name == options.peer);
    let (Some(entry), Some(workload)) = (entry, workloads::workload(&options.workload)) else {
        eprintln!("there is no such peer or workload");
        std::process::exit(2);
    };
    let (nodes, built) = (workload.nodes(), workload.built());
    let sample = (entry.sample)(entry.runtime, workload, options.repeat);
    let per = |times: &[Duration], nodes: usize| {
        let ns = times.iter().map(Duration::as_nanos);
        ns.map(|ns| ns as f64 / nodes as f64).collect()
    };
    let told = Told {
        correct: sample.correct,
        narrowed: sample.narrowed,
        ns_per_node: per(&sample.runs, nodes),
        compile_ns_per_node: per(&sample.builds, built),
        memory: sample.memory,
    };
    println!("{}", serde_json::to_string(&told).unwrap());
}
