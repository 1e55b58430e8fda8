//! The commands: one file each, arguments to engine calls to a report.

mod blocks;
mod credentials;
mod explain;
mod graph;
mod kept;
mod patch;
mod run;
mod runs;
mod schema;
mod serve;
mod signals;
mod validate;
mod watch;

use clap::CommandFactory;
use graphloom::value;

pub(crate) use blocks::{MAX_ABSENT, find_category, tell_block_faults, tell_block_run};
pub(crate) use credentials::{check_arguments, secret, tell_removed};
pub(crate) use kept::next_steps;
pub(crate) use run::{bare_header, checked_time_zone, tell};
pub(crate) use runs::{DAY_MS, Pruned, answer_value, known_status, say, tell_pruned, too_late};
pub(crate) use signals::Signals;
pub(crate) use validate::{Counts, tell_validation};
pub(crate) use watch::TICK;

use crate::args::{BlocksCommand, Cli, Command, GraphCommand};
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::Report;
use crate::{remote, setup};

/// Does what the command line asks for.
pub(crate) fn dispatch(cli: Cli, report: &mut Report) -> Result<Exit, Problem> {
    let Some(command) = cli.command.filter(|_| !cli.version) else {
        return Ok(version(report));
    };
    if remote::is_remote(&cli.server, &cli.typed, &command)? {
        return remote::dispatch(&command, &cli.server, report);
    }
    setup::know_presets(&cli.preset, report)?;
    match command {
        Command::Run(args) => run::run(&args, report),
        Command::Runs(command) => runs::on_runs(&command, report),
        Command::Answer(args) => runs::answer(&args, report),
        Command::Replay { file } => runs::replay(&file, report),
        Command::Doctor { store, backup } => runs::doctor(store.dir()?, backup.as_deref(), report),
        Command::Graph(command) => on_graph(&command, report),
        Command::Blocks(command) => on_blocks(&command, report),
        Command::Credentials(command) => credentials::on_credentials(&command, report),
        Command::Serve { args } => serve::serve(args, report),
        Command::Schema { topic } => Ok(schema::schema(topic, report)),
        Command::Explain { code } => explain::explain(&code, report),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "graphloom", &mut script);
            report.text(&String::from_utf8_lossy(&script));
            Ok(Exit::Ok)
        }
    }
}

fn on_graph(command: &GraphCommand, report: &mut Report) -> Result<Exit, Problem> {
    match command {
        GraphCommand::Validate { graph, max_errors } => {
            validate::validate(&graph.file, *max_errors, report)
        }
        GraphCommand::Plan(graph) => graph::plan(&graph.file, report),
        GraphCommand::Fmt {
            graph,
            write,
            check,
        } => graph::fmt(&graph.file, *write, *check, report),
        GraphCommand::Hash(graph) => graph::hash(&graph.file, report),
        GraphCommand::Convert(graph) => graph::convert(&graph.file, report),
        GraphCommand::Render { graph, to } => graph::render(&graph.file, *to, report),
        GraphCommand::Patch(args) => patch::patch(args, report),
        GraphCommand::Diff { from, to } => graph::difference(from, to, report),
        // `is_remote` lets none of them come here.
        GraphCommand::Push { .. } | GraphCommand::Pull { .. } | GraphCommand::List { .. } => {
            Err(HostError::new(HostCode::Internal, "this is done on a server").into())
        }
    }
}

fn on_blocks(command: &BlocksCommand, report: &mut Report) -> Result<Exit, Problem> {
    match command {
        BlocksCommand::List { category } => blocks::list(category.as_deref(), report),
        BlocksCommand::Search { words } => blocks::search(words, report),
        BlocksCommand::Show { block } => blocks::show(block, report),
        BlocksCommand::Run(args) => blocks::run(args, report),
        BlocksCommand::Test { block } => blocks::test(block.as_deref(), report),
    }
}

fn version(report: &mut Report) -> Exit {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    if report.is_json() {
        report.json(&value!({
            "graphloom": VERSION,
            "graph_format": 1,
            "schemas": { "graph": "graph/1", "block": "block/1", "events": "events/1", "errors": "errors/1" },
        }));
    } else {
        report.text(&format!("graphloom {VERSION}\n"));
    }
    Exit::Ok
}
