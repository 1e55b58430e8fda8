//! `graphloom-bench-durable`: what it costs to keep runs, beside plain SQLite doing the same.
//!
//! All samples of a round follow each other in one process, each in a folder of its own on the disk under the current
//! directory (or `--dir`), so that floors and ours see the same disk. Results are checked before a time counts. Only ratios
//! inside one run mean anything: see `docs/performance.md`, "Kept runs".
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement stops at the first surprise and prints its result"
)]

mod blocks;
mod floors;
mod folds;
mod ours;
mod short;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// One thing measured, each time anew.
struct Sample {
    name: &'static str,
    /// What is counted.
    unit: &'static str,
    run: fn(&Path) -> Taken,
}

/// How many, and how long they took.
pub(crate) struct Taken {
    pub(crate) n: u64,
    pub(crate) time: Duration,
}

const SAMPLES: &[Sample] = &[
    Sample {
        name: "floor: one FULL transaction a step, 64 threads",
        unit: "steps/s",
        run: floors::one_transaction_a_step,
    },
    Sample {
        name: "barrier: 64 runs of 20 paid steps, each synced before the next",
        unit: "steps/s",
        run: ours::paid_steps,
    },
    Sample {
        name: "barrier: 64 runs of a chain of 100 nodes",
        unit: "firings/s",
        run: ours::chains,
    },
    Sample {
        name: "floor: the same rows of a chain, 512 a transaction, NORMAL",
        unit: "events/s",
        run: floors::batched_inserts,
    },
    Sample {
        name: "relaxed: one run of a chain of 10,000 nodes",
        unit: "events/s",
        run: ours::relaxed_chain,
    },
    Sample {
        name: "64 short runs at a time: accepted, claimed and begun one after the other",
        unit: "runs/s",
        run: short::apart_64,
    },
    Sample {
        name: "64 short runs at a time: begun by the write that accepts them",
        unit: "runs/s",
        run: short::at_once_64,
    },
    Sample {
        name: "64 short runs at a time: so, and synced by their ends alone",
        unit: "runs/s",
        run: short::unsynced_64,
    },
    Sample {
        name: "a short run at a time: accepted, claimed and begun one after the other",
        unit: "runs/s",
        run: short::apart_1,
    },
    Sample {
        name: "a short run at a time: begun by the write that accepts it",
        unit: "runs/s",
        run: short::at_once_1,
    },
    Sample {
        name: "a short run at a time: so, and synced by its end alone",
        unit: "runs/s",
        run: short::unsynced_1,
    },
];

fn main() {
    let mut args = std::env::args().skip(1);
    let (mut rounds, mut dir, mut events) = (5, PathBuf::from("."), 1_000_000);
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value follows");
        match arg.as_str() {
            "--rounds" => rounds = value().parse().unwrap(),
            "--dir" => dir = PathBuf::from(value()),
            "--events" => events = value().parse().unwrap(),
            other => panic!("{other}: --rounds N, --dir DIR or --events N"),
        }
    }
    let mut best = vec![0.0_f64; SAMPLES.len()];
    let mut all = vec![Vec::new(); SAMPLES.len()];
    for round in 0..rounds {
        for (at, sample) in SAMPLES.iter().enumerate() {
            let folder = dir.join(format!("bench-{}-{round}-{at}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let taken = (sample.run)(&folder);
            std::fs::remove_dir_all(&folder).unwrap();
            let rate = taken.n as f64 / taken.time.as_secs_f64();
            best[at] = best[at].max(rate);
            all[at].push(rate);
        }
    }
    println!("| | best | median | |\n|---|---:|---:|---|");
    for (at, sample) in SAMPLES.iter().enumerate() {
        all[at].sort_by(f64::total_cmp);
        let median = all[at][all[at].len() / 2];
        println!(
            "| {} | {:.0} | {median:.0} | {} |",
            sample.name, best[at], sample.unit
        );
    }
    println!(
        "\npaid steps to one transaction a step: {:.1}; relaxed chain to batched inserts: {:.2}",
        best[1] / best[0],
        best[4] / best[3]
    );
    let folder = dir.join(format!("bench-{}-folds", std::process::id()));
    folds::measure(&folder, events, rounds);
    std::fs::remove_dir_all(&folder).unwrap();
}
