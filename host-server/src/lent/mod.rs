//! What runs get from the server: the credentials, values and blobs of their tenant, and nobody else's.
//!
//! All of it is put into the options of a run where it is started and where it is gone on with; the engine hands it to
//! the blocks that ask for it.

mod shared;
mod values;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use graphloom::host::{Clock, Credentials, Extensions, RunEntry};
use graphloom::{Engine, Observer, RunOptions, Timestamp};
use graphloom_backends::credentials::LayeredCredentials;
use graphloom_blocks::kv::KeyValues;
use graphloom_blocks::llm::Models;

use self::values::Values;
use crate::files::{Files, Owner};
use crate::locked::lock;
use crate::principal::Tenant;
use crate::records::Records;
use crate::vault::Vault;

pub(crate) use shared::Named;
pub use values::ValueLimits;

/// How many tenants are known at a time; what is forgotten is made again.
const KNOWN: usize = 4_096;

/// What runs get, by tenant.
pub(crate) struct Lent {
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    pub(crate) files: Arc<Files>,
    /// What the engine lends its blocks, and the models of the settings.
    extensions: Extensions,
    vault: Option<Vault>,
    /// Credentials that every tenant may use under their names, unless it has its own.
    shared: Option<Arc<dyn Credentials>>,
    limits: ValueLimits,
    /// Hear what happens in runs.
    observers: Vec<Observer>,
    known: Mutex<HashMap<Tenant, Arc<Own>>>,
}

/// What belongs to one tenant.
struct Own {
    credentials: Option<Arc<dyn Credentials>>,
    values: Arc<Values>,
}

/// What an [`AppBuilder`](crate::AppBuilder) says of it.
#[derive(Default)]
pub(crate) struct LentOptions {
    pub(crate) vault: Option<Vault>,
    pub(crate) shared: Option<Arc<dyn Credentials>>,
    pub(crate) models: Option<Models>,
    pub(crate) limits: ValueLimits,
    pub(crate) observers: Vec<Observer>,
}

impl Lent {
    pub(crate) fn new(
        engine: &Engine,
        (records, clock, files): (&Arc<dyn Records>, &Arc<dyn Clock>, &Arc<Files>),
        options: LentOptions,
    ) -> Self {
        let extensions = engine.extensions().clone();
        Self {
            records: Arc::clone(records),
            clock: Arc::clone(clock),
            files: Arc::clone(files),
            extensions: match options.models {
                Some(models) => extensions.with(models),
                None => extensions,
            },
            vault: options.vault,
            shared: options.shared,
            limits: options.limits,
            observers: options.observers,
            known: Mutex::default(),
        }
    }

    /// Gives a run that is started what is its tenant's. `name` is that of its graph, `owner` has the blobs that it puts.
    pub(crate) fn to(
        &self,
        tenant: &Tenant,
        (name, owner): (&str, Owner),
        options: RunOptions,
    ) -> RunOptions {
        let agent = agent(options.source_id(), name);
        self.give(tenant, (agent, owner), options)
    }

    /// Returns what time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns what a run gets that is gone on with.
    pub(crate) fn again(&self, entry: &RunEntry) -> RunOptions {
        let tenant = Tenant::of_kept(entry.tenant.clone());
        let agent = agent(&entry.source, &entry.name);
        let owner = Owner::Run(entry.run.clone());
        self.give(&tenant, (agent, owner), RunOptions::new())
    }

    fn give(
        &self,
        tenant: &Tenant,
        (agent, owner): (String, Owner),
        options: RunOptions,
    ) -> RunOptions {
        let own = self.own(tenant);
        let options = options.blobs(self.files.lend(tenant, owner));
        let values = KeyValues::new(Arc::clone(&own.values) as _, agent);
        let options = options.extensions(self.extensions.clone().with(values));
        let observers = self.observers.iter().cloned();
        let options = observers.fold(options, RunOptions::observe);
        match &own.credentials {
            Some(credentials) => options.credentials(Arc::clone(credentials)),
            None => options,
        }
    }

    /// Forgets what is held for a tenant.
    pub(crate) fn forget(&self, tenant: &Tenant) {
        let mut known = lock(&self.known);
        known.remove(tenant);
    }

    fn own(&self, tenant: &Tenant) -> Arc<Own> {
        let mut known = lock(&self.known);
        if let Some(own) = known.get(tenant) {
            return Arc::clone(own);
        }
        if known.len() >= KNOWN {
            known.clear();
        }
        let own = Arc::new(self.make(tenant));
        known.insert(tenant.clone(), Arc::clone(&own));
        own
    }

    fn make(&self, tenant: &Tenant) -> Own {
        let kept = self.vault.as_ref().map(|vault| vault.of(tenant));
        let credentials: Option<Arc<dyn Credentials>> = match (kept, &self.shared) {
            (None, None) => None,
            (Some(kept), None) => Some(Arc::new(kept)),
            (None, Some(shared)) => Some(Arc::clone(shared)),
            // Its own first: they seal, and a name of its own means its own.
            (Some(kept), Some(shared)) => Some(Arc::new(
                LayeredCredentials::new()
                    .then(Arc::new(kept))
                    .then(Arc::clone(shared)),
            )),
        };
        let values = Values {
            tenant: tenant.clone(),
            records: Arc::clone(&self.records),
            clock: Arc::clone(&self.clock),
            limits: self.limits.clone(),
            used: Mutex::default(),
        };
        Own {
            credentials,
            values: Arc::new(values),
        }
    }
}

/// Returns the name under which runs of a graph share values: its id; of one that is not stored, its name. The two are
/// never the same.
fn agent(source: &str, name: &str) -> String {
    if source.is_empty() {
        format!("name:{name}")
    } else {
        source.to_owned()
    }
}
