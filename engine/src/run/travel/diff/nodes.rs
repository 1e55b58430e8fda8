//! Which nodes gave something else.

use std::collections::BTreeSet;

use crate::value::{Text, Value};

use super::story::{FiringStory, Key, NodeStory, Place, Story};
use super::{Both, FiringDiff, NodeDiff, costs, first_difference, shown};

/// Returns the nodes that differ, each after those that feed it.
pub(super) fn diff(a: &Story, b: &Story) -> Vec<NodeDiff> {
    let names: BTreeSet<&Text> = a.nodes.keys().chain(b.nodes.keys()).collect();
    let mut differ: Vec<((&Place, u64), NodeDiff)> = Vec::new();
    for name in names {
        let (one, other) = (a.nodes.get(name), b.nodes.get(name));
        let Some(place) = one.or(other).map(|node| &node.place) else {
            continue;
        };
        if let Some((since, found)) = node(name, one, other) {
            // In a circle the one goes first that differed first.
            differ.push(((place, since), found));
        }
    }
    differ.sort_by_key(|(order, _)| *order);
    differ.into_iter().map(|(_, node)| node).collect()
}

/// How a node differs, and since which event of a run.
fn node(
    name: &Text,
    one: Option<&NodeStory>,
    other: Option<&NodeStory>,
) -> Option<(u64, NodeDiff)> {
    let fired = |node: Option<&NodeStory>| node.map_or(0, |node| node.firings.len());
    let count = Both::new(fired(one), fired(other));
    let mut since = u64::MAX;
    let mut first = None;
    let is_call = one.or(other).is_some_and(|node| node.is_call);
    let keys = |node: Option<&NodeStory>| -> Vec<Key> {
        node.map_or_else(Vec::new, |node| node.firings.keys().cloned().collect())
    };
    let all: BTreeSet<Key> = keys(one).into_iter().chain(keys(other)).collect();
    for key in &all {
        let (a, b) = (
            one.and_then(|node| node.firings.get(key)),
            other.and_then(|node| node.firings.get(key)),
        );
        let found = match (a, b) {
            (Some(a), Some(b)) => firing(a, b, is_call),
            _ => None,
        };
        if a.is_some() != b.is_some() || found.is_some() {
            since = since.min(a.or(b).map_or(u64::MAX, |firing| firing.started));
        }
        if first.is_none() {
            first = found;
        }
    }
    let spent = |node: Option<&NodeStory>| node.map_or_else(Vec::new, |node| node.costs.clone());
    let costs = costs(&spent(one), &spent(other));
    let firings = (count.a != count.b).then_some(count);
    if since == u64::MAX && costs.is_empty() {
        return None;
    }
    let order_only = since < u64::MAX && firings.is_none() && is_reordered(one, other, is_call);
    let diff = NodeDiff {
        node: name.clone(),
        firings,
        first,
        order_only,
        costs,
    };
    Some((since, diff))
}

/// How a firing differs.
fn firing(a: &FiringStory, b: &FiringStory, is_call: bool) -> Option<FiringDiff> {
    let (one, other) = (gave(a, is_call), gave(b, is_call));
    let did = match first_difference(&one, &other) {
        Some(at) => {
            let (x, y) = (one.get(at), other.get(at));
            let values = shown(x.map(|x| &x.1), y.map(|y| &y.1));
            Both::new(
                did(x.map(|x| &x.0), values.a, a),
                did(y.map(|y| &y.0), values.b, b),
            )
        }
        None if a.end != b.end => Both::new(did(None, None, a), did(None, None, b)),
        None => return None,
    };
    Some(FiringDiff {
        firing: Both::new(a.name.clone(), b.name.clone()),
        did,
        told: told(a, b),
    })
}

/// What a firing gave; of a call port by port.
fn gave(firing: &FiringStory, is_call: bool) -> Vec<(Text, Value)> {
    let mut gave = firing.gave.clone();
    if is_call {
        gave.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    gave
}

fn did(port: Option<&Text>, value: Option<Text>, firing: &FiringStory) -> Text {
    match (port, value, &firing.end) {
        (Some(port), Some(value), _) => Text::from(format!("gave {port} {value}")),
        (_, _, Some(end)) => end.clone(),
        (_, _, None) => Text::from("has not ended"),
    }
}

/// Answers and results of paid steps that differ.
fn told(a: &FiringStory, b: &FiringStory) -> Vec<Both<Text>> {
    let nothing = || Text::from("nothing");
    let says = |told: Option<&(Text, Value)>, value: Option<Text>| match (told, value) {
        (Some((what, _)), Some(value)) => Text::from(format!("{what} {value}")),
        _ => nothing(),
    };
    let n = a.told.len().max(b.told.len());
    let pairs = (0..n).map(|at| (a.told.get(at), b.told.get(at)));
    let differ = pairs.filter(|(one, other)| one != other);
    differ
        .map(|(one, other)| {
            let values = shown(one.map(|x| &x.1), other.map(|x| &x.1));
            Both::new(says(one, values.a), says(other, values.b))
        })
        .collect()
}

/// Both have the same firings, but for their numbers.
fn is_reordered(one: Option<&NodeStory>, other: Option<&NodeStory>, is_call: bool) -> bool {
    let all = |node: Option<&NodeStory>| -> Vec<String> {
        let firings = node.into_iter().flat_map(|node| node.firings.values());
        let mut all: Vec<String> = firings
            .map(|firing| format!("{:?} {:?}", gave(firing, is_call), firing.end))
            .collect();
        all.sort();
        all
    };
    all(one) == all(other)
}

/// Both have the same values, in any order.
pub(super) fn same_values(one: &[Value], other: &[Value]) -> bool {
    let all = |values: &[Value]| -> Vec<String> {
        let mut all: Vec<String> = values.iter().map(ToString::to_string).collect();
        all.sort();
        all
    };
    one.len() == other.len() && all(one) == all(other)
}
