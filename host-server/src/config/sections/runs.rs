//! Runs.

use crate::config::section::section;

section! {
    /// Runs.
    RunsSection in "runs." {
        /// How long runs may go on when the server is told to stop, in milliseconds; in the last third nothing begins in them
        /// any more.
        drain_time_ms: u64 = 30_000, 0..=86_400_000;
    }
}
