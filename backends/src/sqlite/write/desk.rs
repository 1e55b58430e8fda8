//! The connection that writes and what belongs to it.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use crate::sqlite::blobs;
use crate::sqlite::error::Stop;
use crate::sqlite::options::{BlobPlace, Durability, SqliteOptions};
use crate::sqlite::owners::Owner;
use crate::sqlite::write::recent::Recent;

/// Writes within a transaction that someone else begins and ends.
pub(in crate::sqlite) struct Desk {
    pub(super) sql: Connection,
    pub(super) owner: Arc<Owner>,
    pub(super) blob_folder: PathBuf,
    /// Blobs whose rows are gone and whose files are not.
    pub(super) orphans: RefCell<Vec<String>>,
    pub(super) recent: Recent,
    file: PathBuf,
    options: SqliteOptions,
    /// What SQLite was last told; `None` until then.
    synced: Cell<Option<bool>>,
    written: Cell<usize>,
}

impl Desk {
    pub(in crate::sqlite) fn new(
        sql: Connection,
        file: PathBuf,
        blob_folder: PathBuf,
        owner: Arc<Owner>,
        options: SqliteOptions,
    ) -> Self {
        Self {
            sql,
            owner,
            blob_folder,
            orphans: RefCell::default(),
            recent: Recent::default(),
            file,
            options,
            synced: Cell::new(None),
            written: Cell::new(0),
        }
    }

    pub(in crate::sqlite) fn file(&self) -> &Path {
        &self.file
    }

    pub(in crate::sqlite) fn connection(&self) -> &Connection {
        &self.sql
    }

    /// Says where large bodies go.
    pub(super) fn blob_place(&self) -> BlobPlace {
        self.options.blobs
    }

    /// Begins a transaction whose end is synced if one of those in it asks for that and the store grants it.
    pub(in crate::sqlite) fn begin(&self, wanted: bool) -> Result<(), Stop> {
        self.sync(match self.options.durability {
            Durability::Relaxed => false,
            Durability::Barrier => wanted,
            Durability::Every => true,
        })?;
        self.written.set(0);
        self.run("BEGIN IMMEDIATE")?;
        self.recent
            .look(&self.sql)
            .inspect_err(|_| self.roll_back())
    }

    /// Has to be called before anything is done but accepting runs and adding events.
    pub(in crate::sqlite) fn forget_recent(&self) -> Result<(), Stop> {
        self.recent.settle(&self.sql)?;
        self.recent.forget();
        Ok(())
    }

    /// Keeps what was written.
    pub(in crate::sqlite) fn commit(&self) -> Result<(), Stop> {
        self.recent.settle(&self.sql)?;
        self.run("COMMIT")
    }

    /// Undoes what was written.
    pub(in crate::sqlite) fn roll_back(&self) {
        // SQLite may have done it by itself, which is the error that this has then.
        let _ = self.run("ROLLBACK");
        self.recent.forget();
        self.orphans.borrow_mut().clear();
    }

    /// Makes everything that was written outlive a power cut, whatever the store is told to promise: a transaction that
    /// changed nothing would not be synced.
    pub(super) fn harden(&self) -> Result<(), Stop> {
        self.sync(true)?;
        self.run("UPDATE barrier SET raised = raised + 1")
    }

    /// Has the transaction write something, so that its end syncs what others have written before.
    pub(super) fn raise_barrier(&self) -> Result<(), Stop> {
        self.run("UPDATE barrier SET raised = raised + 1")
    }

    /// Says how many bytes the transaction has written.
    pub(in crate::sqlite) fn written(&self) -> usize {
        self.written.get()
    }

    pub(super) fn count(&self, bytes: usize) {
        self.written.set(self.written.get() + bytes);
    }

    /// Removes the files of blobs that no event refers to any more. What cannot be removed now lies there until the store
    /// is made compact.
    pub(in crate::sqlite) fn sweep(&self) -> Result<(), Stop> {
        let orphans = std::mem::take(&mut *self.orphans.borrow_mut());
        if orphans.is_empty() {
            return Ok(());
        }
        self.sweep_files(Some(&orphans)).map(drop)
    }

    /// Removes files that no row names, all of them or some. `false`: somebody copies them, and they stay.
    pub(super) fn sweep_files(&self, only: Option<&[String]>) -> Result<bool, Stop> {
        // A power cut must not bring back the rows of files that are gone.
        self.harden()?;
        // While this holds the lock of those who write nobody begins to refer to one of them.
        self.run("BEGIN IMMEDIATE")?;
        let swept = blobs::sweep(&self.sql, &self.blob_folder, only);
        self.roll_back();
        swept
    }

    /// In the log a commit is synced or not, as SQLite is told between transactions.
    fn sync(&self, synced: bool) -> Result<(), Stop> {
        if self.synced.get() != Some(synced) {
            let level = if synced { "FULL" } else { "NORMAL" };
            self.sql.pragma_update(None, "synchronous", level)?;
            self.synced.set(Some(synced));
        }
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<(), Stop> {
        self.sql.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
