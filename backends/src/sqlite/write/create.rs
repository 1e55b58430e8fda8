//! Accepting runs.

use graphloom::Text;
use graphloom::host::{Created, NewRun, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use super::Desk;
use crate::sqlite::crc::Crc;
use crate::sqlite::error::Stop;
use crate::sqlite::kept::Kept;

const KNOWN: &str = "SELECT run.id FROM head JOIN run ON run.nr = head.run WHERE head.key = ?1";
const ADD_HEAD: &str = "INSERT INTO head (run, text, key, crc) VALUES (?1, ?2, ?3, ?4)";

/// The highest number that a run can have, so that the ids of its events fit.
const MAX_RUN: i64 = i32::MAX as i64;

impl Desk {
    /// Accepts a run, unless one with the same key was accepted before. `labels`: those that it has, as JSON.
    pub(in crate::sqlite) fn create(
        &self,
        new: &NewRun,
        labels: Option<&str>,
    ) -> Result<Created, Stop> {
        if let Some(key) = &new.key {
            // Its head is there before its row.
            self.recent.settle(&self.sql)?;
            if let Some(run) = keyed(&self.sql, key)? {
                if new.sync {
                    // It may have been accepted without.
                    self.raise_barrier()?;
                }
                return Ok(Created::Known(run));
            }
        }
        if self.recent.knows(&new.run) || Kept::is_there(&self.sql, &new.run)? {
            let run = new.run.to_string();
            return Err(StoreError::Exists { run }.into());
        }
        let nr = self.recent.next_nr(&self.sql)?;
        let kept = Kept::accepted(&self.sql, nr, (new, labels), self.owner.id())?;
        if kept.nr > MAX_RUN {
            // Not a refusal: there is something to undo.
            return Err(Stop::File(std::io::ErrorKind::StorageFull.into()));
        }
        let (head, key) = (new.head.as_str(), new.key.as_deref());
        self.sql.prepare_cached(ADD_HEAD)?.execute(params![
            kept.nr,
            head,
            key,
            head_crc(kept.nr, head, key)
        ])?;
        self.count(head.len());
        self.recent.accepted(kept);
        Ok(new.lease().map_or(Created::Fresh, Created::Held))
    }
}

/// Returns the run that was accepted with a key.
pub(in crate::sqlite) fn keyed(sql: &Connection, key: &str) -> Result<Option<Text>, Stop> {
    let mut known = sql.prepare_cached(KNOWN)?;
    let known = known.query_row([key], |row| row.get::<_, String>(0));
    Ok(known.optional()?.map(Text::from))
}

/// Returns the checksum of a head.
pub(in crate::sqlite) fn head_crc(run_nr: i64, head: &str, key: Option<&str>) -> i64 {
    Crc::default().int(run_nr).text(head).maybe_text(key).done()
}
