//! Requests of webhooks: what became of each.

use graphloom::{Text, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Moment;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HookOutcome {
    /// It started a run.
    Started,
    /// It came before, and has its run.
    Repeated,
    /// Its event is none of those that become runs.
    Skipped,
    /// It only asked whether somebody is there.
    Ping,
    /// It was not proven to be of the sender. One a minute is noted.
    Refused,
    /// No run could be started.
    Failed,
}

/// What became of a request, as the sender is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookAnswer {
    /// `started`, `repeated`, `skipped` or `ping`.
    pub outcome: HookOutcome,
    /// The run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub run_id: Option<Text>,
    /// What the request gave to be given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub challenge: Option<Text>,
}

/// A request of a webhook that was noted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HookCallView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// What became of it.
    pub outcome: HookOutcome,
    /// The status that it was answered with.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// The run.
    #[schema(value_type = Option<String>)]
    pub run_id: Option<Text>,
    /// What the sender calls the event.
    #[schema(value_type = Option<String>)]
    pub event: Option<Text>,
    /// What the sender calls the delivery.
    #[schema(value_type = Option<String>)]
    pub delivery: Option<Text>,
    /// How many bytes the body had.
    pub bytes: u64,
    /// The owner has tried it.
    pub is_trial: bool,
    /// The code of what was wrong.
    #[schema(value_type = Option<String>)]
    pub code: Option<Text>,
    /// What was wrong.
    pub message: Option<String>,
}

/// A request as the owner tries it: what a sender would send, without a signature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialBody {
    /// The body, as a graph would get it.
    #[schema(value_type = Value)]
    pub payload: Value,
}
