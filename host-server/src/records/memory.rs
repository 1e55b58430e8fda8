//! Records held in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use graphloom::host::BoxFuture;
use graphloom::{Text, Timestamp};

use super::{Change, Draft, Entry, Expect, Kind, Query, RecordError, Records, Usage};
use crate::locked::lock;
use crate::principal::Tenant;

type Key = (Tenant, Kind, Text);

/// Records that end with the process.
#[derive(Debug, Default)]
pub struct MemoryRecords(Mutex<BTreeMap<Key, Entry>>);

impl MemoryRecords {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Entry>> {
        lock(&self.0)
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

fn check(
    all: &BTreeMap<Key, Entry>,
    (tenant, kind, id): (&Tenant, Kind, &Text),
    expect: Expect,
) -> Result<Option<u64>, RecordError> {
    let found = all.get(&(tenant.clone(), kind, id.clone()));
    let revision = found.map(|entry| entry.revision);
    expect.check(kind, id, revision)?;
    Ok(revision)
}

fn put(
    all: &mut BTreeMap<Key, Entry>,
    draft: Draft,
    expect: Expect,
    now: Timestamp,
) -> Result<u64, RecordError> {
    let (kind, tenant) = (draft.kind, draft.tenant.clone());
    let revision = check(all, (&tenant, kind, &draft.id), expect)?.unwrap_or(0) + 1;
    let key = (tenant, kind, draft.id.clone());
    let taken = |entry: &Entry| {
        let same = entry.unique.is_some() && entry.unique == draft.unique;
        same && entry.kind == kind && (entry.tenant != key.0 || entry.id != key.2)
    };
    if all.values().any(taken) {
        return Err(RecordError::Taken { kind });
    }
    let created = all.get(&key).map_or(now, |entry| entry.created);
    let entry = Entry {
        tenant: draft.tenant,
        kind,
        id: draft.id,
        parent: draft.parent,
        words: draft.words,
        due: draft.due,
        unique: draft.unique,
        revision,
        created,
        updated: now,
        body: draft.body,
    };
    all.insert(key, entry);
    Ok(revision)
}

impl Records for MemoryRecords {
    fn write(
        &self,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<u64>, RecordError>> {
        let mut held = self.lock();
        let mut all = held.clone();
        let mut apply = |change| match change {
            Change::Put(draft, expect) => put(&mut all, draft, expect, now),
            Change::Remove {
                tenant,
                kind,
                id,
                expect,
            } => {
                check(&all, (&tenant, kind, &id), expect)?;
                all.remove(&(tenant, kind, id));
                Ok(0)
            }
            Change::RemoveUnder {
                tenant,
                kind,
                parent,
            } => {
                all.retain(|_, e| e.tenant != tenant || e.kind != kind || e.parent != parent);
                Ok(0)
            }
            Change::AtMost {
                tenant,
                kind,
                parent,
                max,
            } => {
                let counted = all.values().filter(|entry| {
                    let under = parent.as_ref().is_none_or(|p| *p == entry.parent);
                    entry.tenant == tenant && entry.kind == kind && under
                });
                if counted.count() as u64 > max {
                    return Err(RecordError::TooMany { kind, max });
                }
                Ok(0)
            }
        };
        let done: Result<Vec<u64>, RecordError> = changes.into_iter().map(&mut apply).collect();
        if done.is_ok() {
            *held = all;
        }
        ready(done)
    }

    fn get<'a>(
        &'a self,
        tenant: &'a Tenant,
        kind: Kind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Entry>, RecordError>> {
        let key = (tenant.clone(), kind, Text::from(id));
        ready(Ok(self.lock().get(&key).cloned()))
    }

    fn list<'a>(
        &'a self,
        tenant: &'a Tenant,
        query: Query,
    ) -> BoxFuture<'a, Result<Vec<Entry>, RecordError>> {
        let held = self.lock();
        let wanted = held.values().rev().filter(|entry| {
            let has = |word: &Text| entry.words.contains(word.as_str());
            entry.tenant == *tenant
                && entry.kind == query.kind
                && query
                    .parent
                    .as_ref()
                    .is_none_or(|parent| entry.parent == *parent)
                && query.words.iter().all(has)
                && query
                    .after
                    .as_ref()
                    .is_none_or(|after| entry.id.as_str() < after.as_str())
        });
        ready(Ok(wanted.take(query.limit).cloned().collect()))
    }

    fn due(
        &self,
        kind: Kind,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, RecordError>> {
        let held = self.lock();
        let is_due = |entry: &&Entry| entry.kind == kind && entry.due.is_some_and(|at| at <= now);
        let mut found: Vec<Entry> = held.values().filter(is_due).cloned().collect();
        found.sort_by(|a, b| (a.due, &a.tenant, &a.id).cmp(&(b.due, &b.tenant, &b.id)));
        found.truncate(limit);
        ready(Ok(found))
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        unique: &'a str,
    ) -> BoxFuture<'a, Result<Option<Entry>, RecordError>> {
        let held = self.lock();
        let mut all = held.values();
        let found = all.find(|e| e.kind == kind && e.unique.as_deref() == Some(unique));
        ready(Ok(found.cloned()))
    }

    fn usage<'a>(
        &'a self,
        tenant: &'a Tenant,
        kind: Kind,
    ) -> BoxFuture<'a, Result<Usage, RecordError>> {
        let held = self.lock();
        let of_kind = held
            .values()
            .filter(|e| e.tenant == *tenant && e.kind == kind);
        let usage = of_kind.fold(Usage::default(), |sum, entry| Usage {
            records: sum.records + 1,
            bytes: sum.bytes + (entry.id.len() + entry.body.len()) as u64,
        });
        ready(Ok(usage))
    }

    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Tenant>, RecordError>> {
        let held = self.lock();
        let after = after.unwrap_or_default();
        let mut found: Vec<Tenant> = held.values().map(|entry| entry.tenant.clone()).collect();
        found.retain(|tenant| tenant.as_text().as_str() > after.as_str());
        found.sort();
        found.dedup();
        found.truncate(limit);
        ready(Ok(found))
    }

    fn counts(&self) -> BoxFuture<'_, Result<Vec<(Kind, u64)>, RecordError>> {
        let held = self.lock();
        let of = |kind| held.values().filter(|entry| entry.kind == kind).count() as u64;
        let counts = Kind::ALL.iter().map(|kind| (*kind, of(*kind)));
        ready(Ok(counts.filter(|(_, count)| *count > 0).collect()))
    }

    fn erase<'a>(&'a self, tenant: &'a Tenant) -> BoxFuture<'a, Result<u64, RecordError>> {
        let mut held = self.lock();
        let before = held.len();
        held.retain(|_, entry| entry.tenant != *tenant);
        ready(Ok((before - held.len()) as u64))
    }
}
