//! Graphs of a tenant, with their versions.
//!
//! A version never changes, so what was compiled of it is kept (`ready`). All writes of graphs go through here (`write`), and
//! a folder has one server: what is known of a graph in memory is what is kept of it.

mod ready;
mod stale;
mod write;

use std::sync::{Arc, Mutex};

use graphloom::host::Clock;
use graphloom::{Engine, Text, Timestamp, Value};
use serde::{Deserialize, Serialize};

use crate::aside::Aside;
use crate::etag;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::quotas::Quotas;
use crate::records::{Entry, Kind, Query, Records};

pub(crate) use ready::{Compiled, Ready};
pub(crate) use write::{Edit, tag_word};

use self::ready::Memory;

/// Graphs of all tenants.
pub(crate) struct Graphs {
    engine: Engine,
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    aside: Aside,
    quotas: Quotas,
    memory: Mutex<Memory>,
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
    /// The hash of its document.
    pub(crate) document_hash: Text,
    pub(crate) tags: Vec<Text>,
}

/// A version as it is kept beside its document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) version: u64,
    pub(crate) name: Text,
    pub(crate) hash: Text,
    pub(crate) document_hash: Text,
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

    /// Returns its entity tag.
    pub(crate) fn tag(&self) -> String {
        etag::tag(&self.head.document_hash, self.revision)
    }
}

/// The id of a version among those of all graphs of a tenant.
fn version_id(graph: &str, version: u64) -> String {
    format!("{graph}/{version:010}")
}

impl Graphs {
    /// `cache_bytes`: about how much memory compiled versions may take that are not at work.
    pub(crate) fn new(
        engine: &Engine,
        (records, clock): (&Arc<dyn Records>, &Arc<dyn Clock>),
        aside: &Aside,
        quotas: &Quotas,
        cache_bytes: usize,
    ) -> Self {
        Self {
            engine: engine.clone(),
            records: Arc::clone(records),
            clock: Arc::clone(clock),
            aside: aside.clone(),
            quotas: quotas.clone(),
            memory: Mutex::new(Memory::new(cache_bytes)),
        }
    }

    /// Returns a graph.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's.
    pub(crate) async fn get(&self, tenant: &Tenant, id: &Text) -> Result<Kept, Problem> {
        let found = self.find(tenant, id).await?;
        found.ok_or_else(|| Problem::not_found("graph", id))
    }

    async fn find(&self, tenant: &Tenant, id: &Text) -> Result<Option<Kept>, Problem> {
        let entry = self.records.get(tenant, Kind::Graph, id).await?;
        entry.as_ref().map(Kept::of).transpose()
    }

    /// Returns one version of a graph.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for one that there are too many after by now.
    pub(crate) async fn version(
        &self,
        tenant: &Tenant,
        id: &Text,
        version: u64,
    ) -> Result<(Entry, Version), Problem> {
        let name = version_id(id, version);
        let Some(entry) = self.records.get(tenant, Kind::GraphVersion, &name).await? else {
            let kept = self.get(tenant, id).await?;
            let what = match version {
                0 => "version of this graph".to_owned(),
                old if old <= kept.head.version => {
                    let max = self.quotas.max_versions;
                    format!("version of this graph any more, of which the latest {max} are kept:")
                }
                _ => format!(
                    "version of this graph, which has {} of them:",
                    kept.head.version
                ),
            };
            return Err(Problem::not_found(&what, &version.to_string()));
        };
        let version = entry.read()?;
        Ok((entry, version))
    }

    /// Returns the document of a version, as it was sent.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND` where the version is gone since it was read.
    pub(crate) async fn document(
        &self,
        tenant: &Tenant,
        id: &Text,
        version: u64,
    ) -> Result<Value, Problem> {
        let name = version_id(id, version);
        let entry = self.records.get(tenant, Kind::GraphDocument, &name).await?;
        let gone = || Problem::not_found("version of this graph any more:", &version.to_string());
        entry.ok_or_else(gone)?.read()
    }

    /// Returns versions of a graph, the latest first. `after`: only those before this one.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`.
    pub(crate) async fn versions(
        &self,
        tenant: &Tenant,
        id: &Text,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(Entry, Version)>, Problem> {
        self.get(tenant, id).await?;
        let after = after.map(|version| Text::from(version_id(id, version)));
        let query = Query::of(Kind::GraphVersion, limit).under(id.clone());
        let entries = self.records.list(tenant, query.after(after)).await?;
        let read = entries.into_iter().map(|entry| {
            let version = entry.read()?;
            Ok((entry, version))
        });
        read.collect()
    }
}
