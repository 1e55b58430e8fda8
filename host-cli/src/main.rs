//! The command line of Graphloom: arguments to engine calls, outcomes to text and exit codes.
//!
//! It holds no rule about graphs. A call goes one way: [`args`] (the command line as written) to a file of [`commands`],
//! which asks the engine, to [`report`], the only place that prints, to an exit code ([`exit`]).

mod args;
mod commands;
mod credentials;
mod exit;
mod input;
mod kv;
mod models;
#[cfg(feature = "probes")]
mod probes;
mod problem;
mod remote;
mod render;
mod replace;
mod report;
mod result_cache;
mod setup;
mod store;
mod tally;

use std::process::ExitCode;

use args::Cli;
use exit::Exit;
use report::Report;

fn main() -> ExitCode {
    report::only_where_it_panicked();
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(refused) => return Report::new(refused.json).refuse(&refused.error).into(),
    };
    let mut report = Report::new(cli.json);
    let exit = match commands::dispatch(cli, &mut report) {
        Ok(exit) => exit,
        Err(problem) => report.problem(&problem),
    };
    report.finish(exit).into()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
