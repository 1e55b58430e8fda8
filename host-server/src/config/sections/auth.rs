//! Tokens of this server.

use std::path::PathBuf;

use crate::config::section::section;

section! {
    /// Tokens of this server.
    Tokens in "auth." {
        /// Whether the administrator's token is taken: that of `auth.token_file`, or the one that is made in the folder.
        local_token: bool = true;
        /// The file of the administrator's token, of at least 32 bytes; without it one is made as `token` in the folder.
        token_file: Option<PathBuf> = None;
        /// How many keys a tenant may have.
        max_keys: usize = 100, 1..=10_000;
    }
}
