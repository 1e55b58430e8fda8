//! Commands that a server does: arguments to requests, answers to the same report as everywhere.
//!
//! A command is done here or there ([`is_remote`]), and both ways give one value in the form that programs get
//! ([`Report::answer`], `tell`), so that nothing is printed twice over. [`client`] asks and reads refusals ([`refused`]) as
//! problems of this program; [`follow`] stays with the events of a run over broken connections, and [`stay`] with the run
//! itself; each other file has the commands of one resource.

mod blocks;
mod client;
mod credentials;
mod drive;
mod explain;
mod follow;
mod graphs;
mod place;
mod refused;
mod runs;
mod sse;
mod start;
mod stay;
mod token;

use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::args::{
    BlocksCommand, Command, CredentialsCommand, GraphCommand, RunsCommand, ServerArgs,
};
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::Report;
use crate::setup;

use client::Client;
pub(crate) use place::is_remote;

/// A server, and the runtime that asks it.
struct Remote {
    runtime: Runtime,
    client: Arc<Client>,
}

impl Remote {
    fn wait<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.runtime.block_on(work)
    }
}

/// Has the server that the command line names do what it asks for.
pub(crate) fn dispatch(
    command: &Command,
    server: &ServerArgs,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let address = server.server.as_deref().unwrap_or_default();
    let remote = Remote {
        runtime: setup::runtime()?,
        client: Arc::new(Client::new(address, server)?),
    };
    let remote = &remote;
    match command {
        Command::Run(args) => start::run(args, remote, report),
        Command::Runs(command) => on_runs(command, remote, report),
        Command::Answer(args) => drive::answer(args, remote, report),
        Command::Graph(command) => on_graph(command, remote, report),
        Command::Blocks(command) => on_blocks(command, remote, report),
        Command::Credentials(command) => match command {
            CredentialsCommand::Add(args) => credentials::add(args, remote, report),
            CredentialsCommand::List(_) => credentials::list(remote, report),
            CredentialsCommand::Remove { name, .. } => credentials::remove(name, remote, report),
            CredentialsCommand::Rotate(_) => Err(not_here()),
        },
        Command::Explain { code } => explain::explain(code, remote, report),
        _ => Err(not_here()),
    }
}

/// [`is_remote`] lets no other command come here.
fn not_here() -> Problem {
    HostError::new(HostCode::Internal, "no server does this").into()
}

fn on_runs(command: &RunsCommand, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    match command {
        RunsCommand::List {
            status,
            limit,
            after,
            ..
        } => runs::list(status.as_deref(), *limit, after.as_deref(), remote, report),
        RunsCommand::Show { run, at } => runs::show(&run.id, *at, remote, report),
        RunsCommand::Why { run, node } => runs::why(&run.id, node, remote, report),
        RunsCommand::Events { run, from } => runs::events(&run.id, *from, remote, report),
        RunsCommand::Diff { run, other } => runs::diff(&run.id, other, remote, report),
        RunsCommand::Cancel { run } => drive::cancel(&run.id, remote, report),
        RunsCommand::Resume(args) => drive::resume(args, remote, report),
        RunsCommand::Export { run } => runs::export(&run.id, remote, report),
        RunsCommand::Prune {
            older_than_days,
            keep,
            dry_run,
            ..
        } => runs::prune(*older_than_days, *keep, *dry_run, remote, report),
    }
}

fn on_graph(command: &GraphCommand, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    match command {
        GraphCommand::Validate { graph, max_errors } => {
            graphs::validate(&graph.file, *max_errors, remote, report)
        }
        GraphCommand::Plan(graph) => graphs::plan(&graph.file, remote, report),
        GraphCommand::Push {
            graph,
            id,
            if_match,
        } => graphs::push(
            &graph.file,
            id.as_deref(),
            if_match.as_deref(),
            remote,
            report,
        ),
        GraphCommand::Pull { id } => graphs::pull(id, remote, report),
        GraphCommand::List { limit } => graphs::list(*limit, remote, report),
        _ => Err(not_here()),
    }
}

fn on_blocks(
    command: &BlocksCommand,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    match command {
        BlocksCommand::List { category } => blocks::list(category.as_deref(), remote, report),
        BlocksCommand::Search { words } => blocks::search(words, remote, report),
        BlocksCommand::Show { block } => blocks::show(block, remote, report),
        BlocksCommand::Run(args) => blocks::run(args, remote, report),
        BlocksCommand::Test { .. } => Err(not_here()),
    }
}
