//! The runs that a worker has: their leases, which are renewed, and what is told to them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::host::{Lease, Notice, Store};
use crate::run::accept::Holder;
use crate::run::engine::Engine;
use crate::run::handle::RunHandle;
use crate::run::scope::{Letter, Order, RunShared};
use crate::run::suspend::Leave;
use crate::value::Text;

use super::options::WorkerOptions;
use super::wake::Wake;

/// The runs that a worker has.
#[derive(Default)]
pub(super) struct Leases(Mutex<Held>);

#[derive(Default)]
struct Held {
    runs: HashMap<Text, (Lease, Arc<RunShared>)>,
    /// Those that are about to begin while they are accepted.
    expected: HashSet<Text>,
    /// They are to leave memory, and so is each that comes.
    leaving: Option<Leave>,
}

impl Leases {
    fn with<T>(&self, work: impl FnOnce(&mut Held) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns a run that goes on here.
    pub(super) fn get(&self, run: &Text) -> Option<Arc<RunShared>> {
        let here = self.with(|held| held.runs.get(run).map(|(_, run)| Arc::clone(run)));
        here.filter(|run| !run.mail.is_closed())
    }

    pub(super) fn len(&self) -> usize {
        self.with(|held| {
            held.runs.retain(|_, (_, run)| !run.mail.is_closed());
            held.runs.len()
        })
    }

    pub(super) fn leave(&self, when: Leave) {
        self.with(|held| {
            held.leaving = held.leaving.max(Some(when));
            for (_, run) in held.runs.values() {
                run.mail.post(Letter::Order(Order::Leave(when)));
            }
        });
    }
}

impl Holder for Leases {
    fn expect(&self, run: &Text) -> bool {
        self.with(|held| !held.runs.contains_key(run) && held.expected.insert(run.clone()))
    }

    fn have(&self, lease: Lease, handle: &RunHandle) {
        let run = Arc::clone(&handle.run);
        self.with(|held| {
            held.expected.remove(&lease.run);
            if let Some(when) = held.leaving {
                run.mail.post(Letter::Order(Order::Leave(when)));
            }
            held.runs.insert(lease.run.clone(), (lease, run));
        });
    }
}

/// Renews leases and fetches messages, for as long as the worker lives.
pub(super) async fn beat(
    engine: Engine,
    store: Arc<dyn Store>,
    options: WorkerOptions,
    leases: Arc<Leases>,
    wake: Arc<Wake>,
) {
    let every = options.look_every.min(options.ttl / 3);
    loop {
        tokio::select! {
            biased;
            () = wake.beat.notified() => {}
            () = engine.clock().sleep(every) => {}
        }
        if leases.len() == 0 {
            continue;
        }
        let mine: Vec<Lease> =
            leases.with(|held| held.runs.values().map(|(lease, _)| lease.clone()).collect());
        // One that fails is tried again; if all do, the leases end.
        let now = engine.clock().now();
        let notices = store.heartbeat(&mine, options.ttl, now).await;
        for notice in notices.unwrap_or_default() {
            let (run, order) = match notice {
                Notice::Lost(run) => (run, Order::Lost),
                Notice::Messages(run) => {
                    let messages = store.messages(&run).await.unwrap_or_default();
                    (run, Order::Messages(messages))
                }
            };
            if let Some(shared) = leases.get(&run) {
                shared.mail.post(Letter::Order(order));
            }
        }
    }
}
