//! Does the time to compile grow with the graph, or faster?

use std::sync::Arc;

use crate::peers::compile_time;
use crate::spec::Spec;
use crate::workloads::{chain, random};

type Shape = fn(u32) -> Spec;

const SIZES: [u32; 4] = [3_000, 10_000, 30_000, 100_000];

/// How often each is compiled; the best counts.
const TIMES: usize = 3;

/// What the largest may take, in times of the smallest. A third more than the nodes are: the larger ones no longer fit
/// in the caches.
const AIM: f64 = 40.0;

/// Compiles chains and random graphs of growing size, and prints what a node takes and what the largest takes in times
/// of the smallest.
pub(crate) fn run() {
    println!("| graph | nodes | compile, ns a node |\n|---|---:|---:|");
    let shapes: [(&str, Shape); 2] = [("chain", chain), ("random", random)];
    let ratios = shapes.map(|(name, shape)| {
        let times = SIZES.map(|nodes| {
            let took = compile_time(&Arc::new(shape(nodes)), TIMES);
            let each = took.as_nanos() as f64 / f64::from(nodes);
            println!("| {name} | {nodes} | {each:.0} |");
            took.as_secs_f64()
        });
        (name, times[SIZES.len() - 1] / times[0])
    });
    for (name, ratio) in ratios {
        println!("{name}: 100,000 nodes take {ratio:.1} times as long as 3,000 (aim: {AIM:.0})");
    }
}
