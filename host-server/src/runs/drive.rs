//! Driving runs in this process: those that are started here, and those that wait in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::Store;
use graphloom::{
    CancelToken, Engine, KeepError, Plan, RunHandle, RunOptions, RunOutcome, Submitted, Text,
    Worker, WorkerOptions,
};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ids::random;
use crate::lent::Lent;
use crate::problem::{Problem, ServerCode};

/// How long to wait with claiming after the store has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// What becomes known when a run leaves this process: over, or waiting for someone.
type Done = watch::Receiver<Option<Arc<RunOutcome>>>;

/// A run that was asked for.
pub(crate) struct Started {
    /// Its id.
    pub(crate) run: Text,
    /// It was accepted now; else an earlier request with the same key had made it.
    pub(crate) is_new: bool,
    done: Option<Done>,
}

impl Started {
    /// Waits until the run leaves this process, at most so long. `None`: it goes on, or is not here.
    pub(crate) async fn outcome(&mut self, at_most: Duration) -> Option<Arc<RunOutcome>> {
        let done = self.done.as_mut()?;
        let over = tokio::time::timeout(at_most, done.wait_for(Option::is_some)).await;
        over.ok()?.ok()?.clone()
    }
}

/// The runs that this process drives.
pub(super) struct Driving {
    store: Arc<dyn Store>,
    worker: Worker,
    lent: Arc<Lent>,
    going: Mutex<HashMap<Text, Done>>,
    tasks: Mutex<JoinSet<()>>,
    /// Cancelled: nothing new begins.
    draining: CancelToken,
}

impl Driving {
    pub(super) fn begin(
        engine: &Engine,
        store: &Arc<dyn Store>,
        lent: &Arc<Lent>,
    ) -> Result<Arc<Self>, Problem> {
        let driving = Arc::new(Self {
            store: Arc::clone(store),
            worker: worker(engine, store)?,
            lent: Arc::clone(lent),
            going: Mutex::default(),
            tasks: Mutex::default(),
            draining: CancelToken::new(),
        });
        let weak = Arc::downgrade(&driving);
        lock(&driving.tasks).spawn(claim(weak, driving.draining.clone()));
        Ok(driving)
    }

    /// Accepts a run and begins it. `engine` is one that takes results from an earlier run; the run has it to itself.
    pub(super) async fn start(
        self: &Arc<Self>,
        engine: Option<&Engine>,
        (graph, plan): (&Graph, &Arc<Plan>),
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Started, Problem> {
        if self.draining.is_cancelled() {
            let detail = "the server is about to stop and begins nothing new";
            return Err(Problem::new(ServerCode::Draining, detail).retry_after(5));
        }
        let own = engine.map(|engine| worker(engine, &self.store));
        let own = own.transpose()?;
        let worker = own.as_ref().unwrap_or(&self.worker);
        match worker.submit(graph, plan, options.park(), key).await? {
            Submitted::Begun(handle) => {
                let run = handle.id().clone();
                let done = Some(self.adopt(handle, own));
                Ok(Started {
                    run,
                    is_new: true,
                    done,
                })
            }
            Submitted::Known(run) => {
                let done = lock(&self.going).get(&run).cloned();
                Ok(Started {
                    run,
                    is_new: false,
                    done,
                })
            }
            _ => Err(Problem::internal("a run was neither begun nor known")),
        }
    }

    /// Looks for messages and runs at once.
    pub(super) fn wake(&self) {}

    /// Stays with a run until it leaves this process; that whoever asked for it went away does not stop it.
    /// `own` is the worker that renews its lease, where that is another one than for the rest.
    fn adopt(self: &Arc<Self>, handle: RunHandle, own: Option<Worker>) -> Done {
        let run = handle.id().clone();
        let (tell, done) = watch::channel(None);
        lock(&self.going).insert(run.clone(), done.clone());
        let (mine, driving) = (done.clone(), Arc::downgrade(self));
        let mut tasks = lock(&self.tasks);
        // Those that are over are forgotten.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let outcome = Arc::new(handle.outcome().await);
            drop(own);
            if let Some(driving) = driving.upgrade() {
                let mut going = lock(&driving.going);
                // It may have been taken up again by now.
                if going
                    .get(&run)
                    .is_some_and(|known| known.same_channel(&mine))
                {
                    going.remove(&run);
                }
            }
            let _ = tell.send(Some(outcome));
        });
        done
    }

    fn heard(self: &Arc<Self>, run: &Text, began: Result<RunHandle, KeepError>) {
        match began {
            Ok(handle) => drop(self.adopt(handle, None)),
            Err(error) => tracing::warn!(%run, %error, "a run cannot be gone on with"),
        }
    }
}

fn worker(engine: &Engine, store: &Arc<dyn Store>) -> Result<Worker, Problem> {
    let owner = format!("server-{:016x}", u64::from_be_bytes(random()?));
    Ok(Worker::new(engine, store, WorkerOptions::new(owner))?)
}

/// Goes on with the runs that wait in the store, until told to stop or the application is gone.
async fn claim(driving: Weak<Driving>, until: CancelToken) {
    while !until.is_cancelled() {
        let Some(driving) = driving.upgrade() else {
            return;
        };
        let worked = driving
            .worker
            .work(
                &until,
                |entry| driving.lent.again(entry).park(),
                |run, began| driving.heard(run, began),
            )
            .await;
        if let Err(error) = worked {
            tracing::warn!(%error, "the store does not give runs to go on with");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
