//! How blobs are kept in a folder.

/// Settings of a [`FolderBlobs`](super::FolderBlobs).
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct FolderBlobsOptions {
    /// How large a blob may be, in bytes. It is held in memory as a whole when it is put and when it is got. Default 256 MiB.
    pub max_bytes: u64,
}

impl Default for FolderBlobsOptions {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 20,
        }
    }
}

impl FolderBlobsOptions {
    /// Returns the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how large a blob may be, in bytes.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }
}
