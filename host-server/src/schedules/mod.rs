//! Schedules: when a graph or a preset is run by itself.
//!
//! A schedule is a record with what its owner has written ([`ScheduleBody`]) and where it stands (`state`). What its times
//! are is `timetable`'s, what a moment makes of it `state`'s, and `fire` is the loop that starts runs.

mod body;
mod fire;
mod keep;
mod kept;
mod state;
mod timetable;
#[cfg(test)]
mod year;

use std::time::Duration;

use crate::alarm::Alarm;

pub(crate) use fire::run;
pub(crate) use keep::{create, delete, next, patch, replace};
pub(crate) use kept::Found;

/// What schedules may do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScheduleOptions {
    /// How close to each other the times of a schedule may be. Default 1 s, which every cron expression keeps.
    pub min_interval: Duration,
    /// How many schedules a tenant may have. Default 1,000.
    pub max_per_tenant: u64,
    /// How many runs are begun at a time. Default 128.
    pub at_once: usize,
}

impl Default for ScheduleOptions {
    fn default() -> Self {
        Self {
            min_interval: Duration::from_secs(1),
            max_per_tenant: 1_000,
            at_once: 128,
        }
    }
}

impl ScheduleOptions {
    /// Sets [`ScheduleOptions::min_interval`].
    #[must_use]
    pub fn min_interval(mut self, time: Duration) -> Self {
        self.min_interval = time;
        self
    }

    /// Sets [`ScheduleOptions::max_per_tenant`].
    #[must_use]
    pub fn max_per_tenant(mut self, max: u64) -> Self {
        self.max_per_tenant = max;
        self
    }

    /// Sets [`ScheduleOptions::at_once`]; at least one.
    #[must_use]
    pub fn at_once(mut self, runs: usize) -> Self {
        self.at_once = runs.max(1);
        self
    }
}

/// The schedules of all tenants: what is known of them beside their records.
#[derive(Debug, Default)]
pub(crate) struct Schedules {
    pub(crate) options: ScheduleOptions,
    alarm: Alarm,
    watched: fire::Watched,
}

impl Schedules {
    pub(crate) fn new(options: ScheduleOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }
}
