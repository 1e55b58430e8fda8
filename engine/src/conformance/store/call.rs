//! Calls of a store and their answers, as data.

use std::time::Duration;

use crate::event::Record;
use crate::host::{
    Append, Claim, Created, Lease, Message, NewRun, Notice, Release, RunEntry, RunQuery, Store,
    StoreError,
};
use crate::time::Timestamp;
use crate::value::Text;

/// A call of a [`Store`] with all that it is given.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the method of that name")]
#[non_exhaustive]
pub enum Call {
    Create(NewRun),
    Claim(Claim),
    Sync(Text),
    Append(Append),
    Release(Lease, Release, Timestamp),
    Heartbeat(Vec<Lease>, Duration, Timestamp),
    Send(Text, Message),
    KeepSnapshot(Text, u64, Text),
    Delete(Text, Timestamp),
    Entry(Text),
    Entries(RunQuery),
    Going(Option<Text>),
    Tenants(Option<Text>, usize),
    Head(Text),
    Messages(Text),
    Read(Text, u64, usize),
    Snapshot(Text, u64),
}

/// What a [`Store`] answered.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each is the result of the methods that give it"
)]
#[non_exhaustive]
pub enum Answer {
    Refused(StoreError),
    Done,
    Created(Created),
    Leases(Vec<Lease>),
    Notices(Vec<Notice>),
    Sent(u64),
    Entry(Box<RunEntry>),
    Entries(Vec<RunEntry>),
    Going(u64),
    Tenants(Vec<Text>),
    Head(Text),
    Messages(Vec<(u64, Message)>),
    Records(Vec<Record>),
    Snapshot(Option<(u64, Text)>),
}

impl Call {
    /// Calls a store.
    pub async fn on(&self, store: &dyn Store) -> Answer {
        let answer = match self {
            Self::Create(new) => store.create(new.clone()).await.map(Answer::Created),
            Self::Claim(claim) => store.claim(claim.clone()).await.map(Answer::Leases),
            Self::Sync(run) => store.sync(run).await.map(done),
            Self::Append(append) => store.append(append.clone()).await.map(done),
            Self::Release(lease, how, now) => store.release(lease, *how, *now).await.map(done),
            Self::Heartbeat(leases, ttl, now) => {
                let notices = store.heartbeat(leases, *ttl, *now).await;
                notices.map(Answer::Notices)
            }
            Self::Send(run, message) => store.send(run, message.clone()).await.map(Answer::Sent),
            Self::KeepSnapshot(run, events, state) => {
                let kept = store.keep_snapshot(run, *events, state.clone()).await;
                kept.map(done)
            }
            Self::Delete(run, now) => store.delete(run, *now).await.map(done),
            Self::Entry(run) => store.entry(run).await.map(Box::new).map(Answer::Entry),
            Self::Entries(query) => store.entries(query.clone()).await.map(Answer::Entries),
            Self::Going(tenant) => store.going(tenant.clone()).await.map(Answer::Going),
            Self::Tenants(after, limit) => {
                let tenants = store.tenants(after.clone(), *limit).await;
                tenants.map(Answer::Tenants)
            }
            Self::Head(run) => store.head(run).await.map(Answer::Head),
            Self::Messages(run) => store.messages(run).await.map(Answer::Messages),
            Self::Read(run, from, limit) => {
                store.read(run, *from, *limit).await.map(Answer::Records)
            }
            Self::Snapshot(run, at_most) => {
                store.snapshot(run, *at_most).await.map(Answer::Snapshot)
            }
        };
        answer.unwrap_or_else(Answer::Refused)
    }
}

fn done((): ()) -> Answer {
    Answer::Done
}
