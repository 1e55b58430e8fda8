//! Forgetting runs.

use graphloom::Timestamp;

use super::Desk;
use crate::sqlite::error::Stop;
use crate::sqlite::event_row;
use crate::sqlite::kept::Kept;

const BLOBS: &str =
    "SELECT DISTINCT blob FROM event WHERE id BETWEEN ?1 AND ?2 AND blob IS NOT NULL";

const ROWS: &[&str] = &[
    "DELETE FROM event WHERE id BETWEEN ?1 AND ?2",
    "DELETE FROM snapshot WHERE id BETWEEN ?1 AND ?2",
];

const OF_RUN: &[&str] = &[
    "DELETE FROM message WHERE run = ?1",
    "DELETE FROM head WHERE run = ?1",
    "DELETE FROM label WHERE run = ?1",
    "DELETE FROM run WHERE nr = ?1",
];

/// A blob that no event refers to any more; tells whether its bytes are in a file.
const DROP_BLOB: &str = "DELETE FROM blob WHERE hash = ?1 \
    AND NOT EXISTS (SELECT 1 FROM event WHERE blob = ?1 AND blob IS NOT NULL) RETURNING bytes IS NULL";

impl Desk {
    /// Forgets a run and all that is kept of it.
    pub(in crate::sqlite) fn delete(&self, run: &str, now: Timestamp) -> Result<(), Stop> {
        let kept = Kept::find(&self.sql, run)?;
        kept.check_free(now, &self.owner)?;
        let (first, last) = event_row::ids(kept.nr);
        let mut blobs = self.sql.prepare_cached(BLOBS)?;
        let blobs = blobs.query_map([first, last], |row| row.get(0))?;
        let blobs: Vec<String> = blobs.collect::<Result<_, _>>()?;
        for rows in ROWS {
            self.sql.prepare_cached(rows)?.execute([first, last])?;
        }
        for of_run in OF_RUN {
            self.sql.prepare_cached(of_run)?.execute([kept.nr])?;
        }
        for hash in blobs {
            let mut drop = self.sql.prepare_cached(DROP_BLOB)?;
            let mut dropped = drop.query([&hash])?;
            while let Some(row) = dropped.next()? {
                if row.get(0)? {
                    self.orphans.borrow_mut().push(hash.clone());
                }
            }
        }
        Ok(())
    }
}
