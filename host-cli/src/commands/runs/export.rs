//! `runs export`: a run as lines of JSON; `replay`: the same again, compared.

use std::path::Path;

use graphloom::journal::{Export, read_line};
use graphloom::json::{Limits, read_value, to_json};
use graphloom::value::from_value;
use graphloom::{Record, RunHead, RunLimits, RunOptions, Value, value};

use crate::args::RunArg;
use crate::commands::kept::faults_of;
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::Report;
use crate::{input, setup, store};

pub(super) fn export(run: &RunArg, report: &mut Report) -> Result<Exit, Problem> {
    let store = store::look(run.store.dir()?)?;
    let runtime = setup::runtime()?;
    let mut export = Export::of(run.id.as_str());
    while let Some(lines) = runtime.block_on(export.next(&store))? {
        report.text(&lines);
    }
    Ok(Exit::Ok)
}

/// What an export holds.
pub(super) struct Exported {
    run: String,
    pub(super) head: RunHead,
    pub(super) records: Vec<Record>,
}

pub(super) fn read(file: &Path, report: &mut Report) -> Result<Exported, Problem> {
    let origin = input::read(file, report)?;
    let bad = |line: usize, what: &str| -> Problem {
        HostError::new(
            HostCode::NoExport,
            format!("{}, line {line}: {what}", origin.name),
        )
        .into()
    };
    let text = std::str::from_utf8(&origin.source).map_err(|_| bad(1, "it is not UTF-8"))?;
    let mut lines = text.lines().enumerate();
    let (_, first) = lines.next().ok_or_else(|| bad(1, "it is empty"))?;
    let header = read_value(first.as_bytes(), &Limits::unlimited())
        .map_err(|faults| bad(1, &faults.to_string()))?;
    if header.get("schema").and_then(Value::as_str) != Some(Export::SCHEMA) {
        return Err(bad(1, "the header does not say that it is a journal/1"));
    }
    let head = header.get("head").cloned().unwrap_or_default();
    let head: RunHead = from_value(&head).map_err(|error| bad(1, &error.to_string()))?;
    let mut records = Vec::new();
    for (position, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let record = read_line(line).map_err(|error| bad(position + 1, &error.to_string()))?;
        if record.seq != records.len() as u64 {
            let what = format!("event {} comes next, not {}", records.len(), record.seq);
            return Err(bad(position + 1, &what));
        }
        records.push(record);
    }
    let run = header.get("run_id").and_then(Value::as_str);
    let run = run.ok_or_else(|| bad(1, "the header has no \"run_id\""))?;
    Ok(Exported {
        run: run.to_owned(),
        head,
        records,
    })
}

pub(in crate::commands) fn replay(file: &Path, report: &mut Report) -> Result<Exit, Problem> {
    let Exported { run, head, records } = read(file, report)?;
    let engine = setup::engine()?;
    let plan = engine
        .load(to_json(&head.graph).as_bytes())
        .map_err(|faults| faults_of("the graph of the export", faults))?;
    let options = RunOptions::new()
        .run_id(run)
        .seed(head.seed)
        .limits(RunLimits::from(&head.limits));
    let options = match &head.time_zone {
        Some(zone) => options.time_zone(zone.clone()),
        None => options,
    };
    let runtime = setup::runtime()?;
    let replayed = runtime
        .block_on(engine.replay(&plan, &records, options))
        .map_err(|failure| Problem::refused(failure.code, failure.message.to_string()))?;
    if report.is_json() {
        report.json(&value!({
            "replayed": (records.len()),
            "ran": (replayed.ran),
            "played": (replayed.played),
            "status": (replayed.outcome.status.as_str()),
        }));
    } else {
        report.human(&format!(
            "{} events came out as they were recorded: {} firings ran, {} were played from the record\n",
            records.len(),
            replayed.ran,
            replayed.played
        ));
    }
    Ok(Exit::Ok)
}
