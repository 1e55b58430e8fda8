//! What can be asked of the database without writing.

use std::path::Path;

use graphloom::host::{Message, RunEntry};
use graphloom::{Record, Text};
use rusqlite::{Connection, params};

use super::error::{Stop, broken_at};
use super::event_row::{self, COLUMNS};
use super::kept::Kept;
use super::write::{head_crc, message_crc, snapshot_crc};

const HEAD: &str = "SELECT text, key, crc FROM head WHERE run = ?1";
const MESSAGES: &str = "SELECT number, body, crc FROM message WHERE run = ?1 ORDER BY number";
const SNAPSHOTS: &str =
    "SELECT id, state, crc FROM snapshot WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC";

/// Returns events of a run.
pub(super) fn events(
    sql: &Connection,
    blob_folder: &Path,
    run: &str,
    from: u64,
    limit: usize,
) -> Result<Vec<Record>, Stop> {
    // What is said of the run and its events are of one moment.
    let moment = sql.unchecked_transaction()?;
    let kept = Kept::find(sql, run)?;
    let Some(first) = u32::try_from(from).ok().filter(|_| limit > 0) else {
        return Ok(Vec::new());
    };
    let query = format!("SELECT {COLUMNS} FROM event WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
    let mut statement = sql.prepare_cached(&query)?;
    let (_, last) = event_row::ids(kept.nr);
    let mut rows = statement.query([event_row::id(kept.nr, first), last])?;
    let mut records = Vec::new();
    let mut next = from;
    while records.len() < limit
        && let Some(row) = rows.next()?
    {
        let event = event_row::read(sql, blob_folder, row)?;
        let event = event.map_err(|(id, what)| broken_at(run, event_row::parts(id).1, what))?;
        if event_row::parts(event.id).1 != next {
            return Err(broken_at(run, next, "the event is not there").into());
        }
        next += 1;
        records.extend(event.record);
    }
    if records.len() < limit && from <= kept.entry.events && next != kept.entry.events {
        let message = format!(
            "there are {next} events and should be {}",
            kept.entry.events
        );
        return Err(broken_at(run, next, message).into());
    }
    drop(rows);
    drop(statement);
    moment.finish()?;
    Ok(records)
}

/// Returns what is kept of a run.
pub(super) fn entry(sql: &Connection, run: &str) -> Result<RunEntry, Stop> {
    Ok(Kept::find_labelled(sql, run)?.entry)
}

/// Returns the head of a run.
pub(super) fn head(sql: &Connection, run: &str) -> Result<Text, Stop> {
    let moment = sql.unchecked_transaction()?;
    let kept = Kept::find(sql, run)?;
    let mut statement = sql.prepare_cached(HEAD)?;
    let mut rows = statement.query([kept.nr])?;
    let broken = |what| Stop::from(broken_at(run, 0, what));
    let row = rows
        .next()?
        .ok_or_else(|| broken("its head is not there"))?;
    let (head, key): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    if head_crc(kept.nr, &head, key.as_deref()) != row.get::<_, i64>(2)? {
        return Err(broken(
            "its head has another checksum than when it was written",
        ));
    }
    drop(rows);
    drop(statement);
    moment.finish()?;
    Ok(Text::from(head))
}

/// Returns the messages of a run.
pub(super) fn messages(sql: &Connection, run: &str) -> Result<Vec<(u64, Message)>, Stop> {
    let moment = sql.unchecked_transaction()?;
    let kept = Kept::find(sql, run)?;
    let mut messages = Vec::new();
    let mut statement = sql.prepare_cached(MESSAGES)?;
    let mut rows = statement.query([kept.nr])?;
    while let Some(row) = rows.next()? {
        let (number, body): (i64, String) = (row.get(0)?, row.get(1)?);
        let sound = message_crc(number, kept.nr, &body) == row.get::<_, i64>(2)?;
        let message = Message::from_json(&body).filter(|_| sound);
        let what = || format!("its message {number} is not as it was written");
        let message = message.ok_or_else(|| broken_at(run, 0, what()))?;
        messages.push((number.cast_unsigned(), message));
    }
    drop(rows);
    drop(statement);
    moment.finish()?;
    Ok(messages)
}

/// Returns the latest state that is sound: a damaged one is lost, and the one before it does as well.
pub(super) fn snapshot(
    sql: &Connection,
    run: &str,
    at_most: u64,
) -> Result<Option<(u64, Text)>, Stop> {
    let moment = sql.unchecked_transaction()?;
    let kept = Kept::find(sql, run)?;
    let at_most = u32::try_from(at_most).unwrap_or(u32::MAX);
    let mut statement = sql.prepare_cached(SNAPSHOTS)?;
    let mut rows = statement.query(params![
        event_row::id(kept.nr, 0),
        event_row::id(kept.nr, at_most)
    ])?;
    let mut latest = None;
    while latest.is_none()
        && let Some(row) = rows.next()?
    {
        let (id, state): (i64, String) = (row.get(0)?, row.get(1)?);
        if snapshot_crc(id, &state) == row.get::<_, i64>(2)? {
            latest = Some((event_row::parts(id).1, Text::from(state)));
        }
    }
    drop(rows);
    drop(statement);
    moment.finish()?;
    Ok(latest)
}
