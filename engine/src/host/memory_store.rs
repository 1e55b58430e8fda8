//! A store in memory: what tests use, and the shortest statement of what a store does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::event::{Event, Record, Status};
use crate::time::Timestamp;
use crate::value::Text;

use super::BoxFuture;
use super::journal::{Append, Journal};
use super::store::{
    Claim, Created, Lease, Message, NewRun, Notice, Release, RunEntry, RunQuery, Store, StoreError,
};

/// A store in memory; it is gone with the process. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Runs>>);

#[derive(Debug, Default)]
struct Runs {
    /// By the order in which they were accepted.
    runs: Vec<Kept>,
    messages: u64,
}

#[derive(Debug)]
struct Kept {
    entry: RunEntry,
    key: Option<Text>,
    head: Text,
    lease_ends: Timestamp,
    records: Vec<Record>,
    messages: Vec<(u64, Message)>,
    snapshots: BTreeMap<u64, Text>,
}

fn unknown(run: &Text) -> StoreError {
    StoreError::UnknownRun {
        run: run.to_string(),
    }
}

fn after(now: Timestamp, ttl: Duration) -> Timestamp {
    let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.as_millis().saturating_add(ttl))
}

impl Runs {
    fn find(&self, run: &Text) -> Result<&Kept, StoreError> {
        let found = self.runs.iter().find(|kept| kept.entry.run == *run);
        found.ok_or_else(|| unknown(run))
    }

    fn find_mut(&mut self, run: &Text) -> Result<&mut Kept, StoreError> {
        let found = self.runs.iter_mut().find(|kept| kept.entry.run == *run);
        found.ok_or_else(|| unknown(run))
    }

    fn create(&mut self, new: &NewRun) -> Result<Created, StoreError> {
        new.check()?;
        let same_key = |kept: &&Kept| new.key.is_some() && kept.key == new.key;
        if let Some(known) = self.runs.iter().find(same_key) {
            return Ok(Created::Known(known.entry.run.clone()));
        }
        if self.find(&new.run).is_ok() {
            return Err(StoreError::Exists {
                run: new.run.to_string(),
            });
        }
        self.runs.push(Kept {
            entry: RunEntry::new(new),
            key: new.key.clone(),
            head: new.head.clone(),
            lease_ends: new
                .claimed_by
                .as_ref()
                .map_or_else(Timestamp::default, |(_, ttl)| after(new.created, *ttl)),
            records: Vec::new(),
            messages: Vec::new(),
            snapshots: BTreeMap::new(),
        });
        Ok(new.lease().map_or(Created::Fresh, Created::Held))
    }

    fn claim(&mut self, claim: &Claim) -> Result<Vec<Lease>, StoreError> {
        if let Some(run) = &claim.run {
            let kept = self.find_mut(run)?;
            kept.not_over()?;
            kept.not_leased(claim.now)?;
            return Ok(vec![kept.lease(claim)]);
        }
        let free = self
            .runs
            .iter_mut()
            .filter(|kept| kept.can_go_on(claim.now));
        Ok(free.take(claim.max).map(|kept| kept.lease(claim)).collect())
    }

    fn heartbeat(&mut self, lease: &Lease, ttl: Duration, now: Timestamp) -> Option<Notice> {
        let Ok(kept) = self.find_mut(&lease.run) else {
            return Some(Notice::Lost(lease.run.clone()));
        };
        if kept.fence(lease).is_err() {
            return Some(Notice::Lost(lease.run.clone()));
        }
        kept.lease_ends = after(now, ttl);
        (!kept.messages.is_empty()).then(|| Notice::Messages(lease.run.clone()))
    }

    fn append(&mut self, append: &Append) -> Result<(), StoreError> {
        let kept = self.find_mut(&append.lease.run)?;
        kept.fence(&append.lease)?;
        let held = kept.records.len() as u64;
        let numbers = append.records.iter().map(|record| record.seq);
        let given = std::iter::once(append.expected).chain(numbers);
        let next = std::iter::once(held).chain(held..);
        if let Some((expected, found)) = given.zip(next).find(|(given, next)| given != next) {
            return Err(StoreError::Sequence {
                run: append.lease.run.to_string(),
                expected,
                found,
            });
        }
        kept.records.extend(append.records.iter().cloned());
        kept.messages
            .retain(|(number, _)| !append.heard.contains(number));
        kept.entry.events = kept.records.len() as u64;
        if let Some(last) = append.records.last() {
            kept.entry.updated = last.at;
            if let Event::Ended { status, .. } = last.event {
                kept.entry.status = status;
                kept.entry.owner = None;
            }
        }
        Ok(())
    }

    fn release(&mut self, lease: &Lease, how: Release, now: Timestamp) -> Result<(), StoreError> {
        let kept = self.find_mut(&lease.run)?;
        kept.fence(lease)?;
        let entry = &mut kept.entry;
        entry.owner = None;
        entry.updated = now;
        (entry.status, entry.waits, entry.until) = match how {
            Release::Park { reason, until } if kept.messages.is_empty() => {
                (Status::Waiting, Some(reason), until)
            }
            _ => (Status::Queued, None, None),
        };
        Ok(())
    }
}

impl Kept {
    fn not_over(&self) -> Result<(), StoreError> {
        if !self.entry.status.is_terminal() {
            return Ok(());
        }
        Err(StoreError::Over {
            run: self.entry.run.to_string(),
            status: self.entry.status,
        })
    }

    fn not_leased(&self, now: Timestamp) -> Result<(), StoreError> {
        match &self.entry.owner {
            Some(owner) if self.lease_ends > now => Err(StoreError::Leased {
                run: self.entry.run.to_string(),
                owner: owner.to_string(),
                until_ms: self.lease_ends.as_millis(),
            }),
            _ => Ok(()),
        }
    }

    fn fence(&self, lease: &Lease) -> Result<(), StoreError> {
        self.not_over()?;
        if self.entry.epoch == lease.epoch && self.entry.owner.as_ref() == Some(&lease.owner) {
            return Ok(());
        }
        Err(StoreError::Fenced {
            run: lease.run.to_string(),
            epoch: lease.epoch,
            current: self.entry.epoch,
        })
    }

    fn can_go_on(&self, now: Timestamp) -> bool {
        match self.entry.status {
            Status::Queued => true,
            Status::Running => self.not_leased(now).is_ok(),
            Status::Waiting => {
                !self.messages.is_empty() || self.entry.until.is_some_and(|until| until <= now)
            }
            _ => false,
        }
    }

    fn lease(&mut self, claim: &Claim) -> Lease {
        let entry = &mut self.entry;
        entry.epoch += 1;
        entry.owner = Some(claim.owner.clone());
        (entry.status, entry.waits, entry.until) = (Status::Running, None, None);
        entry.updated = claim.now;
        self.lease_ends = after(claim.now, claim.ttl);
        Lease::new(entry.run.clone(), claim.owner.clone(), entry.epoch)
    }
}

impl MemoryStore {
    /// Returns an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Runs) -> T) -> BoxFuture<'static, T> {
        let done = work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(std::future::ready(done))
    }
}

impl Journal for MemoryStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(|runs| runs.append(&append))
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.with(|runs| {
            let kept = &runs.find(run)?.records;
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            Ok(kept.iter().skip(from).take(limit).cloned().collect())
        })
    }
}

impl Store for MemoryStore {
    fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
        self.with(|runs| runs.create(&new))
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
        self.with(|runs| runs.claim(&claim))
    }

    fn sync<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|runs| runs.find(run).map(drop))
    }

    fn heartbeat<'a>(
        &'a self,
        leases: &'a [Lease],
        ttl: Duration,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Notice>, StoreError>> {
        self.with(|runs| {
            let each = leases.iter();
            Ok(each
                .filter_map(|lease| runs.heartbeat(lease, ttl, now))
                .collect())
        })
    }

    fn release<'a>(
        &'a self,
        lease: &'a Lease,
        how: Release,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|runs| runs.release(lease, how, now))
    }

    fn send<'a>(
        &'a self,
        run: &'a Text,
        message: Message,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.with(|runs| {
            let number = runs.messages + 1;
            let kept = runs.find_mut(run)?;
            kept.not_over()?;
            kept.messages.push((number, message));
            runs.messages = number;
            Ok(number)
        })
    }

    fn messages<'a>(
        &'a self,
        run: &'a Text,
    ) -> BoxFuture<'a, Result<Vec<(u64, Message)>, StoreError>> {
        self.with(|runs| Ok(runs.find(run)?.messages.clone()))
    }

    fn entry<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<RunEntry, StoreError>> {
        self.with(|runs| Ok(runs.find(run)?.entry.clone()))
    }

    fn head<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<Text, StoreError>> {
        self.with(|runs| Ok(runs.find(run)?.head.clone()))
    }

    fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
        self.with(|runs| {
            let latest = runs.runs.iter().rev();
            let skip = match &query.after {
                None => 0,
                Some(run) => {
                    let is_it =
                        |kept: &Kept| kept.entry.run == *run && query.is_theirs(&kept.entry);
                    let position = latest.clone().position(is_it);
                    position.ok_or_else(|| unknown(run))? + 1
                }
            };
            let wanted = |kept: &&Kept| query.matches(&kept.entry);
            let found = latest.skip(skip).filter(wanted).take(query.limit);
            Ok(found.map(|kept| kept.entry.clone()).collect())
        })
    }

    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Text>, StoreError>> {
        self.with(|runs| {
            let after = after.unwrap_or_default();
            let all = runs.runs.iter().map(|kept| &kept.entry.tenant);
            let behind: BTreeSet<&Text> = all.filter(|tenant| **tenant > after).collect();
            Ok(behind.into_iter().take(limit).cloned().collect())
        })
    }

    fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.with(|runs| {
            let entries = runs.runs.iter().map(|kept| &kept.entry);
            let theirs = entries.filter(|entry| tenant.as_ref().is_none_or(|t| *t == entry.tenant));
            Ok(theirs.filter(|entry| !entry.status.is_terminal()).count() as u64)
        })
    }

    fn keyed<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Text>, StoreError>> {
        self.with(|runs| {
            let same_key = |kept: &&Kept| kept.key.as_deref() == Some(key);
            let known = runs.runs.iter().find(same_key);
            Ok(known.map(|kept| kept.entry.run.clone()))
        })
    }

    fn keep_snapshot<'a>(
        &'a self,
        run: &'a Text,
        events: u64,
        state: Text,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|runs| {
            runs.find_mut(run)?.snapshots.insert(events, state);
            Ok(())
        })
    }

    fn snapshot<'a>(
        &'a self,
        run: &'a Text,
        at_most: u64,
    ) -> BoxFuture<'a, Result<Option<(u64, Text)>, StoreError>> {
        self.with(|runs| {
            let kept = &runs.find(run)?.snapshots;
            let latest = kept.range(..=at_most).next_back();
            Ok(latest.map(|(events, state)| (*events, state.clone())))
        })
    }

    fn delete<'a>(
        &'a self,
        run: &'a Text,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|runs| {
            runs.find(run)?.not_leased(now)?;
            runs.runs.retain(|kept| kept.entry.run != *run);
            Ok(())
        })
    }
}
