//! Keeping the states of runs.

use graphloom::Text;
use graphloom::host::StoreError;
use rusqlite::params;

use super::Desk;
use crate::sqlite::crc::Crc;
use crate::sqlite::error::Stop;
use crate::sqlite::event_row;
use crate::sqlite::kept::Kept;

const KEEP: &str = "INSERT OR REPLACE INTO snapshot (id, state, crc) VALUES (?1, ?2, ?3)";

impl Desk {
    /// Keeps a state.
    pub(in crate::sqlite) fn keep_snapshot(
        &self,
        run: &str,
        events: u64,
        state: &Text,
    ) -> Result<(), Stop> {
        let kept = Kept::find(&self.sql, run)?;
        let Ok(events) = u32::try_from(events) else {
            let message = format!("run {run} has no {events} events");
            return Err(StoreError::Failed { message }.into());
        };
        let id = event_row::id(kept.nr, events);
        let keep = params![id, state.as_str(), snapshot_crc(id, state)];
        self.sql.prepare_cached(KEEP)?.execute(keep)?;
        self.count(state.len());
        Ok(())
    }
}

/// Returns the checksum of a state.
pub(in crate::sqlite) fn snapshot_crc(id: i64, state: &str) -> i64 {
    Crc::default().int(id).text(state).done()
}
