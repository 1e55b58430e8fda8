//! Lists of runs, and how many there are.

use graphloom::host::{RunEntry, RunQuery};
use graphloom::{Status, Timestamp};
use rusqlite::{Connection, ToSql};

use super::error::{Stop, unknown};
use super::kept::{Kept, select_labelled};

const ALL: &str = select_labelled!("WHERE nr < :before");

const ORDER: &str = " ORDER BY nr DESC LIMIT :limit";

/// One range of an index for each of the statuses.
const GOING: &str = "SELECT count(*) FROM run WHERE status IN ('queued', 'running', 'waiting')";
const GOING_OF: &str = "SELECT count(*) FROM run \
    WHERE status IN ('queued', 'running', 'waiting') AND tenant = :tenant";

/// A statement and what is given to it.
struct Asked<'a> {
    sql: String,
    given: Vec<(&'static str, &'a dyn ToSql)>,
}

impl<'a> Asked<'a> {
    /// Narrows it where there is a value to narrow it by. What is not asked for must not stand in the statement: SQLite
    /// chooses its index before it is given values.
    fn narrow<T: ToSql>(&mut self, clause: &str, name: &'static str, value: Option<&'a T>) {
        if let Some(value) = value {
            self.sql.push_str(clause);
            self.given.push((name, value));
        }
    }
}

/// Lists runs.
pub(super) fn entries(sql: &Connection, query: &RunQuery) -> Result<Vec<RunEntry>, Stop> {
    let moment = sql.unchecked_transaction()?;
    let before = match &query.after {
        Some(run) => {
            let kept = Kept::find(sql, run)?;
            if !query.is_theirs(&kept.entry) {
                return Err(unknown(run).into());
            }
            kept.nr
        }
        None => i64::MAX,
    };
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let (tenant, source) = (query.tenant.as_deref(), query.source.as_deref());
    let status = query.status.map(Status::as_str);
    let since = query.since.map(Timestamp::as_millis);
    let until = query.until.map(Timestamp::as_millis);
    let mut asked = Asked {
        sql: ALL.to_owned(),
        given: vec![(":before", &before), (":limit", &limit)],
    };
    asked.narrow(" AND tenant = :tenant", ":tenant", tenant.as_ref());
    asked.narrow(" AND source = :source", ":source", source.as_ref());
    asked.narrow(" AND status = :status", ":status", status.as_ref());
    asked.narrow(" AND created >= :since", ":since", since.as_ref());
    asked.narrow(" AND created < :until", ":until", until.as_ref());
    asked.sql.push_str(ORDER);
    let mut statement = sql.prepare_cached(&asked.sql)?;
    let mut rows = statement.query(asked.given.as_slice())?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(Kept::with_labels(row)?.entry);
    }
    drop(rows);
    drop(statement);
    moment.finish()?;
    Ok(entries)
}

/// Returns how many runs are not over.
pub(super) fn going(sql: &Connection, tenant: Option<&str>) -> Result<u64, Stop> {
    let n: i64 = match tenant {
        Some(tenant) => {
            let mut counted = sql.prepare_cached(GOING_OF)?;
            counted.query_row([tenant], |row| row.get(0))?
        }
        None => sql.prepare_cached(GOING)?.query_row([], |row| row.get(0))?,
    };
    Ok(n.cast_unsigned())
}
