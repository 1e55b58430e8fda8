//! Whole runs: whenever the power fails, they go on from what the disk has kept and come to the end that they would have come
//! to. Each file of `tests/kept` is a graph.

use std::path::Path;
use std::sync::Arc;

use graphloom::graph::Graph;
use graphloom::host::{Extensions, Journal, Message, Store};
use graphloom::{
    Engine, KeepError, Plan, RunOptions, RunOutcome, Status, Submitted, Text, Trace, Value, Worker,
    WorkerOptions, value,
};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use super::Bench;
use super::probes::{World, engine};
use crate::harness::{Draw, cases};

const RUN: &str = "r";

struct Kept {
    name: String,
    graph: Graph,
    plan: Arc<Plan>,
}

fn graphs(engine: &Engine) -> Vec<Kept> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 10);
    let read = |file: &std::path::PathBuf| {
        let graph = Graph::parse(&std::fs::read(file).unwrap()).unwrap();
        Kept {
            name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
            plan: engine.compile(&graph).unwrap(),
            graph,
        }
    };
    files.iter().map(read).collect()
}

/// How a run is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Accepts {
    /// Queued, so that it outlives a power cut.
    Queued,
    /// Begun by the same write, likewise.
    Begun,
    /// Begun by the same write, and synced by what comes later: an act, its end.
    Unsynced,
    /// As that, and synced in the middle of the run for whoever must answer then.
    SyncedLater,
}

const WAYS: [Accepts; 4] = [
    Accepts::Queued,
    Accepts::Begun,
    Accepts::Unsynced,
    Accepts::SyncedLater,
];

/// A run of one graph, on a disk whose power fails.
struct Life<'a> {
    engine: &'a Engine,
    kept: &'a Kept,
    accepts: Accepts,
    bench: Bench,
    world: Arc<World>,
    /// The run was accepted, and whoever started it was told.
    accepted: bool,
    /// Its outcome was told.
    told: Option<RunOutcome>,
}

impl<'a> Life<'a> {
    fn new(engine: &'a Engine, kept: &'a Kept, accepts: Accepts) -> Self {
        Self {
            engine,
            kept,
            accepts,
            bench: Bench::new(),
            world: Arc::default(),
            accepted: false,
            told: None,
        }
    }

    /// A process: accepts the run if that was not done, goes on with it, and answers what it asks. Returns once the run is
    /// over, or the power is off.
    async fn process(&mut self) {
        let Ok(store) = self.bench.open(SqliteOptions::new()) else {
            return;
        };
        self.check(&store).await;
        let store: Arc<dyn Store> = Arc::new(store);
        for _ in 0..20 {
            match self.drive(&store).await {
                Some(outcome) if outcome.status == Status::Waiting => {
                    if self.answer(&store, &outcome).await.is_none() {
                        return;
                    }
                }
                Some(outcome) => {
                    self.told = Some(outcome);
                    return;
                }
                None => return,
            }
        }
        panic!("{}: no end", self.kept.name);
    }

    async fn drive(&mut self, store: &Arc<dyn Store>) -> Option<RunOutcome> {
        let run = Text::from(RUN);
        let lent = Extensions::new().with(Arc::clone(&self.world));
        let options = RunOptions::new().park().extensions(lent);
        let worker = Worker::new(self.engine, store, WorkerOptions::new("w")).unwrap();
        if !self.accepted && store.entry(&run).await.is_err() {
            let options = options.clone().run_id(RUN);
            if self.accepts != Accepts::Queued {
                return self.begin(&worker, options).await;
            }
            let Kept { graph, plan, .. } = self.kept;
            let submitted = self.engine.submit(&**store, graph, plan, &options, None);
            submitted.await.ok()?;
        }
        // One that was accepted unsynced and is there outlives the next cut only if something is synced.
        self.accepted |= matches!(self.accepts, Accepts::Queued | Accepts::Begun);
        match worker.run(&run, Some(&self.kept.plan), options).await {
            Ok(handle) => {
                let outcome = handle.outcome().await;
                let failure = outcome.failure.as_ref();
                let lost = failure.is_some_and(|f| f.code.as_str().starts_with("STORE_"));
                self.accepted |= !lost;
                (!lost).then_some(outcome)
            }
            // The run is over: it was when the power failed.
            Err(KeepError::Store(error)) if error.code() == graphloom::Code::StoreRunOver => {
                let state = self.engine.state(&**store, &run, &self.kept.plan, None);
                state.await.ok()?.outcome(run)
            }
            Err(_) => None,
        }
    }

    /// Accepts the run and begins it.
    async fn begin(&mut self, worker: &Worker, options: RunOptions) -> Option<RunOutcome> {
        let Kept { graph, plan, .. } = self.kept;
        let options = match self.accepts {
            Accepts::Queued | Accepts::Begun => options,
            Accepts::Unsynced | Accepts::SyncedLater => options.accept_unsynced(),
        };
        let submitted = worker.submit(graph, plan, options, None).await;
        let Ok(Submitted::Begun(handle)) = submitted else {
            return None;
        };
        self.accepted |= self.accepts == Accepts::Begun;
        if self.accepts == Accepts::SyncedLater {
            tokio::task::yield_now().await;
            self.accepted |= worker.sync(&Text::from(RUN)).await.is_ok();
        }
        let outcome = handle.outcome().await;
        let failure = outcome.failure.as_ref();
        let lost = failure.is_some_and(|f| f.code.as_str().starts_with("STORE_"));
        // Whoever hears of its end, or of a question, hears of what is there.
        self.accepted |= !lost;
        (!lost).then_some(outcome)
    }

    async fn answer(&self, store: &Arc<dyn Store>, outcome: &RunOutcome) -> Option<()> {
        let run = Text::from(RUN);
        for asked in &outcome.questions {
            let value = if asked.signal.as_str() == "in_doubt" {
                let key = asked.question.get("idempotency_key").unwrap();
                let act = format!("act {}", key.as_str().unwrap());
                if self.world.of("act").contains(&act) {
                    let given = asked.question.get("inputs").unwrap().get("value").unwrap();
                    value!({"done": {"out": (given.clone())}})
                } else {
                    Value::from("repeat")
                }
            } else {
                Value::from("yes")
            };
            let message = Message::Answer {
                node: Text::from(format!("{}:{}", asked.node, asked.firing)),
                signal: Some(asked.signal.clone()),
                value,
            };
            store.send(&run, message).await.ok()?;
        }
        Some(())
    }

    /// What was promised before the power failed is there.
    async fn check(&self, store: &SqliteStore) {
        let name = &self.kept.name;
        let findings = store.verify().await.unwrap();
        assert_eq!(findings, [], "{name}");
        if !self.accepted {
            return;
        }
        let run = Text::from(RUN);
        let entry = store.entry(&run).await;
        let entry = entry.unwrap_or_else(|error| panic!("{name}: it was accepted: {error}"));
        if let Some(told) = &self.told {
            assert_eq!(entry.status, told.status, "{name}: its end was told");
        }
        // Each effect has its beginning in the journal: it was synced before the effect.
        let records = store.read(&run, 0, usize::MAX).await.unwrap();
        let mut trace = Trace::new(&self.kept.plan);
        let started: Vec<String> = records
            .iter()
            .map(|record| trace.line(record))
            .filter(|line| line.get("type").and_then(Value::as_str) == Some("started"))
            .map(|line| {
                let part = |key: &str| line.get(key).unwrap().clone();
                let node = part("node");
                let node = node.as_str().unwrap();
                format!("act {RUN}:{}:{node}:{}", part("scope"), part("firing"))
            })
            .collect();
        for act in self.world.of("act") {
            assert!(started.contains(&act), "{name}: {act} has no beginning");
        }
    }
}

/// By name: which of two outputs came first is chance.
fn outputs(outcome: &RunOutcome) -> Vec<(Text, Vec<Value>)> {
    let mut outputs = outcome.outputs.clone();
    outputs.sort_by(|a, b| a.0.cmp(&b.0));
    outputs
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap()
}

#[test]
fn wherever_the_power_fails_a_run_comes_to_the_same_end() {
    let engine = engine();
    let graphs = graphs(&engine);
    // The undisturbed runs.
    let whole: Vec<(RunOutcome, Vec<String>, usize, u64)> = graphs
        .iter()
        .map(|kept| {
            let mut life = Life::new(&engine, kept, Accepts::Queued);
            runtime().block_on(life.process());
            let outcome = life.told.take().unwrap();
            assert!(outcome.is_ok() || outcome.node_errors > 0, "{outcome:?}");
            let paid = life.world.of("pay").len();
            (
                outcome,
                life.world.of("act"),
                paid,
                life.bench.disk.changes(),
            )
        })
        .collect();
    let (mut cuts, mut acted_again, mut paid_again) = (0, 0, 0);
    for seed in 0..cases(500) {
        let mut draw = Draw(seed);
        let at = seed as usize % graphs.len();
        let accepts = WAYS[seed as usize / graphs.len() % WAYS.len()];
        let (expected, acts, paid, changes) = &whole[at];
        let mut life = Life::new(&engine, &graphs[at], accepts);
        let mut fails = 1 + draw.below(2);
        for _ in 0..8 {
            if fails > 0 {
                fails -= 1;
                let most = usize::try_from(*changes).unwrap();
                life.bench.disk.fail_after(draw.below(most) as u64);
            }
            // What the process had in memory goes with it.
            runtime().block_on(life.process());
            life.bench.disk.cut(draw.next());
            cuts += 1;
            if fails == 0 && life.told.is_some() {
                break;
            }
        }
        let name = &graphs[at].name;
        let told = life.told.as_ref();
        let told = told.unwrap_or_else(|| panic!("seed {seed}, {name}: no end"));
        assert_eq!(outputs(told), outputs(expected), "seed {seed}, {name}");
        assert_eq!(told.status, expected.status, "seed {seed}, {name}");
        assert_eq!(life.world.of("act"), *acts, "seed {seed}, {name}");
        acted_again += life.world.of("act").len() - acts.len();
        paid_again += life.world.of("pay").len() - paid;
        // And after one more cut its end is still there.
        let store = life.bench.open(SqliteOptions::new()).unwrap();
        runtime().block_on(life.check(&store));
    }
    assert_eq!(acted_again, 0);
    println!("{cuts} cuts; {paid_again} paid steps were on their way and done again");
}
