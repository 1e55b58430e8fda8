//! Connections to the database: one that writes, and those that only read.

use std::path::Path;
use std::time::{Duration, Instant};

use graphloom::host::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::Stop;
use super::options::SqliteOptions;
use super::schema;

/// Opens the connection that writes, and brings the database to the format of this version.
pub(super) fn open_writer(file: &Path, options: &SqliteOptions) -> Result<Connection, Stop> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut sql = match &options.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(file, flags, vfs.as_str())?,
        None => Connection::open_with_flags(file, flags)?,
    };
    wait_for_turn(&mut sql, options.busy_timeout)?;
    // Until it is known to be ours not even what lies in its log is touched.
    sql.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if options.vfs.is_some() {
        sql.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    let format = schema::format(&sql, file)?;
    sql.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    if sql.is_readonly(rusqlite::MAIN_DB)? {
        let message = format!("{} may not be written", file.display());
        return Err(StoreError::ReadOnly { message }.into());
    }
    if format == 0 {
        // Can be chosen only while there is nothing.
        sql.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    log_ahead(&sql, options.busy_timeout)?;
    sql.pragma_update(None, "synchronous", "NORMAL")?;
    // What is deleted is overwritten in the pages that stay; those that are left over go when the store is compacted.
    sql.pragma_update(None, "secure_delete", "FAST")?;
    sql.pragma_update(None, "wal_autocheckpoint", options.checkpoint_pages)?;
    sql.pragma_update(None, "journal_size_limit", 64 << 20)?;
    sql.pragma_update(None, "cache_size", -16 * 1024)?;
    sql.pragma_update(None, "temp_store", "MEMORY")?;
    sql.set_prepared_statement_cache_capacity(64);
    schema::migrate(&sql)?;
    if let Some(pages) = options.max_pages {
        sql.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(sql)
}

/// How often someone who waits for a turn to write looks whether it has come.
const LOOK: Duration = Duration::from_micros(500);

/// Waits for others who write. SQLite's own waiting looks more and more seldom, and next to somebody who writes all the time
/// it may never find the moment between two of their transactions.
fn wait_for_turn(sql: &mut Connection, timeout: Duration) -> Result<(), Stop> {
    let mut since = Instant::now();
    sql.busy_handler(Some(move |looks: i32| {
        if looks == 0 {
            since = Instant::now();
        }
        std::thread::sleep(LOOK);
        since.elapsed() < timeout
    }))?;
    Ok(())
}

/// Sets the write-ahead log. While another process does the same, SQLite says that it is busy without waiting.
fn log_ahead(sql: &Connection, timeout: Duration) -> Result<(), Stop> {
    let since = Instant::now();
    loop {
        let set = sql.pragma_update(None, "journal_mode", "WAL");
        match set.map_err(Stop::from) {
            Err(stop) if stop.is_busy() && since.elapsed() < timeout => {
                std::thread::sleep(Duration::from_millis(5));
            }
            set => return set,
        }
    }
}

/// A connection that never writes.
pub(super) struct Reader {
    pub(super) sql: Connection,
    /// The database has an earlier format: someone may bring it to the latest one, which this connection would not see.
    pub(super) is_earlier: bool,
}

/// Opens a connection that never writes. An `immutable` one takes it that nobody else does: the only way to read what lies
/// in a folder that cannot be written, where SQLite has no place for what readers share.
pub(super) fn open_reader(
    file: &Path,
    busy_timeout: Duration,
    immutable: bool,
) -> Result<Reader, Stop> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = if immutable {
        flags |= OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(immutable_uri(file), flags)?
    } else {
        Connection::open_with_flags(file, flags)?
    };
    // What SQLite can count in.
    let longest = Duration::from_millis(i32::MAX.unsigned_abs().into());
    sql.busy_timeout(busy_timeout.min(longest))?;
    sql.set_prepared_statement_cache_capacity(32);
    let format = schema::format(&sql, file)?;
    if format == 0 {
        return Err(schema::no_store(file).into());
    }
    schema::pretend(&sql, format)?;
    Ok(Reader {
        sql,
        is_earlier: format < schema::LATEST,
    })
}

fn immutable_uri(file: &Path) -> String {
    let mut uri = String::from("file:");
    for symbol in file.to_string_lossy().chars() {
        match symbol {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            symbol => uri.push(symbol),
        }
    }
    uri.push_str("?immutable=1");
    uri
}
