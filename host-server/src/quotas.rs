//! How much a tenant may keep.

/// How much each tenant may keep.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Quotas {
    /// How many graphs: 10,000. One more is refused with `HTTP_TOO_MANY`.
    pub max_graphs: u64,
    /// How many versions of a graph: 1,000. With one more the oldest is forgotten.
    pub max_versions: u64,
    /// How many presets: 10,000. One more is refused with `HTTP_TOO_MANY`.
    pub max_presets: u64,
    /// How many runs that are not over (queued, going or waiting): 10,000; 0: as many as one likes. One more is refused with
    /// `HTTP_TOO_MANY`, but never a request that comes again with the `Idempotency-Key` of a run. Several processes over one
    /// store may together be a few above it for a moment.
    pub max_runs_going: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            max_graphs: 10_000,
            max_versions: 1_000,
            max_presets: 10_000,
            max_runs_going: 10_000,
        }
    }
}
