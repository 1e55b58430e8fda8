//! Giving room back.

use super::Desk;
use crate::sqlite::error::Stop;

impl Desk {
    /// Gives back to the system what forgotten runs have left, and empties the log.
    pub(in crate::sqlite) fn compact(&self) -> Result<(), Stop> {
        self.sweep_files(None)?;
        // One page a row.
        let mut vacuum = self.sql.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        // Readers that are still at an earlier state keep a part of the log; it is emptied the next time.
        self.sql.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }
}
