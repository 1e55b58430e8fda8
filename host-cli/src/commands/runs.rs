//! `runs`, `answer`, `replay`, `doctor`: what was kept.

mod drive;
mod export;
mod list;
mod look;
mod upkeep;

use std::sync::Arc;

use graphloom::host::Store;
use graphloom::json::to_json;
use graphloom::{Engine, Plan, Record, RunHead, Text};

pub(super) use drive::answer;
pub(crate) use drive::{answer_value, say};
pub(super) use export::replay;
pub(crate) use list::known as known_status;
pub(crate) use look::too_late;
pub(super) use upkeep::doctor;
pub(crate) use upkeep::{DAY_MS, Pruned, tell_pruned};

use super::kept::faults_of;
use crate::args::RunsCommand;
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::Report;

/// Does what a `runs` command asks for.
pub(super) fn on_runs(command: &RunsCommand, report: &mut Report) -> Result<Exit, Problem> {
    match command {
        RunsCommand::List {
            store,
            status,
            limit,
            after,
        } => list::list(
            store.dir()?,
            status.as_deref(),
            *limit,
            after.as_deref(),
            report,
        ),
        RunsCommand::Show { run, at } => look::show(run, *at, report),
        RunsCommand::Why { run, node } => look::why(run, node, report),
        RunsCommand::Events { run, from } => look::events(run, *from, report),
        RunsCommand::Diff { run, other } => look::diff(run, other, report),
        RunsCommand::Cancel { run } => drive::cancel(run, report),
        RunsCommand::Resume(args) => drive::resume(args, report),
        RunsCommand::Export { run } => export::export(run, report),
        RunsCommand::Prune {
            store,
            older_than_days,
            keep,
            dry_run,
        } => upkeep::prune(store.dir()?, *older_than_days, *keep, *dry_run, report),
    }
}

/// A kept run as it was accepted.
struct Kept {
    store: Arc<dyn Store>,
    run: Text,
    engine: Engine,
    plan: Arc<Plan>,
}

impl Kept {
    /// Reads the head of a run and compiles its graph.
    async fn read(store: Arc<dyn Store>, engine: Engine, id: &str) -> Result<Self, Problem> {
        let run = Text::from(id);
        let head = store.head(&run).await?;
        let head = RunHead::from_json(head.as_str()).map_err(|what| {
            HostError::new(
                HostCode::Internal,
                format!("the head of run {id} cannot be read: {what}"),
            )
        })?;
        let plan = engine
            .load(to_json(&head.graph).as_bytes())
            .map_err(|faults| faults_of(&format!("the graph of run {id}"), faults))?;
        Ok(Self {
            store,
            run,
            engine,
            plan,
        })
    }

    /// Returns all events.
    async fn records(&self) -> Result<Vec<Record>, Problem> {
        Ok(self.store.read(&self.run, 0, usize::MAX).await?)
    }
}
