//! Files of tenants, and the blobs of their runs.

use crate::FileLimits;
use crate::config::section::section;

section! {
    /// Files, and what runs keep as bytes.
    FilesSection in "files." {
        /// How large one may be, in bytes; blocks hold what they read and write of it in memory.
        max_file_bytes: u64 = 104_857_600, 1..=1_099_511_627_776;
        /// How large all of a tenant may be together, what its runs keep too, in bytes.
        max_bytes: u64 = 10_737_418_240, 1..=1_125_899_906_842_624;
        /// How many files a tenant may have.
        max: u64 = 10_000, 1..=10_000_000;
    }
}

impl FilesSection {
    /// Returns them as the application takes them.
    #[must_use]
    pub fn limits(&self) -> FileLimits {
        FileLimits {
            max_file_bytes: self.max_file_bytes,
            max_bytes: self.max_bytes,
            max_files: self.max,
        }
    }
}
