//! `run`: a graph that is sent along, or one that the server keeps, from start to outcome.

use std::path::Path;
use std::time::Duration;

use graphloom::json::{Limits, Pointer, read_value};
use graphloom::value::Map;
use graphloom::{Fault, Text, Value};
use tokio::time::sleep;

use super::Remote;
use super::stay::{Stay, despite, header};
use crate::args::{DurabilityArg, OutsideArgs, RunArgs};
use crate::commands::{Signals, checked_time_zone, next_steps, tell};
use crate::exit::Exit;
use crate::input;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::report::Report;

/// How often a start is asked for again whose answer was lost: the same key names the same run, so that it starts once.
const ATTEMPTS: u32 = 5;

/// How long to wait before the first of these; twice as long before each next one.
const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn run(args: &RunArgs, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let started = start(args, remote, report);
    if args.events {
        report.begin_stream(&header(started.as_ref().ok().map(|started| &started.view)));
    }
    let Started {
        run,
        mut signals,
        signal,
        ..
    } = started?;
    let stay = Stay {
        client: &remote.client,
        run,
        after: None,
        lines: args.events,
        signal,
    };
    let ended = remote.wait(stay.until_over(&mut signals, report))?;
    tell(args.events, &ended.result, report);
    next_steps(&ended.result, &remote.client.flag(), report);
    Ok(ended.exit())
}

/// A run that the server has accepted.
struct Started {
    run: String,
    /// What the server says of it, for the header.
    view: Value,
    signals: Signals,
    signal: Option<Exit>,
}

/// What is to be run.
enum What<'a> {
    /// A document: sent along.
    Document(Origin),
    /// A graph that the server keeps.
    Kept(&'a str),
}

fn start(args: &RunArgs, remote: &Remote, report: &mut Report) -> Result<Started, Problem> {
    let kept = kept(&args.file)?;
    let files = [
        Some(args.file.as_path()).filter(|_| kept.is_none()),
        args.given.inputs.as_deref(),
    ];
    input::stdin_once(files.into_iter().flatten())?;
    let mut asked = asked(args)?;
    let what = match kept {
        Some((id, version)) => {
            if let Some(version) = version {
                asked.insert("version", version);
            }
            What::Kept(id)
        }
        None => {
            let (origin, document) = document(&args.file, report)?;
            asked.insert("graph", document);
            What::Document(origin)
        }
    };
    let inputs = input::given(&args.given, report)?;
    if !inputs.is_empty() {
        asked.insert("inputs", inputs);
    }
    let key = key()?;
    remote.wait(async {
        let mut signals = Signals::listen()?;
        let asked = asked.into();
        let starting = begin(remote, &what, &asked, &key);
        let (view, signal) = despite(&mut signals, starting).await;
        let mut view = match view {
            Ok(view) => view,
            Err(problem) => return Err(placed(problem, what, remote, args).await),
        };
        let run = view
            .get("run_id")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let run = run.ok_or_else(|| {
            HostError::new(HostCode::ServerAnswer, "the server tells no id of the run")
        })?;
        if args.events {
            // What the header says is not in the answer to a start.
            view = remote.client.get(&["runs", &run]).value().await?.body;
        }
        Ok(Started {
            run,
            view,
            signals,
            signal,
        })
    })
}

/// Starts the run. Whoever asks again with the same key is told of the same run.
async fn begin(
    remote: &Remote,
    what: &What<'_>,
    asked: &Value,
    key: &str,
) -> Result<Value, Problem> {
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        let asking = match what {
            What::Document(_) => remote.client.post(&["runs"]),
            What::Kept(id) => remote.client.post(&["graphs", id, "runs"]),
        };
        let answer = asking
            .json(asked)
            .header("idempotency-key", key)
            .value()
            .await;
        let is_lost = |problem: &Problem| match problem {
            Problem::Host(error) => match error.code {
                HostCode::ServerSilent => true,
                // It was there a moment ago.
                HostCode::Unreachable => attempt > 1,
                _ => false,
            },
            Problem::Server(refusal) => matches!(refusal.status, 502 | 504),
            _ => false,
        };
        match answer {
            Err(problem) if attempt < ATTEMPTS && is_lost(&problem) => {}
            answer => return Ok(answer?.body),
        }
        attempt += 1;
        sleep(pause).await;
        pause *= 2;
    }
}

/// Takes the places in a refusal back to where they came from: the graph's file, or the inputs.
async fn placed(problem: Problem, what: What<'_>, remote: &Remote, args: &RunArgs) -> Problem {
    let Problem::Faults(_, mut faults) = problem else {
        return problem;
    };
    let is_of_graph = |fault: &Fault| fault.pointer.as_str().starts_with("/graph");
    if let What::Document(origin) = what
        && faults.iter().all(is_of_graph)
    {
        // The document by itself, so that lines are those of the file, and repairs are for it.
        let found = super::graphs::faults(remote, &origin).await;
        return match found {
            Ok(found) if !found.is_empty() => Problem::Faults(origin, found),
            Ok(_) => Problem::Faults(origin, faults),
            Err(problem) => problem,
        };
    }
    for fault in &mut faults {
        let pointer = fault.pointer.as_str();
        let rest = pointer
            .strip_prefix("/inputs")
            .or_else(|| pointer.strip_prefix("/set"));
        if let Some(Ok(pointer)) = rest.map(str::parse::<Pointer>) {
            fault.pointer = pointer;
        }
        // Of a body that nobody wrote.
        (fault.line, fault.column) = (None, None);
    }
    input::hint(&args.given, &mut faults);
    let file = args.given.inputs.as_deref();
    let origin = Origin::argument(file.map_or("inputs".into(), Path::to_string_lossy));
    Problem::Faults(origin, faults)
}

/// Reads `graph:ID` and `graph:ID@VERSION`.
fn kept(file: &Path) -> Result<Option<(&str, Option<u64>)>, Problem> {
    let Some(name) = file.to_str().and_then(|text| text.strip_prefix("graph:")) else {
        return Ok(None);
    };
    super::graphs::reference(name).map(Some)
}

/// Reads the graph. It has to be JSON, since it is put into other JSON; all else the server says of it.
fn document(file: &Path, report: &mut Report) -> Result<(Origin, Value), Problem> {
    let origin = input::read(file, report)?;
    match read_value(&origin.source, &Limits::default()) {
        Ok(document) => Ok((origin, document)),
        Err(faults) => Err(Problem::Faults(origin, faults.0)),
    }
}

/// Returns what the command line asks for beside the graph and its inputs.
fn asked(args: &RunArgs) -> Result<Map, Problem> {
    let mut asked = Map::new();
    let mut set = Map::new();
    for (node, pin, value) in input::overrides(&args.set)? {
        set.insert(format!("{node}.{pin}"), value);
    }
    if !set.is_empty() {
        asked.insert("set", set);
    }
    if let Some(seed) = args.seed {
        asked.insert("seed", seed);
    }
    asked.insert("time_zone", checked_time_zone(&args.time_zone)?);
    if let Some(ms) = args.timeout_ms {
        asked.insert("timeout_ms", ms);
    }
    if let Some(max) = args.max_parallel {
        asked.insert("max_parallel", max);
    }
    narrow(&args.outside, &mut asked);
    match args.durability {
        DurabilityArg::Barrier => {}
        DurabilityArg::Relaxed => drop(asked.insert("durability", "relaxed")),
        DurabilityArg::Every => {
            let message =
                "--durability every is about a store here: the server chooses how it writes";
            return Err(HostError::new(HostCode::Usage, message).into());
        }
    }
    if let Some(run) = &args.reuse {
        asked.insert("reuse", run.as_str());
    }
    if let Some(node) = &args.from {
        asked.insert("from", node.as_str());
    }
    Ok(asked)
}

/// Asks that a run reach less far than the server lets it, and cost no more than this.
pub(super) fn narrow(outside: &OutsideArgs, asked: &mut Map) {
    let costs = outside.max_cost.iter();
    let costs: Map = costs
        .map(|(unit, amount)| (Text::from(unit.as_str()), Value::from(*amount)))
        .collect();
    if !costs.is_empty() {
        asked.insert("max_cost", costs);
    }
    for (name, hosts) in [
        ("only_hosts", &outside.only_host),
        ("deny_hosts", &outside.deny_host),
    ] {
        if !hosts.is_empty() {
            let hosts = hosts.iter().map(|host| Value::from(host.to_string()));
            asked.insert(name, hosts.collect::<Value>());
        }
    }
}

/// Draws a key that no other start has.
fn key() -> Result<String, Problem> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let message = format!("the system gives no random numbers: {error}");
        HostError::new(HostCode::Internal, message)
    })?;
    Ok(format!("graphloom-{:032x}", u128::from_be_bytes(bytes)))
}
