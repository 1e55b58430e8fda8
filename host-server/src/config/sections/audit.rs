//! What is written down of requests.

use std::path::PathBuf;

use crate::config::section::section;

section! {
    /// What is written down of requests.
    AuditFile in "audit." {
        /// Whether anything is.
        enabled: bool = true;
        /// Where; without it `audit.jsonl` in the folder.
        file: Option<PathBuf> = None;
        /// Whether requests that only read are too.
        reads: bool = false;
        /// How many lines may wait to be written; then requests wait.
        queue: usize = 1_024, 1..=1_048_576;
    }
}
