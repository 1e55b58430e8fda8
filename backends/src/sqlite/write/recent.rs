//! What the one who writes remembers of runs that it has just written, so that it need not read them again.
//!
//! It holds as long as nobody else writes, in this process or another: whatever may change a run beside its acceptance and
//! its events has all of this forgotten first, and so has a transaction that is undone or that finds that another connection
//! has written.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use graphloom::Text;
use rusqlite::Connection;

use crate::sqlite::error::Stop;
use crate::sqlite::kept::Kept;

/// How many runs are remembered; with one more all are forgotten.
const MAX: usize = 4_096;

/// Changes when another connection has written.
const VERSION: &str = "PRAGMA data_version";

#[derive(Default)]
pub(super) struct Recent {
    runs: RefCell<HashMap<Text, Kept>>,
    last_nr: Cell<Option<i64>>,
    version: Cell<Option<i64>>,
}

impl Recent {
    /// Forgets everything.
    pub(super) fn forget(&self) {
        if self.last_nr.take().is_some() || !self.runs.borrow().is_empty() {
            self.runs.borrow_mut().clear();
        }
    }

    /// Forgets everything if another connection has written. Within a transaction, so that none does from now on.
    pub(super) fn look(&self, sql: &Connection) -> Result<(), Stop> {
        let version = sql
            .prepare_cached(VERSION)?
            .query_row([], |row| row.get(0))?;
        if self.version.replace(Some(version)) != Some(version) {
            self.forget();
        }
        Ok(())
    }

    /// Draws a number for a run.
    pub(super) fn next_nr(&self, sql: &Connection) -> Result<i64, Stop> {
        let last = match self.last_nr.get() {
            Some(last) => last,
            None => Kept::last_nr(sql)?,
        };
        Ok(last + 1)
    }

    /// Remembers a run that was accepted.
    pub(super) fn accepted(&self, kept: Kept) {
        self.last_nr.set(Some(kept.nr));
        self.stays(kept);
    }

    /// Remembers a run as it was written.
    pub(super) fn stays(&self, kept: Kept) {
        let mut runs = self.runs.borrow_mut();
        if runs.len() >= MAX {
            runs.clear();
        }
        runs.insert(kept.entry.run.clone(), kept);
    }

    /// Takes what is remembered of a run: it is put back when it is written, and forgotten if it is not.
    pub(super) fn take(&self, run: &Text) -> Option<Kept> {
        self.runs.borrow_mut().remove(run)
    }
}
