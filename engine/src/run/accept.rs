//! Runs that a store accepts: queued, or begun by whoever has them accepted.

use std::sync::Arc;
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
    Begun(Lease, RunHandle),
    /// There was one with the same key.
    Known(Text),
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

    /// Accepts a run, claims it and begins it, with one write.
    pub(super) async fn submit_claimed(
        &self,
        store: &Arc<dyn Store>,
        (owner, ttl): (Text, Duration),
        (graph, plan): (&Graph, &Arc<Plan>),
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Claimed, KeepError> {
        let runtime = Handle::try_current().map_err(|_| KeepError::NoRuntime)?;
        let given = self.given(plan, &options).map_err(KeepError::Faults)?;
        let (new, head) = self.new_run(graph, plan, &options, key);
        let lease = match store.create(new.claimed_by(owner, ttl)).await? {
            Created::Known(known) => return Ok(Claimed::Known(known)),
            Created::Held(lease) => lease,
            Created::Fresh => {
                let message = "the store has accepted a run and not claimed it".to_owned();
                return Err(StoreError::Failed { message }.into());
            }
        };
        let begun = Begun {
            lease: lease.clone(),
            machine: Machine::new(plan),
            given,
            // Whoever tells it something knows its id from what is returned below.
            messages: Vec::new(),
        };
        let options = options.for_run(&lease.run, &head);
        let handle = self.drive_kept(&runtime, store, begun, &head, options);
        Ok(Claimed::Begun(lease, handle))
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
        let mut new = NewRun::new(id, head.with_graph(&origin.json), now)
            .graph(plan.name(), head.hash.clone())
            .tenant(options.tenant.clone())
            .source(options.source.clone())
            .labels(options.labels.clone())
            .sync(!options.accept_unsynced);
        new.key = key;
        (new, head)
    }
}
