//! What became of the firings that could take their results from earlier.

use std::fmt::Write as _;

use graphloom::value::Map;
use graphloom::{Explanation, Explanations, Value, Verdict};

/// Returns a line for each firing, and one of sums, for people.
pub(crate) fn cache_text(told: &Explanations) -> String {
    let mut text = String::new();
    for explanation in &told.list {
        let _ = writeln!(text, "{explanation}");
    }
    if told.more > 0 {
        let _ = writeln!(text, "and {} more", told.more);
    }
    let taken = told.from_run + told.from_cache;
    let _ = write!(text, "{taken} results taken, {} run anew", told.missed);
    let _ = write!(text, ", {} kept", told.kept);
    text
}

/// Says how many results could not be put into the cache, if any.
pub(crate) fn not_kept(told: &Explanations) -> Option<String> {
    let why = told.why_not_kept.as_ref()?;
    Some(format!(
        "results that are not in the cache now: {}; the first: {why}",
        told.not_kept
    ))
}

/// Returns the same as lines of JSON.
pub(crate) fn cache_lines(told: &Explanations) -> impl Iterator<Item = Value> {
    let sums = sums(told);
    told.list.iter().map(line).chain([sums])
}

fn line(explanation: &Explanation) -> Value {
    let mut line = Map::new();
    line.insert("type", "cache");
    line.insert("node", explanation.node.clone());
    line.insert("firing", explanation.firing);
    line.insert("block", explanation.block.clone());
    line.insert("version", explanation.version);
    match &explanation.verdict {
        Verdict::Run { run } => {
            line.insert("from", "run");
            line.insert("run_id", run.clone());
        }
        Verdict::Cache => drop(line.insert("from", "cache")),
        Verdict::Miss(reason) => {
            line.insert("from", "block");
            line.insert("why", reason.as_str());
            line.insert("message", reason.to_string());
        }
        // One that this version has no word for.
        other => drop(line.insert("from", other.to_string())),
    }
    line.into()
}

fn sums(told: &Explanations) -> Value {
    let mut line = Map::new();
    line.insert("type", "cache_sums");
    line.insert("from_run", told.from_run);
    line.insert("from_cache", told.from_cache);
    line.insert("missed", told.missed);
    line.insert("not_listed", told.more);
    line.insert("kept", told.kept);
    line.insert("not_kept", told.not_kept);
    if let Some(why) = &told.why_not_kept {
        line.insert("why_not_kept", why.clone());
    }
    line.into()
}
