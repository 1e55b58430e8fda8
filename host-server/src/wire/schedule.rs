//! Schedules.

use std::collections::BTreeMap;

use graphloom::Text;
use graphloom::value::Map;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallbackBody, Moment, TargetBody};

/// What becomes of times that have passed while nobody was there to run them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Misfire {
    /// They are passed over.
    Skip,
    /// One run for all of them, with the latest time.
    #[default]
    Once,
    /// One run for each, the latest `catch_up_limit` of them.
    All,
}

/// What happens where the run before is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Overlap {
    /// Both go on.
    Allow,
    /// The new one does not begin.
    #[default]
    Skip,
    /// The new one begins when the one before is over. One waits; further ones do not begin.
    Queue,
    /// The one before is asked to stop.
    CancelPrevious,
}

fn utc() -> Text {
    Text::from("UTC")
}

const fn yes() -> bool {
    true
}

const fn hundred() -> u32 {
    100
}

/// When a graph or a preset is run by itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleBody {
    /// What it is called.
    #[schema(value_type = String, min_length = 1, max_length = 128)]
    pub name: Text,
    /// What is run.
    pub target: TargetBody,
    /// Values of the graph's inputs, by name; of a preset's those that differ.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub inputs: Map,
    /// When: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday), or six fields with the second in
    /// front; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
    #[schema(min_length = 1, max_length = 128, example = "30 6 * * MON-FRI")]
    pub cron: String,
    /// On the clocks of this time zone, by its IANA name.
    #[serde(default = "utc")]
    #[schema(value_type = String, default = "UTC", example = "Europe/Paris")]
    pub time_zone: Text,
    /// What becomes of times that have passed while nobody was there to run them.
    #[serde(default)]
    pub misfire: Misfire,
    /// How many runs are caught up with `misfire` `all`, 1 to 1000.
    #[serde(default = "hundred")]
    #[schema(minimum = 1, maximum = 1_000, default = 100)]
    pub catch_up_limit: u32,
    /// What happens where the run before is not over. One that waits for someone is not.
    #[serde(default)]
    pub overlap: Overlap,
    /// Whether it runs.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Moment>,
    /// Not after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Moment>,
    /// Texts to find its runs by; 8 KiB in all, with those of the server.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub labels: BTreeMap<Text, Text>,
    /// Whom to tell what becomes of its runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackBody>,
}

/// Why the last time did not become a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleError {
    /// Which time it was.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// The stable code.
    #[schema(value_type = String)]
    pub code: Text,
    /// What was wrong.
    pub message: String,
    /// How many in a row have failed.
    pub in_a_row: u64,
}

/// A time that did not become a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkippedView {
    /// Which time it was.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// Why: `misfire` or `overlap`.
    #[schema(value_type = String)]
    pub why: Text,
}

/// A schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// The entity tag of what its owner has written, without quotes: times that pass do not change it.
    #[schema(value_type = String)]
    pub etag: Text,
    /// What it is called.
    #[schema(value_type = String)]
    pub name: Text,
    /// What is run.
    pub target: TargetBody,
    /// Values of the inputs.
    #[schema(value_type = Object)]
    pub inputs: Map,
    /// When.
    pub cron: String,
    /// On the clocks of this time zone.
    #[schema(value_type = String)]
    pub time_zone: Text,
    /// What becomes of times that have passed while nobody was there.
    pub misfire: Misfire,
    /// How many runs are caught up with `misfire` `all`.
    pub catch_up_limit: u32,
    /// What happens where the run before is not over.
    pub overlap: Overlap,
    /// Whether it runs.
    pub enabled: bool,
    /// Not before this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Moment>,
    /// Not after this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Moment>,
    /// Texts to find its runs by.
    #[schema(value_type = BTreeMap<String, String>)]
    pub labels: BTreeMap<Text, Text>,
    /// Whom to tell what becomes of its runs.
    pub callback: Option<CallbackBody>,
    /// The next time; `null` where there is none, or it is not enabled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Moment>,
    /// The time that waits until the run before is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub queued_at: Option<Moment>,
    /// The time that last became a run.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Moment>,
    /// That run.
    #[schema(value_type = Option<String>)]
    pub last_run: Option<Text>,
    /// Why the last time did not become one, where it did not.
    pub last_error: Option<ScheduleError>,
    /// The time that was last passed over.
    pub last_skipped: Option<SkippedView>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    /// When its owner last changed it.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Moment,
}

/// A time to come.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeView {
    /// The moment.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// The same on the clocks of the schedule's time zone, with offset and zone (RFC 9557).
    #[schema(example = "2026-03-29T03:00:00+02:00[Europe/Paris]")]
    pub local: String,
}

/// Times to come.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimesView {
    /// The times, the next one first; fewer than asked for where there are no more.
    pub items: Vec<TimeView>,
}
