//! The worker loop: claims runs, goes on with them, renews their leases, hears what is told to them.

mod leases;
mod options;
mod wake;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::cancel::CancelToken;
use crate::graph::Graph;
use crate::host::{Claim, Lease, Message, RunEntry, Store, StoreError};
use crate::plan::Plan;
use crate::value::Text;

use leases::{Leases, beat};

use super::accept::{Accepted, Claimed, Holder};
use super::engine::Engine;
use super::handle::RunHandle;
use super::keep::KeepError;
use super::observe::EventStream;
use super::options::RunOptions;
use super::scope::{Letter, Order};
use super::suspend::Leave;

pub use options::WorkerOptions;
use wake::Wake;
pub(super) use wake::{Leaving, Tie};

/// The part of a lease for which an answer of the store is believed.
const FRESH: f64 = 0.6;

/// Goes on with the runs of a store. Dropping it stops the renewing of leases: runs of it that go on are taken over by
/// others when their leases end.
pub struct Worker {
    engine: Engine,
    store: Arc<dyn Store>,
    options: WorkerOptions,
    leases: Arc<Leases>,
    wake: Arc<Wake>,
    beat: JoinHandle<()>,
}

/// What became of a run that was to be accepted and begun.
#[derive(Debug)]
#[must_use = "dropping the handle cancels the run"]
#[non_exhaustive]
pub enum Submitted {
    /// It is accepted and goes on.
    Begun(RunHandle),
    /// An earlier request with the same key had made a run, which has this id; nothing began.
    Known(Text),
}

impl Worker {
    /// Returns a worker. It renews leases on the current tokio runtime.
    ///
    /// # Errors
    /// [`KeepError::NoRuntime`].
    pub fn new(
        engine: &Engine,
        store: &Arc<dyn Store>,
        options: WorkerOptions,
    ) -> Result<Self, KeepError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| KeepError::NoRuntime)?;
        let (leases, wake) = (Arc::new(Leases::default()), Arc::new(Wake::default()));
        let beat = runtime.spawn(beat(
            engine.clone(),
            Arc::clone(store),
            options.clone(),
            Arc::clone(&leases),
            Arc::clone(&wake),
        ));
        Ok(Self {
            engine: engine.clone(),
            store: Arc::clone(store),
            options,
            leases,
            wake,
            beat,
        })
    }

    /// Claims one run and goes on with it; see [`Engine::resume`].
    ///
    /// # Errors
    /// As [`Engine::resume`], and [`StoreError::Leased`] where someone else has it.
    pub async fn run(
        &self,
        run: &Text,
        plan: Option<&Arc<Plan>>,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        let lease = self.claim(run).await?;
        self.go_on(lease, plan, options).await
    }

    /// Claims a run that was accepted just now and begins it; see [`Engine::begin`].
    ///
    /// # Errors
    /// As [`Worker::run`].
    pub async fn begin(
        &self,
        accepted: &Accepted,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        let lease = self.claim(&accepted.run).await?;
        let kept = lease.clone();
        let options = options.of_worker(self.tie());
        let begun = self.engine.begin(&self.store, lease, accepted, options);
        let handle = begun.await;
        self.note(kept, handle).await
    }

    /// Accepts a run, claims it and begins it, all with one write. `options` are those that it is accepted with and those of
    /// [`Engine::begin`]. With `key` a repeated request means the run that the first one made.
    ///
    /// When this returns, the run outlives a power cut. Whoever answers when the run is over need not wait for that, and says
    /// so by [`RunOptions::accept_unsynced`]: a run with [`Durability::Barrier`](super::Durability::Barrier) has an end only
    /// once that and all before it outlive one. Whoever has to answer earlier than that calls [`Worker::sync`] first.
    ///
    /// # Errors
    /// As [`Engine::submit`], and [`KeepError::NoRuntime`].
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether the run is accepted. If it is, it goes on here if it has begun, and else is
    /// claimed by another worker when the lease ends.
    pub async fn submit(
        &self,
        graph: &Graph,
        plan: &Arc<Plan>,
        options: RunOptions,
        key: Option<Text>,
    ) -> Result<Submitted, KeepError> {
        let claim = (self.options.owner.clone(), self.options.ttl);
        let options = options.of_worker(self.tie());
        let (work, holder) = ((graph, plan), &*self.leases);
        let claimed = self
            .engine
            .submit_claimed(&self.store, claim, work, options, key, holder);
        match claimed.await? {
            Claimed::Known(run) => Ok(Submitted::Known(run)),
            Claimed::Begun(handle) => Ok(Submitted::Begun(handle)),
        }
    }

    /// Makes a run outlive a power cut that was accepted by [`RunOptions::accept_unsynced`]: that it was accepted, and its
    /// events up to now. It does not matter who has the run, or whether it is over.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`]; what the store failed with.
    pub async fn sync(&self, run: &Text) -> Result<(), StoreError> {
        self.store.sync(run).await
    }

    /// Tells a run something, as [`Store::send`] does, and has it heard at once where the run is gone on with by this worker,
    /// or can be: one that waits for the message is claimed by [`Worker::work`] without waiting for the next look.
    ///
    /// # Errors
    /// As [`Store::send`].
    pub async fn send(&self, run: &Text, message: Message) -> Result<u64, StoreError> {
        let number = self.store.send(run, message).await?;
        if let Some(here) = self.leases.get(run) {
            // What cannot be read now is heard with the next look.
            let messages = self.store.messages(run).await.unwrap_or_default();
            here.mail.post(Letter::Order(Order::Messages(messages)));
        }
        // Also where it seems to be here: it may have parked a moment before.
        self.wake.claims.notify_one();
        Ok(number)
    }

    /// Looks for runs and for messages now, and not only after [`WorkerOptions::look_every`]: for whoever has changed the
    /// store by another way, e.g. by [`Engine::submit`]. Many calls at once are one look.
    pub fn wake(&self) {
        self.wake.claims.notify_one();
        self.wake.beat.notify_one();
    }

    /// Watches what the blocks of a run tell from now on, and not its events; `None` where this worker does not go on with
    /// the run. The stream holds at most so many notes, and ends when the run leaves memory.
    #[must_use]
    pub fn subscribe_notes(&self, run: &Text, capacity: usize) -> Option<EventStream> {
        Some(self.leases.get(run)?.subscribe_notes(capacity))
    }

    fn tie(&self) -> Tie {
        Tie {
            fresh_for: self.options.ttl.mul_f64(FRESH),
            wake: Arc::clone(&self.wake),
        }
    }

    async fn claim(&self, run: &Text) -> Result<Lease, KeepError> {
        let now = self.engine.clock().now();
        let claim = Claim::one(
            self.options.owner.clone(),
            run.clone(),
            self.options.ttl,
            now,
        );
        let lease = self.store.claim(claim).await?.into_iter().next();
        Ok(lease.ok_or_else(|| StoreError::UnknownRun {
            run: run.to_string(),
        })?)
    }

    async fn go_on(
        &self,
        lease: Lease,
        plan: Option<&Arc<Plan>>,
        options: RunOptions,
    ) -> Result<RunHandle, KeepError> {
        let kept = lease.clone();
        let options = options.of_worker(self.tie());
        let handle = self.engine.resume(&self.store, lease, plan, options).await;
        self.note(kept, handle).await
    }

    /// Notes that a run goes on under this lease, or cannot.
    async fn note(
        &self,
        kept: Lease,
        handle: Result<RunHandle, KeepError>,
    ) -> Result<RunHandle, KeepError> {
        match &handle {
            Ok(handle) => self.leases.have(kept, handle),
            Err(_) => self.give_up(&kept).await,
        }
        handle
    }

    /// A run that cannot be gone on with here waits for someone who can.
    async fn give_up(&self, lease: &Lease) {
        let how = crate::host::Release::Park {
            reason: crate::host::WaitReason::Human,
            until: None,
        };
        // If even this fails, the lease ends by itself.
        let _ = self
            .store
            .release(lease, how, self.engine.clock().now())
            .await;
    }

    /// Lets all runs that it has leave memory, and those that it is given from now on, each as soon as nothing is at work in
    /// it: no attempt begins any more, those that have begun go on. A run that has left is queued in its store, with all
    /// that is known of it, and the outcome that its handle gives has [`Status::Queued`](crate::Status::Queued).
    ///
    /// For a process that is about to end; the claiming ([`Worker::work`]) is to be stopped before.
    pub fn suspend(&self) {
        self.leases.leave(Leave::Idle);
    }

    /// As [`Worker::suspend`], without waiting for what is at work: it is dropped, and attempted again where the run goes on;
    /// an [`AtMostOnce`](crate::Effect::AtMostOnce) attempt is in doubt there.
    pub fn suspend_now(&self) {
        self.leases.leave(Leave::Now);
    }

    /// Claims runs and goes on with them until told to stop, which stops none of those that it has. `options` are made for
    /// each run, after what is kept of it: its tenant has credentials of its own, perhaps. `told` hears of each run that
    /// began, or could not.
    ///
    /// # Errors
    /// What the store failed with while claiming.
    pub async fn work(
        &self,
        until: &CancelToken,
        mut options: impl FnMut(&RunEntry) -> RunOptions,
        mut told: impl FnMut(&Text, Result<RunHandle, KeepError>),
    ) -> Result<(), StoreError> {
        loop {
            let mut free = self.free();
            if free == 0 {
                self.wake.wait_for_room();
                free = self.free();
            }
            let now = self.engine.clock().now();
            let claim = Claim::any(self.options.owner.clone(), free, self.options.ttl, now);
            let leases = if free == 0 {
                Vec::new()
            } else {
                self.store.claim(claim).await?
            };
            let any = !leases.is_empty();
            for lease in leases {
                let run = lease.run.clone();
                let handle = match self.store.entry(&run).await {
                    Ok(entry) => Box::pin(self.go_on(lease, None, options(&entry))).await,
                    Err(error) => {
                        self.give_up(&lease).await;
                        Err(error.into())
                    }
                };
                told(&run, handle);
            }
            let nap = if any {
                Duration::ZERO
            } else {
                self.options.look_every
            };
            tokio::select! {
                biased;
                () = until.cancelled() => return Ok(()),
                () = self.wake.claims.notified() => {}
                () = self.engine.clock().sleep(nap) => {}
            }
        }
    }

    /// For how many more runs there is room.
    fn free(&self) -> usize {
        self.options.slots.saturating_sub(self.leases.len())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.beat.abort();
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("owner", &self.options.owner)
            .finish_non_exhaustive()
    }
}
