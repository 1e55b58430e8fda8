//! Adding events.

use graphloom::host::{Append, StoreError};
use graphloom::journal::write_row;
use graphloom::{Event, Record};
use rusqlite::params;

use super::Desk;
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
    pub(in crate::sqlite) fn append(&self, append: &Append) -> Result<(), Stop> {
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
        if append.records.is_empty() && append.sync {
            self.raise_barrier()?;
        }
        self.insert(kept.nr, &append.records)?;
        for number in &append.heard {
            let drop = params![number.cast_signed(), kept.nr];
            self.sql.prepare_cached(DROP)?.execute(drop)?;
        }
        let Some(last) = append.records.last() else {
            self.recent.changed(known, Owed::Nothing);
            return Ok(());
        };
        kept.entry.events += append.records.len() as u64;
        kept.entry.updated = last.at;
        let Event::Ended { status, .. } = last.event else {
            self.recent.changed(known, Owed::Progress);
            return Ok(());
        };
        kept.stand(status, None, None);
        kept.let_go();
        self.recent.changed(known, Owed::Changes);
        Ok(())
    }

    fn insert(&self, run_nr: i64, records: &[Record]) -> Result<(), Stop> {
        let mut insert = self.sql.prepare_cached(INSERT)?;
        let mut body = self.body.borrow_mut();
        for record in records {
            let row = write_row(record, &mut body);
            // INVARIANT: the sequence was checked, and with it that the number fits.
            let seq = u32::try_from(row.seq).unwrap_or(u32::MAX);
            let id = event_row::id(run_nr, seq);
            let mut blob = None;
            if body.len() > blobs::LARGE {
                let hash = blobs::put(&self.sql, &self.blob_folder, self.blob_place(), &body)?;
                blob = Some(hash);
            }
            let in_row = blob.as_deref().unwrap_or(&body);
            let crc = event_row::crc(id, &row, in_row, blob.is_some());
            let text = (blob.is_none() && !body.is_empty()).then_some(body.as_str());
            insert.execute(params![
                id, row.at, row.kind, row.scope, row.node, row.firing, row.port, text, blob, crc
            ])?;
            self.count(body.len() + ROW_BYTES);
        }
        Ok(())
    }
}

/// Refuses events that do not go on where the journal is.
fn check_sequence(kept: &Kept, append: &Append) -> Result<(), StoreError> {
    let run = || kept.entry.run.to_string();
    let held = kept.entry.events;
    let numbers = append.records.iter().map(|record| record.seq);
    let given = std::iter::once(append.expected).chain(numbers);
    let next = std::iter::once(held).chain(held..);
    if let Some((expected, found)) = given.zip(next).find(|(given, next)| given != next) {
        return Err(StoreError::Sequence {
            run: run(),
            expected,
            found,
        });
    }
    if held + append.records.len() as u64 > u64::from(u32::MAX) {
        return Err(StoreError::Full {
            message: format!("run {} has {held} events", run()),
        });
    }
    Ok(())
}
