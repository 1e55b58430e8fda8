//! Outcomes for people: the outputs are the answer, the rest is said beside it.

use std::fmt::Write;

use graphloom::json::to_json_pretty;
use graphloom::{Failure, RunOutcome, Text, Value};

/// Returns what was given, a line or more for each value.
pub(crate) fn outputs<'o>(outputs: impl IntoIterator<Item = (&'o Text, &'o Value)>) -> String {
    let mut text = String::new();
    for (name, value) in outputs {
        let shown = match value {
            Value::Text(text) => text.to_string(),
            other => to_json_pretty(other),
        };
        let (first, rest) = shown
            .split_once('\n')
            .map_or((shown.as_str(), None), |(a, b)| (a, Some(b)));
        let _ = writeln!(text, "{name}: {first}");
        for line in rest.into_iter().flat_map(str::lines) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// Says how a run ended, and what went wrong.
pub(crate) fn outcome_summary(outcome: &RunOutcome) -> String {
    let mut text = format!("{} in {} ms", outcome.status, outcome.duration_ms);
    if outcome.node_errors > 0 {
        let _ = write!(text, ", node errors: {}", outcome.node_errors);
    }
    if let Some(failure) = &outcome.failure {
        let _ = write!(text, "\nerror{}", failed(failure));
    }
    for failure in outcome
        .errors
        .iter()
        .filter(|error| outcome.failure.as_ref() != Some(error))
        .take(10)
    {
        let _ = write!(text, "\nnode error{}", failed(failure));
    }
    for stalled in &outcome.stalled {
        let _ = write!(
            text,
            "\nstalled: node \"{}\": {}",
            stalled.node, stalled.reason
        );
        if !stalled.waiting_for.is_empty() {
            let pins: Vec<&str> = stalled.waiting_for.iter().map(Text::as_str).collect();
            let _ = write!(text, " (waits for {})", pins.join(", "));
        }
    }
    for question in &outcome.questions {
        let _ = write!(
            text,
            "\nwaits: node \"{}:{}\" ({}): {}",
            question.node, question.firing, question.signal, question.question
        );
    }
    for (unit, amount) in &outcome.costs {
        let _ = write!(text, "\ncost: {amount} {unit}");
    }
    if let Some(receipt) = &outcome.cancelled {
        let lists = [
            ("ended in time", &receipt.done),
            ("stopped", &receipt.aborted),
            ("abandoned", &receipt.abandoned),
            ("in doubt", &receipt.in_doubt),
        ];
        for (what, firings) in lists.into_iter().filter(|(_, firings)| !firings.is_empty()) {
            let names: Vec<&str> = firings.iter().map(Text::as_str).collect();
            let _ = write!(text, "\n{what}: {}", names.join(", "));
        }
    }
    text
}

fn failed(failure: &Failure) -> String {
    let node = failure
        .node
        .as_ref()
        .map(|node| format!(" node \"{node}\":"))
        .unwrap_or_default();
    format!("[{}]:{node} {}", failure.code, failure.message)
}
