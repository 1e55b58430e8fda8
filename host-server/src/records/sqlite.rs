//! Records in a SQLite file, beside the runs.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::host::BoxFuture;
use graphloom::json::to_json;
use graphloom::{Text, Timestamp, Value};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params, params};

use super::{Change, Draft, Entry, Expect, Kind, Query, RecordError, Records, Usage};
use crate::locked::lock;
use crate::principal::Tenant;

/// In the head of the file: "Grls".
const APPLICATION: i32 = 0x4772_6c73;
/// What leads from each format to the next one.
const MIGRATIONS: &[&str] = &[include_str!("sqlite/0001.sql")];
const LATEST: u32 = MIGRATIONS.len() as u32;

/// How long a call waits for others who have the file.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long, and how often, the log is tried to be emptied; nothing is written meanwhile.
const LOG_PATIENCE: Duration = Duration::from_secs(3);
const LOG_TRIES: u32 = 3;

const COLUMNS: &str = "tenant, kind, id, parent, words, due, own, revision, created, updated, body";

/// Records in a file. Clones are the same; calls go on a blocking thread.
#[derive(Debug, Clone)]
pub struct SqliteRecords {
    writer: Arc<Mutex<Connection>>,
    /// What reads goes beside what writes (WAL), so that it never waits for a disk that is slow to sync. It sees every write
    /// that was answered: that one is committed.
    reader: Arc<Mutex<Connection>>,
}

impl From<rusqlite::Error> for RecordError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed {
            message: error.to_string(),
        }
    }
}

impl SqliteRecords {
    /// Opens the file, which is made if it is not there, and brings it to the format of this version.
    ///
    /// # Errors
    /// [`RecordError::NoFile`] for `:memory:`, an empty path, and whatever else SQLite keeps in no file; [`RecordError::Format`] for a file of a later version; [`RecordError::Failed`] for what is no such file, or cannot be
    /// written.
    pub fn open(file: impl AsRef<Path>) -> Result<Self, RecordError> {
        let mut writer = connect(file.as_ref())?;
        // Two connections to what is in no file are two databases.
        if writer.path().is_none_or(str::is_empty) {
            let path = file.as_ref().display().to_string();
            return Err(RecordError::NoFile { path });
        }
        writer.pragma_update(None, "journal_mode", "WAL")?;
        // Each write outlives a power cut: there are few.
        writer.pragma_update(None, "synchronous", "FULL")?;
        // What is deleted is not to be found in the file.
        writer.pragma_update(None, "secure_delete", true)?;
        migrate(&mut writer)?;
        let reader = connect(file.as_ref())?;
        reader.pragma_update(None, "query_only", true)?;
        let shared = |sql| Arc::new(Mutex::new(sql));
        Ok(Self {
            writer: shared(writer),
            reader: shared(reader),
        })
    }

    fn writing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, RecordError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, RecordError>> {
        with(&self.writer, work)
    }

    fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, RecordError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, RecordError>> {
        with(&self.reader, work)
    }
}

fn connect(file: &Path) -> Result<Connection, RecordError> {
    let sql = Connection::open(file)?;
    sql.busy_timeout(PATIENCE)?;
    Ok(sql)
}

fn with<T: Send + 'static>(
    sql: &Arc<Mutex<Connection>>,
    work: impl FnOnce(&mut Connection) -> Result<T, RecordError> + Send + 'static,
) -> BoxFuture<'static, Result<T, RecordError>> {
    let sql = Arc::clone(sql);
    let work = move || work(&mut lock(&sql));
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| {
            let message = error.to_string();
            Err(RecordError::Failed { message })
        })
    })
}

/// Moves all of the log into the file and leaves nothing in it. `false`: somebody reads what is only there, after all tries.
fn empty_log(sql: &Connection) -> Result<bool, RecordError> {
    // Nobody else writes meanwhile, so each try is short; a reader of this process is through in milliseconds.
    sql.busy_timeout(LOG_PATIENCE / LOG_TRIES)?;
    let emptied = (0..LOG_TRIES).try_fold(false, |emptied, _| {
        if emptied {
            return Ok(true);
        }
        // Its first column says that something stood in the way; that is no error of the statement.
        sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            row.get::<_, i64>(0).map(|busy| busy == 0)
        })
    });
    sql.busy_timeout(PATIENCE)?;
    Ok(emptied?)
}

fn migrate(sql: &mut Connection) -> Result<(), RecordError> {
    let moment = sql.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |pragma| moment.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let found = u32::try_from(version).unwrap_or(u32::MAX);
    let fresh = application == 0 && version == 0;
    if !fresh && application != APPLICATION {
        let message = "the file is something else than the server's records".to_owned();
        return Err(RecordError::Failed { message });
    }
    if found > LATEST {
        return Err(RecordError::Format {
            found,
            known: LATEST,
        });
    }
    for step in MIGRATIONS.iter().skip(found as usize) {
        moment.execute_batch(step)?;
    }
    moment.pragma_update(None, "application_id", APPLICATION)?;
    moment.pragma_update(None, "user_version", LATEST)?;
    moment.commit()?;
    Ok(())
}

fn entry(row: &Row<'_>) -> Result<Entry, rusqlite::Error> {
    let text = |at| row.get::<_, String>(at).map(Text::from);
    let word = text(1)?;
    let kind = Kind::ALL.iter().find(|kind| kind.as_str() == word.as_str());
    let kind = *kind.ok_or(rusqlite::Error::InvalidQuery)?;
    Ok(Entry {
        tenant: Tenant::of_kept(text(0)?),
        kind,
        id: text(2)?,
        parent: text(3)?,
        words: text(4)?,
        due: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        unique: row.get::<_, Option<String>>(6)?.map(Text::from),
        revision: row.get::<_, i64>(7)?.cast_unsigned(),
        created: Timestamp(row.get(8)?),
        updated: Timestamp(row.get(9)?),
        body: text(10)?,
    })
}

fn check(
    sql: &Connection,
    (tenant, kind, id): (&Tenant, Kind, &Text),
    expect: Expect,
) -> Result<Option<u64>, RecordError> {
    let found = "SELECT revision FROM record WHERE tenant = ?1 AND kind = ?2 AND id = ?3";
    let mut found = sql.prepare_cached(found)?;
    let at = params![tenant.as_text().as_str(), kind.as_str(), id.as_str()];
    let revision = found.query_row(at, |row| row.get::<_, i64>(0)).optional()?;
    let revision = revision.map(i64::cast_unsigned);
    expect.check(kind, id, revision)?;
    Ok(revision)
}

const PUT: &str = "INSERT INTO record (tenant, kind, id, parent, words, due, own, revision, created, updated, body) \
    VALUES (:tenant, :kind, :id, :parent, :words, :due, :own, :revision, :now, :now, :body) \
    ON CONFLICT (tenant, kind, id) DO UPDATE SET parent = :parent, words = :words, due = :due, own = :own, \
    revision = :revision, updated = :now, body = :body";

fn put(
    sql: &Connection,
    draft: &Draft,
    expect: Expect,
    now: Timestamp,
) -> Result<u64, RecordError> {
    let kind = draft.kind;
    let revision = check(sql, (&draft.tenant, kind, &draft.id), expect)?.unwrap_or(0) + 1;
    let done = sql.prepare_cached(PUT)?.execute(named_params! {
        ":tenant": draft.tenant.as_text().as_str(),
        ":kind": kind.as_str(),
        ":id": draft.id.as_str(),
        ":parent": draft.parent.as_str(),
        ":words": draft.words.as_str(),
        ":due": draft.due.map(Timestamp::as_millis),
        ":own": draft.unique.as_deref(),
        ":revision": revision.cast_signed(),
        ":now": now.as_millis(),
        ":body": draft.body.as_str(),
    });
    match done {
        Ok(_) => Ok(revision),
        Err(rusqlite::Error::SqliteFailure(failure, _))
            if failure.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            Err(RecordError::Taken { kind })
        }
        Err(error) => Err(error.into()),
    }
}

fn apply(sql: &Connection, change: &Change, now: Timestamp) -> Result<u64, RecordError> {
    match change {
        Change::Put(draft, expect) => put(sql, draft, *expect, now),
        Change::Remove {
            tenant,
            kind,
            id,
            expect,
        } => {
            check(sql, (tenant, *kind, id), *expect)?;
            let gone = "DELETE FROM record WHERE tenant = ?1 AND kind = ?2 AND id = ?3";
            let at = params![tenant.as_text().as_str(), kind.as_str(), id.as_str()];
            sql.prepare_cached(gone)?.execute(at)?;
            Ok(0)
        }
        Change::RemoveUnder {
            tenant,
            kind,
            parent,
        } => {
            let gone = "DELETE FROM record WHERE tenant = ?1 AND kind = ?2 AND parent = ?3";
            let at = params![tenant.as_text().as_str(), kind.as_str(), parent.as_str()];
            sql.prepare_cached(gone)?.execute(at)?;
            Ok(0)
        }
        Change::AtMost {
            tenant,
            kind,
            parent,
            max,
        } => {
            let under = match parent {
                Some(_) => "AND parent = ?3",
                None => "AND ?3 IS NULL",
            };
            let count =
                format!("SELECT count(*) FROM record WHERE tenant = ?1 AND kind = ?2 {under}");
            let of = params![tenant.as_text().as_str(), kind.as_str(), parent.as_deref()];
            let mut count = sql.prepare_cached(&count)?;
            let found = count.query_row(of, |row| row.get::<_, i64>(0))?;
            if found.cast_unsigned() > *max {
                let (kind, max) = (*kind, *max);
                return Err(RecordError::TooMany { kind, max });
            }
            Ok(0)
        }
    }
}

impl Records for SqliteRecords {
    fn write(
        &self,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<u64>, RecordError>> {
        self.writing(move |sql| {
            let moment = sql.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let each = changes.iter().map(|change| apply(&moment, change, now));
            let revisions: Vec<u64> = each.collect::<Result<_, _>>()?;
            moment.commit()?;
            Ok(revisions)
        })
    }

    fn get<'a>(
        &'a self,
        tenant: &'a Tenant,
        kind: Kind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Entry>, RecordError>> {
        let (tenant, id) = (tenant.clone(), id.to_owned());
        self.reading(move |sql| {
            let one =
                format!("SELECT {COLUMNS} FROM record WHERE tenant = ?1 AND kind = ?2 AND id = ?3");
            let at = params![tenant.as_text().as_str(), kind.as_str(), id];
            Ok(sql.prepare_cached(&one)?.query_row(at, entry).optional()?)
        })
    }

    fn list<'a>(
        &'a self,
        tenant: &'a Tenant,
        query: Query,
    ) -> BoxFuture<'a, Result<Vec<Entry>, RecordError>> {
        let tenant = tenant.clone();
        let words = to_json(&query.words.iter().cloned().collect::<Value>());
        self.reading(move |sql| {
            // The table's own order serves the list; what belongs to one thing has an index.
            let under = if query.parent.is_some() { "AND parent = :parent" } else { "AND :parent IS NULL" };
            let page = format!(
                "SELECT {COLUMNS} FROM record WHERE tenant = :tenant AND kind = :kind {under} \
                 AND NOT EXISTS (SELECT 1 FROM json_each(:words) WHERE instr(words, value) = 0) AND (:after IS NULL OR id < :after) \
                 ORDER BY id DESC LIMIT :limit"
            );
            let mut page = sql.prepare_cached(&page)?;
            let found = page.query_map(
                named_params! {
                    ":tenant": tenant.as_text().as_str(),
                    ":kind": query.kind.as_str(),
                    ":parent": query.parent.as_deref(),
                    ":words": words,
                    ":after": query.after.as_deref(),
                    ":limit": i64::try_from(query.limit).unwrap_or(i64::MAX),
                },
                entry,
            )?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn due(
        &self,
        kind: Kind,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, RecordError>> {
        self.reading(move |sql| {
            let due = format!(
                "SELECT {COLUMNS} FROM record WHERE kind = ?1 AND due <= ?2 ORDER BY due, tenant, id LIMIT ?3"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut due = sql.prepare_cached(&due)?;
            let found = due.query_map(params![kind.as_str(), now.as_millis(), limit], entry)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        unique: &'a str,
    ) -> BoxFuture<'a, Result<Option<Entry>, RecordError>> {
        let unique = unique.to_owned();
        self.reading(move |sql| {
            let one = format!("SELECT {COLUMNS} FROM record WHERE kind = ?1 AND own = ?2");
            let at = params![kind.as_str(), unique];
            Ok(sql.prepare_cached(&one)?.query_row(at, entry).optional()?)
        })
    }

    fn usage<'a>(
        &'a self,
        tenant: &'a Tenant,
        kind: Kind,
    ) -> BoxFuture<'a, Result<Usage, RecordError>> {
        let tenant = tenant.clone();
        self.reading(move |sql| {
            // Lengths stand in front of each row: no body is read.
            let sum = "SELECT count(*), coalesce(sum(octet_length(id) + octet_length(body)), 0) \
                       FROM record WHERE tenant = ?1 AND kind = ?2";
            let mut sum = sql.prepare_cached(sum)?;
            let at = params![tenant.as_text().as_str(), kind.as_str()];
            let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(i64::cast_unsigned);
            let found = sum.query_row(at, |row| {
                Ok(Usage {
                    records: number(row, 0)?,
                    bytes: number(row, 1)?,
                })
            });
            Ok(found?)
        })
    }

    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Tenant>, RecordError>> {
        self.reading(move |sql| {
            // A step in the index for each, however many records they have.
            let next = "SELECT min(tenant) FROM record WHERE tenant > ?1";
            let mut next = sql.prepare_cached(next)?;
            let mut found: Vec<Tenant> = Vec::new();
            let mut last = after.unwrap_or_default().to_string();
            while found.len() < limit {
                match next.query_row([&last], |row| row.get::<_, Option<String>>(0))? {
                    Some(name) => last = name,
                    None => break,
                }
                found.push(Tenant::of_kept(last.as_str()));
            }
            Ok(found)
        })
    }

    fn counts(&self) -> BoxFuture<'_, Result<Vec<(Kind, u64)>, RecordError>> {
        self.reading(move |sql| {
            let mut counts =
                sql.prepare_cached("SELECT kind, count(*) FROM record GROUP BY kind")?;
            let found = counts.query_map([], |row| {
                let number = row.get::<_, i64>(1)?.cast_unsigned();
                Ok((row.get::<_, String>(0)?, number))
            })?;
            let mut all = Vec::new();
            for found in found {
                let (word, count) = found?;
                let kind = Kind::ALL.iter().find(|kind| kind.as_str() == word);
                all.extend(kind.map(|kind| (*kind, count)));
            }
            Ok(all)
        })
    }

    fn erase<'a>(&'a self, tenant: &'a Tenant) -> BoxFuture<'a, Result<u64, RecordError>> {
        let tenant = tenant.clone();
        self.writing(move |sql| {
            let gone = "DELETE FROM record WHERE tenant = ?1";
            let count = sql.execute(gone, [tenant.as_text().as_str()])? as u64;
            // Pages were overwritten (`secure_delete`); what they were before is in the log until it is emptied.
            if !empty_log(sql)? {
                return Err(RecordError::StillLogged { removed: count });
            }
            Ok(count)
        })
    }
}

#[cfg(test)]
mod tests;
