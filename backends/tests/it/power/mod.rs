//! Power cuts: the database lies on a disk in memory that keeps or loses what was not synced, as real ones may.

mod cuts;
mod disk;
mod faults;
pub(crate) mod probes;
mod runs;
mod syncs;
mod vfs;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use graphloom::host::StoreError;
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use super::harness::Folder;
use disk::Disk;

/// A folder whose database lies on such a disk.
struct Bench {
    folder: Folder,
    disk: Disk,
    // One test at a time: files are opened one after the other then, which the crate between SQLite and the disk counts on.
    _turn: MutexGuard<'static, ()>,
}

impl Bench {
    fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let bench = Self {
            folder: Folder::new(),
            disk: Disk::default(),
            _turn: turn,
        };
        vfs::mount(bench.folder.path(), bench.disk.clone());
        bench
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn open(&self, options: SqliteOptions) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.path(), options.vfs(vfs::NAME))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        vfs::unmount(self.path());
    }
}
