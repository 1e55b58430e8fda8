//! What a run leaves half-done, in words.

use crate::dense::NodeIx;
use crate::plan::{Node, Pin, Plan};
use crate::value::{Path, Text};

use super::outcome::{Stalled, Unused};
use super::state::RunState;

/// Reports nodes with unused values or starved firings, in the order of the graph.
pub(super) fn report(plan: &Plan, state: &RunState) -> Vec<Stalled> {
    // Most runs leave nothing: one look at the pins in place of one at every node (680 instructions each).
    if state.has_nothing_left() {
        return Vec::new();
    }
    plan.node_positions()
        .filter_map(|node| stalled(plan, state, node))
        .collect()
}

/// Adds what a sub-graph call left half-done to what others left. Calls of the same place are told together.
pub(super) fn note(all: &mut Vec<Stalled>, callers: &str, plan: &Plan, state: &RunState) {
    for mut new in report(plan, state) {
        new.node = Text::from(format!("{callers}{}", new.node));
        let Some(known) = all.iter_mut().find(|known| known.node == new.node) else {
            all.push(new);
            continue;
        };
        known.starved += new.starved;
        known.reason = new.reason;
        for pin in new.waiting_for {
            if !known.waiting_for.contains(&pin) {
                known.waiting_for.push(pin);
            }
        }
        for unused in new.unused {
            match known.unused.iter_mut().find(|pin| pin.pin == unused.pin) {
                Some(pin) => pin.values += unused.values,
                None => known.unused.push(unused),
            }
        }
    }
}

fn stalled(plan: &Plan, state: &RunState, node: NodeIx) -> Option<Stalled> {
    let hot = *plan.nodes.at(node);
    let mut unused = Vec::new();
    let mut waiting_for = Vec::new();
    for pin in hot.pins() {
        let left = state.pins.unused(pin) + state.collected(pin);
        let name = || pin_name(plan, node, *plan.pins.at(pin), plan.paths.get(&pin));
        if left > 0 {
            unused.push(Unused {
                pin: name(),
                values: left,
            });
        }
        let declared = plan.pins.at(pin);
        let waited = !declared.is(Pin::UNWAITED) || declared.is(Pin::TOGETHER);
        if waited && !state.pins.offers(pin) {
            waiting_for.push(name());
        }
    }
    let starved = state.starved.get(&node);
    if unused.is_empty() && starved.is_none() {
        return None;
    }
    let reason = match (starved, waiting_for.is_empty()) {
        (Some((n, reason)), _) => format!("{n} times the input did not fit: {reason}"),
        (None, false) => {
            "values arrived at some pins, and nothing at the pins that it waits for".to_owned()
        }
        (None, true) if hot.is(Node::PASSIVE) => "it never fires".to_owned(),
        (None, true) => "the run ended before it fired again".to_owned(),
    };
    let starved = starved.map_or(0, |(n, _)| *n);
    let waiting_for = if unused.is_empty() {
        Vec::new()
    } else {
        waiting_for
    };
    Some(Stalled {
        node: plan.cold.at(node).id.clone(),
        waiting_for,
        unused,
        starved,
        reason: Text::from(reason),
    })
}

pub(super) fn pin_name(plan: &Plan, node: NodeIx, pin: Pin, path: Option<&Path>) -> Text {
    let declared = plan.cold.at(node).shape.inputs.get(usize::from(pin.slot));
    let name = declared.map_or("", |pin| pin.name.as_str());
    match path {
        Some(path) => Text::from(format!("{name}{path}")),
        None => Text::from(name),
    }
}
