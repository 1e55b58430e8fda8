//! What is kept of a run beside its events: one row, read and written as a whole and checked by its checksum.

use std::time::Duration;

use graphloom::host::{Claim, Lease, NewRun, RunEntry, StoreError, WaitReason};
use graphloom::json::{Limits, read_value};
use graphloom::value::Map;
use graphloom::{Status, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::crc::Crc;
use super::error::{Stop, broken_at, unknown};
use super::owners::Owner;

/// A row of the table `run`.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) nr: i64,
    pub(super) entry: RunEntry,
    /// The open store through which it was claimed.
    pub(super) holder: Option<String>,
    pub(super) lease_ends: Timestamp,
    /// The checksum of its labels, where it has any. The labels themselves are read only for lists.
    pub(super) labels: Option<i64>,
}

/// The columns that [`Kept::from_row`] reads, in its order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT nr, id, name, hash, status, waits, until, created, updated, events, epoch, owner, holder, ",
            "lease_ends, crc, tenant, source, labels FROM run ",
            $rest
        )
    };
}
pub(super) use select;

/// The columns that [`Kept::with_labels`] reads, in its order.
macro_rules! select_labelled {
    ($rest:literal) => {
        concat!(
            "SELECT nr, id, name, hash, status, waits, until, created, updated, events, epoch, owner, holder, ",
            "lease_ends, crc, tenant, source, labels, label.text FROM run LEFT JOIN label ON label.run = run.nr ",
            $rest
        )
    };
}
pub(super) use select_labelled;

const FIND: &str = select!("WHERE id = ?1");

const FIND_LABELLED: &str = select_labelled!("WHERE id = ?1");

const INSERT: &str = "INSERT INTO run (nr, id, name, hash, status, waits, until, created, updated, events, epoch, owner, \
    holder, lease_ends, crc, tenant, source, labels) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

const IS_THERE: &str = "SELECT 1 FROM run WHERE id = ?1";

/// The checksum has the number in it, so it is drawn before.
const LAST_NR: &str = "SELECT seq FROM sqlite_sequence WHERE name = 'run'";

const ADD_LABELS: &str = "INSERT INTO label (run, text) VALUES (?1, ?2)";

const SAVE: &str = "UPDATE run SET status = ?2, waits = ?3, until = ?4, updated = ?5, events = ?6, epoch = ?7, \
    owner = ?8, holder = ?9, lease_ends = ?10, crc = ?11 WHERE nr = ?1";

/// Names no column that has an index: to write an entry of an index again, even the same one, is to write its page.
const SAVE_PROGRESS: &str = "UPDATE run SET updated = ?2, events = ?3, crc = ?4 WHERE nr = ?1";

pub(super) const LABELS: &str = "its labels are not as they were written";

/// Returns the checksum of labels.
fn labels_crc(run_nr: i64, text: &str) -> i64 {
    Crc::default().int(run_nr).text(text).done()
}

impl Kept {
    /// Returns what is kept of a run.
    pub(super) fn find(sql: &Connection, run: &str) -> Result<Self, Stop> {
        let mut statement = sql.prepare_cached(FIND)?;
        let mut rows = statement.query([run])?;
        let row = rows.next()?.ok_or_else(|| unknown(run))?;
        Self::from_row(row)
    }

    /// Returns what is kept of a run, with its labels.
    pub(super) fn find_labelled(sql: &Connection, run: &str) -> Result<Self, Stop> {
        let mut statement = sql.prepare_cached(FIND_LABELLED)?;
        let mut rows = statement.query([run])?;
        let row = rows.next()?.ok_or_else(|| unknown(run))?;
        Self::with_labels(row)
    }

    /// Reads a row with its labels.
    pub(super) fn with_labels(row: &Row<'_>) -> Result<Self, Stop> {
        let mut kept = Self::from_row(row)?;
        let text: Option<String> = row.get(18)?;
        if kept.labels.is_some() || text.is_some() {
            let labels = text.and_then(|text| kept.read_labels(&text));
            let broken = || broken_at(kept.entry.run.as_str(), 0, LABELS);
            kept.entry.labels = labels.ok_or_else(broken)?;
        }
        Ok(kept)
    }

    /// Reads its labels; `None` where they are not those that it had.
    pub(super) fn read_labels(&self, text: &str) -> Option<Map> {
        if self.labels != Some(labels_crc(self.nr, text)) {
            return None;
        }
        let read = read_value(text.as_bytes(), &Limits::unlimited()).ok()?;
        read.as_map().cloned()
    }

    /// Reads a row.
    pub(super) fn from_row(row: &Row<'_>) -> Result<Self, Stop> {
        let text = |column| row.get::<_, String>(column);
        let new = NewRun::new(text(1)?, "", Timestamp(row.get(7)?))
            .graph(text(2)?, text(3)?)
            .tenant(text(15)?)
            .source(text(16)?);
        let broken = |what: &str| broken_at(new.run.as_str(), 0, what);
        let count = |column| {
            let number: i64 = row.get(column)?;
            u64::try_from(number).map_err(|_| Stop::from(broken("a count is below zero")))
        };
        let mut entry = RunEntry::new(&new);
        let status = text(4)?;
        let status = Status::ALL.iter().find(|known| known.as_str() == status);
        entry.status = *status.ok_or_else(|| broken("its status is none"))?;
        if let Some(waits) = row.get::<_, Option<String>>(5)? {
            let reason = WaitReason::ALL.iter().find(|known| known.as_str() == waits);
            entry.waits = Some(*reason.ok_or_else(|| broken("it waits for what is nothing"))?);
        }
        entry.until = row.get::<_, Option<i64>>(6)?.map(Timestamp);
        entry.updated = Timestamp(row.get(8)?);
        entry.events = count(9)?;
        entry.epoch = count(10)?;
        entry.owner = row.get::<_, Option<String>>(11)?.map(Into::into);
        let kept = Self {
            nr: row.get(0)?,
            entry,
            holder: row.get(12)?,
            lease_ends: Timestamp(row.get(13)?),
            labels: row.get(17)?,
        };
        if kept.crc() == row.get::<_, i64>(14)? {
            return Ok(kept);
        }
        Err(broken("what is kept of the run has another checksum").into())
    }

    /// Returns the highest number that a run of the database ever had.
    pub(super) fn last_nr(sql: &Connection) -> Result<i64, Stop> {
        let mut last = sql.prepare_cached(LAST_NR)?;
        Ok(last
            .query_row([], |row| row.get(0))
            .optional()?
            .unwrap_or(0))
    }

    /// Returns a run that was just accepted, perhaps claimed through the open store `holder`, under a number that none had.
    /// Its labels are written, and its row is not yet.
    pub(super) fn accepted(
        sql: &Connection,
        nr: i64,
        (new, labels): (&NewRun, Option<&str>),
        holder: &str,
    ) -> Result<Self, Stop> {
        let mut kept = Self {
            nr,
            entry: RunEntry::new(new),
            holder: None,
            lease_ends: Timestamp::default(),
            labels: None,
        };
        if let Some((_, ttl)) = new.claimed_by {
            kept.holder = Some(holder.to_owned());
            kept.renew(new.created, ttl);
        }
        if let Some(text) = labels {
            kept.labels = Some(labels_crc(nr, text));
            sql.prepare_cached(ADD_LABELS)?.execute(params![nr, text])?;
        }
        Ok(kept)
    }

    /// Says whether there is a run with an id.
    pub(super) fn is_there(sql: &Connection, run: &str) -> Result<bool, Stop> {
        Ok(sql.prepare_cached(IS_THERE)?.exists([run])?)
    }

    /// Adds its row.
    pub(super) fn insert(&self, sql: &Connection) -> Result<(), Stop> {
        let entry = &self.entry;
        sql.prepare_cached(INSERT)?.execute(params![
            self.nr,
            entry.run.as_str(),
            entry.name.as_str(),
            entry.hash.as_str(),
            entry.status.as_str(),
            entry.waits.map(WaitReason::as_str),
            entry.until.map(Timestamp::as_millis),
            entry.created.as_millis(),
            entry.updated.as_millis(),
            entry.events.cast_signed(),
            entry.epoch.cast_signed(),
            entry.owner.as_deref(),
            self.holder,
            self.lease_ends.as_millis(),
            self.crc(),
            entry.tenant.as_str(),
            entry.source.as_str(),
            self.labels,
        ])?;
        Ok(())
    }

    /// Writes it.
    pub(super) fn save(&self, sql: &Connection) -> Result<(), Stop> {
        let entry = &self.entry;
        sql.prepare_cached(SAVE)?.execute(params![
            self.nr,
            entry.status.as_str(),
            entry.waits.map(WaitReason::as_str),
            entry.until.map(Timestamp::as_millis),
            entry.updated.as_millis(),
            entry.events.cast_signed(),
            entry.epoch.cast_signed(),
            entry.owner.as_deref(),
            self.holder,
            self.lease_ends.as_millis(),
            self.crc(),
        ])?;
        Ok(())
    }

    /// Writes it where nothing but the number of events has changed, and when.
    pub(super) fn save_progress(&self, sql: &Connection) -> Result<(), Stop> {
        sql.prepare_cached(SAVE_PROGRESS)?.execute(params![
            self.nr,
            self.entry.updated.as_millis(),
            self.entry.events.cast_signed(),
            self.crc(),
        ])?;
        Ok(())
    }

    fn crc(&self) -> i64 {
        let entry = &self.entry;
        let crc = Crc::default()
            .int(self.nr)
            .text(&entry.run)
            .text(&entry.name)
            .text(&entry.hash)
            .text(entry.status.as_str())
            .maybe_text(entry.waits.map(WaitReason::as_str))
            .maybe_int(entry.until.map(Timestamp::as_millis))
            .int(entry.created.as_millis())
            .int(entry.updated.as_millis())
            .int(entry.events.cast_signed())
            .int(entry.epoch.cast_signed())
            .maybe_text(entry.owner.as_deref())
            .maybe_text(self.holder.as_deref())
            .int(self.lease_ends.as_millis());
        // A run with none of them has the checksum that it had in format 1, so that none had to be written again.
        if entry.tenant.is_empty() && entry.source.is_empty() && self.labels.is_none() {
            return crc.done();
        }
        crc.text(&entry.tenant)
            .text(&entry.source)
            .maybe_int(self.labels)
            .done()
    }

    /// Refuses a run that has ended.
    pub(super) fn check_going(&self) -> Result<(), StoreError> {
        if !self.entry.status.is_terminal() {
            return Ok(());
        }
        Err(StoreError::Over {
            run: self.entry.run.to_string(),
            status: self.entry.status,
        })
    }

    /// Refuses a run that someone has: whose lease has not ended, and who is alive.
    pub(super) fn check_free(&self, now: Timestamp, owners: &Owner) -> Result<(), StoreError> {
        let Some(owner) = &self.entry.owner else {
            return Ok(());
        };
        let dead = |holder: &String| owners.is_dead(holder);
        if self.lease_ends <= now || self.holder.as_ref().is_some_and(dead) {
            return Ok(());
        }
        Err(StoreError::Leased {
            run: self.entry.run.to_string(),
            owner: owner.to_string(),
            until_ms: self.lease_ends.as_millis(),
        })
    }

    /// Refuses a lease that is not the one under which the run is in motion.
    pub(super) fn check_held(&self, lease: &Lease) -> Result<(), StoreError> {
        self.check_going()?;
        let entry = &self.entry;
        if entry.epoch == lease.epoch && entry.owner.as_ref() == Some(&lease.owner) {
            return Ok(());
        }
        Err(StoreError::Fenced {
            run: lease.run.to_string(),
            epoch: lease.epoch,
            current: entry.epoch,
        })
    }

    /// Gives it to someone, under a lease of the next number.
    pub(super) fn hold(&mut self, claim: &Claim, holder: &str) -> Lease {
        let entry = &mut self.entry;
        entry.epoch += 1;
        entry.owner = Some(claim.owner.clone());
        entry.updated = claim.now;
        self.stand(Status::Running, None, None);
        self.holder = Some(holder.to_owned());
        self.renew(claim.now, claim.ttl);
        Lease::new(
            self.entry.run.clone(),
            claim.owner.clone(),
            self.entry.epoch,
        )
    }

    /// Takes it from whoever has it.
    pub(super) fn let_go(&mut self) {
        (self.entry.owner, self.holder) = (None, None);
    }

    pub(super) fn renew(&mut self, now: Timestamp, ttl: Duration) {
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        self.lease_ends = Timestamp(now.as_millis().saturating_add(ttl));
    }

    pub(super) fn stand(
        &mut self,
        status: Status,
        waits: Option<WaitReason>,
        until: Option<Timestamp>,
    ) {
        let entry = &mut self.entry;
        (entry.status, entry.waits, entry.until) = (status, waits, until);
    }
}
