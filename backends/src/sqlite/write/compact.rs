//! Giving room back.

use graphloom::host::StoreError;

use super::Desk;
use crate::sqlite::error::Stop;

/// What others have kept from being emptied.
#[derive(Debug, Clone, Copy, Default)]
struct Left {
    files: bool,
    log: bool,
}

impl Desk {
    /// Gives back to the system what forgotten runs have left, and empties the log. What somebody is still at stays until the
    /// next time.
    pub(in crate::sqlite) fn compact(&self) -> Result<(), Stop> {
        self.empty().map(drop)
    }

    /// As [`compact`](Self::compact), for whoever has to know that nothing is left.
    pub(in crate::sqlite) fn scrub(&self) -> Result<(), Stop> {
        let left = self.empty()?;
        let what = match (left.files, left.log) {
            (false, false) => return Ok(()),
            (true, _) => "somebody copies the files of large bodies, so that those stay",
            (false, true) => "somebody reads what is only in the log, which stays",
        };
        let message = format!("{what}: what forgotten runs had is not gone yet");
        Err(StoreError::Busy { message }.into())
    }

    fn empty(&self) -> Result<Left, Stop> {
        let swept = self.sweep_files(None)?;
        // One page a row.
        let mut vacuum = self.sql.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        // Readers that are still at an earlier state keep a part of the log. They are waited for as others who write are, up
        // to the same time; that they have not gone away then is no error of the statement, but its first column.
        let emptied = self
            .sql
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0).map(|busy| busy == 0)
            })?;
        Ok(Left {
            files: !swept,
            log: !emptied,
        })
    }
}
