//! Kept runs of ours.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use graphloom::graph::Graph;
use graphloom::host::Store;
use graphloom::{
    Accepted, Durability, Engine, Plan, RunHandle, RunOptions, RunOutcome, Status, Worker,
    WorkerOptions,
};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use super::Taken;
use super::blocks::{chain, engine};

/// How many runs are in motion at a time.
const RUNS: u64 = 64;

/// A store, a graph, and a worker that runs it.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) graph: Graph,
    pub(crate) worker: Worker,
}

impl Bench {
    /// Inside of a runtime.
    pub(crate) fn new(folder: &Path, json: &str) -> Self {
        let engine = engine();
        let graph = Graph::parse(json.as_bytes()).unwrap();
        let plan = engine.compile(&graph).unwrap();
        let store = SqliteStore::open(folder, SqliteOptions::new()).unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let worker = Worker::new(&engine, &store, WorkerOptions::new("bench")).unwrap();
        Self {
            engine,
            store,
            plan,
            graph,
            worker,
        }
    }

    pub(crate) async fn submit(&self, options: &RunOptions) -> Accepted {
        let run = self
            .engine
            .submit(&*self.store, &self.graph, &self.plan, options, None);
        run.await.unwrap()
    }

    pub(crate) async fn begin(&self, run: &Accepted, options: RunOptions) -> RunHandle {
        self.worker.begin(run, options).await.unwrap()
    }

    pub(crate) async fn to_end(&self, options: RunOptions) -> RunOutcome {
        let run = self.submit(&options).await;
        let outcome = self.begin(&run, RunOptions::new()).await.outcome().await;
        assert_eq!(outcome.status, Status::Completed, "{:?}", outcome.failure);
        outcome
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Runs of one graph at the same time; `n` of what is counted in each.
fn together(folder: &Path, json: &str, n: u64) -> Taken {
    let runtime = runtime();
    runtime.block_on(async {
        let bench = Arc::new(Bench::new(folder, json));
        let since = Instant::now();
        let mut runs = tokio::task::JoinSet::new();
        for _ in 0..RUNS {
            let bench = Arc::clone(&bench);
            runs.spawn(async move { bench.to_end(RunOptions::new()).await });
        }
        while let Some(run) = runs.join_next().await {
            run.unwrap();
        }
        Taken {
            n: RUNS * n,
            time: since.elapsed(),
        }
    })
}

/// Each step is kept, as a power cut demands, before the next one begins.
pub(crate) fn paid_steps(folder: &Path) -> Taken {
    let json = r#"{"format": 1, "nodes": {"n": {"block": "bench.pay", "inputs": {"value": 20}}}}"#;
    together(folder, json, 20)
}

pub(crate) fn chains(folder: &Path) -> Taken {
    together(folder, &chain(100), 100)
}

/// One run of a long chain, from its acceptance to its outcome.
pub(crate) fn relaxed_chain(folder: &Path) -> Taken {
    let runtime = runtime();
    runtime.block_on(async {
        let bench = Bench::new(folder, &chain(10_000));
        let options = RunOptions::new().durability(Durability::Relaxed);
        let run = bench.submit(&options).await;
        let since = Instant::now();
        let outcome = bench.begin(&run, RunOptions::new()).await.outcome().await;
        let time = since.elapsed();
        assert_eq!(outcome.status, Status::Completed, "{:?}", outcome.failure);
        let entry = bench.store.entry(&run.run).await.unwrap();
        Taken {
            n: entry.events,
            time,
        }
    })
}
