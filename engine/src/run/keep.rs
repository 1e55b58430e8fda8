//! Runs that are kept in a store: begun, gone on with.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::event::{Failure, Given, Record, Status};
use crate::fault::{Code, Faults};
use crate::host::{Lease, Message, Store, StoreError};
use crate::json::to_json;
use crate::plan::Plan;
use crate::value::Text;

use super::accept::Accepted;
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
use super::worker::Leaving;

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

/// A run about to go on, and all that is known of it.
pub(super) struct Begun {
    pub(super) lease: Lease,
    pub(super) machine: Machine,
    pub(super) given: Arc<Given>,
    pub(super) messages: Vec<(u64, Message)>,
}

impl Engine {
    /// Begins a run that was accepted just now and claimed. What is known of it is not read again.
    ///
    /// # Errors
    /// As [`Engine::resume`].
    pub async fn begin(
        &self,
        store: &Arc<dyn Store>,
        lease: Lease,
        accepted: &Accepted,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        let Accepted { plan, head, .. } = accepted;
        // Nobody else has had it: there are no events.
        if accepted.is_new && lease.epoch == 1 {
            let machine = Machine::new(plan);
            return self.go_on(store, lease, head, machine, options).await;
        }
        self.resume(store, lease, Some(plan), options).await
    }

    /// Goes on with a run that was claimed, from its last event, or begins it. The graph, the inputs, seed, time zone and
    /// limits are those that it was accepted with; `options` give what is not kept: observers, extensions, credentials and
    /// blobs of its own, a token to cancel it with, narrower grants, whether it parks. `plan` spares compiling the graph where the caller has it.
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
        self.go_on(store, lease, &head, machine, options).await
    }

    /// Drives a run on from where it is.
    async fn go_on(
        &self,
        store: &Arc<dyn Store>,
        lease: Lease,
        head: &RunHead,
        machine: Machine,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        let runtime = Handle::try_current().map_err(|_| KeepError::NoRuntime)?;
        let messages = store.messages(&lease.run).await?;
        let options = options.for_run(&lease.run, head);
        let given = self.given(&machine.plan, &options);
        let begun = Begun {
            lease,
            machine,
            given: given.map_err(KeepError::Faults)?,
            messages,
        };
        Ok(self.drive_kept(&runtime, store, begun, head, options))
    }

    /// Lets a run go on by itself; `options` are those [`for_run`](RunOptions::for_run).
    pub(super) fn drive_kept(
        &self,
        runtime: &Handle,
        store: &Arc<dyn Store>,
        begun: Begun,
        head: &RunHead,
        options: RunOptions,
    ) -> RunHandle {
        let Begun {
            lease,
            machine,
            given,
            messages,
        } = begun;
        let plan = Arc::clone(&machine.plan);
        let (parks, each_step) = (options.kept().parks, options.kept().each_step);
        let durability = head.durability;
        let tie = options.kept().worker.clone();
        let fresh_for = tie.as_ref().map(|tie| tie.fresh_for);
        let freshness = (Arc::clone(self.clock()), fresh_for);
        let mut driver = self.driver(&plan, options);
        driver.core.log.keep(each_step.then_some(1));
        let (epoch, events) = (lease.epoch, machine.next_seq());
        let keeper = Keeper::new(
            Arc::clone(store),
            lease,
            durability,
            events,
            each_step,
            freshness,
        );
        driver.durable = Some(Box::new(Durable::new(keeper, parks)));
        let run = Arc::clone(&driver.core.run);
        RunHandle::of(runtime, &run, async move {
            // Told last, when nothing of the run is here any more.
            let mut leaving = Leaving::new(tie);
            let mut driver = driver;
            let over = if events == 0 {
                let over = begin(&mut driver, &plan, given);
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
            let outcome = end_kept(&mut driver, &plan).await;
            leaving.parked = outcome.status == Status::Waiting;
            outcome
        })
    }
}

impl Engine {
    /// Returns the state of a kept run after its first events: so many, or all that there are. Begins at the latest snapshot
    /// that it can.
    ///
    /// # Errors
    /// What the store failed with; [`StoreError::Broken`] where an event cannot follow on those before it.
    pub async fn state(
        &self,
        store: &dyn Store,
        run: &Text,
        plan: &Arc<Plan>,
        events: Option<u64>,
    ) -> Result<Machine, StoreError> {
        fold(store, run, plan, events.unwrap_or(u64::MAX)).await
    }

    /// Leaves a snapshot of a kept run at its last event, so that whoever opens it next need not fold the events before. A
    /// run that was long is given one by whoever opens it; this is for hosts that want it sooner.
    ///
    /// # Errors
    /// As [`Engine::state`].
    pub async fn keep_snapshot(
        &self,
        store: &dyn Store,
        run: &Text,
        plan: &Arc<Plan>,
    ) -> Result<(), StoreError> {
        let machine = self.state(store, run, plan, None).await?;
        match machine.to_snapshot() {
            Some(shot) => store.keep_snapshot(run, machine.next_seq(), shot).await,
            None => Ok(()),
        }
    }
}

/// A run of which so many events had to be folded gets a snapshot, so that the next one who opens it need not.
const SNAPSHOT_AFTER: u64 = 16_384;

/// Returns the state of a kept run after its first events, so many or all there are. Begins at the latest snapshot that it
/// can, and leaves one where that was long ago.
///
/// # Errors
/// What the store failed with; [`StoreError::Broken`] where an event cannot follow on those before it.
pub(super) async fn fold(
    store: &dyn Store,
    run: &Text,
    plan: &Arc<Plan>,
    until: u64,
) -> Result<Machine, StoreError> {
    let known = store.snapshot(run, until).await?;
    let known = known.and_then(|(_, shot)| Machine::from_snapshot(plan, shot.as_str()));
    let machine = known.unwrap_or_else(|| Machine::new(plan));
    let began = machine.next_seq();
    let machine = fold_on(store, run, machine, until, |_, _| ()).await?;
    if machine.next_seq() - began >= SNAPSHOT_AFTER
        && let Some(shot) = machine.to_snapshot()
    {
        // It is an aid: a store that cannot take it, e.g. one that is only read, is as good without.
        let _ = store.keep_snapshot(run, machine.next_seq(), shot).await;
    }
    Ok(machine)
}

/// Folds the events of a run from the first on; `see` is shown each event before it is applied, and the state until then.
pub(super) async fn fold_seen(
    store: &dyn Store,
    run: &Text,
    plan: &Arc<Plan>,
    see: impl FnMut(&Machine, &Record),
) -> Result<Machine, StoreError> {
    fold_on(store, run, Machine::new(plan), u64::MAX, see).await
}

async fn fold_on(
    store: &dyn Store,
    run: &Text,
    mut machine: Machine,
    until: u64,
    mut see: impl FnMut(&Machine, &Record),
) -> Result<Machine, StoreError> {
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
        if page.len() < PAGE || machine.next_seq() >= until {
            return Ok(machine);
        }
    }
}

/// Ends a kept run, or lets it leave memory.
async fn end_kept(driver: &mut Driver, plan: &Arc<Plan>) -> RunOutcome {
    let (mut status, mut receipt, mut questions) = (Status::Waiting, None, Vec::new());
    if let Some(parked) = driver.parked() {
        questions = parked.to_vec();
    } else if driver.has_left() {
        status = Status::Queued;
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
    pub(super) fn for_run(mut self, run: &Text, head: &RunHead) -> Self {
        self.run_id = Some(run.clone());
        self.inputs = Some(head.inputs.clone());
        self.overrides = head.set.clone();
        self.seed = Some(head.seed);
        self.limits = Some(Box::new(RunLimits::from(&head.limits)));
        let host = self.host.get_or_insert_default();
        host.time_zone = head.time_zone.clone();
        host.grants = host.grants.intersect(&head.grants);
        self
    }
}
