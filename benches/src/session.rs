//! The parent: rounds over workloads and peers, one process a sample.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::args::All;
use crate::memory::Memory;
use crate::peer::Entry;
use crate::report::{Cell, Report};
use crate::row::{Row, Told};
use crate::stats::{best, median};
use crate::{peers, workloads};

/// Measures everything asked for, prints the tables, and writes the files.
pub(crate) fn run(options: &All) {
    let chosen = |names: &[String], name: &str| {
        names.is_empty() || names.iter().any(|prefix| name.starts_with(prefix.as_str()))
    };
    let entries: Vec<Entry> = peers::all()
        .into_iter()
        .filter(|entry| chosen(&options.peers, entry.name))
        .collect();
    let names: Vec<&'static str> = workloads::NAMES
        .iter()
        .copied()
        .filter(|name| chosen(&options.workloads, name))
        .collect();
    let mut places: Vec<Place> = names
        .iter()
        .flat_map(|name| entries.iter().map(|entry| Place::new(*entry, name)))
        .collect();
    let since = Instant::now();
    for round in 1..=options.rounds {
        for place in &mut places {
            place.measure(options.limit);
        }
        let (rounds, seconds) = (options.rounds, since.elapsed().as_secs());
        eprintln!("round {round} of {rounds} after {seconds} s");
    }
    let mut cells: Vec<Cell> = places.into_iter().map(Place::cell).collect();
    let merged = options.merge.iter().flat_map(|path| rows(path));
    cells.extend(merged.map(|row| Cell {
        peer: row.peer.clone(),
        workload: row.workload.clone(),
        result: Ok(row),
    }));
    let report = Report {
        cells,
        entries: &entries,
        workloads: &names,
    };
    let tables = report.markdown();
    println!("{tables}");
    if let Some(path) = &options.md {
        std::fs::write(path, tables).unwrap();
    }
    if let Some(path) = &options.json {
        std::fs::write(path, report.json()).unwrap();
    }
}

/// Reads rows that another program measured.
fn rows(path: &str) -> Vec<Row> {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One peer at one workload, and its samples so far; or why there is none.
struct Place {
    entry: Entry,
    workload: &'static str,
    samples: Result<Vec<Told>, String>,
}

impl Place {
    fn new(entry: Entry, workload: &'static str) -> Self {
        let samples = match (entry.skip)(workload) {
            Some(why) => Err(why.to_owned()),
            None => Ok(Vec::new()),
        };
        Self {
            entry,
            workload,
            samples,
        }
    }

    fn measure(&mut self, limit: Duration) {
        let Ok(samples) = &mut self.samples else {
            return;
        };
        match one(self.entry.name, self.workload, limit) {
            Ok(sample) => samples.push(sample),
            Err(why) => {
                eprintln!("{} at {}: {why}", self.entry.name, self.workload);
                self.samples = Err(why);
            }
        }
    }

    fn cell(self) -> Cell {
        let (peer, workload) = (self.entry.name, self.workload);
        Cell {
            peer: peer.to_owned(),
            workload: workload.to_owned(),
            result: self.samples.map(|samples| row(peer, workload, &samples)),
        }
    }
}

fn row(peer: &str, workload: &str, samples: &[Told]) -> Row {
    let runs = |told: &Told| median(told.ns_per_node.iter().copied());
    let compiles = |told: &Told| best(told.compile_ns_per_node.iter().copied());
    let middle = |size: &dyn Fn(&Memory) -> u64| {
        median(samples.iter().map(|told| size(&told.memory) as f64)) as u64
    };
    Row {
        peer: peer.to_owned(),
        workload: workload.to_owned(),
        ns_per_node_best: best(
            samples
                .iter()
                .flat_map(|told| told.ns_per_node.iter().copied()),
        ),
        ns_per_node_median: median(samples.iter().map(runs)),
        memory: Memory {
            empty: middle(&|memory| memory.empty),
            base: middle(&|memory| memory.base),
            run_peak: middle(&|memory| memory.run_peak),
            peak: middle(&|memory| memory.peak),
        },
        compile_ns_per_node: best(samples.iter().map(compiles)),
        narrowed: samples.iter().any(|told| told.narrowed),
    }
}

/// Starts a process for one sample. Ends it, and no other, when it takes too long.
fn one(peer: &str, workload: &str, limit: Duration) -> Result<Told, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .args(["child", peer, workload])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let since = Instant::now();
    // What a child prints fits in the pipe, so it never waits for this loop.
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if since.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("over {} s", limit.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("failed".to_owned());
    }
    let told: Told = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    if told.correct {
        Ok(told)
    } else {
        Err("wrong result".to_owned())
    }
}
