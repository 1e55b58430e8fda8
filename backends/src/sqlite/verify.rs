//! Looks at everything that is kept and tells what is damaged.

use std::collections::BTreeMap;
use std::path::Path;

use graphloom::host::{Message, StoreError};
use rusqlite::Connection;

use super::error::Stop;
use super::event_row::{self, COLUMNS};
use super::kept::{Kept, LABELS, select};
use super::store::SqliteStore;
use super::write::{head_crc, message_crc, snapshot_crc};

/// So many findings are told at most; whoever has mended those looks again.
const MAX_FINDINGS: usize = 1000;

const BACKUP: &str = "restore the folder from a backup, or save what can be read with `sqlite3 graphloom.db .recover`";
const RUN: &str = "restore the folder from a backup, or delete the run";
const SNAPSHOT: &str = "nothing: the state is made again from the events";
const STRAY: &str = "nothing: it is not read by anybody";

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The run that it is about; `None` where it is the store itself.
    pub run: Option<String>,
    /// The event, by its position in the run.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What can be done about it.
    pub advice: &'static str,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(run) = &self.run {
            write!(f, "run {run}: ")?;
        }
        if let Some(seq) = self.seq {
            write!(f, "event {seq}: ")?;
        }
        write!(f, "{}; {}", self.what, self.advice)
    }
}

impl SqliteStore {
    /// Reads all that is kept and returns what is damaged; nothing where the store is sound. Takes as long as reading
    /// everything does, and holds up nobody; what is written meanwhile stays in the log.
    ///
    /// # Errors
    /// What the store failed with before it could be looked at.
    pub async fn verify(&self) -> Result<Vec<Finding>, StoreError> {
        let blob_folder = self.blob_folder();
        self.read(move |sql| {
            let moment = sql.unchecked_transaction()?;
            let mut look = Look {
                sql,
                blob_folder: &blob_folder,
                runs: BTreeMap::new(),
                findings: Vec::new(),
            };
            look.everything();
            let findings = look.findings;
            moment.finish()?;
            Ok(findings)
        })
        .await
    }
}

struct Look<'a> {
    sql: &'a Connection,
    blob_folder: &'a Path,
    /// The runs by their numbers.
    runs: BTreeMap<i64, Known>,
    findings: Vec<Finding>,
}

/// What there should be of a run.
struct Known {
    id: String,
    events: u64,
    /// `None`: its row is damaged, and tells nothing of its labels.
    kept: Option<Kept>,
}

/// Looks at a part.
type Part<'a> = fn(&mut Look<'a>) -> Result<(), Stop>;

impl<'a> Look<'a> {
    fn everything(&mut self) {
        // A part that cannot be read to its end is a finding, and the others are looked at all the same.
        let parts: [Part<'a>; 8] = [
            Self::file,
            Self::runs,
            Self::heads,
            Self::labels,
            Self::events,
            Self::messages,
            Self::snapshots,
            Self::blobs,
        ];
        for part in parts {
            if let Err(stop) = part(self) {
                self.note(
                    None,
                    None,
                    stop.to_error(Path::new("the database")).to_string(),
                    BACKUP,
                );
            }
        }
    }

    fn note(
        &mut self,
        run: Option<i64>,
        seq: Option<u64>,
        what: impl Into<String>,
        advice: &'static str,
    ) {
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let known = |nr| match self.runs.get(&nr) {
            Some(run) => run.id.clone(),
            None => format!("with the number {nr}, which is not there"),
        };
        self.findings.push(Finding {
            run: run.map(known),
            seq,
            what: what.into(),
            advice,
        });
    }

    /// What SQLite itself can tell: pages, indexes, types.
    fn file(&mut self) -> Result<(), Stop> {
        let mut check = self.sql.prepare("PRAGMA integrity_check(100)")?;
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            let what: String = row.get(0)?;
            if what != "ok" {
                self.note(None, None, what, BACKUP);
            }
        }
        Ok(())
    }

    fn runs(&mut self) -> Result<(), Stop> {
        let mut all = self.sql.prepare(select!("ORDER BY nr"))?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let nr = row.get(0)?;
            match Kept::from_row(row) {
                Ok(kept) => {
                    let known = Known {
                        id: kept.entry.run.to_string(),
                        events: kept.entry.events,
                        kept: Some(kept),
                    };
                    self.runs.insert(nr, known);
                }
                Err(Stop::Sql(error)) if error.sqlite_error_code().is_some() => {
                    return Err(error.into());
                }
                Err(stop) => {
                    let events: i64 = row.get(9).unwrap_or_default();
                    let known = Known {
                        id: row.get(1).unwrap_or_default(),
                        events: events.cast_unsigned(),
                        kept: None,
                    };
                    self.runs.insert(nr, known);
                    let what = match stop {
                        Stop::Refused(StoreError::Broken { message, .. }) => message,
                        other => other.to_error(Path::new("the row")).to_string(),
                    };
                    self.note(Some(nr), None, what, RUN);
                }
            }
        }
        Ok(())
    }

    fn heads(&mut self) -> Result<(), Stop> {
        let mut all = self.sql.prepare("SELECT run, text, key, crc FROM head")?;
        let mut rows = all.query([])?;
        let mut missing: BTreeMap<i64, ()> = self.runs.keys().map(|nr| (*nr, ())).collect();
        while let Some(row) = rows.next()? {
            let nr = row.get(0)?;
            let (head, key): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            if head_crc(nr, &head, key.as_deref()) != row.get::<_, i64>(3)? {
                let what = "its head has another checksum than when it was written";
                self.note(Some(nr), None, what, RUN);
            }
            if missing.remove(&nr).is_none() {
                self.note(Some(nr), None, "there is a head of it", STRAY);
            }
        }
        for nr in missing.into_keys() {
            self.note(Some(nr), None, "its head is not there", RUN);
        }
        Ok(())
    }

    fn labels(&mut self) -> Result<(), Stop> {
        let mut all = self.sql.prepare("SELECT run, text FROM label")?;
        let mut rows = all.query([])?;
        let labelled = |run: &Known| run.kept.as_ref().is_some_and(|kept| kept.labels.is_some());
        let labelled = self.runs.iter().filter(|(_, run)| labelled(run));
        let mut missing: BTreeMap<i64, ()> = labelled.map(|(nr, _)| (*nr, ())).collect();
        while let Some(row) = rows.next()? {
            let (nr, text): (i64, String) = (row.get(0)?, row.get(1)?);
            missing.remove(&nr);
            match self.runs.get(&nr).map(|run| &run.kept) {
                None => self.note(Some(nr), None, "there are labels of it", STRAY),
                Some(Some(kept)) if kept.read_labels(&text).is_none() => {
                    self.note(Some(nr), None, LABELS, RUN);
                }
                Some(_) => {}
            }
        }
        for nr in missing.into_keys() {
            self.note(Some(nr), None, "its labels are not there", RUN);
        }
        Ok(())
    }

    fn events(&mut self) -> Result<(), Stop> {
        let mut all = self
            .sql
            .prepare(&format!("SELECT {COLUMNS} FROM event ORDER BY id"))?;
        let mut rows = all.query([])?;
        let mut counts: BTreeMap<i64, u64> = self.runs.keys().map(|nr| (*nr, 0)).collect();
        while let Some(row) = rows.next()? {
            let (id, wrong) = match event_row::read(self.sql, self.blob_folder, row)? {
                Ok(event) => (event.id, None),
                Err((id, what)) => (id, Some(what)),
            };
            let (nr, seq) = event_row::parts(id);
            if let Some(what) = wrong {
                self.note(Some(nr), Some(seq), what, RUN);
            }
            let Some(next) = counts.get_mut(&nr) else {
                self.note(Some(nr), Some(seq), "there is an event of it", STRAY);
                continue;
            };
            let expected = std::mem::replace(next, seq + 1);
            if seq != expected {
                self.note(Some(nr), Some(expected), "the event is not there", RUN);
            }
        }
        for (nr, found) in counts {
            let expected = self.runs.get(&nr).map_or(0, |run| run.events);
            if found != expected {
                let what = format!("there are {found} events and should be {expected}");
                self.note(Some(nr), Some(found.min(expected)), what, RUN);
            }
        }
        Ok(())
    }

    fn messages(&mut self) -> Result<(), Stop> {
        let mut all = self
            .sql
            .prepare("SELECT number, run, body, crc FROM message")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (number, nr, body): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let sound = message_crc(number, nr, &body) == row.get::<_, i64>(3)?;
            if !sound || Message::from_json(&body).is_none() {
                let what = format!("its message {number} is not as it was written");
                self.note(Some(nr), None, what, RUN);
            } else if !self.runs.contains_key(&nr) {
                self.note(Some(nr), None, "there is a message for it", STRAY);
            }
        }
        Ok(())
    }

    fn snapshots(&mut self) -> Result<(), Stop> {
        let mut all = self.sql.prepare("SELECT id, state, crc FROM snapshot")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (id, state): (i64, String) = (row.get(0)?, row.get(1)?);
            let (nr, events) = event_row::parts(id);
            if snapshot_crc(id, &state) != row.get::<_, i64>(2)? {
                let what = format!("its state after {events} events is not as it was written");
                self.note(Some(nr), None, what, SNAPSHOT);
            } else if !self.runs.contains_key(&nr) {
                self.note(Some(nr), None, "there is a state of it", STRAY);
            }
        }
        Ok(())
    }

    /// Those that events refer to were read with them.
    fn blobs(&mut self) -> Result<(), Stop> {
        let stray = "SELECT hash FROM blob WHERE hash NOT IN (SELECT blob FROM event WHERE blob IS NOT NULL)";
        let mut all = self.sql.prepare(stray)?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let hash: String = row.get(0)?;
            self.note(
                None,
                None,
                format!("no event refers to the blob {hash}"),
                STRAY,
            );
        }
        Ok(())
    }
}
