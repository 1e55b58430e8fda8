//! Runs that are kept in a store: cut off at any moment, they go on in another process and come to the same end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::{
    Append, BoxFuture, Claim, Created, Journal, Lease, MemoryStore, Message, NewRun, Notice, Release,
    RunEntry, RunQuery, Store, StoreError,
};
use graphloom::{
    Engine, Plan, Record, RunOptions, RunOutcome, SerialOptions, Status, Text, Timestamp, Value,
};
use tokio::sync::Notify;

use super::blocks::Pace;
use super::generate::case;
use super::harness::{
    Draw, check_equal, check_records, engine, fold, in_time, one_thread, paced, seeds, serial,
};
use super::order::promised;

/// A store that stops answering appends after so many: what its process had in memory is lost then.
struct Cut {
    inner: MemoryStore,
    left: AtomicU64,
    cut: Arc<Notify>,
}

impl Journal for Cut {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            self.cut.notify_one();
            return Box::pin(std::future::pending());
        }
        self.left.store(left - 1, Ordering::SeqCst);
        self.inner.append(append)
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.inner.read(run, from, limit)
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)+) => {
        impl Store for Cut {
            fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
                self.inner.create(new)
            }

            fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
                self.inner.claim(claim)
            }

            fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
                self.inner.entries(query)
            }

            $(fn $name<'a>(&'a self, $($arg: $ty),*) -> BoxFuture<'a, Result<$out, StoreError>> {
                self.inner.$name($($arg),*)
            })+
        }
    };
}

pass_on! {
    heartbeat(leases: &'a [Lease], ttl: Duration, now: Timestamp) -> Vec<Notice>;
    release(lease: &'a Lease, how: Release, now: Timestamp) -> ();
    send(run: &'a Text, message: Message) -> u64;
    messages(run: &'a Text) -> Vec<(u64, Message)>;
    entry(run: &'a Text) -> RunEntry;
    head(run: &'a Text) -> Text;
    keep_snapshot(run: &'a Text, events: u64, state: Text) -> ();
    snapshot(run: &'a Text, at_most: u64) -> Option<(u64, Text)>;
    delete(run: &'a Text, now: Timestamp) -> ();
}

/// One process after the other goes on with a run.
pub(crate) struct Trial {
    pub(crate) engine: Engine,
    pub(crate) store: MemoryStore,
    pub(crate) plan: Arc<Plan>,
    pub(crate) run: Text,
    epoch: u64,
}

impl Trial {
    pub(crate) fn new(engine: Engine, json: &str, options: &RunOptions) -> Self {
        let found = engine.diagnose(json.as_bytes());
        let (graph, plan): (Graph, _) = match (found.graph, found.plan) {
            (Some(graph), Some(plan)) => (graph, plan),
            _ => panic!("{:#?}\n{json}", found.faults),
        };
        let store = MemoryStore::new();
        let submitted = engine.submit(&store, &graph, &plan, options, None);
        let (run, fresh) = one_thread().block_on(submitted).unwrap();
        assert!(fresh);
        Self {
            engine,
            store,
            plan,
            run,
            epoch: 0,
        }
    }

    /// Goes on with the run in a process of its own, which is cut off after so many appends. `None`: it was.
    pub(crate) fn process(&mut self, appends: u64, options: RunOptions) -> Option<RunOutcome> {
        self.epoch += 1;
        let cut = Arc::new(Notify::new());
        let store: Arc<dyn Store> = Arc::new(Cut {
            inner: self.store.clone(),
            left: AtomicU64::new(appends),
            cut: Arc::clone(&cut),
        });
        // The process before is gone: its lease has ended.
        let ttl = Duration::ZERO;
        let claim = Claim::one("worker", self.run.clone(), ttl, Timestamp(self.epoch as i64));
        let (engine, plan) = (self.engine.clone(), Arc::clone(&self.plan));
        let runtime = one_thread();
        let ended = runtime.block_on(async move {
            let lease = store.claim(claim).await.unwrap().remove(0);
            let options = options.append_each_step();
            let handle = engine.resume(&store, lease, Some(&plan), options).await.unwrap();
            tokio::select! {
                biased;
                () = cut.notified() => None,
                outcome = in_time(handle.outcome()) => Some(outcome),
            }
        });
        // All that it had at work goes with it.
        runtime.shutdown_background();
        ended
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        let read = self.store.read(&self.run, 0, usize::MAX);
        one_thread().block_on(read).unwrap()
    }

    pub(crate) fn entry(&self) -> RunEntry {
        one_thread().block_on(self.store.entry(&self.run)).unwrap()
    }
}

#[test]
fn a_generated_graph_comes_to_the_same_end_wherever_it_is_cut() {
    let mut cuts: BTreeMap<u64, u64> = BTreeMap::new();
    for seed in seeds("kept", 20) {
        let case = case(seed);
        let mut draw = Draw(seed ^ 9);
        println!("seed {seed}");
        let pace = |draw: &mut Draw| {
            paced(Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            })
        };
        let mut whole = Trial::new(engine(), &case.json, &RunOptions::new());
        let outcome = whole.process(u64::MAX, pace(&mut draw)).unwrap();
        let expected = promised(&case, &outcome);
        let events = whole.records().len();
        for _ in 0..4 {
            let mut trial = Trial::new(engine(), &case.json, &RunOptions::new());
            let mut n = 0;
            let outcome = loop {
                let left = if n < 5 {
                    draw.below(events.min(400)) as u64
                } else {
                    u64::MAX
                };
                match trial.process(left, pace(&mut draw)) {
                    Some(outcome) => break outcome,
                    None => n += 1,
                }
            };
            *cuts.entry(n).or_default() += 1;
            let got = promised(&case, &outcome);
            assert!(
                expected == got,
                "seed {seed}, {n} cuts\n{}\nexpected {expected:.3000}\ngot {got:.3000}",
                case.json
            );
            let records = trial.records();
            check_records(&records, outcome.status);
            assert_eq!(trial.entry().status, Status::Completed);
            let mut ended = outcome;
            ended.records = records;
            fold(&trial.plan, &ended);
            // What was put together from several processes is one run.
            let order = SerialOptions::replay(ended.records.clone()).check_fold();
            let again = serial(&trial.plan, pace(&mut draw), order);
            check_equal("replay", &case.json, &ended.records, &again.records);
        }
    }
    println!("{cuts:?}");
}
