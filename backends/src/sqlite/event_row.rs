//! Events as rows: the columns, their checksum, and the way back.

use std::path::Path;

use graphloom::Record;
use graphloom::journal::{Row, read_row};
use rusqlite::Connection;

use super::blobs;
use super::crc::Crc;

/// How far left in the id of an event the number of its run stands; right of it is the sequence number.
const RUN_BITS: u32 = 32;

/// Returns the id of an event of a run.
pub(super) fn id(run_nr: i64, seq: u32) -> i64 {
    (run_nr << RUN_BITS) | i64::from(seq)
}

/// Returns the ids that the events of a run have.
pub(super) fn ids(run_nr: i64) -> (i64, i64) {
    (id(run_nr, 0), id(run_nr, u32::MAX))
}

/// Returns the number of the run and the sequence number in an id.
pub(super) fn parts(id: i64) -> (i64, u64) {
    (id >> RUN_BITS, (id & i64::from(u32::MAX)).cast_unsigned())
}

/// Returns the checksum of an event. `body` is what stands in the row: the text, or the hash of the one outside it.
pub(super) fn crc(id: i64, row: &Row, body: &str, is_blob: bool) -> i64 {
    Crc::default()
        .int(id)
        .int(row.at)
        .int((i64::from(row.kind) << 32) | i64::from(row.scope))
        .int((i64::from(row.node) << 32) | i64::from(row.firing))
        .int((i64::from(row.port) << 1) | i64::from(is_blob))
        .text(body)
        .done()
}

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "id, at, kind, scope, node, firing, port, body, blob, crc";

/// An event that was read.
pub(super) struct Read {
    pub(super) id: i64,
    /// `None` for one of a kind that this version may skip.
    pub(super) record: Option<Record>,
}

/// Reads an event, and the blob that it refers to.
///
/// # Errors
/// Why SQLite could not read it, or what is wrong with the event of this id.
pub(super) fn read(
    sql: &Connection,
    blob_folder: &Path,
    row: &rusqlite::Row<'_>,
) -> rusqlite::Result<Result<Read, (i64, String)>> {
    let id: i64 = row.get(0)?;
    let columns = match Columns::of(row) {
        Ok(columns) => columns,
        Err(error) if error.sqlite_error_code().is_some() => return Err(error),
        Err(error) => return Ok(Err((id, error.to_string()))),
    };
    Ok(columns
        .read(sql, blob_folder)
        .map(|record| Read { id, record })
        .map_err(|what| (id, what)))
}

struct Columns {
    id: i64,
    row: Row,
    body: Option<String>,
    blob: Option<String>,
    crc: i64,
}

impl Columns {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let id = row.get(0)?;
        Ok(Self {
            id,
            row: Row {
                seq: parts(id).1,
                at: row.get(1)?,
                kind: row.get(2)?,
                scope: row.get(3)?,
                node: row.get(4)?,
                firing: row.get(5)?,
                port: row.get(6)?,
            },
            body: row.get(7)?,
            blob: row.get(8)?,
            crc: row.get(9)?,
        })
    }

    fn read(self, sql: &Connection, blob_folder: &Path) -> Result<Option<Record>, String> {
        let inline = self.body.unwrap_or_default();
        let in_row = self.blob.as_deref().unwrap_or(&inline);
        if crc(self.id, &self.row, in_row, self.blob.is_some()) != self.crc {
            return Err("it has another checksum than when it was written".to_owned());
        }
        let body = match &self.blob {
            None => inline,
            Some(hash) => blobs::get(sql, blob_folder, hash)?,
        };
        read_row(&self.row, &body).map_err(|error| error.message)
    }
}
