//! Results as tables and as JSON.

use std::fmt::Write;

use crate::peer::{Entry, Kind};
use crate::row::Row;
use crate::stats::best;

/// One peer at one workload.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) peer: String,
    pub(crate) workload: String,
    /// Or why there is nothing.
    pub(crate) result: Result<Row, String>,
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) cells: Vec<Cell>,
    pub(crate) entries: &'a [Entry],
    pub(crate) workloads: &'a [&'static str],
}

impl Report<'_> {
    /// Returns the rows as a JSON list, one on each line.
    pub(crate) fn json(&self) -> String {
        let rows = self
            .cells
            .iter()
            .filter_map(|cell| cell.result.as_ref().ok());
        let lines: Vec<String> = rows
            .map(|row| serde_json::to_string(row).unwrap())
            .collect();
        format!("[\n{}\n]\n", lines.join(",\n"))
    }

    /// Returns the tables.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let fastest: Vec<f64> = self
            .workloads
            .iter()
            .map(|name| self.best_peer(name))
            .collect();
        let ratio = |row: &Row| {
            let at = self.workloads.iter().position(|name| *name == row.workload);
            match at.map(|at| fastest[at]) {
                Some(fastest) if fastest.is_finite() => {
                    format!("{:.2}", row.ns_per_node_best / fastest)
                }
                _ => "-".to_owned(),
            }
        };
        self.table(&mut text, "ns a node, best repetition", &|row| {
            number(row.ns_per_node_best)
        });
        self.table(&mut text, "ns a node, median of the rounds", &|row| {
            number(row.ns_per_node_median)
        });
        self.table(
            &mut text,
            "ratio to the best peer (floors and our own rows are not counted as best)",
            &ratio,
        );
        self.table(&mut text, "peak memory, MiB", &|row| mib(row.memory.peak));
        self.table(
            &mut text,
            "peak memory of the runs over that of the built graph, MiB",
            &|row| mib(row.memory.run_peak.saturating_sub(row.memory.base)),
        );
        self.table(&mut text, "compile (build), ns a node, best", &|row| {
            number(row.compile_ns_per_node)
        });
        if self.rows().any(|row| row.narrowed) {
            text.push_str(
                "\n† the peer limits a node's inputs: a tree of adding nodes stands in, and time is \
                 divided by the nodes of the original graph.\n",
            );
        }
        text
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.cells
            .iter()
            .filter_map(|cell| cell.result.as_ref().ok())
    }

    /// Returns our list of peers, and after it those that others have measured.
    fn peers(&self) -> Vec<&str> {
        let mut peers: Vec<&str> = self.entries.iter().map(|entry| entry.name).collect();
        for cell in &self.cells {
            if !peers.contains(&cell.peer.as_str()) {
                peers.push(&cell.peer);
            }
        }
        peers
    }

    fn best_peer(&self, workload: &str) -> f64 {
        let others = self.rows().filter(|row| {
            let entry = self.entries.iter().find(|entry| entry.name == row.peer);
            row.workload == workload && entry.is_some_and(|entry| entry.kind == Kind::Other)
        });
        best(others.map(|row| row.ns_per_node_best))
    }

    fn table(&self, text: &mut String, title: &str, show: &dyn Fn(&Row) -> String) {
        let columns = self.workloads.join(" | ");
        let rule = "---:|".repeat(self.workloads.len());
        let _ = write!(text, "\n### {title}\n\n| peer | {columns} |\n|---|{rule}\n");
        for peer in self.peers() {
            let _ = write!(text, "| {peer} |");
            for name in self.workloads {
                let cell = self
                    .cells
                    .iter()
                    .find(|cell| cell.peer == peer && cell.workload == *name);
                let shown = match cell.map(|cell| &cell.result) {
                    Some(Ok(row)) => show(row) + if row.narrowed { "†" } else { "" },
                    Some(Err(why)) => why.clone(),
                    None => "-".to_owned(),
                };
                let _ = write!(text, " {shown} |");
            }
            text.push('\n');
        }
    }
}

fn mib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

fn number(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.1}")
    } else if value < 100_000.0 {
        format!("{value:.0}")
    } else {
        format!("{:.0}k", value / 1e3)
    }
}
