//! Deliveries: what others are told of runs.

use graphloom::{Text, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallbackEvent, Moment};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It is sent, or will be again.
    Pending,
    /// It was taken.
    Delivered,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// What the receiver answered with.
    #[schema(minimum = 100, maximum = 999)]
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// A delivery: one event of a run, told to one address.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id, which the receiver sees as `webhook-id`: the same each time.
    #[schema(value_type = String)]
    pub id: Text,
    /// The run that is told of.
    #[schema(value_type = String)]
    pub run_id: Text,
    /// What has happened to it.
    pub event: CallbackEvent,
    /// Where it is sent.
    pub url: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried, since it was last asked for.
    pub attempts: u32,
    /// When it is tried next, where it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Moment>,
    /// The last attempt.
    pub last_attempt: Option<AttemptView>,
    /// What is sent; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Value>,
    /// When the run was ready to be told of.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    /// When something was last written of it.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Moment,
}

/// What callbacks of a tenant are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallbackSecretView {
    /// The secret: `whsec_` and 32 bytes in base64.
    pub secret: String,
    /// When it was drawn.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    /// Until when the one before signs too.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub former_until: Option<Moment>,
}
