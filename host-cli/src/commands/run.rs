//! `run`: a graph from start to outcome.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::value::{Map, to_value};
use graphloom::{
    CancelToken, Capability, Engine, Entry, EventStream, Explanations, Faults, Plan, Reuse, Role,
    RunHandle, RunLimits, RunOptions, RunOutcome, RunResults, Status, Text, Value, observe, value,
};
use tokio::runtime::Runtime;

use super::kept::{self, Keeping};
use super::signals::Signals;
use super::watch::{Eyes, to_end};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::report::{Report, cache_lines, cache_text, not_kept, outcome_summary, outputs_of};
use crate::result_cache::FolderResults;
use crate::{input, kv, models, setup, store};

pub(crate) fn run(args: &RunArgs, report: &mut Report) -> Result<Exit, Problem> {
    let started = start(args, report);
    if args.events {
        report.begin_stream(&header(started.as_ref().ok()));
    }
    let started = started?;
    let eyes = Eyes::new(&started.plan, args.events);
    finish(started, eyes, args.events, args.kept_in(), report)
}

/// Stays with a run to its end, and tells its outcome.
pub(super) fn finish(
    started: Started,
    eyes: Eyes,
    lines: bool,
    store: Option<&Path>,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let Started {
        runtime,
        signals,
        handle,
        cancel,
        events,
        keeping,
        reuse,
        explains,
        ..
    } = started;
    let eyes = if store.is_some() {
        eyes.parking()
    } else {
        eyes
    };
    let ended = runtime.block_on(to_end(handle, signals, &cancel, events, eyes, report));
    drop(keeping);
    // A blocking thread that was abandoned must not hold the process.
    runtime.shutdown_background();
    if let Some(reuse) = reuse {
        explain(explains, lines, &reuse.explanations(), report);
    }
    let result = result_of(&ended.outcome);
    tell(lines, &result, report);
    if let Some(store) = store {
        kept::next_steps(&result, &format!("--store {}", store.display()), report);
    }
    if let Some(question) = &ended.question {
        let message = format!(
            "node \"{}\" waits for an answer: {}",
            question.node, question.text
        );
        return Err(HostError::new(HostCode::RunWaits, message)
            .help(
                "keep the run with --store DIR and answer it with `graphloom answer`, replace what waits \
                 with --set NODE.PIN:=JSON, or rehearse with --mock",
            )
            .into());
    }
    Ok(match ended.signal {
        Some(signal) if ended.outcome.status == Status::Cancelled => signal,
        _ => Exit::of_result(&result),
    })
}

/// A run on its way.
pub(super) struct Started {
    pub(super) runtime: Runtime,
    pub(super) signals: Signals,
    pub(super) handle: RunHandle,
    pub(super) cancel: CancelToken,
    pub(super) events: Option<EventStream>,
    pub(super) plan: Arc<Plan>,
    /// What keeps it, where something does.
    pub(super) keeping: Option<Keeping>,
    /// What it takes from earlier, where it may.
    pub(super) reuse: Option<Arc<Reuse>>,
    /// Whether it says what it took.
    pub(super) explains: bool,
}

fn start(args: &RunArgs, report: &mut Report) -> Result<Started, Problem> {
    let files = [Some(args.file.as_path()), args.given.inputs.as_deref()];
    input::stdin_once(files.into_iter().flatten())?;
    let overrides = input::overrides(&args.set)?;
    let time_zone = checked_time_zone(&args.time_zone)?;
    let runtime = setup::runtime()?;
    let mut engine = engine(args)?;
    let (mut plan, graph) = load(&engine, &args.file, report)?;
    let reuse = runtime.block_on(reuse(args, &engine, &plan))?;
    if let Some(reuse) = &reuse {
        engine = engine.reusing(reuse);
        let again = engine.compile(&graph);
        plan = again.map_err(|faults| kept::faults_of("the graph", faults))?;
    }
    let inputs = input::given(&args.given, report)?;

    let cancel = CancelToken::new();
    let mut options = RunOptions::new()
        .inputs(inputs)
        .time_zone(time_zone)
        .cancel_with(&cancel)
        .grants(setup::grants(&args.outside))
        .extensions(models::lent(
            &args.outside,
            kv::lent(args.kv.as_deref(), &agent(args, &plan)),
        )?);
    for (node, pin, value) in overrides {
        options = options.set(node, pin, value);
    }
    if let Some(seed) = args.seed {
        options = options.seed(seed);
    }
    if let Some(id) = &args.run_id {
        options = options.run_id(id.as_str());
    }
    let mut events = None;
    let watched = args.events || report.is_watched();
    if watched || args.kept_in().is_none() && may_wait(&engine, &plan) {
        // Nothing may be lost; what is not printed yet is all that is kept.
        let (observer, stream) = observe(usize::MAX);
        options = options.observe(observer);
        events = Some(stream);
    }
    let refused = |mut faults: Faults| {
        input::hint(&args.given, &mut faults.0);
        let file = args.given.inputs.as_deref();
        Problem::Faults(
            Origin::argument(file.map_or("inputs".into(), Path::to_string_lossy)),
            faults.0,
        )
    };
    let (handle, signals, keeping) = {
        let _inside = runtime.enter();
        let signals = Signals::listen()?;
        match args.kept_in() {
            None => (
                engine.start(&plan, options).map_err(refused)?,
                signals,
                None,
            ),
            Some(dir) => {
                let store = store::open(dir, args.durability)?;
                let keeping = Keeping::new(&engine, store)?;
                let options = options.durability(args.durability.of_run());
                let run = keeping.submit(&engine, &graph, &plan, &options);
                let run = runtime
                    .block_on(run)
                    .map_err(|e| kept::problem(e, refused))?;
                let handle = runtime.block_on(keeping.begin(&run, options));
                let handle = handle.map_err(|e| kept::problem(e, refused))?;
                (handle, signals, Some(keeping))
            }
        }
    };
    Ok(Started {
        runtime,
        signals,
        handle,
        cancel,
        events,
        plan,
        keeping,
        reuse,
        explains: args.explain_cache,
    })
}

/// Returns what the run may take from earlier.
async fn reuse(
    args: &RunArgs,
    engine: &Engine,
    plan: &Arc<Plan>,
) -> Result<Option<Arc<Reuse>>, Problem> {
    if args.reuse.is_some() && args.store.is_none() {
        let message = "--reuse names a run, and it is not said where runs are kept";
        return Err(HostError::new(HostCode::Usage, message)
            .expected("--store DIR, or --server URL")
            .into());
    }
    if args.cache.is_none() && args.reuse.is_none() {
        return match args.explain_cache {
            false => Ok(None),
            true => {
                let message = "there is nothing to explain without --reuse RUN or --cache DIR";
                Err(HostError::new(HostCode::Usage, message).into())
            }
        };
    }
    let mut reuse = Reuse::new();
    if let (Some(run), Some(dir)) = (&args.reuse, &args.store) {
        let store = store::existing(dir)?;
        let results = RunResults::of(&store, &Text::from(run.as_str()), engine).await;
        let results = results.map_err(|error| kept::problem(error, |f| kept::faults_of(run, f)))?;
        reuse = reuse.run(results);
    }
    if let Some(node) = &args.from {
        reuse = reuse.from_node(plan, node).map_err(|error| {
            HostError::new(HostCode::Usage, error.to_string()).suggest(error.suggestions.clone())
        })?;
    }
    if let Some(folder) = &args.cache {
        let cache = FolderResults::open(folder).map_err(|error| {
            let message = format!("\"{}\" is no folder for results: {error}", folder.display());
            HostError::new(HostCode::FileWrite, message)
        })?;
        reuse = reuse.cache(Arc::new(cache));
    }
    Ok(Some(Arc::new(reuse)))
}

/// Says what became of each firing, if that was asked for; and in any case what keeps the cache from its work.
fn explain(explains: bool, lines: bool, told: &Explanations, report: &mut Report) {
    if explains && lines {
        cache_lines(told).for_each(|line| report.json(&line));
    } else if explains {
        report.note(&cache_text(told));
    }
    if let Some(not_kept) = not_kept(told) {
        report.note(&not_kept);
    }
}

/// What kept values are the agent's by: the graph's name, or the file's if it has none.
fn agent(args: &RunArgs, plan: &Plan) -> String {
    let file = args.file.file_stem().unwrap_or_default();
    match plan.name() {
        "" => file.to_string_lossy().into_owned(),
        name => name.to_owned(),
    }
}

/// Refuses a time zone that no block would know.
pub(crate) fn checked_time_zone(name: &str) -> Result<&str, Problem> {
    match graphloom_blocks::check_time_zone(name) {
        Ok(()) => Ok(name),
        Err(error) => Err(HostError::new(HostCode::TimeZone, error.to_string())
            .suggest(error.suggestions)
            .into()),
    }
}

/// Says whether a run of this plan may wait for an answer from outside. Watching for it costs something, so that it is
/// done only where a node can wait, or calls a graph whose nodes might.
fn may_wait(engine: &Engine, plan: &Plan) -> bool {
    let waits = |entry: &Entry| entry.info().capabilities.contains(&Capability::Wait);
    let calls = |entry: &Entry| {
        let info = entry.info();
        info.role == Role::Call || info.capabilities.contains(&Capability::Graphs)
    };
    let registry = engine.registry();
    registry.iter().any(waits)
        && plan.node_positions().any(|node| {
            let entry = registry.get(plan.block_id(node));
            entry.is_some_and(|entry| waits(entry) || calls(entry))
        })
}

fn engine(args: &RunArgs) -> Result<Engine, Problem> {
    let registry = setup::registry()?;
    let registry = if args.mock {
        registry.mocked()
    } else {
        registry
    };
    let mut limits = RunLimits::default().timeout(args.timeout_ms.map(Duration::from_millis));
    if let Some(max) = args.max_parallel {
        limits = limits.max_parallel(max as usize);
    }
    Ok(setup::builder(registry, &args.outside)?
        .limits(limits)
        .build())
}

/// Reads and compiles a graph.
pub(super) fn load(
    engine: &Engine,
    file: &Path,
    report: &mut Report,
) -> Result<(Arc<Plan>, Graph), Problem> {
    let origin = input::read(file, report)?;
    let found = engine.diagnose(&origin.source);
    match (found.plan, found.graph) {
        (Some(plan), Some(graph)) => Ok((plan, graph)),
        _ => Err(Problem::Faults(origin, found.faults)),
    }
}

/// Returns the first line of events, of which nothing is known yet.
pub(crate) fn bare_header() -> Map {
    let mut header = Map::new();
    header.insert("type", "header");
    header.insert("schema", "events/1");
    header.insert("graphloom", env!("CARGO_PKG_VERSION"));
    header
}

pub(super) fn header(started: Option<&Started>) -> Value {
    let mut header = bare_header();
    if let Some(Started { plan, handle, .. }) = started {
        header.insert("run_id", handle.id().clone());
        header.insert("graph", plan.name());
        header.insert("semantic_hash", plan.hash().to_string());
    }
    header.into()
}

/// Returns an outcome in the form that programs get.
pub(super) fn result_of(outcome: &RunOutcome) -> Value {
    // An outcome is made of values: it cannot be otherwise, and if it is, that is told.
    to_value(outcome).unwrap_or_else(|error| {
        let (status, error) = (outcome.status.as_str(), error.to_string());
        value!({ "status": status, "error": error })
    })
}

/// Tells the result of a run, whoever ran it.
pub(crate) fn tell(lines: bool, result: &Value, report: &mut Report) {
    if lines {
        let mut last = Map::new();
        last.insert("type", "result");
        last.extend(result.as_map().cloned().unwrap_or_default());
        report.json(&last.into());
    } else {
        report.answer(result, outputs_of);
        if !report.is_json() {
            report.flush();
            report.note(&outcome_summary(result));
        }
    }
}
