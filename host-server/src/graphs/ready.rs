//! Graphs that are compiled, and kept so for the next run.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard};

use axum::body::Bytes;
use graphloom::graph::Graph;
use graphloom::json::{Limits, read_value, to_json};
use graphloom::{Engine, Fault, Plan, Text, Value};

use super::Graphs;
use crate::bounded::Bounded;
use crate::locked::lock;
use crate::principal::Tenant;
use crate::problem::Problem;

/// Documents that are larger than this are compiled aside.
const LARGE: usize = 32 << 10;
/// About how many bytes a compiled graph takes for each of its document.
const BYTES_A_BYTE: usize = 8;
/// Of how many graphs the latest version is known.
const HEADS: usize = 100_000;

/// A graph that can be run.
pub(crate) struct Ready {
    /// 0 for one that is not stored.
    pub(crate) version: u64,
    pub(crate) graph: Graph,
    pub(crate) plan: Arc<Plan>,
}

/// A document that was read and compiled.
pub(crate) struct Compiled {
    /// As it was sent.
    pub(crate) document: Value,
    /// The hash of all of it.
    pub(crate) hash: Text,
    pub(crate) graph: Graph,
    pub(crate) plan: Arc<Plan>,
    /// How long it was.
    bytes: usize,
}

impl Compiled {
    pub(super) fn ready(self, version: u64) -> (Arc<Ready>, usize) {
        let (graph, plan) = (self.graph, self.plan);
        let ready = Ready {
            version,
            graph,
            plan,
        };
        (Arc::new(ready), self.bytes * BYTES_A_BYTE)
    }
}

/// What is known of graphs without asking the records.
pub(super) struct Memory {
    ready: Bounded<(Tenant, Text, u64), Arc<Ready>>,
    /// The latest version, as far as it was asked for.
    latest: HashMap<(Tenant, Text), u64>,
    /// Counts writes: what was read before one is not remembered after it.
    writes: u64,
}

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            ready: Bounded::new(bytes),
            latest: HashMap::new(),
            writes: 0,
        }
    }
}

fn compile(engine: &Engine, bytes: &[u8]) -> Result<Compiled, Vec<Fault>> {
    let found = engine.diagnose(bytes);
    let (Some(graph), Some(plan)) = (found.graph, found.plan) else {
        return Err(found.faults);
    };
    // It was read once already; this keeps it as it was sent.
    let document = read_value(bytes, &Limits::unlimited()).map_err(|faults| faults.0)?;
    Ok(Compiled {
        hash: Text::from(document.content_hash().to_string()),
        document,
        graph,
        plan,
        bytes: bytes.len(),
    })
}

impl Graphs {
    /// Reads and compiles a document.
    ///
    /// # Errors
    /// Every fault of it, with line and column.
    pub(crate) async fn compile(&self, bytes: Bytes) -> Result<Compiled, Vec<Fault>> {
        if bytes.len() <= LARGE {
            return compile(&self.engine, &bytes);
        }
        let (engine, last) = (self.engine.clone(), bytes.clone());
        let aside = self.aside.run(async move { compile(&engine, &bytes) });
        // Where there are no threads left it is done here.
        aside.await.unwrap_or_else(|_| compile(&self.engine, &last))
    }

    /// Reads and compiles a graph that is not stored.
    ///
    /// # Errors
    /// Every fault of it; the lines are none of a text that somebody has.
    pub(crate) async fn inline(&self, document: &Value) -> Result<Arc<Ready>, Vec<Fault>> {
        let compiled = self.compile(to_json(document).into()).await?;
        Ok(compiled.ready(0).0)
    }

    /// Returns a version, compiled: the latest where none is named.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; the faults that a document has by now, if blocks have changed.
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
        let writes = {
            let mut memory = self.memory();
            if let Some(ready) = memory.ready.get(&key) {
                return Ok(ready);
            }
            memory.writes
        };
        self.version(tenant, id, version).await?;
        let document = self.document(tenant, id, version).await?;
        let compiled = self.compile(to_json(&document).into()).await;
        let compiled = compiled.map_err(|faults| Problem::of_faults(&faults))?;
        let (ready, bytes) = compiled.ready(version);
        let mut memory = self.memory();
        if memory.writes == writes {
            memory.ready.put(key, Arc::clone(&ready), bytes);
        }
        Ok(ready)
    }

    async fn latest(&self, tenant: &Tenant, id: &Text) -> Result<u64, Problem> {
        let key = (tenant.clone(), id.clone());
        let writes = {
            let memory = self.memory();
            if let Some(version) = memory.latest.get(&key) {
                return Ok(*version);
            }
            memory.writes
        };
        let version = self.get(tenant, id).await?.head.version;
        let mut memory = self.memory();
        if memory.writes == writes {
            if memory.latest.len() >= HEADS {
                memory.latest.clear();
            }
            memory.latest.insert(key, version);
        }
        Ok(version)
    }

    /// Forgets what is known of a graph that was written.
    pub(super) fn forget(&self, tenant: &Tenant, id: &Text) {
        let mut memory = self.memory();
        memory.writes += 1;
        memory.latest.remove(&(tenant.clone(), id.clone()));
    }

    /// Forgets all that is known of a graph that is gone: its versions may be others when there is one again.
    pub(super) fn forget_all(&self, tenant: &Tenant, id: &Text) {
        self.forget(tenant, id);
        let of_it = |(owner, graph, _): &(Tenant, Text, u64)| owner == tenant && graph == id;
        self.memory().ready.retain(|key| !of_it(key));
    }

    /// Forgets what is known of the graphs of a tenant.
    pub(crate) fn forget_tenant(&self, tenant: &Tenant) {
        let mut memory = self.memory();
        memory.writes += 1;
        memory.latest.retain(|(of, _), _| of != tenant);
        memory.ready.retain(|(of, _, _)| of != tenant);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}
