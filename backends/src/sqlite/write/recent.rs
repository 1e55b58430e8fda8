//! What the one who writes remembers of runs that it has just written, so that it need not read them again; and what it has
//! yet to write of them, so that the row of a run is written once in a transaction. A run is often accepted and over within
//! one: a row that is added as it ends up touches each of its indexes once, and not three times.
//!
//! It holds as long as nobody else writes, in this process or another: whatever may change a run beside its acceptance and
//! its events has what is owed written and all of this forgotten first. A transaction that is undone, or that finds that
//! another connection has written, begins with nothing remembered.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use graphloom::Text;
use rusqlite::Connection;

use crate::sqlite::error::Stop;
use crate::sqlite::kept::Kept;

/// How many runs are remembered; with one more all are forgotten that nothing is owed of.
const MAX: usize = 4_096;

/// Changes when another connection has written.
const VERSION: &str = "PRAGMA data_version";

/// What is yet to be written of a run, the larger of two holding the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owed {
    Nothing,
    /// How many events it has, and since when.
    Progress,
    /// What may change of its row.
    Changes,
    /// Its row: there is none yet.
    Row,
}

/// A run as it is to be in the store at the end of the transaction.
pub(super) struct Known {
    pub(super) kept: Kept,
    owed: Owed,
}

impl Known {
    /// Of a run as it was read.
    pub(super) fn read(kept: Kept) -> Self {
        let owed = Owed::Nothing;
        Self { kept, owed }
    }

    fn write(&mut self, sql: &Connection) -> Result<(), Stop> {
        match self.owed {
            Owed::Nothing => Ok(()),
            Owed::Progress => self.kept.save_progress(sql),
            Owed::Changes => self.kept.save(sql),
            Owed::Row => self.kept.insert(sql),
        }?;
        self.owed = Owed::Nothing;
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct Recent {
    runs: RefCell<HashMap<Text, Known>>,
    /// Those of which something is owed, in the order in which it came to that: rows are added in their order.
    owing: RefCell<Vec<Text>>,
    last_nr: Cell<Option<i64>>,
    version: Cell<Option<i64>>,
}

impl Recent {
    /// Forgets everything, also what is owed.
    pub(super) fn forget(&self) {
        if self.last_nr.take().is_some() || !self.runs.borrow().is_empty() {
            self.runs.borrow_mut().clear();
            self.owing.borrow_mut().clear();
        }
    }

    /// Writes what is owed.
    pub(super) fn settle(&self, sql: &Connection) -> Result<(), Stop> {
        let mut runs = self.runs.borrow_mut();
        for run in self.owing.borrow_mut().drain(..) {
            let Some(known) = runs.get_mut(&run) else {
                continue;
            };
            known.write(sql)?;
            if known.kept.entry.status.is_terminal() {
                runs.remove(&run);
            }
        }
        Ok(())
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

    /// Says whether a run is remembered.
    pub(super) fn knows(&self, run: &Text) -> bool {
        self.runs.borrow().contains_key(run)
    }

    /// Remembers a run that was accepted and owes its row.
    pub(super) fn accepted(&self, kept: Kept) {
        self.last_nr.set(Some(kept.nr));
        self.changed(Known::read(kept), Owed::Row);
    }

    /// Remembers a run of which so much has changed.
    pub(super) fn changed(&self, mut known: Known, owed: Owed) {
        if known.owed == Owed::Nothing && owed != Owed::Nothing {
            self.owing.borrow_mut().push(known.kept.entry.run.clone());
        }
        known.owed = known.owed.max(owed);
        let mut runs = self.runs.borrow_mut();
        if runs.len() >= MAX {
            runs.retain(|_, known| known.owed != Owed::Nothing);
        }
        runs.insert(known.kept.entry.run.clone(), known);
    }

    /// Takes what is remembered of a run, which has to be put back, changed or not.
    pub(super) fn take(&self, run: &Text) -> Option<Known> {
        self.runs.borrow_mut().remove(run)
    }
}
