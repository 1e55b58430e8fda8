//! The format of the database: which one it has, and how it gets the one of this version.

use std::path::Path;

use graphloom::host::StoreError;
use rusqlite::Connection;

use super::error::Stop;

/// In the head of the file, by which `file` and others know it: "Grlm".
const APPLICATION: i32 = 0x4772_6c6d;

/// What leads from each format to the next one, from none at all to the latest.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
];

pub(super) const LATEST: u32 = MIGRATIONS.len() as u32;

/// Returns the format of the database; 0 where there is nothing in it.
///
/// # Errors
/// [`StoreError::Format`] for a later one, [`StoreError::Failed`] for a database of something else.
pub(super) fn format(sql: &Connection, file: &Path) -> Result<u32, Stop> {
    // Of one moment: another process may be making the store.
    let moment = sql.unchecked_transaction()?;
    let application: i32 = number(sql, "application_id")?;
    let version: i32 = number(sql, "user_version")?;
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = sql.query_row(count, [], |row| row.get(0))?;
    moment.finish()?;
    if application == APPLICATION {
        let found = u32::try_from(version).unwrap_or_default();
        return match found {
            1..=LATEST => Ok(found),
            _ => Err(StoreError::Format {
                found,
                known: LATEST,
            }
            .into()),
        };
    }
    if application == 0 && version == 0 && tables == 0 {
        return Ok(0);
    }
    Err(no_store(file).into())
}

/// Says that the file is something else.
pub(super) fn no_store(file: &Path) -> StoreError {
    StoreError::Failed {
        message: format!("{} is not a store of runs", file.display()),
    }
}

/// Brings the database to the latest format, in one transaction: another process sees the former format or this one.
pub(super) fn migrate(sql: &Connection) -> Result<(), Stop> {
    let found: u32 = number(sql, "user_version")?;
    if found == LATEST {
        return Ok(());
    }
    sql.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = steps(sql);
    sql.execute_batch(if migrated.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    })?;
    migrated
}

/// Lets a connection that only reads see a database of an earlier format as if it had the latest one.
pub(super) fn pretend(sql: &Connection, found: u32) -> Result<(), Stop> {
    if found < 2 {
        sql.pragma_update(None, "temp_store", "MEMORY")?;
        // What is temporary is found before what is not.
        sql.execute_batch(
            "CREATE TEMP VIEW run AS SELECT *, '' AS tenant, '' AS source, NULL AS labels FROM main.run;
             CREATE TEMP TABLE label (run INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
        )?;
    }
    Ok(())
}

fn steps(sql: &Connection) -> Result<(), Stop> {
    // Perhaps another process has done it while this one waited.
    let found: u32 = number(sql, "user_version")?;
    for step in MIGRATIONS.iter().skip(found as usize) {
        sql.execute_batch(step)?;
    }
    sql.pragma_update(None, "application_id", APPLICATION)?;
    sql.pragma_update(None, "user_version", LATEST)?;
    Ok(())
}

fn number<N: rusqlite::types::FromSql>(sql: &Connection, pragma: &str) -> Result<N, Stop> {
    Ok(sql.pragma_query_value(None, pragma, |row| row.get(0))?)
}
