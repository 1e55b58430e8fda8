//! How a store is opened.

use std::time::Duration;

/// What outlives a power cut when a call returns. All that was written outlives the process in every case, and what a
/// power cut takes is the latest writes and never a part of the earlier ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Nothing is synced for a caller: what the last seconds have brought may be gone, runs that were accepted among it.
    Relaxed,
    /// What says that it does: appends with `sync` and all before them, runs that were accepted, messages.
    #[default]
    Barrier,
    /// Every write.
    Every,
}

/// Where bodies of events above 64 KiB are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobPlace {
    /// In a table: one file to copy.
    #[default]
    InDatabase,
    /// As files in `blobs/`: the database stays small. Each is synced before the event that refers to it is written.
    OnDisk,
}

/// How a store is opened. What differs between two openings of a folder holds for the one that was opened so.
#[derive(Debug, Clone)]
#[must_use]
pub struct SqliteOptions {
    pub(super) durability: Durability,
    pub(super) blobs: BlobPlace,
    pub(super) busy_timeout: Duration,
    pub(super) max_pages: Option<u32>,
    pub(super) checkpoint_pages: u32,
    pub(super) vfs: Option<String>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            blobs: BlobPlace::default(),
            busy_timeout: Duration::from_secs(10),
            max_pages: None,
            // 16 MiB: the pages that are written again and again are copied once then.
            checkpoint_pages: 4096,
            vfs: None,
        }
    }
}

impl SqliteOptions {
    /// Returns the defaults: [`Durability::Barrier`], [`BlobPlace::InDatabase`], 10 s until the store is busy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what outlives a power cut.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets where large bodies are kept from now on; those that are there stay where they are.
    pub fn blobs(mut self, place: BlobPlace) -> Self {
        self.blobs = place;
        self
    }

    /// Sets how long a call waits for another process that writes.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Bounds the database to so many pages of 4 KiB, for tests of what happens on a full disk.
    #[doc(hidden)]
    pub fn max_pages(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Copies the log into the database whenever it has so many pages, for tests of what happens meanwhile.
    #[doc(hidden)]
    pub fn checkpoint_pages(mut self, pages: u32) -> Self {
        self.checkpoint_pages = pages;
        self
    }

    /// Opens the database through a registered file system of SQLite without shared memory, for tests of what happens in a
    /// power cut. One connection does everything then.
    #[doc(hidden)]
    pub fn vfs(mut self, name: impl Into<String>) -> Self {
        self.vfs = Some(name.into());
        self
    }
}
