//! One sample in this process, told on the standard output.

use std::time::Duration;

use crate::args::Child;
use crate::row::Told;
use crate::sample::Repeat;
use crate::{memory, peers, workloads};

/// Measures and prints.
pub(crate) fn run(options: &Child) {
    let entry = peers::all()
        .into_iter()
        .find(|entry| entry.name == options.peer);
    let (Some(entry), Some(workload)) = (entry, workloads::workload(&options.workload)) else {
        eprintln!("there is no such peer or workload");
        std::process::exit(2);
    };
    let nodes = workload.nodes();
    // A graph is built once, whatever number of times it runs.
    let compiled = workload.spec.nominal;
    let repeat = Repeat {
        reps: options.reps,
        build_only: options.build_only,
    };
    let sample = (entry.sample)(entry.runtime, workload, repeat);
    let per = |time: Duration, nodes: usize| time.as_nanos() as f64 / nodes as f64;
    let told = Told {
        correct: sample.correct,
        narrowed: sample.narrowed,
        ns_per_node: sample.times.iter().map(|t| per(t.run, nodes)).collect(),
        compile_ns_per_node: sample
            .times
            .iter()
            .map(|t| per(t.build, compiled))
            .collect(),
        peak_rss_bytes: memory::peak_rss_bytes(),
    };
    println!("{}", serde_json::to_string(&told).unwrap());
}
