//! A worker that would look only in an hour hears at once what its own process does.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::{Message, Store};
use graphloom::{
    CancelToken, Code, KeepError, Observed, Plan, RunHandle, RunOptions, Status, Submitted, Text,
    Value, Worker, WorkerOptions,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::harness::{Draw, in_time, one_thread};
use super::told::Told;

/// Waits for a person, for as long as it takes.
const ASKS: &str = r#"{"format": 1, "nodes": {
    "ask": {"block": "k.human"}, "o": {"block": "t.out", "inputs": {"name": "o"}}},
  "links": [{"from": "ask.out", "to": "o.value"}]}"#;

struct Bench {
    told: Arc<Told>,
    engine: graphloom::Engine,
    store: Arc<dyn Store>,
    worker: Arc<Worker>,
    graph: Graph,
    plan: Arc<Plan>,
    tasks: RefCell<JoinSet<()>>,
}

impl Bench {
    fn new(slots: usize) -> Self {
        let engine = super::kept::acting();
        let told = Arc::new(Told::default());
        let store: Arc<dyn Store> = Arc::clone(&told) as _;
        let hour = Duration::from_secs(3600);
        let options = WorkerOptions::new("w").look_every(hour).ttl(hour * 9);
        let worker = Worker::new(&engine, &store, options.slots(slots)).unwrap();
        let graph = Graph::parse(ASKS.as_bytes()).unwrap();
        Self {
            told,
            plan: engine.compile(&graph).unwrap(),
            engine,
            store,
            worker: Arc::new(worker),
            graph,
            tasks: RefCell::default(),
        }
    }

    async fn queue(&self) -> Text {
        let options = RunOptions::new();
        let submitted = self
            .engine
            .submit(&*self.store, &self.graph, &self.plan, &options, None);
        submitted.await.unwrap().run
    }

    async fn begin(&self, options: RunOptions) -> RunHandle {
        let submitted = self.worker.submit(&self.graph, &self.plan, options, None);
        match submitted.await {
            Ok(Submitted::Begun(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }

    /// Lets the worker work, with runs that park; returns the handles of those that it takes up.
    fn work(&self, until: &CancelToken) -> mpsc::UnboundedReceiver<RunHandle> {
        let (send, taken) = mpsc::unbounded_channel();
        let (worker, until) = (Arc::clone(&self.worker), until.clone());
        self.tasks.borrow_mut().spawn(async move {
            let told = |_: &Text, handle: Result<RunHandle, KeepError>| {
                send.send(handle.unwrap_or_else(|error| panic!("{error}")))
                    .unwrap();
            };
            let options = |_: &_| RunOptions::new().park();
            Box::pin(worker.work(&until, options, told)).await.unwrap();
        });
        taken
    }
}

fn answer() -> Message {
    Message::Answer {
        node: Text::from("ask"),
        signal: None,
        value: Value::from("yes"),
    }
}

async fn questions(handle: &RunHandle) {
    while handle.snapshot().await.unwrap().questions.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_run_in_motion_hears_what_is_sent_by_its_worker() {
    one_thread().block_on(async {
        let bench = Bench::new(9);
        let handle = bench.begin(RunOptions::new()).await;
        questions(&handle).await;
        let run = handle.id().clone();
        // It asks twice.
        for _ in 0..2 {
            bench.worker.send(&run, answer()).await.unwrap();
        }
        let outcome = in_time(handle.outcome()).await;
        assert!(outcome.is_ok(), "{outcome:?}");
        let said = outcome.output("o")[0].to_string();
        assert_eq!(said, r#"["yes","yes"]"#);
        assert_eq!(bench.store.messages(&run).await.unwrap(), []);
        let over = bench.worker.send(&run, Message::Cancel).await.unwrap_err();
        assert_eq!(over.code(), Code::StoreRunOver);
        let handle = bench.begin(RunOptions::new()).await;
        questions(&handle).await;
        bench
            .worker
            .send(handle.id(), Message::Cancel)
            .await
            .unwrap();
        let outcome = in_time(handle.outcome()).await;
        assert_eq!(outcome.status, Status::Cancelled);
    });
}

#[test]
fn what_was_sent_by_another_way_is_heard_when_the_worker_is_woken() {
    one_thread().block_on(async {
        let bench = Bench::new(9);
        let handle = bench.begin(RunOptions::new()).await;
        questions(&handle).await;
        bench
            .store
            .send(handle.id(), Message::Cancel)
            .await
            .unwrap();
        bench.worker.wake();
        let outcome = in_time(handle.outcome()).await;
        assert_eq!(outcome.status, Status::Cancelled);
    });
}

#[test]
fn what_is_queued_is_taken_up_when_the_worker_is_woken() {
    one_thread().block_on(async {
        let bench = Bench::new(9);
        let until = CancelToken::new();
        let mut taken = bench.work(&until);
        tokio::task::yield_now().await;
        for _ in 0..3 {
            let run = bench.queue().await;
            bench.worker.wake();
            let handle = in_time(taken.recv()).await.unwrap();
            assert_eq!(*handle.id(), run);
            let outcome = in_time(handle.outcome()).await;
            assert_eq!(outcome.status, Status::Waiting);
        }
        until.cancel();
    });
}

#[test]
fn a_parked_run_is_taken_up_by_what_is_sent_to_it_whenever_that_is() {
    for seed in 0..60 {
        one_thread().block_on(async {
            let bench = Bench::new(9);
            let until = CancelToken::new();
            let mut taken = bench.work(&until);
            let mut draw = Draw(seed);
            bench.told.slow.store(draw.below(12), Ordering::SeqCst);
            let first = bench.begin(RunOptions::new().park()).await;
            let run = first.id().clone();
            first.detach();
            let worker = Arc::clone(&bench.worker);
            let told = run.clone();
            bench.tasks.borrow_mut().spawn(async move {
                // While it moves, parks, or is parked.
                for _ in 0..2 {
                    for _ in 0..draw.below(12) {
                        tokio::task::yield_now().await;
                    }
                    worker.send(&told, answer()).await.unwrap();
                }
            });
            let ended = async {
                while bench.store.entry(&run).await.unwrap().status != Status::Completed {
                    tokio::select! {
                        handle = taken.recv() => handle.unwrap().detach(),
                        () = tokio::time::sleep(Duration::from_millis(1)) => {}
                    }
                }
            };
            in_time(ended).await;
            until.cancel();
        });
    }
}

#[test]
fn a_place_that_becomes_free_is_taken_at_once() {
    one_thread().block_on(async {
        let bench = Bench::new(1);
        let mut runs = Vec::new();
        for _ in 0..4 {
            runs.push(bench.queue().await);
        }
        let until = CancelToken::new();
        let mut taken = bench.work(&until);
        // Each parks, and so makes room for the next.
        for run in runs {
            let handle = in_time(taken.recv()).await.unwrap();
            assert_eq!(*handle.id(), run);
            handle.detach();
        }
        until.cancel();
    });
    one_thread().block_on(async {
        let bench = Bench::new(1);
        let first = bench.begin(RunOptions::new()).await;
        questions(&first).await;
        let queued = bench.queue().await;
        let until = CancelToken::new();
        let mut taken = bench.work(&until);
        tokio::task::yield_now().await;
        assert!(taken.try_recv().is_err());
        // One that ends does.
        first.cancel();
        assert_eq!(in_time(first.outcome()).await.status, Status::Cancelled);
        let handle = in_time(taken.recv()).await.unwrap();
        assert_eq!(*handle.id(), queued);
        until.cancel();
    });
}

#[test]
fn notes_of_a_run_can_be_watched_by_whoever_has_its_worker() {
    one_thread().block_on(async {
        let bench = Bench::new(9);
        let handle = bench.begin(RunOptions::new()).await;
        let run = handle.id().clone();
        let mut notes = bench.worker.subscribe_notes(&run, 9).unwrap();
        questions(&handle).await;
        bench.worker.send(&run, Message::Cancel).await.unwrap();
        let outcome = in_time(handle.outcome()).await;
        assert_eq!(outcome.status, Status::Cancelled);
        // It tells nothing, and its events are not for those who asked for notes.
        let seen: Option<Observed> = in_time(notes.next()).await;
        assert!(seen.is_none(), "{seen:?}");
        assert!(bench.worker.subscribe_notes(&run, 9).is_none());
        assert!(bench.worker.subscribe_notes(&Text::from("s"), 9).is_none());
    });
}
