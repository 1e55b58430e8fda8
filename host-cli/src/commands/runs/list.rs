//! `runs list`.

use std::path::Path;

use graphloom::host::{RunEntry, RunQuery, Store};
use graphloom::value::Map;
use graphloom::{Status, Value, value};

use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::{Report, run_list};
use crate::{setup, store};

pub(super) fn list(
    dir: &Path,
    status: Option<&str>,
    limit: usize,
    after: Option<&str>,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let mut query = RunQuery::latest(limit);
    if let Some(word) = status {
        query = query.status(known(word)?);
    }
    if let Some(run) = after {
        query = query.after(run);
    }
    let store = store::look(dir)?;
    let entries = setup::runtime()?.block_on(store.entries(query))?;
    let items: Value = entries.iter().map(object).collect();
    report.answer(&value!({ "items": items }), run_list);
    Ok(Exit::Ok)
}

pub(crate) fn known(word: &str) -> Result<Status, Problem> {
    let found = Status::ALL.iter().find(|status| status.as_str() == word);
    found.copied().ok_or_else(|| {
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        HostError::new(HostCode::Usage, format!("\"{word}\" is no status"))
            .expected(words.join(", "))
            .into()
    })
}

/// Returns what is kept of a run beside its events.
pub(super) fn object(entry: &RunEntry) -> Value {
    let mut map = Map::new();
    map.insert("run_id", entry.run.clone());
    map.insert("status", entry.status.as_str());
    if let Some(waits) = entry.waits {
        map.insert("waits_for", waits.as_str());
    }
    map.insert("graph", entry.name.clone());
    map.insert("semantic_hash", entry.hash.clone());
    map.insert("created_at", moment(entry.created.as_millis()));
    map.insert("updated_at", moment(entry.updated.as_millis()));
    map.insert("events", entry.events);
    map.insert("epoch", entry.epoch);
    if let Some(owner) = &entry.owner {
        map.insert("owner", owner.clone());
    }
    map.into()
}

/// Returns a moment as RFC 3339 has it, in UTC.
pub(super) fn moment(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(moment) => moment.to_string(),
        Err(_) => ms.to_string(),
    }
}
