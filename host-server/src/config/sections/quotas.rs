//! How much a tenant may have.

use crate::Quotas;
use crate::config::section::section;

section! {
    /// How much a tenant may have.
    QuotasSection in "quotas." {
        /// How many graphs a tenant may have.
        max_graphs: u64 = 10_000, 1..=1_000_000_000;
        /// How many versions of a graph are kept: with one more the oldest is forgotten.
        max_versions: u64 = 1_000, 1..=1_000_000;
        /// How many presets a tenant may have.
        max_presets: u64 = 10_000, 1..=1_000_000_000;
        /// How many runs of a tenant may be there that are not over: queued, going or waiting. 0: as many as one likes.
        max_runs_going: u64 = 10_000, 0..=1_000_000_000;
    }
}

impl QuotasSection {
    /// Returns them as the application takes them.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        Quotas {
            max_graphs: self.max_graphs,
            max_versions: self.max_versions,
            max_presets: self.max_presets,
            max_runs_going: self.max_runs_going,
        }
    }
}
