//! Giving room back.

use super::Desk;
use crate::sqlite::error::Stop;

impl Desk {
    /// Gives back to the system what forgotten runs have left, and empties the log.
    pub(in crate::sqlite) fn compact(&self) -> Result<(), Stop> {
        self.sweep_files(None)?;
        self.sql.execute_batch("PRAGMA incremental_vacuum")?;
        // Readers that are still at an earlier state keep a part of the log; it is emptied the next time.
        self.sql.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }
}
