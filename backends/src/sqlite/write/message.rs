//! Telling runs something.

use graphloom::host::Message;
use rusqlite::params;

use super::Desk;
use crate::sqlite::crc::Crc;
use crate::sqlite::error::Stop;
use crate::sqlite::kept::Kept;

/// The checksum has the number in it, which is known only then.
const ADD: &str = "INSERT INTO message (run, body, crc) VALUES (?1, ?2, 0)";
const SEAL: &str = "UPDATE message SET crc = ?2 WHERE number = ?1";

impl Desk {
    /// Keeps a message.
    pub(in crate::sqlite) fn send(&self, run: &str, message: &Message) -> Result<u64, Stop> {
        let kept = Kept::find(&self.sql, run)?;
        kept.check_going()?;
        let body = message.to_json();
        let add = params![kept.nr, body];
        self.sql.prepare_cached(ADD)?.execute(add)?;
        let number = self.sql.last_insert_rowid();
        let seal = params![number, message_crc(number, kept.nr, &body)];
        self.sql.prepare_cached(SEAL)?.execute(seal)?;
        self.count(body.len());
        Ok(number.cast_unsigned())
    }
}

/// Returns the checksum of a message.
pub(in crate::sqlite) fn message_crc(number: i64, run_nr: i64, body: &str) -> i64 {
    Crc::default().int(number).int(run_nr).text(body).done()
}
