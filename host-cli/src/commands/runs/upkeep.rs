//! `runs prune`, `doctor`: keeping a store in order.

use std::path::Path;

use graphloom::host::{Clock, RunQuery, Store, SystemClock};
use graphloom::value::Map;
use graphloom::{Text, Value, value};
use graphloom_backends::sqlite::Finding;

use super::list::moment;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::report::Report;
use crate::{setup, store};

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How many runs are looked at together.
const PAGE: usize = 500;

pub(super) fn prune(
    dir: &Path,
    days: u32,
    keep: usize,
    dry_run: bool,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = store::existing(dir)?;
    let now = SystemClock::default().now();
    let before = now.as_millis() - i64::from(days) * DAY_MS;
    let pruned = runtime.block_on(async {
        let (mut after, mut seen, mut gone) = (None::<Text>, 0, Vec::new());
        loop {
            let mut query = RunQuery::latest(PAGE);
            if let Some(run) = after.take() {
                query = query.after(run);
            }
            let page = store.entries(query).await?;
            let last = page.last().map(|entry| entry.run.clone());
            for entry in &page {
                seen += 1;
                let old = entry.status.is_terminal() && entry.updated.as_millis() <= before;
                if seen > keep && old {
                    gone.push(entry.clone());
                }
            }
            if page.len() < PAGE {
                break;
            }
            after = last;
        }
        if !dry_run {
            for entry in &gone {
                store.delete(&entry.run, now).await?;
            }
        }
        Ok::<_, Problem>(gone)
    })?;
    if !dry_run && !pruned.is_empty() {
        runtime.block_on(store.compact())?;
    }
    let told = pruned.iter().map(|entry| Pruned {
        run: entry.run.to_string(),
        status: entry.status.as_str().to_owned(),
        ended: moment(entry.updated.as_millis()),
    });
    tell_pruned(&told.collect::<Vec<_>>(), dry_run, report);
    Ok(Exit::Ok)
}

/// A run that was forgotten, or would be.
pub(crate) struct Pruned {
    pub(crate) run: String,
    pub(crate) status: String,
    /// When it ended, as RFC 3339 has it.
    pub(crate) ended: String,
}

/// Says which runs were forgotten.
pub(crate) fn tell_pruned(pruned: &[Pruned], dry_run: bool, report: &mut Report) {
    let runs: Value = pruned.iter().map(|one| one.run.as_str()).collect();
    report.answer(&value!({ "pruned": runs, "dry_run": dry_run }), |_| {
        let line = |one: &Pruned| format!("{}  {}  {}\n", one.run, one.status, one.ended);
        let verb = if dry_run { "would be" } else { "were" };
        let lines: String = pruned.iter().map(line).collect();
        format!("{lines}{} runs {verb} forgotten\n", pruned.len())
    });
}

pub(in crate::commands) fn doctor(
    dir: &Path,
    backup: Option<&Path>,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let runtime = setup::runtime()?;
    let store = store::look(dir)?;
    if let Some(to) = backup {
        runtime.block_on(store.backup(to))?;
        if report.is_json() {
            report.json(&value!({ "backup": (to.to_string_lossy().into_owned()) }));
        } else {
            report.human(&format!("copied to {}\n", to.display()));
        }
        return Ok(Exit::Ok);
    }
    let findings = runtime.block_on(store.verify())?;
    if report.is_json() {
        let found = findings.iter().map(object);
        report.json(&value!({ "findings": (found.collect::<Vec<Value>>()) }));
    } else if findings.is_empty() {
        report.human("the store is whole\n");
    } else {
        for finding in &findings {
            report.human(&format!("{finding}\n"));
        }
    }
    Ok(if findings.is_empty() {
        Exit::Ok
    } else {
        Exit::Internal
    })
}

fn object(finding: &Finding) -> Value {
    let mut map = Map::new();
    if let Some(run) = &finding.run {
        map.insert("run_id", run.as_str());
    }
    if let Some(seq) = finding.seq {
        map.insert("seq", seq);
    }
    map.insert("what", finding.what.as_str());
    map.insert("advice", finding.advice);
    map.into()
}
