//! Credentials of tenants.

use std::path::PathBuf;

use graphloom::Text;

use crate::config::section::section;

section! {
    /// Credentials of tenants.
    Credentials in "credentials." {
        /// The file of the key that they are sealed with; without it one is made as `credentials.key` in the folder.
        key_file: Option<PathBuf> = None;
        /// How many a tenant may have.
        max: u64 = 1_000, 1..=100_000;
        /// A file of services that people log in to (OAuth 2), with the ids and secrets of this program as their client.
        oauth_file: Option<PathBuf> = None;
        /// Those of the tenant `local` that the runs of every tenant may use, by name.
        lend: Vec<Text> = Vec::new();
    }
}
