//! What a store answers, said a second time: a run stands in one of four ways, and each call moves it between them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::{Event, Record, Status};
use crate::host::{
    Append, Claim, Created, Lease, Message, NewRun, Notice, Release, RunEntry, RunQuery,
    StoreError, WaitReason,
};
use crate::json::to_json;
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::{Answer, Call};

/// Everything that a store knows, and what it must answer.
#[derive(Debug, Clone, Default)]
pub struct Model {
    runs: Vec<Run>,
}

#[derive(Debug, Clone)]
struct Run {
    new: NewRun,
    stand: Stand,
    epoch: u64,
    updated: Timestamp,
    records: Vec<Record>,
    messages: Vec<(u64, Message)>,
    last_message: u64,
    snapshots: BTreeMap<u64, Text>,
}

#[derive(Debug, Clone)]
enum Stand {
    Queued,
    Held {
        owner: Text,
        ends: Timestamp,
    },
    Parked {
        reason: WaitReason,
        until: Option<Timestamp>,
    },
    Over(Status),
}

impl Model {
    /// Returns what the call must answer, and goes on from there. What a store is free to choose, the number of a message,
    /// is taken from what it did answer.
    pub fn answer(&mut self, call: &Call, given: &Answer) -> Answer {
        let answer = match call {
            Call::Create(new) => self.create(new).map(Answer::Created),
            Call::Claim(claim) => self.claim(claim).map(Answer::Leases),
            Call::Sync(run) => self.find(run).map(|_| Answer::Done),
            Call::Append(append) => self.append(append),
            Call::Release(lease, how, now) => self.release(lease, *how, *now),
            Call::Heartbeat(leases, ttl, now) => {
                let beat = |lease| self.heartbeat(lease, *ttl, *now);
                Ok(Answer::Notices(leases.iter().filter_map(beat).collect()))
            }
            Call::Send(run, message) => self.send(run, message, given),
            Call::KeepSnapshot(run, events, state) => self.find(run).map(|run| {
                run.snapshots.insert(*events, state.clone());
                Answer::Done
            }),
            Call::Delete(run, now) => self.delete(run, *now),
            Call::Entry(run) => self
                .find(run)
                .map(|run| Answer::Entry(Box::new(run.entry()))),
            Call::Entries(query) => self.entries(query).map(Answer::Entries),
            Call::Going(tenant) => {
                let theirs =
                    |run: &&Run| tenant.is_none() || tenant.as_ref() == Some(&run.new.tenant);
                let going = self.runs.iter().filter(theirs);
                let going = going.filter(|run| run.check_going().is_ok());
                Ok(Answer::Going(going.count() as u64))
            }
            Call::Tenants(after, limit) => {
                let after = after.clone().unwrap_or_default();
                let mut all: Vec<Text> = self.runs.iter().map(|r| r.new.tenant.clone()).collect();
                all.retain(|tenant| *tenant > after);
                all.sort();
                all.dedup();
                all.truncate(*limit);
                Ok(Answer::Tenants(all))
            }
            Call::Head(run) => self.find(run).map(|run| Answer::Head(run.new.head.clone())),
            Call::Messages(run) => self
                .find(run)
                .map(|run| Answer::Messages(run.messages.clone())),
            Call::Read(run, from, limit) => self.find(run).map(|run| {
                let wanted = run.records.iter().filter(|record| record.seq >= *from);
                Answer::Records(wanted.take(*limit).cloned().collect())
            }),
            Call::Snapshot(run, at_most) => self.find(run).map(|run| {
                let latest = run.snapshots.range(..=at_most).next_back();
                Answer::Snapshot(latest.map(|(events, state)| (*events, state.clone())))
            }),
        };
        answer.unwrap_or_else(Answer::Refused)
    }

    /// Returns the ids of the runs, the first accepted first.
    #[must_use]
    pub fn runs(&self) -> Vec<Text> {
        self.runs.iter().map(|run| run.new.run.clone()).collect()
    }

    /// Returns the events of a run; none where there is no such run.
    #[must_use]
    pub fn records(&self, run: &Text) -> &[Record] {
        let found = self.runs.iter().find(|kept| kept.new.run == *run);
        found.map_or(&[], |run| &run.records)
    }

    /// Returns the messages of a run; none where there is no such run.
    #[must_use]
    pub fn messages(&self, run: &Text) -> &[(u64, Message)] {
        let found = self.runs.iter().find(|kept| kept.new.run == *run);
        found.map_or(&[], |run| &run.messages)
    }

    fn find(&mut self, run: &Text) -> Result<&mut Run, StoreError> {
        let found = self.runs.iter_mut().find(|kept| kept.new.run == *run);
        found.ok_or_else(|| StoreError::UnknownRun {
            run: run.to_string(),
        })
    }

    fn create(&mut self, new: &NewRun) -> Result<Created, StoreError> {
        if let Some(error) = wrong_labels(new) {
            return Err(error);
        }
        let known = |run: &&Run| new.key.is_some() && run.new.key == new.key;
        if let Some(known) = self.runs.iter().find(known) {
            return Ok(Created::Known(known.new.run.clone()));
        }
        if self.find(&new.run).is_ok() {
            return Err(StoreError::Exists {
                run: new.run.to_string(),
            });
        }
        let (stand, epoch, created) = match &new.claimed_by {
            None => (Stand::Queued, 0, Created::Fresh),
            Some((owner, ttl)) => {
                let ends = later(new.created, *ttl);
                let lease = Lease::new(new.run.clone(), owner.clone(), 1);
                let owner = owner.clone();
                (Stand::Held { owner, ends }, 1, Created::Held(lease))
            }
        };
        self.runs.push(Run {
            new: new.clone(),
            stand,
            epoch,
            updated: new.created,
            records: Vec::new(),
            messages: Vec::new(),
            last_message: 0,
            snapshots: BTreeMap::new(),
        });
        Ok(created)
    }

    fn claim(&mut self, claim: &Claim) -> Result<Vec<Lease>, StoreError> {
        if let Some(run) = &claim.run {
            let run = self.find(run)?;
            run.check_going()?;
            run.check_free(claim.now)?;
            return Ok(vec![run.hold(claim)]);
        }
        let free = self.runs.iter_mut().filter(|run| run.is_ready(claim.now));
        Ok(free.take(claim.max).map(|run| run.hold(claim)).collect())
    }

    fn append(&mut self, append: &Append) -> Result<Answer, StoreError> {
        let run = self.find(&append.lease.run)?;
        run.check_held(&append.lease)?;
        let held = run.records.len() as u64;
        let refused = |expected: u64, found: u64| StoreError::Sequence {
            run: append.lease.run.to_string(),
            expected,
            found,
        };
        if append.expected != held {
            return Err(refused(append.expected, held));
        }
        for (record, next) in append.records.iter().zip(held..) {
            if record.seq != next {
                return Err(refused(record.seq, next));
            }
        }
        run.messages
            .retain(|(number, _)| !append.heard.contains(number));
        run.records.extend(append.records.iter().cloned());
        if let Some(last) = append.records.last() {
            run.updated = last.at;
            if let Event::Ended { status, .. } = last.event {
                run.stand = Stand::Over(status);
            }
        }
        Ok(Answer::Done)
    }

    fn release(
        &mut self,
        lease: &Lease,
        how: Release,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let run = self.find(&lease.run)?;
        run.check_held(lease)?;
        run.updated = now;
        run.stand = match how {
            Release::Park { reason, until } if run.messages.is_empty() => {
                Stand::Parked { reason, until }
            }
            Release::Park { .. } | Release::Queue => Stand::Queued,
        };
        Ok(Answer::Done)
    }

    fn heartbeat(&mut self, lease: &Lease, ttl: Duration, now: Timestamp) -> Option<Notice> {
        let run = self.find(&lease.run).ok();
        match run.filter(|run| run.check_held(lease).is_ok()) {
            None => Some(Notice::Lost(lease.run.clone())),
            Some(run) => {
                run.stand = Stand::Held {
                    owner: lease.owner.clone(),
                    ends: later(now, ttl),
                };
                (!run.messages.is_empty()).then(|| Notice::Messages(lease.run.clone()))
            }
        }
    }

    fn send(
        &mut self,
        run: &Text,
        message: &Message,
        given: &Answer,
    ) -> Result<Answer, StoreError> {
        let run = self.find(run)?;
        run.check_going()?;
        let number = match given {
            Answer::Sent(number) if *number > run.last_message => *number,
            _ => run.last_message + 1,
        };
        run.last_message = number;
        run.messages.push((number, message.clone()));
        Ok(Answer::Sent(number))
    }

    fn delete(&mut self, run: &Text, now: Timestamp) -> Result<Answer, StoreError> {
        self.find(run)?.check_free(now)?;
        self.runs.retain(|kept| kept.new.run != *run);
        Ok(Answer::Done)
    }

    fn entries(&mut self, query: &RunQuery) -> Result<Vec<RunEntry>, StoreError> {
        // Those of other tenants are not there at all.
        let theirs =
            |run: &&Run| query.tenant.is_none() || query.tenant.as_ref() == Some(&run.new.tenant);
        let mut listed: Vec<&Run> = self.runs.iter().filter(theirs).collect();
        if let Some(after) = &query.after {
            let place = listed.iter().position(|run| run.new.run == *after);
            listed.truncate(place.ok_or_else(|| StoreError::UnknownRun {
                run: after.to_string(),
            })?);
        }
        let mut wanted = Vec::new();
        for entry in listed.iter().rev().map(|run| run.entry()) {
            let other_source = query.source.as_ref().is_some_and(|s| *s != entry.source);
            let other_status = query.status.is_some_and(|s| s != entry.status);
            let too_early = query.since.is_some_and(|since| entry.created < since);
            let too_late = query.until.is_some_and(|until| entry.created >= until);
            if !(other_source || other_status || too_early || too_late) {
                wanted.push(entry);
            }
        }
        wanted.truncate(query.limit);
        Ok(wanted)
    }
}

impl Run {
    fn check_going(&self) -> Result<(), StoreError> {
        match self.stand {
            Stand::Over(status) => Err(StoreError::Over {
                run: self.new.run.to_string(),
                status,
            }),
            _ => Ok(()),
        }
    }

    fn check_free(&self, now: Timestamp) -> Result<(), StoreError> {
        match &self.stand {
            Stand::Held { owner, ends } if *ends > now => Err(StoreError::Leased {
                run: self.new.run.to_string(),
                owner: owner.to_string(),
                until_ms: ends.as_millis(),
            }),
            _ => Ok(()),
        }
    }

    fn check_held(&self, lease: &Lease) -> Result<(), StoreError> {
        self.check_going()?;
        match &self.stand {
            Stand::Held { owner, .. } if *owner == lease.owner && self.epoch == lease.epoch => {
                Ok(())
            }
            _ => Err(StoreError::Fenced {
                run: self.new.run.to_string(),
                epoch: lease.epoch,
                current: self.epoch,
            }),
        }
    }

    fn is_ready(&self, now: Timestamp) -> bool {
        match &self.stand {
            Stand::Queued => true,
            Stand::Held { ends, .. } => *ends <= now,
            Stand::Parked { until, .. } => {
                !self.messages.is_empty() || until.is_some_and(|until| until <= now)
            }
            Stand::Over(_) => false,
        }
    }

    fn hold(&mut self, claim: &Claim) -> Lease {
        self.epoch += 1;
        self.updated = claim.now;
        self.stand = Stand::Held {
            owner: claim.owner.clone(),
            ends: later(claim.now, claim.ttl),
        };
        Lease::new(self.new.run.clone(), claim.owner.clone(), self.epoch)
    }

    fn entry(&self) -> RunEntry {
        let mut entry = RunEntry::new(&self.new);
        (entry.status, entry.owner) = (Status::Queued, None);
        entry.updated = self.updated;
        entry.events = self.records.len() as u64;
        entry.epoch = self.epoch;
        match &self.stand {
            Stand::Queued => {}
            Stand::Held { owner, .. } => {
                entry.status = Status::Running;
                entry.owner = Some(owner.clone());
            }
            Stand::Parked { reason, until } => {
                entry.status = Status::Waiting;
                (entry.waits, entry.until) = (Some(*reason), *until);
            }
            Stand::Over(status) => entry.status = *status,
        }
        entry
    }
}

/// What is wrong with the labels of a run, if anything is.
fn wrong_labels(new: &NewRun) -> Option<StoreError> {
    let mut bytes = "{}".len() + new.labels.len().saturating_sub(1);
    for (name, value) in new.labels.iter() {
        let Value::Text(text) = value else {
            return Some(StoreError::Labels {
                run: new.run.to_string(),
                found: format!("{} under \"{name}\"", value.type_name()),
                expected: "a text".to_owned(),
            });
        };
        bytes += to_json(&Value::from(name.clone())).len() + ":".len();
        bytes += to_json(&Value::from(text.clone())).len();
    }
    (bytes > 8192).then(|| StoreError::Labels {
        run: new.run.to_string(),
        found: format!("{bytes} bytes of JSON"),
        expected: "at most 8192".to_owned(),
    })
}

fn later(now: Timestamp, ttl: Duration) -> Timestamp {
    let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.as_millis().saturating_add(ttl))
}
