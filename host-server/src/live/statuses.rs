//! Where the runs of a graph stand, told to those who watch the graph.
//!
//! What this process does to a run is looked at when it has happened; runs of other processes are looked at now and then,
//! the latest of each graph. What is told is where a run stands now: two changes between two looks are told as one.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use graphloom::host::{RunEntry, RunQuery, Store, StoreError};
use graphloom::json::to_json;
use graphloom::value::Map;
use graphloom::{Status, Text, Value};
use tokio::sync::{Notify, broadcast};

use crate::answer::moment;
use crate::locked::lock;
use crate::principal::Tenant;

/// So many of a graph's latest runs are looked at.
const LATEST: usize = 200;
/// How many changes whoever watches may be behind; older ones are left out, which is told.
const BEHIND: usize = 256;

/// A graph of a tenant.
type Of = (Tenant, Text);

/// Everyone who watches graphs.
#[derive(Default)]
pub(super) struct Statuses {
    topics: Mutex<HashMap<Of, Topic>>,
    n_topics: AtomicUsize,
    /// Runs that have changed and were not looked at yet.
    changed: Mutex<HashSet<Text>>,
    arrived: Notify,
}

struct Topic {
    tell: broadcast::Sender<Bytes>,
    known: HashMap<Text, Stands>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stands {
    status: Status,
    waits: Option<graphloom::host::WaitReason>,
}

impl Stands {
    fn of(entry: &RunEntry) -> Self {
        Self {
            status: entry.status,
            waits: entry.waits,
        }
    }
}

impl Statuses {
    /// Watches a graph: what changes from now on is told.
    ///
    /// # Errors
    /// What the store failed with.
    pub(super) async fn watch(
        &self,
        store: &Arc<dyn Store>,
        of: Of,
    ) -> Result<broadcast::Receiver<Bytes>, StoreError> {
        let receiver = {
            let mut topics = lock(&self.topics);
            let known = topics.get(&of).map(|topic| topic.tell.subscribe());
            if let Some(receiver) = known {
                return Ok(receiver);
            }
            let (tell, receiver) = broadcast::channel(BEHIND);
            let known = HashMap::new();
            topics.insert(of.clone(), Topic { tell, known });
            self.n_topics.store(topics.len(), Ordering::Release);
            receiver
        };
        let latest = latest(store, &of).await?;
        if let Some(topic) = lock(&self.topics).get_mut(&of) {
            for entry in &latest {
                topic
                    .known
                    .entry(entry.run.clone())
                    .or_insert(Stands::of(entry));
            }
        }
        Ok(receiver)
    }

    /// A run may have changed.
    pub(super) fn moved(&self, run: &Text) {
        if self.n_topics.load(Ordering::Acquire) > 0 && lock(&self.changed).insert(run.clone()) {
            self.arrived.notify_one();
        }
    }

    /// Waits until runs may have changed.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Looks at the runs that this process has changed.
    pub(super) async fn look_at_changed(&self, store: &Arc<dyn Store>) {
        let changed = std::mem::take(&mut *lock(&self.changed));
        for run in changed {
            match store.entry(&run).await {
                Ok(entry) => self.tell(&entry),
                // It was deleted.
                Err(StoreError::UnknownRun { .. }) => {}
                Err(error) => tracing::warn!(%run, %error, "a run cannot be looked at"),
            }
        }
    }

    /// Looks at the latest runs of each graph that someone watches.
    pub(super) async fn look_at_all(&self, store: &Arc<dyn Store>) {
        let graphs: Vec<Of> = {
            let mut topics = lock(&self.topics);
            topics.retain(|_, topic| topic.tell.receiver_count() > 0);
            self.n_topics.store(topics.len(), Ordering::Release);
            topics.keys().cloned().collect()
        };
        for of in graphs {
            match latest(store, &of).await {
                Ok(latest) => {
                    latest.iter().rev().for_each(|entry| self.tell(entry));
                    self.forget(&of, &latest);
                }
                Err(error) => tracing::warn!(graph = %of.1, %error, "runs cannot be looked at"),
            }
        }
    }

    fn tell(&self, entry: &RunEntry) {
        let of = (Tenant::of_kept(entry.tenant.clone()), entry.source.clone());
        let mut topics = lock(&self.topics);
        let Some(topic) = topics.get_mut(&of) else {
            return;
        };
        let stands = Stands::of(entry);
        if topic.known.insert(entry.run.clone(), stands) != Some(stands) {
            // Whoever went away meanwhile misses nothing.
            let _ = topic.tell.send(told(entry));
        }
    }

    /// Forgets runs that are over and no more among the latest.
    fn forget(&self, of: &Of, latest: &[RunEntry]) {
        let latest: HashSet<&Text> = latest.iter().map(|entry| &entry.run).collect();
        if let Some(topic) = lock(&self.topics).get_mut(of) {
            let known = &mut topic.known;
            known.retain(|run, stands| !stands.status.is_terminal() || latest.contains(run));
        }
    }
}

async fn latest(store: &Arc<dyn Store>, (tenant, graph): &Of) -> Result<Vec<RunEntry>, StoreError> {
    let query = RunQuery::latest(LATEST).tenant(tenant.as_text().clone());
    store.entries(query.source(graph.clone())).await
}

fn told(entry: &RunEntry) -> Bytes {
    let mut map = Map::new();
    map.insert("type", "run");
    map.insert("graph", entry.source.clone());
    map.insert("run", entry.run.clone());
    map.insert("status", entry.status.as_str());
    if let Some(reason) = entry.waits {
        map.insert("waits_for", reason.as_str());
    }
    map.insert("updated_at", moment(entry.updated));
    Bytes::from(to_json(&Value::from(map)))
}
