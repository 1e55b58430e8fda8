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
        /// How many bytes the file may have: a larger one becomes `FILE.1`, the one before that `FILE.2`; 0: it grows on.
        max_bytes: u64 = 0, 0..=1_099_511_627_776;
        /// How many such files are kept beside it; the oldest is removed.
        keep_files: u32 = 9, 1..=1_000;
        /// How many lines may wait to be written; then requests wait.
        queue: usize = 1_024, 1..=1_048_576;
    }
}
