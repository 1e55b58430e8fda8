//! Requests.

use crate::ask::MAX_BODY_BYTES;
use crate::config::section::section;

section! {
    /// What a request may take.
    Requests in "requests." {
        /// How large a body may be, files apart, in bytes.
        max_body_bytes: usize = MAX_BODY_BYTES, 1_024..=1_073_741_824;
    }
}
