//! Adding events.

use graphloom::host::StoreError;
use rusqlite::params;

use super::{Desk, Rows};
use crate::sqlite::blobs;
use crate::sqlite::error::Stop;
use crate::sqlite::event_row;
use crate::sqlite::kept::Kept;
use crate::sqlite::write::recent::{Known, Owed};

const INSERT: &str = "INSERT INTO event (id, at, kind, scope, node, firing, port, body, blob, crc) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const DROP: &str = "DELETE FROM message WHERE number = ?1 AND run = ?2";

/// What a row takes beside its body, roughly.
const ROW_BYTES: usize = 32;

impl Desk {
    /// Adds events, and all that goes with them.
    pub(in crate::sqlite) fn append(&self, append: &Rows) -> Result<(), Stop> {
        let mut known = match self.recent.take(&append.lease.run) {
            Some(known) => known,
            None => Known::read(Kept::find(&self.sql, &append.lease.run)?),
        };
        let kept = &mut known.kept;
        let checked = kept
            .check_held(&append.lease)
            .and_then(|()| check_sequence(kept, append));
        if let Err(refused) = checked {
            self.recent.changed(known, Owed::Nothing);
            return Err(refused.into());
        }
        if append.len() == 0 && append.sync {
            self.raise_barrier()?;
        }
        self.insert(kept.nr, append)?;
        for number in &append.heard {
            let drop = params![number.cast_signed(), kept.nr];
            self.sql.prepare_cached(DROP)?.execute(drop)?;
        }
        let Some(last) = append.last else {
            self.recent.changed(known, Owed::Nothing);
            return Ok(());
        };
        kept.entry.events += append.len() as u64;
        kept.entry.updated = last;
        let Some(status) = append.end else {
            self.recent.changed(known, Owed::Progress);
            return Ok(());
        };
        kept.stand(status, None, None);
        kept.let_go();
        self.recent.changed(known, Owed::Changes);
        Ok(())
    }

    fn insert(&self, run_nr: i64, rows: &Rows) -> Result<(), Stop> {
        let mut insert = self.sql.prepare_cached(INSERT)?;
        for (row, body) in rows.iter() {
            // INVARIANT: the sequence was checked, and with it that the number fits.
            let seq = u32::try_from(row.seq).unwrap_or(u32::MAX);
            let id = event_row::id(run_nr, seq);
            let mut blob = None;
            if body.len() > blobs::LARGE {
                let hash = blobs::put(&self.sql, &self.blob_folder, self.blob_place(), body)?;
                blob = Some(hash);
            }
            let in_row = blob.as_deref().unwrap_or(body);
            let crc = event_row::crc(id, row, in_row, blob.is_some());
            let text = (blob.is_none() && !body.is_empty()).then_some(body);
            // One by one, each by its own type: as a list of anything that can be bound, binding the events of a run of
            // three nodes took 13,200 instructions, and inserting them 54,000.
            insert.raw_bind_parameter(1, id)?;
            insert.raw_bind_parameter(2, row.at)?;
            insert.raw_bind_parameter(3, row.kind)?;
            insert.raw_bind_parameter(4, row.scope)?;
            insert.raw_bind_parameter(5, row.node)?;
            insert.raw_bind_parameter(6, row.firing)?;
            insert.raw_bind_parameter(7, row.port)?;
            insert.raw_bind_parameter(8, text)?;
            insert.raw_bind_parameter(9, blob)?;
            insert.raw_bind_parameter(10, crc)?;
            insert.raw_execute()?;
            self.count(body.len() + ROW_BYTES);
        }
        Ok(())
    }
}

/// Refuses events that do not go on where the journal is.
fn check_sequence(kept: &Kept, append: &Rows) -> Result<(), StoreError> {
    let run = || kept.entry.run.to_string();
    let held = kept.entry.events;
    let numbers = append.iter().map(|(row, _)| row.seq);
    let given = std::iter::once(append.expected).chain(numbers);
    let next = std::iter::once(held).chain(held..);
    if let Some((expected, found)) = given.zip(next).find(|(given, next)| given != next) {
        return Err(StoreError::Sequence {
            run: run(),
            expected,
            found,
        });
    }
    if held + append.len() as u64 > u64::from(u32::MAX) {
        return Err(StoreError::Full {
            message: format!("run {} has {held} events", run()),
        });
    }
    Ok(())
}
