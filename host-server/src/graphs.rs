//! Graphs of a tenant, with their versions.
//!
//! A version never changes, so what was compiled of it is kept. All writes of graphs go through here, and a folder has one
//! server: what is known of a graph in memory is what is kept of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use graphloom::graph::Graph;
use graphloom::host::Clock;
use graphloom::json::{Limits, read_value, to_json};
use graphloom::{Engine, Plan, Text, Timestamp, Value};
use serde::{Deserialize, Serialize};

use crate::etag::Asked;
use crate::ids::new_id;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Draft, Entry, Expect, Kind, Records};

/// How many compiled versions are kept.
const READY: usize = 512;

/// Graphs of all tenants.
pub(crate) struct Graphs {
    engine: Engine,
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    ready: Mutex<HashMap<(Tenant, Text, u64), Arc<Ready>>>,
    heads: Mutex<Heads>,
}

/// The latest version of graphs, as far as it was asked for.
#[derive(Default)]
struct Heads {
    known: HashMap<(Tenant, Text), u64>,
    /// Counts writes: what was read before one is not kept after it.
    writes: u64,
}

/// What is kept of a graph beside its versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) name: Text,
    /// The latest version.
    pub(crate) version: u64,
    /// The semantic hash of the latest version.
    pub(crate) hash: Text,
    /// The hash of its document, which is its entity tag.
    pub(crate) document_hash: Text,
    pub(crate) tags: Vec<Text>,
}

/// A version as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) version: u64,
    pub(crate) name: Text,
    pub(crate) hash: Text,
    pub(crate) document_hash: Text,
    pub(crate) document: Value,
}

/// A version, ready to be run.
pub(crate) struct Ready {
    pub(crate) version: u64,
    pub(crate) graph: Graph,
    pub(crate) plan: Arc<Plan>,
}

/// A graph with its record.
pub(crate) struct Kept {
    pub(crate) id: Text,
    pub(crate) revision: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) head: Head,
}

impl Kept {
    pub(crate) fn of(entry: &Entry) -> Result<Self, Problem> {
        Ok(Self {
            id: entry.id.clone(),
            revision: entry.revision,
            created: entry.created,
            updated: entry.updated,
            head: entry.read()?,
        })
    }
}

/// The id of a version among those of all graphs of a tenant.
pub(crate) fn version_id(graph: &str, version: u64) -> String {
    format!("{graph}/{version:010}")
}

impl Graphs {
    pub(crate) fn new(engine: &Engine, records: &Arc<dyn Records>, clock: &Arc<dyn Clock>) -> Self {
        Self {
            engine: engine.clone(),
            records: Arc::clone(records),
            clock: Arc::clone(clock),
            ready: Mutex::default(),
            heads: Mutex::default(),
        }
    }

    /// Reads and compiles a document.
    ///
    /// # Errors
    /// Every fault of it.
    pub(crate) fn compile(&self, bytes: &[u8]) -> Result<(Graph, Arc<Plan>), Problem> {
        let found = self.engine.diagnose(bytes);
        match (found.graph, found.plan) {
            (Some(graph), Some(plan)) => Ok((graph, plan)),
            _ => Err(Problem::of_faults(&found.faults)),
        }
    }

    /// Keeps a new graph.
    pub(crate) async fn create(&self, tenant: &Tenant, bytes: &[u8]) -> Result<Kept, Problem> {
        let id = new_id(self.clock.now())?;
        self.write(tenant, &id, bytes, None).await
    }

    /// Keeps a new version of a graph, or makes the graph, as the precondition says.
    pub(crate) async fn replace(
        &self,
        tenant: &Tenant,
        id: &Text,
        bytes: &[u8],
        asked: &Asked,
    ) -> Result<Kept, Problem> {
        let found = self.find(tenant, id).await?;
        let current = found.as_ref().map(|kept| kept.head.document_hash.as_str());
        if *asked != Asked::None && found.is_none() {
            return Err(Problem::not_found("graph", id));
        }
        asked.check(current)?;
        self.write(tenant, id, bytes, found).await
    }

    async fn write(
        &self,
        tenant: &Tenant,
        id: &Text,
        bytes: &[u8],
        former: Option<Kept>,
    ) -> Result<Kept, Problem> {
        let (graph, plan) = self.compile(bytes)?;
        // It was read once already; this keeps it as it was sent.
        let document = read_value(bytes, &Limits::unlimited())?;
        let document_hash = Text::from(document.content_hash().to_string());
        if let Some(former) = &former
            && former.head.document_hash == document_hash
        {
            // The same document is the same version.
            return self.get(tenant, id).await;
        }
        let (version, tags) = match &former {
            Some(former) => (former.head.version + 1, former.head.tags.clone()),
            None => (1, Vec::new()),
        };
        let head = Head {
            name: Text::from(plan.name()),
            version,
            hash: Text::from(plan.hash().to_string()),
            document_hash: document_hash.clone(),
            tags,
        };
        let kept = Version {
            version,
            name: head.name.clone(),
            hash: head.hash.clone(),
            document_hash,
            document,
        };
        let expect = former
            .as_ref()
            .map_or(Expect::Absent, |former| Expect::Revision(former.revision));
        let changes = vec![
            Change::Put(self.draft(tenant, id, &head)?, expect),
            Change::Put(
                Draft::new(tenant, Kind::GraphVersion, version_id(id, version), &kept)?
                    .parent(id.clone()),
                Expect::Absent,
            ),
        ];
        self.records.write(changes, self.clock.now()).await?;
        self.forget(tenant, id);
        self.keep(
            tenant,
            id,
            Arc::new(Ready {
                version,
                graph,
                plan,
            }),
        );
        self.get(tenant, id).await
    }

    fn draft(&self, tenant: &Tenant, id: &Text, head: &Head) -> Result<Draft, Problem> {
        let mut words = head.name.to_string();
        for tag in &head.tags {
            words.push('\n');
            words.push_str(tag);
        }
        Ok(Draft::new(tenant, Kind::Graph, id.clone(), head)?.words(&words))
    }

    /// Sets the tags of a graph.
    pub(crate) async fn tag(
        &self,
        tenant: &Tenant,
        id: &Text,
        tags: Vec<Text>,
    ) -> Result<Kept, Problem> {
        let former = self.get(tenant, id).await?;
        let head = Head {
            tags,
            ..former.head
        };
        let draft = self.draft(tenant, id, &head)?;
        let change = Change::Put(draft, Expect::Revision(former.revision));
        self.records.write(vec![change], self.clock.now()).await?;
        self.forget(tenant, id);
        self.get(tenant, id).await
    }

    /// Forgets a graph and its versions. Its runs stay.
    pub(crate) async fn delete(
        &self,
        tenant: &Tenant,
        id: &Text,
        asked: &Asked,
    ) -> Result<(), Problem> {
        let former = self.get(tenant, id).await?;
        asked.check(Some(&former.head.document_hash))?;
        let changes = vec![
            Change::remove(tenant, Kind::Graph, id, Expect::Revision(former.revision)),
            Change::RemoveUnder {
                tenant: tenant.clone(),
                kind: Kind::GraphVersion,
                parent: id.clone(),
            },
        ];
        self.records.write(changes, self.clock.now()).await?;
        self.forget(tenant, id);
        Ok(())
    }

    /// Returns a graph.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's.
    pub(crate) async fn get(&self, tenant: &Tenant, id: &Text) -> Result<Kept, Problem> {
        self.find(tenant, id)
            .await?
            .ok_or_else(|| Problem::not_found("graph", id))
    }

    async fn find(&self, tenant: &Tenant, id: &Text) -> Result<Option<Kept>, Problem> {
        let entry = self.records.get(tenant, Kind::Graph, id).await?;
        entry.as_ref().map(Kept::of).transpose()
    }

    /// Returns one version of a graph.
    pub(crate) async fn version(
        &self,
        tenant: &Tenant,
        id: &Text,
        version: u64,
    ) -> Result<(Entry, Version), Problem> {
        let name = version_id(id, version);
        let entry = self.records.get(tenant, Kind::GraphVersion, &name).await?;
        let entry = entry
            .ok_or_else(|| Problem::not_found("version of this graph", &version.to_string()))?;
        let version = entry.read()?;
        Ok((entry, version))
    }

    /// Returns a version, compiled: the latest where none is named.
    pub(crate) async fn ready(
        &self,
        tenant: &Tenant,
        id: &Text,
        version: Option<u64>,
    ) -> Result<Arc<Ready>, Problem> {
        let version = match version {
            Some(version) => version,
            None => self.latest(tenant, id).await?,
        };
        let key = (tenant.clone(), id.clone(), version);
        let known = lock(&self.ready).get(&key).cloned();
        if let Some(ready) = known {
            return Ok(ready);
        }
        let (_, kept) = self.version(tenant, id, version).await?;
        let (graph, plan) = self.compile(to_json(&kept.document).as_bytes())?;
        let ready = Arc::new(Ready {
            version,
            graph,
            plan,
        });
        self.keep(tenant, id, Arc::clone(&ready));
        Ok(ready)
    }

    async fn latest(&self, tenant: &Tenant, id: &Text) -> Result<u64, Problem> {
        let key = (tenant.clone(), id.clone());
        let writes = {
            let heads = lock(&self.heads);
            if let Some(version) = heads.known.get(&key) {
                return Ok(*version);
            }
            heads.writes
        };
        let version = self.get(tenant, id).await?.head.version;
        let mut heads = lock(&self.heads);
        if heads.writes == writes {
            if heads.known.len() >= READY {
                heads.known.clear();
            }
            heads.known.insert(key, version);
        }
        Ok(version)
    }

    fn keep(&self, tenant: &Tenant, id: &Text, ready: Arc<Ready>) {
        let mut all = lock(&self.ready);
        if all.len() >= READY {
            all.clear();
        }
        all.insert((tenant.clone(), id.clone(), ready.version), ready);
    }

    fn forget(&self, tenant: &Tenant, id: &Text) {
        let mut heads = lock(&self.heads);
        heads.writes += 1;
        heads.known.remove(&(tenant.clone(), id.clone()));
        drop(heads);
        lock(&self.ready).retain(|(owner, graph, _), _| owner != tenant || graph != id);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
