//! Runs of a tenant: accepted, driven in this process, found again.
//!
//! A run belongs to the tenant that it was accepted for; every way to one goes through [`Runs::entry`], which says of
//! another tenant's that it is not there.

mod drive;
pub(crate) mod labels;
mod look;
mod past;
mod results;
mod reuse;
mod told;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::{RunEntry, RunQuery, Store, StoreError};
use graphloom::{Engine, Plan, RunOptions, Text};

use crate::aside::Aside;
use crate::drain::Drain;
use crate::graphs::Ready;
use crate::lent::Lent;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};

pub(crate) use drive::{RunEnded, Started};
pub(crate) use labels::Origin;
pub(crate) use look::Kept;
pub(crate) use reuse::Reusing;
pub(crate) use told::Reply;

use self::drive::Driving;
use self::results::Results;
use self::turns::Turns;

/// A graph to be run.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) ready: &'a Ready,
    /// What is taken from an earlier run.
    pub(crate) reuse: Option<Reusing<'a>>,
}

/// Runs of all tenants.
pub(crate) struct Runs {
    engine: Engine,
    store: Arc<dyn Store>,
    aside: Aside,
    results: Arc<Results>,
    answering: Turns,
    driving: Arc<Driving>,
    lent: Arc<Lent>,
}

impl Runs {
    /// `cache_bytes`: about how much memory results may take that were computed. Inside of a tokio runtime; goes on with what
    /// waits in the store from now on.
    pub(crate) fn new(
        engine: &Engine,
        (store, aside, cache_bytes): (&Arc<dyn Store>, &Aside, usize),
        (lent, hear): (Arc<Lent>, Vec<Arc<dyn RunEnded>>),
        drain: &Drain,
    ) -> Result<Self, Problem> {
        let results = Arc::new(Results::new(cache_bytes));
        Ok(Self {
            aside: aside.clone(),
            results: Arc::clone(&results),
            answering: Turns::new(),
            engine: engine.clone(),
            store: Arc::clone(store),
            driving: Driving::begin(engine, store, (&lent, hear), drain, results)?,
            lent,
        })
    }

    /// Accepts a run and begins it. With a key, a repeated request means the run that the first one made.
    ///
    /// # Errors
    /// What is wrong with the inputs; `HTTP_DRAINING`; what the store refused.
    pub(crate) async fn start(
        &self,
        tenant: &Tenant,
        work: Work<'_>,
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Started, Problem> {
        let options = self.lend(tenant, work.ready.plan.name(), options);
        let taken = match work.reuse {
            Some(reuse) => Some(self.reusing(tenant, work.ready, reuse).await?),
            None => None,
        };
        let (engine, plan) = match &taken {
            Some((engine, plan)) => (Some(engine), plan),
            None => (None, &work.ready.plan),
        };
        let graph = (&work.ready.graph, plan);
        self.driving.start(engine, graph, options, key).await
    }

    /// Gives a run that is not kept what is its tenant's. `name` is that of its graph.
    pub(crate) fn lend(&self, tenant: &Tenant, name: &str, options: RunOptions) -> RunOptions {
        let options = self.lent.to(tenant, name, options);
        options.tenant(tenant.as_text().clone())
    }

    /// Waits until all runs are over or have left this process, about so long. Says how many are still here.
    pub(crate) async fn end(&self, time: Duration) -> usize {
        self.driving.end(time).await
    }

    /// Makes a run that was accepted without waiting for the disk outlive a power cut.
    pub(crate) async fn sync(&self, run: &Text) -> Result<(), Problem> {
        Ok(self.store.sync(run).await?)
    }

    /// Returns what is kept of a run beside its events.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's.
    pub(crate) async fn entry(&self, tenant: &Tenant, run: &Text) -> Result<RunEntry, Problem> {
        let entry = self.store.entry(run).await?;
        if entry.tenant == *tenant.as_text() {
            Ok(entry)
        } else {
            Err(Problem::not_found("run", run))
        }
    }

    /// Lists runs of a tenant, the latest first.
    ///
    /// # Errors
    /// `HTTP_CURSOR` where the list is to go on behind a run that is gone by now.
    pub(crate) async fn list(
        &self,
        tenant: &Tenant,
        query: RunQuery,
    ) -> Result<Vec<RunEntry>, Problem> {
        let query = query.tenant(tenant.as_text().clone());
        match self.store.entries(query).await {
            Err(StoreError::UnknownRun { .. }) => {
                let detail = "the run that this list goes on behind is gone: begin the list anew";
                Err(Problem::new(ServerCode::Cursor, detail))
            }
            listed => Ok(listed?),
        }
    }

    /// Returns what the names in a run's events follow from, and whether they are the same in all of them.
    ///
    /// # Errors
    /// `RUN_CHANGED` where its blocks have changed.
    pub(crate) async fn names(&self, entry: RunEntry) -> Result<(Arc<Plan>, bool), Problem> {
        let (engine, store) = (self.engine.clone(), Arc::clone(&self.store));
        let work = async move {
            let kept = Kept::read(&engine, &store, entry).await?;
            let is_flat = kept.is_flat();
            Ok((kept.plan, is_flat))
        };
        self.aside.run(work).await?
    }

    /// Forgets a run that is over.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `HTTP_CONFLICT` for one that goes on.
    pub(crate) async fn delete(&self, tenant: &Tenant, run: &Text) -> Result<(), Problem> {
        let entry = self.entry(tenant, run).await?;
        if !entry.status.is_terminal() {
            let detail = format!("the run is {}: cancel it first", entry.status);
            return Err(Problem::new(ServerCode::Conflict, detail));
        }
        self.store.delete(run, entry.updated).await?;
        self.results.forget(run);
        Ok(())
    }
}
