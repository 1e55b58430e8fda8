//! `run`: a graph from start to outcome.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::value::{Map, to_value};
use graphloom::{
    CancelToken, Capability, Engine, Entry, EventStream, Explanations, Plan, Reuse, Role,
    RunHandle, RunLimits, RunOptions, RunOutcome, Status, Value, observe, value,
};
use tokio::runtime::Runtime;

use super::signals::Signals;
use super::watch::{Ended, Eyes, to_end};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::report::{Report, cache_lines, cache_text, not_kept, outcome_summary, outputs};
use crate::result_cache::FolderResults;
use crate::{input, kv, setup};

pub(crate) fn run(args: &RunArgs, report: &mut Report) -> Result<Exit, Problem> {
    let started = start(args, report);
    if args.events {
        report.begin_stream(&header(started.as_ref().ok()));
    }
    let Started {
        runtime,
        signals,
        handle,
        cancel,
        events,
        plan,
        reuse,
    } = started?;
    let eyes = Eyes::new(&plan, args.events);
    let ended = runtime.block_on(to_end(handle, signals, &cancel, events, eyes, report));
    // A blocking thread that was abandoned must not hold the process.
    runtime.shutdown_background();
    if let Some(reuse) = reuse {
        explain(args, &reuse.explanations(), report);
    }
    answer(args, &ended, report);
    if let Some(question) = &ended.question {
        let message = format!(
            "node \"{}\" waits for an answer: {}",
            question.node, question.text
        );
        return Err(HostError::new(HostCode::RunWaits, message)
            .help("replace what waits with --set NODE.PIN:=JSON, or rehearse with --mock")
            .into());
    }
    Ok(match ended.signal {
        Some(signal) if ended.outcome.status == Status::Cancelled => signal,
        _ => Exit::of_outcome(&ended.outcome),
    })
}

/// A run on its way.
struct Started {
    runtime: Runtime,
    signals: Signals,
    handle: RunHandle,
    cancel: CancelToken,
    events: Option<EventStream>,
    plan: Arc<Plan>,
    reuse: Option<Arc<Reuse>>,
}

fn start(args: &RunArgs, report: &mut Report) -> Result<Started, Problem> {
    let files = [Some(args.file.as_path()), args.given.inputs.as_deref()];
    input::stdin_once(files.into_iter().flatten())?;
    let overrides = input::overrides(&args.set)?;
    let time_zone = time_zone(&args.time_zone)?;
    let (mut engine, reuse) = (engine(args)?, reuse(args)?);
    if let Some(reuse) = &reuse {
        engine = engine.reusing(reuse);
    }
    let (plan, _) = load(&engine, &args.file, report)?;
    let inputs = input::given(&args.given, report)?;

    let cancel = CancelToken::new();
    let mut options = RunOptions::new()
        .inputs(inputs)
        .time_zone(time_zone)
        .cancel_with(&cancel)
        .extensions(kv::lent(args.kv.as_deref(), &agent(args, &plan)));
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
    if args.events || report.is_watched() || may_wait(&engine, &plan) {
        // Nothing may be lost; what is not printed yet is all that is kept.
        let (observer, stream) = observe(usize::MAX);
        options = options.observe(observer);
        events = Some(stream);
    }
    let runtime = setup::runtime()?;
    let (handle, signals) = {
        let _inside = runtime.enter();
        let signals = Signals::listen()?;
        let handle = engine.start(&plan, options).map_err(|mut faults| {
            input::hint(&args.given, &mut faults.0);
            let file = args.given.inputs.as_deref();
            Problem::Faults(
                Origin::argument(file.map_or("inputs".into(), Path::to_string_lossy)),
                faults.0,
            )
        })?;
        (handle, signals)
    };
    Ok(Started {
        runtime,
        signals,
        handle,
        cancel,
        events,
        plan,
        reuse,
    })
}

/// Returns what the run may take from earlier.
fn reuse(args: &RunArgs) -> Result<Option<Arc<Reuse>>, Problem> {
    let Some(folder) = &args.cache else {
        return Ok(None);
    };
    let cache = FolderResults::open(folder).map_err(|error| {
        let message = format!("\"{}\" is no folder for results: {error}", folder.display());
        HostError::new(HostCode::FileWrite, message)
    })?;
    Ok(Some(Arc::new(Reuse::new().cache(Arc::new(cache)))))
}

/// Says what became of each firing, if that was asked for; and in any case what keeps the cache from its work.
fn explain(args: &RunArgs, told: &Explanations, report: &mut Report) {
    if args.explain_cache && args.events {
        cache_lines(told).for_each(|line| report.json(&line));
    } else if args.explain_cache {
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
fn time_zone(name: &str) -> Result<&str, Problem> {
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
    Ok(Engine::builder(registry).limits(limits).build())
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

fn header(started: Option<&Started>) -> Value {
    let mut header = Map::new();
    header.insert("type", "header");
    header.insert("schema", "events/1");
    header.insert("graphloom", env!("CARGO_PKG_VERSION"));
    if let Some(Started { plan, handle, .. }) = started {
        header.insert("run_id", handle.id().clone());
        header.insert("graph", plan.name());
        header.insert("semantic_hash", plan.hash().to_string());
    }
    header.into()
}

fn answer(args: &RunArgs, ended: &Ended, report: &mut Report) {
    let outcome = &ended.outcome;
    if args.events {
        let mut result = Map::new();
        result.insert("type", "result");
        result.extend(object(outcome));
        report.json(&result.into());
    } else if report.is_json() {
        report.json(&object(outcome).into());
    } else {
        let all = outcome.outputs.iter();
        let each = all.flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        report.human(&outputs(each));
        report.flush();
        report.note(&outcome_summary(outcome));
    }
}

fn object(outcome: &RunOutcome) -> Map {
    match to_value(outcome) {
        Ok(Value::Map(map)) => map,
        // An outcome is made of values: this cannot be, and if it is, it is told.
        other => match value!({ "status": outcome.status.as_str(), "error": format!("{other:?}") })
        {
            Value::Map(map) => map,
            _ => Map::new(),
        },
    }
}
