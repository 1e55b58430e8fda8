//! Runs.

use std::sync::Arc;

use graphloom::host::RunEntry;
use graphloom::value::Map;
use graphloom::{RunOutcome, Text, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::moment;
use crate::runs::{Origin, labels};

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    /// Its id.
    #[schema(value_type = String)]
    pub run_id: Text,
    /// `queued`, `running`, `waiting`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// What it waits for: `human`, `timer`, `budget`, `in_doubt` or `secret`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// The stored graph that it is a run of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub graph_id: Option<Text>,
    /// The version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub graph_version: Option<u64>,
    /// The preset that it was started from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset_id: Option<String>,
    /// What started it: `request`, `schedule` or `webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The id of the schedule or webhook that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
    /// The name of its graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub graph_name: Option<Text>,
    /// The hash of what its graph means.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub semantic_hash: Option<Text>,
    /// When it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// When something was last written of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub updated_at: Option<String>,
    /// How many events there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// Texts to find it by.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = BTreeMap<String, String>)]
    pub labels: Map,
    /// Where to go on.
    pub links: RunLinks,
    /// How it ended, in the form that the command line prints; what it asks, where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<RunResult>,
    /// Where it stood after as many events as `at` says: its status then, the graphs that were open with what was at work
    /// and what waited in them, open questions, and outputs so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub picture: Option<Value>,
}

/// How a run ended, or where it waits.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum RunResult {
    /// As it left memory.
    Outcome(Arc<RunOutcome>),
    /// As it was kept.
    Kept(Value),
}

/// A run that was asked to stop.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancelView {
    /// Its id.
    #[schema(value_type = String)]
    pub run_id: Text,
    /// Where what became of its work will be told, once it is over.
    pub receipt: ReceiptLink,
    /// Where to go on.
    pub links: RunLinks,
}

/// Where a receipt will be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptLink {
    /// What to ask for.
    pub href: String,
    /// The place in it, as a JSON pointer.
    pub pointer: &'static str,
}

impl CancelView {
    pub(crate) fn of(run: &Text) -> Self {
        let links = RunLinks::of(run);
        let href = links.itself.clone();
        let pointer = "/result/cancelled";
        Self {
            run_id: run.clone(),
            receipt: ReceiptLink { href, pointer },
            links,
        }
    }
}

/// Where to go on with a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunLinks {
    /// The run.
    #[serde(rename = "self")]
    pub itself: String,
    /// Its events, also as they come.
    pub events: String,
    /// Where to ask it to stop.
    pub cancel: String,
    /// Where to answer what it asks.
    pub answers: String,
    /// All that is kept of it, as lines of JSON.
    pub export: String,
    /// The blobs that it names.
    pub artifacts: String,
}

impl RunLinks {
    fn of(run: &str) -> Self {
        let at = |what: &str| ["/v1/runs/", run, what].concat();
        Self {
            itself: at(""),
            events: at("/events"),
            cancel: at("/cancel"),
            answers: at("/answers"),
            export: at("/export"),
            artifacts: at("/artifacts"),
        }
    }
}

impl RunView {
    /// A run of which nothing more is known here.
    pub(crate) fn begun(run: &Text, graph: Option<Text>) -> Self {
        Self {
            run_id: run.clone(),
            status: "running".to_owned(),
            waits_for: None,
            graph_id: graph,
            graph_version: None,
            preset_id: None,
            origin: None,
            origin_id: None,
            graph_name: None,
            semantic_hash: None,
            created_at: None,
            updated_at: None,
            events: None,
            labels: Map::new(),
            links: RunLinks::of(run),
            result: None,
            picture: None,
        }
    }

    /// One that has just left memory.
    pub(crate) fn over(outcome: &Arc<RunOutcome>, graph: Option<Text>) -> Self {
        Self {
            status: outcome.status.as_str().to_owned(),
            result: Some(RunResult::Outcome(Arc::clone(outcome))),
            ..Self::begun(&outcome.run_id, graph)
        }
    }

    /// One as it is kept.
    pub(crate) fn of(entry: &RunEntry) -> Self {
        let text = |name| entry.labels.get(name).and_then(Value::as_str);
        let (origin, origin_id) = Origin::of(&entry.labels);
        Self {
            graph_version: text(labels::VERSION).and_then(|number| number.parse().ok()),
            preset_id: text(labels::PRESET).map(str::to_owned),
            origin: Some(origin.to_owned()),
            origin_id: origin_id.map(str::to_owned),
            status: entry.status.as_str().to_owned(),
            waits_for: entry.waits.map(|reason| reason.as_str().to_owned()),
            graph_name: Some(entry.name.clone()),
            semantic_hash: Some(entry.hash.clone()),
            created_at: Some(moment(entry.created)),
            updated_at: Some(moment(entry.updated)),
            events: Some(entry.events),
            labels: labels::shown(&entry.labels),
            ..Self::begun(
                &entry.run,
                (!entry.source.is_empty()).then(|| entry.source.clone()),
            )
        }
    }
}

/// An answer to what a run asks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// The node that asks, as the graph calls it; with `/` between a call and what is inside it, and `:firing` behind it
    /// where one firing of it is meant.
    #[schema(value_type = String)]
    pub node: Text,
    /// What it waits for; without it: whatever it is.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub signal: Option<Text>,
    /// The answer.
    #[schema(value_type = Value)]
    pub value: Value,
}
