//! What is run by something that runs by itself.

use graphloom::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is run: a stored graph, or a preset. Exactly one of `graph_id` and `preset_id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TargetBody {
    /// The id of a stored graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub graph_id: Option<Text>,
    /// Which version of the graph; the latest at the time without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub version: Option<u64>,
    /// The id of a preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub preset_id: Option<Text>,
}

impl TargetBody {
    /// Returns the id of what is run; empty where none is given.
    pub(crate) fn id(&self) -> Text {
        let id = self.graph_id.as_ref().or(self.preset_id.as_ref());
        id.cloned().unwrap_or_default()
    }
}
