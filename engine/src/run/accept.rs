//! Runs that a store accepts: queued, or begun by whoever has them accepted.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::graph::Graph;
use crate::host::{Created, Lease, NewRun, Store, StoreError};
use crate::plan::Plan;
use crate::value::Text;

use super::engine::Engine;
use super::handle::RunHandle;
use super::head::RunHead;
use super::keep::{Begun, KeepError};
use super::machine::Machine;
use super::options::RunOptions;

/// A run that was accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Accepted {
    /// Its id.
    pub run: Text,
    /// It was accepted now. Else an earlier request with the same key had made it.
    pub is_new: bool,
    pub(super) plan: Arc<Plan>,
    pub(super) head: Arc<RunHead>,
}

/// What became of a run that was accepted to be begun at once.
pub(super) enum Claimed {
    Begun(RunHandle),
    /// There was one with the same key.
    Known(Text),
}

/// Who has the runs that are begun while they are accepted.
pub(super) trait Holder: Sync {
    /// Says whether no run with this id is theirs, which from now on one is. Of a second one with it nothing may begin before
    /// the store has refused it: it would write by the lease of the first.
    fn expect(&self, run: &Text) -> bool;

    /// They have this run.
    fn have(&self, lease: Lease, handle: &RunHandle);
}

/// A run that began while it was accepted. Whoever has it accepted may go away meanwhile; it goes on.
struct Early(Option<RunHandle>);

impl Early {
    fn taken(mut self) -> Option<RunHandle> {
        self.0.take()
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.detach();
        }
    }
}

impl Engine {
    /// Accepts a run: when this returns, it outlives a power cut (see [`RunOptions::accept_unsynced`]), and is queued in the
    /// store. With `key` a repeated request means the run that the first one made.
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
    ) -> Result<Accepted, KeepError> {
        self.given(plan, options).map_err(KeepError::Faults)?;
        let (new, head) = self.new_run(graph, plan, options, key);
        let id = new.run.clone();
        let (run, is_new) = match store.create(new).await? {
            Created::Known(known) => (known, false),
            _ => (id, true),
        };
        Ok(Accepted {
            run,
            is_new,
            plan: Arc::clone(plan),
            head: Arc::new(head),
        })
    }

    /// Accepts a run, claims it and begins it, with one write. `holder` is told of it as soon as it has begun, which may
    /// be before it is accepted: whoever waits for that may go away.
    pub(super) async fn submit_claimed(
        &self,
        store: &Arc<dyn Store>,
        (owner, ttl): (Text, Duration),
        (graph, plan): (&Graph, &Arc<Plan>),
        mut options: RunOptions,
        key: Option<Text>,
        holder: &dyn Holder,
    ) -> Result<Claimed, KeepError> {
        let runtime = Handle::try_current().map_err(|_| KeepError::NoRuntime)?;
        let given = self.given(plan, &options).map_err(KeepError::Faults)?;
        // A run whose acceptance nobody is told of before its end begins while it is accepted. It must be one that can be
        // refused for no other reason than a store that fails: not one that may have been made by an earlier request.
        let ahead = options.kept().accept_unsynced && key.is_none();
        let (new, head) = self.new_run(graph, plan, &options, key);
        let new = new.claimed_by(owner, ttl);
        let may_begin = |lease: &Lease| ahead && new.check().is_ok() && holder.expect(&lease.run);
        let expected = new.lease().filter(may_begin);
        let mut creating = store.create(new);
        let mut begin = |lease: &Lease| {
            let begun = Begun {
                lease: lease.clone(),
                machine: Machine::new(plan),
                given: Arc::clone(&given),
                // Whoever tells it something knows its id from what is returned below.
                messages: Vec::new(),
            };
            let options = std::mem::take(&mut options).for_run(&lease.run, &head);
            let handle = self.drive_kept(&runtime, store, begun, &head, options);
            holder.have(lease.clone(), &handle);
            handle
        };
        let (early, created) = match expected {
            Some(lease) => {
                // It is in the store's queue before anything of the run can be.
                let at_once = std::future::poll_fn(|cx| Poll::Ready(creating.as_mut().poll(cx)));
                let at_once = at_once.await;
                let early = Early(Some(begin(&lease)));
                let created = match at_once {
                    Poll::Ready(created) => created,
                    Poll::Pending => creating.await,
                };
                (early, created)
            }
            None => (Early(None), creating.await),
        };
        let lease = match created {
            Ok(Created::Held(lease)) => lease,
            Ok(Created::Known(known)) => return Ok(Claimed::Known(known)),
            Ok(Created::Fresh) => {
                let message = "the store has accepted a run and not claimed it".to_owned();
                return Err(StoreError::Failed { message }.into());
            }
            Err(error) => {
                // What it did is kept nowhere; it stops at what it does next.
                drop(early.taken());
                return Err(error.into());
            }
        };
        let handle = early.taken().unwrap_or_else(|| begin(&lease));
        Ok(Claimed::Begun(handle))
    }

    /// Makes the run that options ask for, and its head.
    fn new_run(
        &self,
        graph: &Graph,
        plan: &Arc<Plan>,
        options: &RunOptions,
        key: Option<Text>,
    ) -> (NewRun, RunHead) {
        let now = self.clock().now();
        let id = options.run_id.clone();
        let id = id.unwrap_or_else(|| self.new_id(now));
        let origin = plan.origin(graph);
        let mut head = RunHead::new(&origin, options, self.seed(options), &self.limits(options));
        let zone = head.time_zone.take();
        head.time_zone = Some(zone.unwrap_or_else(|| self.time_zone().clone()));
        let kept = options.kept();
        let mut new = NewRun::new(id, head.around(&origin.part), now)
            .graph(plan.name(), head.hash.clone())
            .tenant(kept.tenant.clone())
            .source(kept.source.clone())
            .labels(kept.labels.clone())
            .sync(!kept.accept_unsynced);
        new.key = key;
        (new, head)
    }
}
