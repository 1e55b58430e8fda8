//! What runs by itself.

use std::time::Duration;

use crate::ScheduleOptions;
use crate::config::section::section;

section! {
    /// Schedules: what runs by itself.
    Schedules in "schedules." {
        /// How close to each other the times of a schedule may be, in seconds.
        min_interval_s: u64 = 1, 1..=86_400;
        /// How many schedules a tenant may have.
        max: u64 = 1_000, 1..=1_000_000;
        /// How many runs are begun at a time.
        at_once: usize = 128, 1..=4_096;
    }
}

impl Schedules {
    pub(crate) fn options(&self) -> ScheduleOptions {
        ScheduleOptions::default()
            .min_interval(Duration::from_secs(self.min_interval_s))
            .max_per_tenant(self.max)
            .at_once(self.at_once)
    }
}
