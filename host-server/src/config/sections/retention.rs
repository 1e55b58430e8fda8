//! How long what is over is kept.

use std::time::Duration;

use crate::Retention;
use crate::config::section::section;

section! {
    /// How long runs are kept that are over.
    RetentionSection in "retention." {
        /// How many days a run is kept after its end; 0: for ever. One that goes on, or waits for someone, is never forgotten.
        runs_days: u64 = 0, 0..=36_500;
        /// How often it is looked for what to forget, in seconds.
        every_s: u64 = 3_600, 1..=604_800;
    }
}

const DAY_S: u64 = 86_400;

impl RetentionSection {
    pub(crate) fn options(&self) -> Retention {
        let runs = (self.runs_days > 0).then(|| Duration::from_secs(self.runs_days * DAY_S));
        Retention::default()
            .runs(runs)
            .every(Duration::from_secs(self.every_s))
    }
}
