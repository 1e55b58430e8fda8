//! What whoever runs the server sees and says.

use graphloom::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether anything new begins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrainBody {
    /// `true`: starts are refused, nothing that waits is taken up, no schedule fires, `/ready` says so.
    pub draining: bool,
}

/// Where it stands with that.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrainView {
    /// Nothing new begins.
    pub draining: bool,
    /// The process was told to stop: there is no way back.
    pub ending: bool,
    /// How many runs this process drives.
    pub runs_active: u64,
}

/// A tenant that has something.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantView {
    /// Its name.
    #[schema(value_type = String)]
    pub tenant: Text,
    /// How many graphs it has.
    pub graphs: u64,
    /// How many presets.
    pub presets: u64,
    /// How many schedules.
    pub schedules: u64,
    /// How many webhooks.
    pub webhooks: u64,
    /// How many files.
    pub files: u64,
    /// How many keys.
    pub keys: u64,
    /// How many records of all kinds.
    pub records: u64,
    /// How many bytes they take.
    pub bytes: u64,
    /// How many of its runs are not over.
    pub runs_going: u64,
}

/// What was forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedView {
    /// How many records.
    pub records: u64,
    /// How many runs.
    pub runs: u64,
    /// How many credentials.
    pub credentials: u64,
}

/// Limits as they hold. 0 as a number a second: as often as one likes.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitsView {
    /// How many graphs a tenant may have.
    pub max_graphs: u64,
    /// How many versions of a graph are kept.
    pub max_versions: u64,
    /// How many presets a tenant may have.
    pub max_presets: u64,
    /// How many runs of a tenant may be there that are not over; 0: as many as one likes.
    pub max_runs_going: u64,
    /// How many schedules a tenant may have.
    pub max_schedules: u64,
    /// How large a body may be, files apart.
    pub max_body_bytes: u64,
    /// How long an answer may take to begin.
    pub request_time_ms: u64,
    /// How many streams a principal may have.
    pub max_streams: u64,
    /// Requests a second of a principal, over time.
    pub requests_per_second: u64,
    /// Requests that a principal may send at once.
    pub burst: u64,
    /// Requests a second of an address, over time.
    pub address_requests_per_second: u64,
    /// Requests that an address may send at once.
    pub address_burst: u64,
    /// Tokens a minute that an address may show without success.
    pub failures_per_minute: u64,
}
