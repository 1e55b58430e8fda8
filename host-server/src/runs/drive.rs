//! Driving runs in this process: those that are started here, and those that wait in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::{Message, Store, StoreError};
use graphloom::{
    CancelToken, Engine, KeepError, Plan, RunHandle, RunOptions, RunOutcome, Status, Submitted,
    Text, Worker, WorkerOptions,
};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::rest::{Rest, Tasks};
use super::results::{Results, is_lost};
use crate::drain::Drain;
use crate::ids::random;
use crate::lent::Lent;
use crate::locked::lock;
use crate::problem::Problem;

/// How long to wait with claiming after the store has failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How long runs may take to leave once nothing in them is waited for: the store has to take what is known of them.
const LAST: Duration = Duration::from_secs(5);

/// What becomes known when a run leaves this process: over, or waiting for someone.
type Done = watch::Receiver<Option<Arc<RunOutcome>>>;

/// A run that was asked for.
pub(crate) struct Started {
    /// Its id.
    pub(crate) run: Text,
    /// It was accepted now; else an earlier request with the same key had made it.
    pub(crate) is_new: bool,
    done: Option<Done>,
    /// What stays with the run until it leaves this process.
    stays: Option<Rest<()>>,
}

impl Started {
    /// Waits until the run is over, or waits for someone, at most so long. `None`: it goes on, be it elsewhere.
    pub(crate) async fn outcome(&mut self, at_most: Duration) -> Option<Arc<RunOutcome>> {
        let done = self.done.as_mut()?;
        let stays = &mut self.stays;
        let over = async {
            if let Some(stays) = stays {
                stays.await;
            }
            *stays = None;
            done.wait_for(Option::is_some).await.ok()?.clone()
        };
        let outcome = tokio::time::timeout(at_most, over).await.ok()?;
        outcome.filter(|outcome| outcome.status != Status::Queued && !is_lost(outcome))
    }
}

/// Hears of runs that leave this process.
pub(crate) trait RunEnded: Send + Sync {
    /// A run begins here, or is gone on with (`taken_up`). Must not block.
    fn began(&self, _run: &Text, _taken_up: bool) {}

    /// A run is over, waits for someone, or goes on elsewhere (`queued`). `taken_up`: this process has not started it. Must not
    /// block.
    fn ended(&self, run: &Text, outcome: &RunOutcome, taken_up: bool);
}

/// The runs that this process drives.
pub(super) struct Driving {
    hear: Vec<Arc<dyn RunEnded>>,
    store: Arc<dyn Store>,
    results: Arc<Results>,
    worker: Arc<Worker>,
    going: Mutex<HashMap<Text, Going>>,
    tasks: Tasks,
    drain: Drain,
    /// A run has left this process.
    left: Notify,
}

/// A run that this process drives.
struct Going {
    done: Done,
    /// The worker that renews its lease, where that is another one than for the rest.
    own: Option<Arc<Worker>>,
}

impl Driving {
    pub(super) fn begin(
        engine: &Engine,
        store: &Arc<dyn Store>,
        (lent, hear): (&Arc<Lent>, Vec<Arc<dyn RunEnded>>),
        drain: &Drain,
        results: Arc<Results>,
    ) -> Result<Arc<Self>, Problem> {
        let driving = Arc::new(Self {
            hear,
            store: Arc::clone(store),
            results,
            worker: Arc::new(worker(engine, store)?),
            going: Mutex::default(),
            tasks: Tasks::default(),
            drain: drain.clone(),
            left: Notify::new(),
        });
        let weak = Arc::downgrade(&driving);
        let (worker, lent) = (Arc::clone(&driving.worker), Arc::clone(lent));
        lock(&driving.tasks).spawn(claim(weak, worker, lent, drain.clone()));
        Ok(driving)
    }

    /// Does this to its end, whoever waits for it goes away: what is accepted or claimed here is to be driven here.
    pub(super) fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Rest<T> {
        Rest::new(&self.tasks, work)
    }

    /// Accepts a run and begins it. `engine` is one that takes results from an earlier run; the run has it to itself.
    ///
    /// # Cancellation
    /// Who drops the future leaves a run to the next one whose claim finds it: [`Driving::to_the_end`].
    pub(super) async fn start(
        self: &Arc<Self>,
        engine: Option<&Engine>,
        (graph, plan): (&Graph, &Arc<Plan>),
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Started, Problem> {
        self.drain.check()?;
        let own = engine.map(|engine| worker(engine, &self.store));
        let own = own.transpose()?.map(Arc::new);
        let worker = own.as_ref().unwrap_or(&self.worker);
        match worker.submit(graph, plan, options.park(), key).await? {
            Submitted::Begun(handle) => {
                let run = handle.id().clone();
                if let Some(own) = own.as_ref().filter(|_| self.drain.ending().is_cancelled()) {
                    own.suspend();
                }
                let (done, stays) = self.adopt(handle, own, false);
                Ok(Started {
                    run,
                    is_new: true,
                    done: Some(done),
                    stays: Some(stays),
                })
            }
            Submitted::Known(run) => {
                let done = lock(&self.going).get(&run).map(|going| going.done.clone());
                Ok(Started {
                    run,
                    is_new: false,
                    done,
                    stays: None,
                })
            }
            _ => Err(Problem::internal("a run was neither begun nor known")),
        }
    }

    /// Claims a run and goes on with it; one that is in motion is left alone.
    ///
    /// # Cancellation
    /// As [`Driving::start`].
    pub(super) async fn resume(
        self: &Arc<Self>,
        run: &Text,
        options: RunOptions,
    ) -> Result<(), Problem> {
        self.drain.check()?;
        match self.worker.run(run, None, options.park()).await {
            Ok(handle) => {
                drop(self.adopt(handle, None, true));
                Ok(())
            }
            Err(KeepError::Store(StoreError::Leased { .. })) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a message to a run, which hears it at once if it is here.
    ///
    /// # Errors
    /// What the store failed with: `STORE_RUN_OVER` for a run that has ended.
    pub(super) async fn send(&self, run: &Text, message: Message) -> Result<(), StoreError> {
        let own = lock(&self.going)
            .get(run)
            .and_then(|going| going.own.clone());
        let worker = own.as_ref().unwrap_or(&self.worker);
        worker.send(run, message).await?;
        Ok(())
    }

    /// Stays with a run until it leaves this process, which is what whoever waits for it does, and otherwise a task: that
    /// whoever asked for it went away does not stop it.
    fn adopt(
        self: &Arc<Self>,
        handle: RunHandle,
        own: Option<Arc<Worker>>,
        taken_up: bool,
    ) -> (Done, Rest<()>) {
        let run = handle.id().clone();
        let (tell, done) = watch::channel(None);
        let going = Going {
            done: done.clone(),
            own,
        };
        lock(&self.going).insert(run.clone(), going);
        for hears in &self.hear {
            hears.began(&run, taken_up);
        }
        let (mine, driving) = (done.clone(), Arc::downgrade(self));
        let stays = self.to_the_end(async move {
            let outcome = Arc::new(handle.outcome_detached().await);
            if let Some(driving) = driving.upgrade() {
                driving.results.note(&outcome);
                let mut going = lock(&driving.going);
                // It may have been taken up again by now.
                if going
                    .get(&run)
                    .is_some_and(|known| known.done.same_channel(&mine))
                {
                    going.remove(&run);
                }
                drop(going);
                for hears in &driving.hear {
                    hears.ended(&run, &outcome, taken_up);
                }
                driving.left.notify_waiters();
            }
            let _ = tell.send(Some(outcome));
        });
        (done, stays.begun())
    }

    /// Says how many runs this process drives.
    pub(super) fn count(&self) -> usize {
        lock(&self.going).len()
    }

    /// Waits until all runs have left this process: two thirds of the time they go on as ever, then they leave as soon as
    /// nothing is at work in them, and at the end of it at once. Says how many are still here.
    pub(super) async fn end(&self, time: Duration) -> usize {
        let now = Instant::now();
        self.all_left(now + time * 2 / 3).await;
        // Also those that are just being accepted.
        self.each_worker(Worker::suspend);
        if self.all_left(now + time).await {
            return 0;
        }
        tracing::warn!(runs = self.count(), "what is at work in runs is cut off");
        self.each_worker(Worker::suspend_now);
        self.all_left(now + time + LAST).await;
        self.count()
    }

    async fn all_left(&self, until: Instant) -> bool {
        let all = async {
            loop {
                let left = self.left.notified();
                if self.count() == 0 {
                    return;
                }
                left.await;
            }
        };
        tokio::time::timeout_at(until, all).await.is_ok()
    }

    fn each_worker(&self, tell: impl Fn(&Worker)) {
        tell(&self.worker);
        let own: Vec<Arc<Worker>> = lock(&self.going)
            .values()
            .filter_map(|going| going.own.clone())
            .collect();
        for own in own {
            tell(&own);
        }
    }

    fn heard(self: &Arc<Self>, run: &Text, began: Result<RunHandle, KeepError>) {
        match began {
            Ok(handle) => drop(self.adopt(handle, None, true)),
            Err(error) => tracing::warn!(%run, %error, "a run cannot be gone on with"),
        }
    }
}

/// An application that is dropped leaves its runs as they stand.
impl Drop for Driving {
    fn drop(&mut self) {
        self.each_worker(Worker::suspend_now);
    }
}

fn worker(engine: &Engine, store: &Arc<dyn Store>) -> Result<Worker, Problem> {
    let owner = format!("server-{:016x}", u64::from_be_bytes(random()?));
    Ok(Worker::new(engine, store, WorkerOptions::new(owner))?)
}

/// Goes on with the runs that wait in the store, but while it drains, until the application is gone.
async fn claim(driving: Weak<Driving>, worker: Arc<Worker>, lent: Arc<Lent>, drain: Drain) {
    let heard = |run: &Text, began| match driving.upgrade() {
        Some(driving) => driving.heard(run, began),
        // Whoever takes it up next finds it as it stands.
        None => drop(began.map(RunHandle::detach)),
    };
    while driving.strong_count() > 0 {
        drain.until(false).await;
        let until = CancelToken::new();
        let work = worker.work(&until, |entry| lent.again(entry).park(), heard);
        // What is claimed has to be begun: the work is not dropped, but told to end.
        let mut work = std::pin::pin!(work);
        let worked = tokio::select! {
            worked = work.as_mut() => worked,
            () = drain.until(true) => {
                until.cancel();
                work.await
            }
        };
        if let Err(error) = worked {
            tracing::warn!(%error, "the store does not give runs to go on with");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
