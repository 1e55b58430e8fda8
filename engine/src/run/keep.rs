//! Runs that are kept in a store: accepted, begun, gone on with.

use std::sync::Arc;

use crate::event::{Failure, Record, Status};
use crate::fault::{Code, Faults};
use crate::graph::Graph;
use crate::host::{Created, Lease, NewRun, Store, StoreError};
use crate::json::to_json;
use crate::plan::Plan;
use crate::value::Text;

use super::driver::Driver;
use super::durable::Durable;
use super::engine::{Engine, begin, outcome, refused};
use super::handle::RunHandle;
use super::head::RunHead;
use super::keeper::Keeper;
use super::limits::RunLimits;
use super::machine::Machine;
use super::options::RunOptions;
use super::outcome::RunOutcome;

/// How many events are read at a time.
const PAGE: usize = 8_192;

/// Why a kept run could not be accepted, or gone on with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// The inputs or the graph will not do here.
    #[error("{0}")]
    Faults(Faults),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The graph means something else here than where the run began: events would be read wrongly.
    #[error("run {run} cannot be gone on with here: {what}")]
    Changed {
        /// The run.
        run: String,
        /// What has changed.
        what: String,
    },
    /// There is no tokio runtime.
    #[error("a run needs a tokio runtime")]
    NoRuntime,
}

impl KeepError {
    /// Returns the stable code; of several faults the first one's.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Faults(faults) => faults
                .0
                .first()
                .map_or(Code::RunChanged, |fault| fault.code),
            Self::Store(error) => error.code(),
            Self::Changed { .. } => Code::RunChanged,
            Self::NoRuntime => Code::RunNoRuntime,
        }
    }
}

impl Engine {
    /// Accepts a run: when this returns, it outlives a power cut, and is queued in the store. Returns its id, and whether it
    /// is new: with `key` a repeated request means the run that the first one made.
    ///
    /// # Errors
    /// What is wrong with the inputs, and what the store refused.
    pub async fn submit(
        &self,
        store: &dyn Store,
        graph: &Graph,
        plan: &Arc<Plan>,
        options: &RunOptions,
        key: Option<Text>,
    ) -> Result<(Text, bool), KeepError> {
        self.given(plan, options).map_err(KeepError::Faults)?;
        let id = self.run_id(options);
        let mut head = RunHead::new(
            graph,
            plan,
            options,
            self.seed(options),
            &self.limits(options),
        );
        let zone = head.time_zone.take();
        head.time_zone = Some(zone.unwrap_or_else(|| self.time_zone().clone()));
        let mut new = NewRun::new(id.clone(), head.to_json(), self.clock().now())
            .graph(plan.name(), head.hash.clone());
        new.key = key;
        Ok(match store.create(new).await? {
            Created::Known(known) => (known, false),
            _ => (id, true),
        })
    }

    /// Goes on with a run that was claimed, from its last event, or begins it. The graph, the inputs, seed, time zone and
    /// limits are those that it was accepted with; `options` give what is not kept: observers, extensions, a token to cancel
    /// it with, narrower grants, whether it parks. `plan` spares compiling the graph where the caller has it.
    ///
    /// # Errors
    /// [`KeepError::Changed`] where blocks have changed since; what is wrong with the graph here; what the store refused.
    pub async fn resume(
        &self,
        store: &Arc<dyn Store>,
        lease: Lease,
        plan: Option<&Arc<Plan>>,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        let broken = |message: String| {
            KeepError::Store(StoreError::Broken {
                run: lease.run.to_string(),
                seq: 0,
                message,
            })
        };
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| KeepError::NoRuntime)?;
        let head = store.head(&lease.run).await?;
        let head = RunHead::from_json(head.as_str())
            .map_err(|what| broken(format!("its head cannot be read: {what}")))?;
        let plan = match plan {
            Some(plan) => Arc::clone(plan),
            None => self
                .load(to_json(&head.graph).as_bytes())
                .map_err(KeepError::Faults)?,
        };
        if let Some(what) = head.changed(&plan) {
            return Err(KeepError::Changed {
                run: lease.run.to_string(),
                what,
            });
        }
        let machine = fold(&**store, &lease.run, &plan, u64::MAX).await?;
        if let Some(status) = machine.status() {
            return Err(KeepError::Store(StoreError::Over {
                run: lease.run.to_string(),
                status,
            }));
        }
        let messages = store.messages(&lease.run).await?;
        let (parks, each_step, durability) = (options.parks, options.each_step, head.durability);
        let options = options.for_run(&lease.run, &head);
        let given = self.given(&plan, &options).map_err(KeepError::Faults)?;
        let mut driver = self.driver(&plan, options);
        driver.core.log.keep(each_step.then_some(1));
        let (epoch, events) = (lease.epoch, machine.next_seq());
        let keeper = Keeper::new(Arc::clone(store), lease, durability, events, each_step);
        driver.durable = Some(Box::new(Durable::new(keeper, parks)));
        let run = Arc::clone(&driver.core.run);
        Ok(RunHandle::of(&runtime, &run, async move {
            let over = if events == 0 {
                let over = begin(&mut driver, &plan, &given);
                driver.take_messages(messages);
                over
            } else {
                driver.take_over(machine, epoch, &plan);
                driver.take_messages(messages);
                driver.drive_at_once()
            };
            if !over {
                driver.drive().await;
            }
            end_kept(&mut driver, &plan).await
        }))
    }
}

/// Folds the events of a run up to, and without, the one with this number.
pub(super) async fn fold(
    store: &dyn Store,
    run: &Text,
    plan: &Arc<Plan>,
    until: u64,
) -> Result<Machine, StoreError> {
    fold_seen(store, run, plan, until, |_, _| ()).await
}

/// The same; `see` is shown each event before it is applied, and the state until then.
pub(super) async fn fold_seen(
    store: &dyn Store,
    run: &Text,
    plan: &Arc<Plan>,
    until: u64,
    mut see: impl FnMut(&Machine, &Record),
) -> Result<Machine, StoreError> {
    let mut machine = Machine::new(plan);
    loop {
        let from = machine.next_seq();
        let most = usize::try_from(until.saturating_sub(from)).unwrap_or(usize::MAX);
        let page = store.read(run, from, PAGE.min(most)).await?;
        for record in &page {
            see(&machine, record);
            machine
                .apply(record)
                .map_err(|failure| StoreError::Broken {
                    run: run.to_string(),
                    seq: record.seq,
                    message: failure.message.to_string(),
                })?;
        }
        if page.len() < PAGE {
            return Ok(machine);
        }
    }
}

/// Ends a kept run, or lets it leave memory.
async fn end_kept(driver: &mut Driver, plan: &Arc<Plan>) -> RunOutcome {
    let (mut status, mut receipt, mut questions) = (Status::Waiting, None, Vec::new());
    if let Some(parked) = driver.parked() {
        questions = parked.to_vec();
    } else {
        (status, receipt) = driver.finish();
    }
    let lost = driver.close().await;
    let mut outcome = outcome(&mut driver.core, plan, status, receipt);
    outcome.questions = questions;
    if let Some(failure) = lost {
        // What became of it here is no fact of the run.
        (outcome.status, outcome.failure) = (Status::Failed, Some(failure));
    }
    outcome
}

impl Driver {
    /// Takes a run up where its events end.
    fn take_over(&mut self, machine: Machine, epoch: u64, plan: &Plan) {
        let refusal: Option<Failure> = refused(&self.core, plan);
        let firings = self.core.restore(machine, epoch);
        if let Some(failure) = refusal {
            self.core.failure.get_or_insert(Arc::new(failure));
        }
        let stops = self.core.failure.is_some() || self.core.cancelled;
        if stops {
            self.stop(self.core.cancelled);
        }
        for firing in firings {
            if stops {
                let at = firing.at;
                drop(firing);
                let receipt = self.receipt.get_or_insert_default();
                self.core.abort(at, receipt, false);
            } else {
                self.poll_in_place(firing);
            }
        }
    }
}

impl RunOptions {
    /// These options for a run that was accepted with that head.
    fn for_run(mut self, run: &Text, head: &RunHead) -> Self {
        self.run_id = Some(run.clone());
        self.inputs = head.inputs.clone();
        self.overrides = head.set.clone();
        self.seed = Some(head.seed);
        self.time_zone = head.time_zone.clone();
        self.limits = Some(RunLimits::from(&head.limits));
        self.grants = self.grants.intersect(&head.grants);
        self
    }
}
