//! Runs that are kept in a store: accepted, gone on with, and what to do next with them.

use std::sync::Arc;

use graphloom::graph::Graph;
use graphloom::host::Store;
use graphloom::{
    Accepted, Engine, Faults, KeepError, Plan, RunHandle, RunOptions, Text, Value, Worker,
    WorkerOptions,
};

use crate::args::DurabilityArg;
use crate::problem::Problem;
use crate::report::Report;

/// What this process keeps a run with. Runs lose their lease soon after it is dropped.
pub(super) struct Keeping {
    pub(super) store: Arc<dyn Store>,
    worker: Worker,
}

impl Keeping {
    /// Inside of a runtime.
    pub(super) fn new(engine: &Engine, store: Arc<dyn Store>) -> Result<Self, Problem> {
        let owner = format!("graphloom-{}", std::process::id());
        let worker = Worker::new(engine, &store, WorkerOptions::new(owner));
        let worker = worker.map_err(|error| problem(error, |faults| faults_of("run", faults)))?;
        Ok(Self { store, worker })
    }

    /// Accepts a run.
    pub(super) async fn submit(
        &self,
        engine: &Engine,
        graph: &Graph,
        plan: &Arc<Plan>,
        options: &RunOptions,
    ) -> Result<Accepted, KeepError> {
        engine
            .submit(&*self.store, graph, plan, options, None)
            .await
    }

    /// Begins a run that was accepted just now.
    pub(super) async fn begin(
        &self,
        accepted: &Accepted,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        self.worker.begin(accepted, options.park()).await
    }

    /// Goes on with a run, until it is over or waits for someone.
    pub(super) async fn run(
        &self,
        run: &Text,
        plan: &Arc<Plan>,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        self.worker.run(run, Some(plan), options.park()).await
    }
}

impl DurabilityArg {
    /// What the run is promised.
    pub(super) fn of_run(self) -> graphloom::Durability {
        match self {
            Self::Relaxed => graphloom::Durability::Relaxed,
            Self::Barrier | Self::Every => graphloom::Durability::Barrier,
        }
    }
}

/// Returns why a kept run could not be accepted or gone on with.
pub(super) fn problem(error: KeepError, of_faults: impl FnOnce(Faults) -> Problem) -> Problem {
    match error {
        KeepError::Faults(faults) => of_faults(faults),
        other => Problem::refused(other.code(), other.to_string()),
    }
}

/// Returns the faults of something that has no text to show.
pub(super) fn faults_of(what: &str, faults: Faults) -> Problem {
    Problem::Faults(crate::problem::Origin::argument(what), faults.0)
}

/// Says how to go on with a run that has not ended. `place` is where it is kept, as the command line has it.
pub(crate) fn next_steps(result: &Value, place: &str, report: &mut Report) {
    let word = |of: &Value, key: &str| {
        of.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let run = word(result, "run_id");
    let questions = result.get("questions").and_then(Value::as_list);
    for question in questions.into_iter().flat_map(|all| all.iter()) {
        let firing = question.get("firing").and_then(Value::as_u64);
        let node = format!("{}:{}", word(question, "node"), firing.unwrap_or_default());
        let answer = if word(question, "signal") == "in_doubt" {
            "repeat|fail|':={\"done\": {…}}'"
        } else {
            "ANSWER"
        };
        report.note(&format!(
            "next: graphloom answer {run} {node} {answer} --resume {place}"
        ));
    }
    let code = result.get("failure").map(|failure| word(failure, "code"));
    let store_failed = code.is_some_and(|code| code.starts_with("STORE_"));
    if store_failed && word(result, "status") == "failed" {
        report.note(&format!(
            "next: graphloom runs resume {run} {place}, once the store can be written to"
        ));
    }
}
