//! Which blocks and models there are.

use std::path::PathBuf;

use crate::config::section::section;

section! {
    /// Which blocks and models there are beside those that come along.
    Blocks in "blocks." {
        /// Services that are described as data, a file each; each is a block.
        presets: Vec<PathBuf> = Vec::new();
        /// A file of providers and models.
        models: Option<PathBuf> = None;
    }
}
