//! `runs show`, `runs why`, `runs events`, `runs diff`: what happened.

use std::sync::Arc;

use graphloom::host::Store;
use graphloom::value::{Map, to_value};
use graphloom::{Text, Trace, Value};

use super::Kept;
use super::list::object;
use crate::args::RunArg;
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::{Report, diff_page, run_page, why_page};
use crate::{setup, store};

/// How many events are read at a time.
const PAGE: usize = 4_096;

pub(super) fn show(run: &RunArg, at: Option<u64>, report: &mut Report) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = Arc::new(store::look(run.store.dir()?)?);
    let entry = runtime.block_on(store.entry(&Text::from(run.id.as_str())))?;
    if let Some(at) = at.filter(|at| *at > entry.events) {
        return Err(too_late(&run.id, at, entry.events));
    }
    let kept = runtime.block_on(Kept::read(store, setup::engine()?, &run.id))?;
    let state = kept.engine.state(&*kept.store, &kept.run, &kept.plan, at);
    let picture = runtime.block_on(state)?.picture();
    let mut shown = Map::new();
    if let Value::Map(entry) = object(&entry) {
        shown.extend(entry);
    }
    if let Ok(Value::Map(picture)) = to_value(&picture) {
        shown.extend(picture);
    }
    report.answer(&shown.into(), |run| run_page(run, entry.events));
    Ok(Exit::Ok)
}

/// Tells that a run has not so many events.
pub(crate) fn too_late(run: &str, at: u64, events: u64) -> Problem {
    let message = format!("run {run} has {events} events, not {at}");
    HostError::new(HostCode::Usage, message)
        .expected(format!("--at 0 to --at {events}"))
        .into()
}

pub(super) fn why(run: &RunArg, node: &str, report: &mut Report) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = Arc::new(store::look(run.store.dir()?)?);
    let kept = runtime.block_on(Kept::read(store, setup::engine()?, &run.id))?;
    let records = runtime.block_on(kept.records())?;
    let why = graphloom::why(&kept.plan, &records, node)
        .map_err(|error| Problem::refused(error.code(), error.to_string()))?;
    report.answer(&to_value(&why).unwrap_or_default(), why_page);
    Ok(Exit::Ok)
}

pub(super) fn diff(run: &RunArg, other: &str, report: &mut Report) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = Arc::new(store::look(run.store.dir()?)?);
    let read = |id| runtime.block_on(Kept::read(store.clone(), setup::engine()?, id));
    let (a, b) = (read(&run.id)?, read(other)?);
    let (ran, again) = (
        runtime.block_on(a.records())?,
        runtime.block_on(b.records())?,
    );
    let differs = graphloom::diff(&a.plan, &ran, &b.plan, &again)
        .map_err(|failure| Problem::refused(failure.code, failure.message.to_string()))?;
    report.answer(&to_value(&differs).unwrap_or_default(), diff_page);
    Ok(Exit::Ok)
}

pub(super) fn events(run: &RunArg, from: u64, report: &mut Report) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = Arc::new(store::look(run.store.dir()?)?);
    let kept = runtime.block_on(Kept::read(store, setup::engine()?, &run.id))?;
    let mut trace = Trace::new(&kept.plan);
    let mut next = 0;
    loop {
        let page = runtime.block_on(kept.store.read(&kept.run, next, PAGE))?;
        for record in &page {
            let line = trace.line(record);
            if record.seq >= from {
                report.json(&line);
            }
        }
        next += page.len() as u64;
        if page.len() < PAGE {
            return Ok(Exit::Ok);
        }
    }
}
