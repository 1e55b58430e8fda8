//! `graphloom-bench`: the same graphs through Graphloom, hand-written loops and other ways to run them.
//!
//! The parent process goes round by round through workloads and peers and starts one process a sample, so that peers
//! are interleaved and none inherits another's heap. Every result is compared with a sequential computation. Only
//! ratios inside one run mean anything: see `docs/performance.md`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, prints its result, and its tasks end with its process"
)]

mod args;
mod body;
mod child;
mod form;
mod lanes;
mod linear;
mod memory;
mod peer;
mod peers;
mod report;
mod row;
mod sample;
mod session;
mod spec;
mod stats;
mod workloads;

use args::Command;

fn main() {
    match args::parse(std::env::args().skip(1)) {
        Ok(Command::All(options)) => session::run(&options),
        Ok(Command::Child(options)) => child::run(&options),
        Ok(Command::Linear) => linear::run(),
        Ok(Command::List) => {
            for entry in peers::all() {
                println!("{:22} {}", entry.name, entry.what);
            }
        }
        Err(message) => {
            eprintln!("{message}\n\n{}", args::USAGE);
            std::process::exit(2);
        }
    }
}
