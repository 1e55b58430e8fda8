//! Runs of a tenant: accepted, driven in this process, found again.
//!
//! A run belongs to the tenant that it was accepted for; every way to one goes through [`Runs::entry`], which says of
//! another tenant's that it is not there.

mod drive;
pub(crate) mod labels;
mod look;
mod past;
mod rest;
mod results;
mod reuse;
mod room;
mod told;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::{RunEntry, RunQuery, Store, StoreError};
use graphloom::{Engine, Plan, RunOptions, Text, fresh_id};

use crate::aside::Aside;
use crate::drain::Drain;
use crate::files::{Owner, artifacts};
use crate::graphs::Ready;
use crate::lent::Lent;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::quotas::Quotas;

pub(crate) use drive::{RunEnded, Started};
pub(crate) use labels::Origin;
pub(crate) use look::Kept;
pub(crate) use results::is_lost;
pub(crate) use reuse::Reusing;
pub(crate) use told::Reply;

use self::drive::Driving;
use self::results::Results;
use self::room::Room;
use self::turns::Turns;

/// How many blobs in what a run is given are noted as its own: more are only as long there as whoever gave them has them.
const MAX_GIVEN: usize = 1_000;

/// A graph to be run.
pub(crate) struct Work {
    pub(crate) ready: Arc<Ready>,
    /// What is taken from an earlier run.
    pub(crate) reuse: Option<Reusing>,
}

/// Runs of all tenants.
pub(crate) struct Runs {
    engine: Engine,
    store: Arc<dyn Store>,
    aside: Aside,
    results: Arc<Results>,
    answering: Turns,
    room: Room,
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
        (drain, quotas): (&Drain, &Quotas),
    ) -> Result<Self, Problem> {
        let results = Arc::new(Results::new(cache_bytes));
        Ok(Self {
            aside: aside.clone(),
            results: Arc::clone(&results),
            answering: Turns::new(),
            room: Room::new(quotas.max_runs_going),
            engine: engine.clone(),
            store: Arc::clone(store),
            driving: Driving::begin(engine, store, (&lent, hear), drain, results)?,
            lent,
        })
    }

    /// Does this to its end, whoever waits for it goes away.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        self.driving.to_the_end(work).await
    }

    /// Accepts a run and begins it. With a key, a repeated request means the run that the first one made.
    ///
    /// # Errors
    /// What is wrong with the inputs; `HTTP_DRAINING`; `HTTP_TOO_MANY`; what the store refused.
    ///
    /// # Cancellation
    /// It is to be done to its end: [`Runs::to_the_end`].
    pub(crate) async fn start(
        &self,
        tenant: &Tenant,
        work: Work,
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Started, Problem> {
        let options = match options.id() {
            Some(_) => options,
            None => options.run_id(fresh_id(self.lent.now())),
        };
        let run = options.id().cloned().unwrap_or_default();
        let _place = self
            .room
            .enter(&*self.store, tenant, key.as_deref())
            .await?;
        let given = self
            .give_blobs(tenant, &run, &options, work.reuse.as_ref())
            .await?;
        let started = self.begin(tenant, &work, options, key).await;
        let is_begun = started.as_ref().is_ok_and(|started| started.run == run);
        if given && !is_begun {
            // It never came to be: another request with its key had made one, or it was refused.
            if let Err(problem) = self.lent.files.release(tenant, &run).await {
                // It is found when the next process looks.
                tracing::warn!(%run, problem = problem.detail(), "blobs of a run that never was stay for a while");
            }
        }
        started
    }

    async fn begin(
        &self,
        tenant: &Tenant,
        work: &Work,
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Started, Problem> {
        let owner = Owner::Run(options.id().cloned().unwrap_or_default());
        let options = self.lend(tenant, (work.ready.plan.name(), owner), options);
        let taken = match &work.reuse {
            Some(reuse) => Some(self.reusing(tenant, &work.ready, reuse).await?),
            None => None,
        };
        let (engine, plan) = match &taken {
            Some((engine, plan)) => (Some(engine), plan),
            None => (None, &work.ready.plan),
        };
        let graph = (&work.ready.graph, plan);
        self.driving.start(engine, graph, options, key).await
    }

    /// Gives a run what is its tenant's: the name of its graph, and who has the blobs that it puts.
    pub(crate) fn lend(
        &self,
        tenant: &Tenant,
        of: (&str, Owner),
        options: RunOptions,
    ) -> RunOptions {
        let options = self.lent.to(tenant, of, options);
        options.tenant(tenant.as_text().clone())
    }

    /// Notes that a run has the blobs that it begins with: those in what it is given, and those of the run that it takes
    /// results from. Says whether there are any.
    async fn give_blobs(
        &self,
        tenant: &Tenant,
        run: &Text,
        options: &RunOptions,
        reuse: Option<&Reusing>,
    ) -> Result<bool, Problem> {
        let mut given = Vec::new();
        for value in options.given_values() {
            artifacts::each(value, &mut |blob| {
                if given.len() < MAX_GIVEN {
                    given.push(blob.clone());
                }
            });
        }
        if given.is_empty() && reuse.is_none() {
            return Ok(false);
        }
        let space = self.lent.files.of(tenant);
        space.give_to(run, &given).await?;
        if let Some(reuse) = reuse {
            // A run of somebody else's has no blobs here, whatever its id.
            space.share(&reuse.run, run).await?;
        }
        Ok(true)
    }

    /// Waits until all runs are over or have left this process, about so long. Says how many are still here.
    pub(crate) async fn end(&self, time: Duration) -> usize {
        self.driving.end(time).await
    }

    /// Says how many runs this process drives.
    pub(crate) fn active(&self) -> usize {
        self.driving.count()
    }

    /// Says how many runs there are that are not over, of all tenants.
    pub(crate) async fn going(&self) -> Result<u64, StoreError> {
        self.store.going(None).await
    }

    /// Says how many runs of a tenant are not over.
    pub(crate) async fn going_of(&self, tenant: &Tenant) -> Result<u64, Problem> {
        Ok(self.store.going(Some(tenant.as_text().clone())).await?)
    }

    /// Returns the tenants that have runs, by name, those behind this one.
    pub(crate) async fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> Result<Vec<Tenant>, Problem> {
        let found = self.store.tenants(after, limit).await?;
        Ok(found.into_iter().map(Tenant::of_kept).collect())
    }

    /// Forgets what is held in memory for the runs of a tenant.
    pub(crate) fn forget_tenant(&self, tenant: &Tenant) {
        self.lent.forget(tenant);
    }

    /// Leaves nothing behind of runs that were deleted.
    pub(crate) async fn scrub(&self) -> Result<(), Problem> {
        Ok(self.store.scrub().await?)
    }

    /// Says how many bytes of results are held, and how often one was asked for that was held, and that was not.
    pub(crate) fn results_held(&self) -> (usize, u64, u64) {
        self.results.held()
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

    /// Lists runs of all tenants, for what the server does by itself.
    pub(crate) async fn of_all(&self, query: RunQuery) -> Result<Vec<RunEntry>, Problem> {
        match self.store.entries(query).await {
            // It was deleted meanwhile by somebody else: the list is begun anew the next time.
            Err(StoreError::UnknownRun { .. }) => Ok(Vec::new()),
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

    /// Forgets a run that is over, and the blobs that nobody else has.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `HTTP_CONFLICT` for one that goes on.
    pub(crate) async fn delete(&self, tenant: &Tenant, run: &Text) -> Result<(), Problem> {
        let entry = self.entry(tenant, run).await?;
        if !entry.status.is_terminal() {
            let detail = format!("the run is {}: cancel it first", entry.status);
            return Err(Problem::new(ServerCode::Conflict, detail));
        }
        let (store, results) = (Arc::clone(&self.store), Arc::clone(&self.results));
        let (files, tenant) = (Arc::clone(&self.lent.files), tenant.clone());
        // Without the run nobody asks for its blobs any more.
        let work = async move {
            store.delete(&entry.run, entry.updated).await?;
            results.forget(&entry.run);
            files.release(&tenant, &entry.run).await
        };
        self.lent.files.to_the_end(work).await
    }
}
