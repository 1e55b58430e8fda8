//! The engine: a registry, what the host supplies, and the way from a plan to its outcome.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::block::{RunEnv, mix};
use crate::event::{Failure, Given, Status};
use crate::fault::{Code, Fault, Faults};
use crate::graph::{Graph, GraphLimits};
use crate::host::{
    Blobs, Clock, Credentials, Extensions, Grants, Http, MemoryBlobs, MemoryCredentials,
    SystemClock,
};
use crate::json::Pointer;
use crate::plan::{Diagnosis, Mended, Plan, compile, diagnose, mend};
use crate::registry::Registry;
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::core::Core;
use super::driver::Driver;
use super::handle::RunHandle;
use super::limits::RunLimits;
use super::log::Log;
use super::options::RunOptions;
use super::outcome::{CancelReceipt, RunOutcome};
use super::serial::{Serial, SerialOptions};

/// Compiles graphs and runs plans. Cheap to clone; clones are the same engine. It has no threads of its own: runs go on
/// the tokio runtime that starts them.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    registry: Registry,
    grants: Grants,
    clock: Arc<dyn Clock>,
    credentials: Arc<dyn Credentials>,
    blobs: Arc<dyn Blobs>,
    http: Option<Arc<dyn Http>>,
    extensions: Extensions,
    limits: RunLimits,
    graph_limits: GraphLimits,
}

/// Builds an [`Engine`]. What is not set has a version in memory, or is not there.
#[must_use]
pub struct EngineBuilder(Inner);

impl Engine {
    /// Returns an engine with these blocks and everything else at its default.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self::builder(registry).build()
    }

    /// Begins an engine with these blocks.
    pub fn builder(registry: Registry) -> EngineBuilder {
        EngineBuilder(Inner {
            registry,
            grants: Grants::all(),
            clock: Arc::new(SystemClock::default()),
            credentials: Arc::new(MemoryCredentials::new()),
            blobs: Arc::new(MemoryBlobs::default()),
            http: None,
            extensions: Extensions::new(),
            limits: RunLimits::default(),
            graph_limits: GraphLimits::default(),
        })
    }

    /// Returns the blocks.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    pub(super) fn grants(&self) -> &Grants {
        &self.0.grants
    }

    /// Compiles a graph.
    ///
    /// # Errors
    /// Every fault that could be found.
    pub fn compile(&self, graph: &Graph) -> Result<Arc<Plan>, Faults> {
        compile(graph, &self.0.registry, &self.0.grants)
    }

    /// Reads and compiles a document, and tells everything that is wrong with it, with line and column.
    #[must_use]
    pub fn diagnose(&self, bytes: &[u8]) -> Diagnosis {
        diagnose(
            bytes,
            &self.0.registry,
            &self.0.grants,
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
        let prepared = self.prepare(plan, options, given);
        let (id, cancel, mail) = (
            prepared.core.env.id.clone(),
            prepared.core.env.cancel.clone(),
            Arc::clone(&prepared.core.mail),
        );
        let task = runtime.spawn(prepared.drive());
        Ok(RunHandle {
            id,
            cancel,
            mail,
            task: Some(task),
        })
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
        Ok(Box::pin(self.prepare(plan, options, given).drive()).await)
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
        let mut prepared = self.prepare(plan, options.record(), given);
        let since = prepared.core.env.clock.elapsed();
        prepared.core.open_run(plan, &prepared.given);
        let mut driver = Serial::new(prepared.core, serial);
        let (status, receipt) = Box::pin(driver.drive()).await;
        Ok(outcome(&mut driver.core, plan, status, receipt, since))
    }

    fn given(&self, plan: &Plan, options: &RunOptions) -> Result<Given, Faults> {
        let limits = options.limits.as_ref().unwrap_or(&self.0.limits);
        options.given(plan, limits).map_err(Faults)
    }

    fn prepare(&self, plan: &Arc<Plan>, options: RunOptions, given: Given) -> Prepared {
        let inner = &self.0;
        let mut limits = options
            .limits
            .clone()
            .unwrap_or_else(|| inner.limits.clone());
        let policy = plan.policy();
        if let Some(asked) = policy.max_parallel {
            limits.max_parallel = limits.max_parallel.min(asked as usize);
        }
        let asked = policy.timeout_ms.map(Duration::from_millis);
        limits.timeout = match (limits.timeout, asked) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let env = RunEnv {
            id: options.run_id.unwrap_or_else(|| new_id(inner.clock.now())),
            seed: options.seed.unwrap_or_else(draw),
            cancel: options.cancel.unwrap_or_default(),
            clock: Arc::clone(&inner.clock),
            credentials: Arc::clone(&inner.credentials),
            blobs: Arc::clone(&inner.blobs),
            http: inner.http.clone(),
            extensions: options
                .extensions
                .unwrap_or_else(|| inner.extensions.clone()),
            grants: inner.grants.intersect(&options.grants),
        };
        let log = Log::new(
            env.id.clone(),
            Arc::clone(plan),
            options.observers,
            options.record,
        );
        Prepared {
            core: Core::new(Arc::new(env), limits, log),
            plan: Arc::clone(plan),
            given: Arc::new(given),
        }
    }
}

struct Prepared {
    core: Core,
    plan: Arc<Plan>,
    given: Arc<Given>,
}

impl Prepared {
    async fn drive(mut self) -> RunOutcome {
        let since = self.core.env.clock.elapsed();
        if let Some(failure) = refused(&self.core, &self.plan) {
            self.core.failure = Some(Arc::new(failure));
            self.core.end(Status::Failed);
            return outcome(&mut self.core, &self.plan, Status::Failed, None, since);
        }
        self.core.open_run(&self.plan, &self.given);
        let timeout = self.core.limits.timeout;
        let mut driver = Driver::new(self.core, timeout);
        let (status, receipt) = driver.drive().await;
        outcome(&mut driver.core, &self.plan, status, receipt, since)
    }
}

/// A plan may have been compiled with wider grants than the run has: the blocks are looked at once more, before
/// anything starts.
fn refused(core: &Core, plan: &Plan) -> Option<Failure> {
    let grants = &core.env.grants;
    if *grants == Grants::all() {
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

fn outcome(
    core: &mut Core,
    plan: &Arc<Plan>,
    status: Status,
    receipt: Option<CancelReceipt>,
    since: Duration,
) -> RunOutcome {
    let took = core.env.clock.elapsed().saturating_sub(since);
    let mut outcome = RunOutcome::new(core.env.id.clone(), status);
    outcome.duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    outcome.failure = core.failure.as_deref().cloned();
    outcome.node_errors = core.node_errors;
    outcome.errors = std::mem::take(&mut core.errors);
    outcome.costs = std::mem::take(&mut core.costs);
    outcome.cancelled = receipt;
    outcome.firings = core.firings;
    if let Some(scope) = core.scopes.get_mut(0) {
        outcome.firings += scope.state.firings;
        if status == Status::Completed {
            outcome.stalled = super::stalled::report(plan, &scope.state);
            // Which call ended first is chance; how they are told is not.
            core.stalled.sort_by(|a, b| a.node.cmp(&b.node));
            outcome.stalled.append(&mut core.stalled);
        }
        for output in std::mem::take(&mut scope.state.outputs) {
            if let Some(name) = plan.io_name(output.node) {
                outcome.give(name, output.value);
            }
        }
    }
    outcome.records = core.log.take_kept().unwrap_or_default();
    outcome
}

impl RunOutcome {
    fn new(run_id: Text, status: Status) -> Self {
        Self {
            run_id,
            status,
            outputs: Vec::new(),
            node_errors: 0,
            errors: Vec::new(),
            stalled: Vec::new(),
            firings: 0,
            duration_ms: 0,
            failure: None,
            cancelled: None,
            costs: Vec::new(),
            records: Vec::new(),
        }
    }

    pub(super) fn failed(run_id: Text, failure: Failure) -> Self {
        Self {
            failure: Some(failure),
            ..Self::new(run_id, Status::Failed)
        }
    }

    fn give(&mut self, name: &Text, value: Value) {
        match self.outputs.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value),
            None => self.outputs.push((name.clone(), vec![value])),
        }
    }
}

/// Draws a number that nobody can guess the next of; not for keys.
fn draw() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Returns a new UUID, version 7 (RFC 9562, 5.7): ids of later runs sort after those of earlier ones.
///
/// Digit by digit: `format!` was a tenth of what a run of four nodes takes.
fn new_id(now: Timestamp) -> Text {
    let ms = u64::try_from(now.as_millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    let (a, b) = (draw(), mix(draw()));
    let high = ms << 16 | 0x7000 | a & 0xfff;
    let low = 0x8000 << 48 | (a >> 16 & 0x3fff) << 48 | b & 0xffff_ffff_ffff;
    let mut digits = (u128::from(high) << 64 | u128::from(low)).rotate_left(4);
    let text: [u8; 36] = std::array::from_fn(|place| {
        if matches!(place, 8 | 13 | 18 | 23) {
            return b'-';
        }
        let digit = (digits & 0xf) as u8;
        digits = digits.rotate_left(4);
        if digit < 10 {
            b'0' + digit
        } else {
            b'a' + digit - 10
        }
    });
    Text::from(std::str::from_utf8(&text).unwrap_or_default())
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
            .field("blocks", &self.0.registry.len())
            .finish_non_exhaustive()
    }
}

macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $value:expr;)+) => {
        impl EngineBuilder {
            $($(#[doc = $doc])+
            pub fn $name(mut self, $name: $ty) -> Self {
                self.0.$name = $value;
                self
            })+

            /// Returns the engine.
            #[must_use]
            pub fn build(self) -> Engine {
                Engine(Arc::new(self.0))
            }
        }
    };
}

setters! {
    /// Sets what graphs and runs may do.
    grants: Grants = grants;
    /// Sets the clock.
    clock: Arc<dyn Clock> = clock;
    /// Sets where secrets come from.
    credentials: Arc<dyn Credentials> = credentials;
    /// Sets where blobs are kept.
    blobs: Arc<dyn Blobs> = blobs;
    /// Sets the web client.
    http: Arc<dyn Http> = Some(http);
    /// Sets what blocks get by type.
    extensions: Extensions = extensions;
    /// Sets the limits of runs.
    limits: RunLimits = limits;
    /// Sets the limits of documents.
    graph_limits: GraphLimits = graph_limits;
}
