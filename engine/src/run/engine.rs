//! The engine: a registry, what the host supplies, and the way from a plan to its outcome.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::block::{HostEnv, RunEnv, Spent};
use crate::event::{Failure, Given, Status};
use crate::fault::{Code, Fault, Faults};
use crate::graph::{Graph, GraphLimits};
use crate::host::{
    Blobs, Clock, Credentials, Extensions, Grants, Http, Mailer, MemoryBlobs, MemoryCredentials,
    SystemClock,
};
use crate::json::Pointer;
use crate::plan::{Diagnosis, Mended, Plan, compile, diagnose, mend};
use crate::registry::Registry;
use crate::reuse::Reuse;
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::addresses::Addresses;
use super::core::Core;
use super::driver::Driver;
use super::handle::RunHandle;
use super::ids::{Draws, new_id};
use super::limits::RunLimits;
use super::log::Log;
use super::options::RunOptions;
use super::outcome::{CancelReceipt, RunOutcome};
use super::scope::{Mail, RunShared};
use super::serial::{Serial, SerialOptions};

/// Compiles graphs and runs plans. Cheap to clone; clones are the same engine. It has no threads of its own: runs go on
/// the tokio runtime that starts them.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    registry: Registry,
    host: Arc<HostEnv>,
    limits: RunLimits,
    graph_limits: GraphLimits,
    draws: Draws,
    /// Its blocks ask where in a run they are.
    reuses: bool,
}

/// Builds an [`Engine`]. What is not set has a version in memory, or is not there.
#[must_use]
pub struct EngineBuilder {
    registry: Registry,
    host: HostEnv,
    limits: RunLimits,
    graph_limits: GraphLimits,
}

impl Engine {
    /// Returns an engine with these blocks and everything else at its default.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self::builder(registry).build()
    }

    /// Begins an engine with these blocks.
    pub fn builder(registry: Registry) -> EngineBuilder {
        EngineBuilder {
            registry,
            host: HostEnv {
                grants: Grants::all(),
                clock: Arc::new(SystemClock::default()),
                credentials: Arc::new(MemoryCredentials::new()),
                blobs: Arc::new(MemoryBlobs::default()),
                http: None,
                mailer: None,
                extensions: Extensions::new(),
                time_zone: Text::from("UTC"),
            },
            limits: RunLimits::default(),
            graph_limits: GraphLimits::default(),
        }
    }

    /// Returns the blocks.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// Returns an engine whose runs take results from earlier where they can. A graph is to be compiled and run by it: a
    /// plan that another engine has compiled calls its blocks as ever.
    #[must_use]
    pub fn reusing(&self, reuse: &Arc<Reuse>) -> Self {
        Self(Arc::new(Inner {
            registry: self.0.registry.reusing(reuse),
            host: Arc::clone(&self.0.host),
            limits: self.0.limits.clone(),
            graph_limits: self.0.graph_limits.clone(),
            draws: Draws::new(),
            reuses: true,
        }))
    }

    /// Returns the web client, where the host has given one: for what a host asks by itself, under the same policy as its
    /// blocks.
    #[must_use]
    pub fn http(&self) -> Option<&Arc<dyn Http>> {
        self.0.host.http.as_ref()
    }

    /// Returns what blocks get by type. A run that is given its own gets those in place of these.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.host.extensions
    }

    pub(super) fn grants(&self) -> &Grants {
        &self.0.host.grants
    }

    /// Compiles a graph.
    ///
    /// # Errors
    /// Every fault that could be found.
    pub fn compile(&self, graph: &Graph) -> Result<Arc<Plan>, Faults> {
        compile(graph, &self.0.registry, &self.0.host.grants)
    }

    /// Reads and compiles a document, and tells everything that is wrong with it, with line and column.
    #[must_use]
    pub fn diagnose(&self, bytes: &[u8]) -> Diagnosis {
        diagnose(
            bytes,
            &self.0.registry,
            &self.0.host.grants,
            &self.0.graph_limits,
        )
    }

    /// Reads and compiles a document.
    ///
    /// # Errors
    /// Every fault that could be found, with line and column.
    pub fn load(&self, bytes: &[u8]) -> Result<Arc<Plan>, Faults> {
        let diagnosis = self.diagnose(bytes);
        diagnosis.plan.ok_or(Faults(diagnosis.faults))
    }

    /// Applies the repairs that the faults of a document offer, as long as they make it better.
    #[must_use]
    pub fn mend(&self, document: Value) -> Mended {
        mend(document, |bytes| self.diagnose(bytes))
    }

    /// Starts a run on the current tokio runtime.
    ///
    /// # Errors
    /// What is wrong with the inputs; [`Code::RunNoRuntime`] outside of a tokio runtime.
    pub fn start(&self, plan: &Arc<Plan>, options: RunOptions) -> Result<RunHandle, Faults> {
        let given = self.given(plan, &options)?;
        let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
            Faults(vec![Fault::new(
                Code::RunNoRuntime,
                Pointer::root(),
                format!("a run needs a tokio runtime: {error}"),
            )])
        })?;
        let mut driver = self.driver(plan, options);
        let plan = Arc::clone(plan);
        Ok(RunHandle::of(
            &runtime,
            &driver.core.run.clone(),
            async move {
                if !begin(&mut driver, &plan, given) {
                    driver.drive().await;
                }
                end(&mut driver, &plan)
            },
        ))
    }

    /// Runs a plan to its end, in the caller's own task.
    ///
    /// # Errors
    /// What is wrong with the inputs. A run that fails is an outcome, not an error.
    ///
    /// # Cancellation
    /// Dropping the future drops everything that is at work, without grace; a blocking thread goes on, and what it
    /// gives is refused.
    pub async fn run(&self, plan: &Arc<Plan>, options: RunOptions) -> Result<RunOutcome, Faults> {
        let given = self.given(plan, &options)?;
        let mut driver = self.driver(plan, options);
        // Most small runs are over before anything has to wait, and need no future of their own.
        if !begin(&mut driver, plan, given) {
            Box::pin(driver.drive()).await;
        }
        Ok(end(&mut driver, plan))
    }

    /// Runs a plan to its end on one thread, one step at a time, in an order that follows from a seed or from recorded
    /// events. For tests, simulation and replay.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn run_serial(
        &self,
        plan: &Arc<Plan>,
        options: RunOptions,
        serial: SerialOptions,
    ) -> Result<RunOutcome, Faults> {
        let given = self.given(plan, &options)?;
        let mut core = self.prepare(plan, options.record());
        core.open_run(plan, given);
        let mut driver = Serial::new(core, serial);
        let (status, receipt) = Box::pin(driver.drive()).await;
        Ok(outcome(&mut driver.core, plan, status, receipt))
    }

    pub(super) fn given(&self, plan: &Plan, options: &RunOptions) -> Result<Arc<Given>, Faults> {
        let limits = options.limits.as_deref().unwrap_or(&self.0.limits);
        options.given(plan, limits).map_err(Faults)
    }

    pub(super) fn driver(&self, plan: &Arc<Plan>, options: RunOptions) -> Box<Driver> {
        Box::new(Driver::new(self.prepare(plan, options)))
    }

    /// Returns the seed that options ask for, or a new one.
    pub(super) fn seed(&self, options: &RunOptions) -> u64 {
        options.seed.unwrap_or_else(|| self.0.draws.draw())
    }

    /// Returns an id for a run that begins now.
    pub(super) fn new_id(&self, now: Timestamp) -> Text {
        let [a, b] = self.0.draws.draw_some();
        new_id(now, a, b)
    }

    /// Returns the limits that options ask for, or those of the engine.
    pub(super) fn limits(&self, options: &RunOptions) -> RunLimits {
        let own = options.limits.as_deref();
        own.unwrap_or(&self.0.limits).clone()
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.host.clock
    }

    pub(super) fn time_zone(&self) -> &Text {
        &self.0.host.time_zone
    }

    pub(super) fn prepare(&self, plan: &Arc<Plan>, options: RunOptions) -> Core {
        let inner = &self.0;
        let now = inner.host.clock.now();
        let [seed, a, b] = inner.draws.draw_some();
        let seed = options.seed.unwrap_or(seed);
        let id = options.run_id.unwrap_or_else(|| new_id(now, a, b));
        let mut limits = match options.limits {
            Some(own) => *own,
            None => inner.limits.clone(),
        };
        let policy = plan.policy();
        if let Some(asked) = policy.max_parallel {
            limits.max_parallel = limits.max_parallel.min(asked as usize);
        }
        let asked = policy.timeout_ms.map(Duration::from_millis);
        limits.timeout = match (limits.timeout, asked) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let host = match options.host {
            None => Arc::clone(&inner.host),
            Some(own) => Arc::new(own.over(&inner.host)),
        };
        let env = RunEnv {
            id,
            seed,
            cancel: options.cancel.into(),
            secrets: OnceLock::new(),
            exposed: AtomicBool::new(false),
            spent: Spent::of(&host.grants),
            host,
        };
        let shared = Arc::new(RunShared {
            env,
            plan: Arc::clone(plan),
            mail: Mail::default(),
            addresses: inner.reuses.then(Addresses::default),
        });
        let log = Log::new(Arc::clone(&shared), options.observers, options.record);
        Core::new(shared, now, limits, log)
    }
}

/// Opens a run and does what can be done before anything has to wait. Says whether that was all.
pub(super) fn begin(driver: &mut Driver, plan: &Arc<Plan>, given: Arc<Given>) -> bool {
    if let Some(failure) = refused(&driver.core, plan) {
        driver.core.failure = Some(Arc::new(failure));
        return true;
    }
    driver.core.open_run(plan, given);
    driver.drive_at_once()
}

/// Ends a run that is over.
fn end(driver: &mut Driver, plan: &Arc<Plan>) -> RunOutcome {
    let (status, receipt) = driver.finish();
    outcome(&mut driver.core, plan, status, receipt)
}

/// A plan may have been compiled with wider grants than the run has: the blocks are looked at once more, before
/// anything starts.
pub(super) fn refused(core: &Core, plan: &Plan) -> Option<Failure> {
    let grants = &core.run.env.host.grants;
    if grants.is_all() {
        return None;
    }
    let denied = plan
        .node_positions()
        .find(|node| !grants.allows_block(plan.block_id(*node)));
    if let Some(node) = denied {
        let message = format!(
            "block \"{}\" is not granted to this run",
            plan.block_id(node)
        );
        return Some(Failure::new(Code::GrantBlock, message).at(plan.node_id(node)));
    }
    plan.subgraphs.values().find_map(|sub| refused(core, sub))
}

pub(super) fn outcome(
    core: &mut Core,
    plan: &Arc<Plan>,
    status: Status,
    receipt: Option<CancelReceipt>,
) -> RunOutcome {
    let mut outcome = RunOutcome::new(core.run.env.id.clone(), status);
    outcome.duration_ms = u64::try_from(core.duration().as_millis()).unwrap_or(u64::MAX);
    outcome.failure = core.failure.as_deref().cloned();
    outcome.cancelled = receipt;
    outcome.add_up(std::mem::take(&mut core.totals));
    if let Some(scope) = core.scopes.get_mut(0) {
        let outputs = std::mem::take(&mut scope.state.outputs);
        outcome.give_outputs(plan, &scope.state, outputs);
    }
    outcome.records = core.log.take_kept().unwrap_or_default();
    outcome
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("blocks", &self.0.registry.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("blocks", &self.registry.len())
            .finish_non_exhaustive()
    }
}

macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident: $ty:ty, $($field:ident).+ = $value:expr;)+) => {
        impl EngineBuilder {
            $($(#[doc = $doc])+
            pub fn $name(mut self, $name: $ty) -> Self {
                self.$($field).+ = $value;
                self
            })+

            /// Returns the engine.
            #[must_use]
            pub fn build(self) -> Engine {
                Engine(Arc::new(Inner {
                    registry: self.registry,
                    host: Arc::new(self.host),
                    limits: self.limits,
                    graph_limits: self.graph_limits,
                    draws: Draws::new(),
                    reuses: false,
                }))
            }
        }
    };
}

setters! {
    /// Sets what graphs and runs may do.
    grants: Grants, host.grants = grants;
    /// Sets the clock.
    clock: Arc<dyn Clock>, host.clock = clock;
    /// Sets where secrets come from.
    credentials: Arc<dyn Credentials>, host.credentials = credentials;
    /// Sets where blobs are kept.
    blobs: Arc<dyn Blobs>, host.blobs = blobs;
    /// Sets the web client.
    http: Arc<dyn Http>, host.http = Some(http);
    /// Sets the mail client.
    mailer: Arc<dyn Mailer>, host.mailer = Some(mailer);
    /// Sets what blocks get by type.
    extensions: Extensions, host.extensions = extensions;
    /// Sets the time zone of whoever the runs are for, by its IANA name; `UTC` without it. A run may have its own.
    time_zone: impl Into<Text>, host.time_zone = time_zone.into();
    /// Sets the limits of runs.
    limits: RunLimits, limits = limits;
    /// Sets the limits of documents.
    graph_limits: GraphLimits, graph_limits = graph_limits;
}
