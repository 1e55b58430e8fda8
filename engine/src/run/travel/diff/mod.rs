//! How two runs differ: their graphs, what their nodes gave, how they ended.

mod graphs;
mod nodes;
mod show;
mod story;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::{Failure, Record, Status};
use crate::plan::Plan;
use crate::value::{Text, Value};
use crate::words::words;

use super::brief::{apart, brief};
use story::Story;

/// What two runs have of something, where it differs: the first run, and the second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "there are two runs, and no third"
)]
pub struct Both<T> {
    /// Of the first run.
    pub a: T,
    /// Of the second run.
    pub b: T,
}

impl<T> Both<T> {
    fn new(a: T, b: T) -> Self {
        Self { a, b }
    }
}

/// How two runs differ. Times do not count, nor in which order nodes ran that do not depend on each other.
///
/// Its `Display` tells it in lines, the likely cause first; `->` stands between what the first run has and what the second
/// has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunDiff {
    /// How their graphs differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub graphs: Vec<NodeChange>,
    /// The first node that gave something else: none of those differs that feed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Text>,
    /// The nodes that gave something else, each after those that feed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeDiff>,
    /// The outputs that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputDiff>,
    /// How they ended, or where they stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Both<Status>>,
    /// Why they failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Both<Option<Failure>>>,
    /// What they cost, by unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<CostDiff>,
}

words! {
    /// How a node of one graph is another one in the other.
    Change {
        /// Only the second graph has it.
        Added = "added",
        /// Only the first graph has it.
        Removed = "removed",
        /// Both have it, and it is not the same.
        Changed = "changed",
    }
}

/// A node that is not the same in both graphs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeChange {
    /// The sub-graph that it is in, with `/` between one and another inside of it; empty for the graph itself.
    pub graph: Text,
    /// The node; empty for the settings of the graph.
    pub node: Text,
    /// How.
    pub change: Change,
    /// What of it has changed, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub what: Vec<Text>,
}

/// A node that gave something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeDiff {
    /// The node, with the calls that lead to it.
    pub node: Text,
    /// How often it fired, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firings: Option<Both<usize>>,
    /// The first firing that differs, where both have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<FiringDiff>,
    /// Its firings are the same in another order: what fed it raced.
    pub order_only: bool,
    /// What it cost, by unit, where that differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<CostDiff>,
}

/// A firing that gave something else, or ended otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FiringDiff {
    /// What each run calls it: `node:firing`, with the calls before it.
    pub firing: Both<Text>,
    /// What it did in each, at the first emission that differs, or in its end.
    pub did: Both<Text>,
    /// Answers, or results of paid steps, that differ: likely why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Both<Text>>,
}

/// An output of the runs that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputDiff {
    /// Its name.
    pub name: Text,
    /// The position of the first value that differs.
    pub at: usize,
    /// The value there; `None` where a run gave no more.
    pub value: Both<Option<Text>>,
    /// How many values it received.
    pub values: Both<usize>,
    /// The values are the same in another order.
    pub order_only: bool,
}

/// What was spent, of one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CostDiff {
    /// The unit.
    pub unit: Text,
    /// How much.
    pub amount: Both<f64>,
}

impl RunDiff {
    /// Says whether the runs do not differ.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Tells how two runs differ, as far as these events go. The plans may be of different graphs.
///
/// # Errors
/// [`Code::RunReplay`](crate::Code::RunReplay) where events are not those of a run of their plan.
pub fn diff(
    plan_a: &Arc<Plan>,
    records_a: &[Record],
    plan_b: &Arc<Plan>,
    records_b: &[Record],
) -> Result<RunDiff, Failure> {
    let (a, b) = (Story::of(plan_a, records_a)?, Story::of(plan_b, records_b)?);
    let nodes = nodes::diff(&a, &b);
    // What came in another order is seldom where it began, and what only cost something else never is.
    let gave = |node: &&NodeDiff| node.first.is_some() || node.firings.is_some();
    let differs = nodes.iter().find(|node| gave(node) && !node.order_only);
    let first = differs.or_else(|| nodes.iter().find(gave));
    let first = first.map(|node| node.node.clone());
    let (one, other) = (&a.picture, &b.picture);
    let failure = Both::new(a.failure.clone(), b.failure.clone());
    Ok(RunDiff {
        graphs: graphs::diff(plan_a, plan_b),
        first,
        nodes,
        outputs: outputs(&a, &b),
        status: (one.status != other.status).then(|| Both::new(one.status, other.status)),
        failure: (failure.a != failure.b).then_some(failure),
        costs: costs(&one.costs, &other.costs),
    })
}

/// Compares sums. In which order they were added up is chance, and their last digits with it.
fn costs(a: &[(Text, f64)], b: &[(Text, f64)]) -> Vec<CostDiff> {
    let of = |costs: &[(Text, f64)], unit: &Text| {
        let own = costs.iter().find(|(known, _)| known == unit);
        own.map_or(0.0, |(_, amount)| *amount)
    };
    let mut units: Vec<&Text> = a.iter().chain(b).map(|(unit, _)| unit).collect();
    units.sort();
    units.dedup();
    let costs = units.into_iter().map(|unit| CostDiff {
        unit: unit.clone(),
        amount: Both::new(of(a, unit), of(b, unit)),
    });
    costs
        .filter(|cost| {
            let Both { a, b } = cost.amount;
            (a - b).abs() > 1e-9 * a.abs().max(b.abs())
        })
        .collect()
}

fn outputs(a: &Story, b: &Story) -> Vec<OutputDiff> {
    let (one, other) = (&a.picture.outputs, &b.picture.outputs);
    let of = |outputs: &[(Text, Vec<Value>)], name: &Text| -> Vec<Value> {
        let own = outputs.iter().find(|(known, _)| known == name);
        own.map_or_else(Vec::new, |(_, values)| values.clone())
    };
    let mut names: Vec<&Text> = Vec::new();
    for (name, _) in one.iter().chain(other) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let differ = names.into_iter().filter_map(|name| {
        let (one, other) = (of(one, name), of(other, name));
        let at = first_difference(&one, &other)?;
        let order_only = nodes::same_values(&one, &other);
        // Which of several output nodes of one name started first is no matter of theirs.
        if order_only && a.gives(name).max(b.gives(name)) > 1 {
            return None;
        }
        Some(OutputDiff {
            name: name.clone(),
            at,
            value: shown(one.get(at), other.get(at)),
            values: Both::new(one.len(), other.len()),
            order_only,
        })
    });
    differ.collect()
}

/// The first position at which two lists differ.
fn first_difference<T: PartialEq>(one: &[T], other: &[T]) -> Option<usize> {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (same < one.len().max(other.len())).then_some(same)
}

/// Two values in few characters, so that one sees where they differ.
fn shown(one: Option<&Value>, other: Option<&Value>) -> Both<Option<Text>> {
    let both = Both::new(one.map(brief), other.map(brief));
    match (one, other) {
        (Some(one), Some(other)) if both.a == both.b => {
            let (one, other) = apart(one, other);
            Both::new(Some(Text::from(one)), Some(Text::from(other)))
        }
        _ => both,
    }
}
