//! From what a request asks to what a run is started with.

use std::time::Duration;

use graphloom::host::HostSet;
use graphloom::json::Pointer;
use graphloom::{Durability, Grants, RunLimits, RunOptions, Text};

use crate::ask::misfit_at;
use crate::problem::Problem;
use crate::runs::{Reusing, labels};
use crate::wire::{Promise, RunStart};

/// How long a run may take at most, in milliseconds: as much as a signed number can say.
const MAX_TIMEOUT_MS: u64 = i64::MAX.unsigned_abs();
/// How many firings of a run may be at work at once.
const MAX_PARALLEL: u64 = 100_000;

/// Refuses a number that is not 1 to `most`.
fn within(place: &str, found: Option<u64>, most: u64) -> Result<(), Problem> {
    match found {
        Some(found) if !(1..=most).contains(&found) => {
            let what = format!("expected 1 to {most}, found {found}");
            Err(misfit_at(place, &what))
        }
        _ => Ok(()),
    }
}

/// Refuses a time that nothing can take.
///
/// # Errors
/// `HTTP_BODY` with its place.
pub(super) fn check_timeout(ms: Option<u64>) -> Result<(), Problem> {
    within("/timeout_ms", ms, MAX_TIMEOUT_MS)
}

/// Returns what a run is started with.
///
/// # Errors
/// `HTTP_BODY` with the place of what does not fit.
pub(super) fn of(asked: &RunStart) -> Result<RunOptions, Problem> {
    check_timeout(asked.timeout_ms)?;
    within(
        "/max_parallel",
        asked.max_parallel.map(u64::from),
        MAX_PARALLEL,
    )?;
    let mut limits = RunLimits::default().timeout(asked.timeout_ms.map(Duration::from_millis));
    if let Some(max) = asked.max_parallel {
        limits = limits.max_parallel(max as usize);
    }
    let mut options = RunOptions::new()
        .inputs(asked.inputs.clone())
        .limits(limits)
        .grants(grants(asked)?);
    for (pin, value) in asked.set.iter() {
        let place = Pointer::root().push("set").push(pin);
        let named = pin.split_once('.');
        let (node, pin) =
            named.ok_or_else(|| misfit_at(place.as_str(), "a pin is written NODE.PIN"))?;
        options = options.set(node, pin, value.clone());
    }
    if let Some(seed) = asked.seed {
        options = options.seed(seed);
    }
    if let Some(zone) = &asked.time_zone {
        graphloom_blocks::check_time_zone(zone)
            .map_err(|error| misfit_at("/time_zone", &error.to_string()))?;
        options = options.time_zone(zone.clone());
    }
    if let Some(promise) = asked.durability {
        options = options.durability(match promise {
            Promise::Relaxed => Durability::Relaxed,
            Promise::Barrier => Durability::Barrier,
        });
    }
    for (name, text) in &asked.labels {
        if name.starts_with(labels::OWN) {
            let place = Pointer::root().push("labels").push(name);
            let what = format!(
                "labels that begin with `{}` are the server's own",
                labels::OWN
            );
            return Err(misfit_at(place.as_str(), &what));
        }
        options = options.label(name.clone(), text.clone());
    }
    Ok(options)
}

/// Returns what is taken from an earlier run.
///
/// # Errors
/// `HTTP_BODY` for a node without a run.
pub(super) fn reuse(asked: &RunStart) -> Result<Option<Reusing>, Problem> {
    let from = asked.from.clone();
    match asked.reuse.clone() {
        Some(run) => Ok(Some(Reusing { run, from })),
        None if from.is_some() => Err(misfit_at("/from", "this needs `reuse`, an earlier run")),
        None => Ok(None),
    }
}

/// Returns what the run may do.
fn grants(asked: &RunStart) -> Result<Grants, Problem> {
    let mut grants = Grants::all();
    let hosts = |patterns: &[Text], place: &str| {
        let patterns = patterns.iter().map(Text::as_str);
        HostSet::parse(patterns).map_err(|error| misfit_at(place, &error.to_string()))
    };
    if let Some(only) = &asked.only_hosts {
        grants = grants.only_hosts(hosts(only, "/only_hosts")?);
    }
    if !asked.deny_hosts.is_empty() {
        grants = grants.deny_hosts(hosts(&asked.deny_hosts, "/deny_hosts")?);
    }
    for (unit, amount) in &asked.max_cost {
        grants = grants.spend(unit.as_str(), *amount);
    }
    Ok(grants)
}

/// Says of faults of inputs where in the request they are.
pub(super) fn placed(problem: Problem, asked: &RunStart) -> Problem {
    if !problem.code().starts_with("INPUT_") {
        return problem;
    }
    problem.placed(|pointer| {
        let first = Pointer::parse(pointer).ok();
        let first = first.and_then(|place| place.segments().next().map(String::from));
        let set = first.is_some_and(|name| asked.set.contains_key(&name));
        format!("{}{pointer}", if set { "/set" } else { "/inputs" })
    })
}
