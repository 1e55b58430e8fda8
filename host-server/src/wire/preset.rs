//! Presets.

use graphloom::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RunStart;
use crate::answer::moment;
use crate::presets::KeptPreset;

/// Inputs kept for runs of a graph.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresetBody {
    /// What it is called: 1 to 200 characters.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Text,
    /// What it is for: at most 4000 characters.
    #[serde(default)]
    #[schema(value_type = String, max_length = 4_000)]
    pub description: Text,
    /// The stored graph that it runs.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    pub graph_id: Text,
    /// What runs are started with; what a request says goes before.
    #[serde(default)]
    pub run: RunStart,
}

/// A preset.
#[derive(Debug, Serialize, ToSchema)]
pub struct PresetView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// What it is called.
    #[schema(value_type = String)]
    pub name: Text,
    /// What it is for.
    #[schema(value_type = String)]
    pub description: Text,
    /// The stored graph that it runs.
    #[schema(value_type = String)]
    pub graph_id: Text,
    /// What runs are started with.
    pub run: RunStart,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl PresetView {
    pub(crate) fn of(kept: KeptPreset) -> Self {
        let PresetBody {
            name,
            description,
            graph_id,
            run,
        } = kept.preset;
        Self {
            id: kept.id,
            name,
            description,
            graph_id,
            run: run.shown(),
            etag: kept.tag,
            created_at: moment(kept.created),
            updated_at: moment(kept.updated),
        }
    }
}
