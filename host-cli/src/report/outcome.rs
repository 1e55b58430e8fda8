//! Outcomes for people: the outputs are the answer, the rest is said beside it.

use std::fmt::Write;

use graphloom::json::to_json_pretty;
use graphloom::{Text, Value};

use super::part::{count, list, pairs, text, texts};

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

/// Returns what the outputs of a run received: `outputs` of a result, by name.
pub(crate) fn outputs_of(result: &Value) -> String {
    let each = pairs(result, "outputs").flat_map(|(name, values)| {
        let values = values.as_list().map_or(&[][..], |values| &values[..]);
        values.iter().map(move |value| (name, value))
    });
    outputs(each)
}

/// Says how a run ended, and what went wrong.
pub(crate) fn outcome_summary(result: &Value) -> String {
    let mut said = format!(
        "{} in {} ms",
        text(result, "status"),
        count(result, "duration_ms")
    );
    let node_errors = count(result, "node_errors");
    // Writing to a text cannot fail.
    if node_errors > 0 {
        let _ = write!(said, ", node errors: {node_errors}");
    }
    let failure = result.get("failure");
    if let Some(failure) = failure {
        let _ = write!(said, "\nerror{}", failed(failure));
    }
    for error in list(result, "errors")
        .iter()
        .filter(|error| failure != Some(error))
        .take(10)
    {
        let _ = write!(said, "\nnode error{}", failed(error));
    }
    for stalled in list(result, "stalled") {
        let (node, reason) = (text(stalled, "node"), text(stalled, "reason"));
        let _ = write!(said, "\nstalled: node \"{node}\": {reason}");
        let pins = texts(stalled, "waiting_for");
        if !pins.is_empty() {
            let _ = write!(said, " (waits for {})", pins.join(", "));
        }
    }
    for question in list(result, "questions") {
        let _ = write!(said, "\n{}", asked(question));
    }
    for (unit, amount) in pairs(result, "costs") {
        let amount = amount.as_f64().unwrap_or_default();
        let _ = write!(said, "\ncost: {amount} {unit}");
    }
    if let Some(receipt) = result.get("cancelled") {
        let lists = [
            ("ended in time", "done"),
            ("stopped", "aborted"),
            ("abandoned", "abandoned"),
            ("in doubt", "in_doubt"),
        ];
        for (what, key) in lists {
            let names = texts(receipt, key);
            if !names.is_empty() {
                let _ = write!(said, "\n{what}: {}", names.join(", "));
            }
        }
    }
    said
}

/// Says what a run waits for.
pub(super) fn asked(question: &Value) -> String {
    format!(
        "waits: node \"{}:{}\" ({}): {}",
        text(question, "node"),
        count(question, "firing"),
        text(question, "signal"),
        question.get("question").unwrap_or(&Value::Null)
    )
}

fn failed(failure: &Value) -> String {
    let node = match text(failure, "node") {
        "" => String::new(),
        node => format!(" node \"{node}\":"),
    };
    let (code, message) = (text(failure, "code"), text(failure, "message"));
    format!("[{code}]:{node} {message}")
}
