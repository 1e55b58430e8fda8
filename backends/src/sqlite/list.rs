//! Lists of runs, and how many there are.

use graphloom::host::{RunEntry, RunQuery};
use graphloom::{Status, Text, Timestamp};
use rusqlite::{Connection, ToSql};

use super::error::{Stop, unknown};
use super::kept::{Kept, select_labelled};

const ALL: &str = select_labelled!("WHERE nr < :before");

const ORDER: &str = " ORDER BY nr DESC LIMIT :limit";

/// Those in the index by status: what SQLite can see to lie in it, it looks for there.
const NOT_COMPLETED: &str = " AND status <> 'completed'";

/// One range of an index for each of the statuses.
const GOING: &str = "SELECT count(*) FROM run \
    WHERE status IN ('queued', 'running', 'waiting') AND status <> 'completed'";
const GOING_OF: &str = "SELECT count(*) FROM run \
    WHERE status IN ('queued', 'running', 'waiting') AND tenant = :tenant";

/// A step in an index for each tenant, however many runs they have.
const NEXT_TENANT: &str = "SELECT min(tenant) FROM run WHERE tenant > ?1";

/// A statement, and what is given to it by name.
struct Asked {
    sql: String,
    given: Vec<(&'static str, Box<dyn ToSql>)>,
}

impl Asked {
    /// Asks for runs before one, by their numbers. What is not asked for does not stand in the statement: SQLite chooses its
    /// index before it is given values.
    fn of(query: &RunQuery, before: i64) -> Self {
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let mut asked = Self {
            sql: String::new(),
            given: vec![(":before", Box::new(before)), (":limit", Box::new(limit))],
        };
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.to_string());
        asked.narrow(" AND tenant = :tenant", ":tenant", text(&query.tenant));
        asked.narrow(" AND source = :source", ":source", text(&query.source));
        let status = query.status.map(Status::as_str);
        asked.narrow(" AND status = :status", ":status", status);
        let since = query.since.map(Timestamp::as_millis);
        asked.narrow(" AND created >= :since", ":since", since);
        let until = query.until.map(Timestamp::as_millis);
        asked.narrow(" AND created < :until", ":until", until);
        let narrowed = std::mem::take(&mut asked.sql);
        asked.sql = match (&query.tenant, &query.source, query.status) {
            // No index has all runs of a tenant in their order, but one has those of each status.
            (Some(_), None, None) => {
                let of =
                    |status: &Status| format!("{ALL}{narrowed} AND status = '{}'", status.as_str());
                let each: Vec<String> = Status::ALL.iter().map(of).collect();
                each.join(" UNION ALL ")
            }
            (None, _, Some(status)) if status != Status::Completed => {
                format!("{ALL}{narrowed}{NOT_COMPLETED}")
            }
            _ => format!("{ALL}{narrowed}"),
        };
        asked.sql.push_str(ORDER);
        asked
    }

    fn narrow(&mut self, clause: &str, name: &'static str, value: Option<impl ToSql + 'static>) {
        if let Some(value) = value {
            self.sql.push_str(clause);
            self.given.push((name, Box::new(value)));
        }
    }

    fn given(&self) -> Vec<(&str, &dyn ToSql)> {
        let given = self.given.iter();
        given.map(|(name, value)| (*name, &**value)).collect()
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
    let asked = Asked::of(query, before);
    let mut statement = sql.prepare_cached(&asked.sql)?;
    let mut rows = statement.query(asked.given().as_slice())?;
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

/// Returns who has runs, by name.
pub(super) fn tenants(
    sql: &Connection,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Text>, Stop> {
    let mut next = sql.prepare_cached(NEXT_TENANT)?;
    let mut found = Vec::new();
    // Nobody in particular has no name, and is before all that have one.
    let mut last = after.unwrap_or_default().to_owned();
    while found.len() < limit {
        match next.query_row([&last], |row| row.get::<_, Option<String>>(0))? {
            Some(name) => last = name,
            None => break,
        }
        found.push(Text::from(last.as_str()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    /// How SQLite finds the rows of a statement, and sorts them if it has to.
    fn plan(sql: &Connection, statement: &str, given: &[(&str, &dyn ToSql)]) -> Vec<String> {
        let mut explained = sql
            .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
            .unwrap();
        let steps = explained.query_map(given, |row| row.get(3)).unwrap();
        steps.collect::<Result<_, _>>().unwrap()
    }

    fn store() -> Connection {
        let sql = Connection::open_in_memory().unwrap();
        schema::migrate(&sql).unwrap();
        sql
    }

    #[test]
    fn each_list_is_answered_by_an_index_in_its_order() {
        let sql = store();
        let any = || RunQuery::latest(9);
        let time = Timestamp(5);
        let cases = [
            (any(), "INTEGER PRIMARY KEY (rowid<?)"),
            (
                any().since(time).until(time),
                "INTEGER PRIMARY KEY (rowid<?)",
            ),
            (
                any().status(Status::Queued),
                "INDEX run_status (status=? AND rowid<?)",
            ),
            // Nearly every run is one.
            (
                any().status(Status::Completed),
                "INTEGER PRIMARY KEY (rowid<?)",
            ),
            (
                any().tenant("t").source("s"),
                "INDEX run_tenant_source (tenant=? AND source=? AND rowid<?)",
            ),
            (
                any().tenant("t").source("s").since(time),
                "INDEX run_tenant_source (tenant=? AND source=? AND rowid<?)",
            ),
            (
                any().tenant("t").status(Status::Failed),
                "INDEX run_tenant_status (tenant=? AND status=? AND rowid<?)",
            ),
            (
                any().tenant("t").status(Status::Running).until(time),
                "INDEX run_tenant_status (tenant=? AND status=? AND rowid<?)",
            ),
        ];
        for (query, expected) in cases {
            let asked = Asked::of(&query, 7);
            let steps = plan(&sql, &asked.sql, &asked.given());
            let labels = "SEARCH label USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN";
            let run = format!("SEARCH run USING {expected}");
            assert_eq!(steps, [run.as_str(), labels], "{query:?}");
        }
        // The ranges of a tenant's statuses are merged, and none is sorted.
        for query in [any().tenant("t"), any().tenant("t").since(time).until(time)] {
            let asked = Asked::of(&query, 7);
            let steps = plan(&sql, &asked.sql, &asked.given());
            let range =
                "SEARCH run USING INDEX run_tenant_status (tenant=? AND status=? AND rowid<?)";
            let ranges = steps.iter().filter(|step| *step == range).count();
            assert_eq!(ranges, Status::ALL.len(), "{steps:?}");
            assert!(
                steps.iter().any(|step| step.starts_with("MERGE")),
                "{steps:?}"
            );
            assert!(!steps.iter().any(|step| step.contains("TEMP")), "{steps:?}");
        }
        // Either of the two is of this tenant alone.
        let all = any().tenant("t").source("s").status(Status::Failed);
        let asked = Asked::of(&all, 7);
        let steps = plan(&sql, &asked.sql, &asked.given());
        assert_eq!(steps.len(), 2, "{steps:?}");
        assert!(steps[0].starts_with("SEARCH run USING INDEX run_tenant_"));
    }

    #[test]
    fn those_that_go_are_counted_in_an_index_alone() {
        let sql = store();
        let all = plan(&sql, GOING, &[]);
        assert_eq!(
            all,
            ["SEARCH run USING COVERING INDEX run_status (status=?)"]
        );
        let of_one = plan(&sql, GOING_OF, &[(":tenant", &"t")]);
        let index = "COVERING INDEX run_tenant_status (tenant=? AND status=?)";
        assert_eq!(of_one, [format!("SEARCH run USING {index}")]);
    }

    #[test]
    fn who_has_runs_is_found_in_an_index_alone() {
        let steps = plan(&store(), NEXT_TENANT, &[("?1", &"t")]);
        assert_eq!(steps.len(), 1, "{steps:?}");
        let index = "SEARCH run USING COVERING INDEX run_tenant_";
        assert!(steps[0].starts_with(index), "{steps:?}");
        assert!(steps[0].ends_with("(tenant>?)"), "{steps:?}");
    }

    #[test]
    fn the_statuses_of_what_goes_are_all_that_are_no_end() {
        for sql in [GOING, GOING_OF] {
            let (_, listed) = sql.split_once("IN (").unwrap();
            let (listed, _) = listed.split_once(')').unwrap();
            for status in Status::ALL {
                let counted = listed.contains(&format!("'{}'", status.as_str()));
                assert_eq!(counted, !status.is_terminal(), "{status}");
            }
        }
    }
}
