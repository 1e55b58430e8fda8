//! Requests.

use crate::ask::MAX_BODY_BYTES;
use crate::config::section::section;

section! {
    /// What a request may take.
    Requests in "requests." {
        /// How large a body may be, files apart, in bytes.
        max_body_bytes: usize = MAX_BODY_BYTES, 1_024..=1_073_741_824;
        /// How long an answer may take to begin once the request is there, in milliseconds; waiting for a run counts.
        time_ms: u64 = 120_000, 100..=3_600_000;
    }
}
