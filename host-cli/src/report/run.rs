//! Kept runs for people: a list of them, where one stands, why, how two differ.

use std::fmt::Write;

use graphloom::json::to_json_pretty;
use graphloom::value::from_value;
use graphloom::{RunDiff, Value, Why};

use super::outcome::{asked, outputs_of};
use super::part::{count, list, text};

/// Returns a line for each run.
pub(crate) fn run_list(answer: &Value) -> String {
    let runs = list(answer, "items");
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let mut page = String::new();
    for run in runs {
        let waits = match text(run, "waits_for") {
            "" => String::new(),
            reason => format!(" for {reason}"),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "{}  {:<10}{waits}  {} events  {}  {}",
            text(run, "run_id"),
            text(run, "status"),
            count(run, "events"),
            text(run, "created_at"),
            text(run, "graph")
        );
    }
    page
}

/// Says where a run stood after so many of its events.
pub(crate) fn run_page(run: &Value, of_events: u64) -> String {
    let graph = match text(run, "graph") {
        "" => "a graph without a name",
        name => name,
    };
    let mut page = format!(
        "run {} of {graph}: {} after {} of {of_events} events\n",
        text(run, "run_id"),
        text(run, "status"),
        count(run, "events"),
    );
    for scope in list(run, "scopes") {
        if count(scope, "scope") != 0 {
            let (path, graph) = (text(scope, "path"), text(scope, "graph"));
            let _ = writeln!(page, "in call {path} of \"{graph}\":");
        }
        for node in list(scope, "nodes") {
            node_line(&mut page, node);
        }
    }
    for question in list(run, "questions") {
        let _ = writeln!(page, "{}", asked(question));
    }
    page + &outputs_of(run)
}

fn node_line(page: &mut String, node: &Value) {
    let _ = write!(
        page,
        "  {}: {} of {} firings done",
        text(node, "node"),
        count(node, "delivered"),
        count(node, "fired")
    );
    for firing in list(node, "at_work") {
        let (number, attempt) = (count(firing, "firing"), count(firing, "attempt"));
        let _ = write!(page, "; firing {number} at work (attempt {attempt})");
    }
    for pin in list(node, "pins") {
        let values = count(pin, "values");
        if values > 0 {
            let _ = write!(page, "; {values} values at {}", text(pin, "pin"));
        }
    }
    page.push('\n');
}

/// Returns the tree of causes.
pub(crate) fn why_page(why: &Value) -> String {
    from_value::<Why>(why).map_or_else(|_| unknown(why), |why| format!("{why}\n"))
}

/// Says how two runs differ.
pub(crate) fn diff_page(diff: &Value) -> String {
    from_value::<RunDiff>(diff).map_or_else(|_| unknown(diff), |diff| format!("{diff}\n"))
}

/// What a later version of a server says, in words that this one does not have.
fn unknown(value: &Value) -> String {
    to_json_pretty(value) + "\n"
}
