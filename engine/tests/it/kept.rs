//! Runs that are kept in a store: cut off at any moment, they go on in another process and come to the same end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::{
    Append, BoxFuture, Claim, Clock, Created, Extensions, Journal, Lease, ManualClock, MemoryStore,
    Message, NewRun, Notice, Release, RunEntry, RunQuery, Store, StoreError, WaitReason,
};
use graphloom::journal::{read_line, write_line};
use graphloom::json::to_json;
use graphloom::{
    Code, Effect, Engine, Event, Plan, Record, Registry, RunHead, RunOptions, RunOutcome,
    SerialOptions, Status, Text, Timestamp, Value, Worker, WorkerOptions, value,
};
use tokio::sync::Notify;

use super::blocks::{Pace, any, get, info, int, integer, registry, simple};
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
    /// What happens between an append and its answer.
    meanwhile: Option<Meanwhile>,
}

type Meanwhile = Box<dyn Fn(&Append) + Send + Sync>;

impl Journal for Cut {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            self.cut.notify_one();
            return Box::pin(std::future::pending());
        }
        self.left.store(left - 1, Ordering::SeqCst);
        let appended = self.inner.append(append.clone());
        if let Some(meanwhile) = &self.meanwhile {
            meanwhile(&append);
        }
        appended
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

            fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
                self.inner.going(tenant)
            }

            $(fn $name<'a>(&'a self, $($arg: $ty),*) -> BoxFuture<'a, Result<$out, StoreError>> {
                self.inner.$name($($arg),*)
            })+
        }
    };
}

pass_on! {
    sync(run: &'a Text) -> ();
    heartbeat(leases: &'a [Lease], ttl: Duration, now: Timestamp) -> Vec<Notice>;
    release(lease: &'a Lease, how: Release, now: Timestamp) -> ();
    send(run: &'a Text, message: Message) -> u64;
    messages(run: &'a Text) -> Vec<(u64, Message)>;
    entry(run: &'a Text) -> RunEntry;
    head(run: &'a Text) -> Text;
    keyed(key: &'a str) -> Option<Text>;
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
        let accepted = one_thread().block_on(submitted).unwrap();
        assert!(accepted.is_new);
        let run = accepted.run;
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
            meanwhile: None,
        });
        // The process before is gone: its lease has ended.
        let ttl = Duration::ZERO;
        let claim = Claim::one(
            "worker",
            self.run.clone(),
            ttl,
            Timestamp(self.epoch as i64),
        );
        let (engine, plan) = (self.engine.clone(), Arc::clone(&self.plan));
        let runtime = one_thread();
        let ended = runtime.block_on(async move {
            let lease = store.claim(claim).await.unwrap().remove(0);
            let options = options.append_each_step();
            let handle = engine
                .resume(&store, lease, Some(&plan), options)
                .await
                .unwrap();
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

    /// Lets the next process begin at a snapshot, and shows that it is the state that the events give.
    pub(crate) fn snapshot(&self) {
        let keep = self
            .engine
            .keep_snapshot(&self.store, &self.run, &self.plan);
        one_thread().block_on(keep).unwrap();
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
                if draw.chance(1, 2) {
                    trial.snapshot();
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

/// What has happened outside, by name; it outlives every process.
#[derive(Default)]
pub(crate) struct World(Mutex<Vec<String>>);

impl World {
    pub(crate) fn act(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        let done = self.0.lock().unwrap();
        done.iter().filter(|done| done.as_str() == what).count()
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// An engine with blocks that act in the world.
pub(crate) fn acting() -> Engine {
    acting_beside(registry())
}

/// As [`acting`], with these blocks beside them.
pub(crate) fn acting_beside(mut registry: Registry) -> Engine {
    let once = simple(
        info("k.once").effect(Effect::AtMostOnce),
        vec![any("value"), integer("waits", 0)],
        &["out"],
        |cx, inputs, out| {
            Box::pin(async move {
                for _ in 0..int(inputs, "waits") {
                    tokio::task::yield_now().await;
                }
                let value = get(inputs, "value");
                cx.ext::<Arc<World>>()?.act(format!("once {value}"));
                for _ in 0..int(inputs, "waits") {
                    tokio::task::yield_now().await;
                }
                out.emit("out", value!({"sent": (value.clone())})).await?;
                Ok(())
            })
        },
    );
    let steps = simple(
        info("k.steps").effect(Effect::Idempotent),
        vec![any("value"), integer("n", 5)],
        &["out"],
        |cx, inputs, out| {
            Box::pin(async move {
                let mut sum = 0;
                for step in 0..int(inputs, "n") {
                    let paid = async {
                        tokio::task::yield_now().await;
                        let value = get(inputs, "value");
                        cx.ext::<Arc<World>>()?.act(format!("step {value}.{step}"));
                        cx.cost("usd", 0.5);
                        Ok(step * 10)
                    };
                    sum += cx.step(&format!("step {step}"), paid).await?;
                    out.emit("out", sum).await?;
                }
                Ok(())
            })
        },
    );
    let human = simple(
        info("k.human"),
        vec![any("value")],
        &["out"],
        |cx, inputs, out| {
            Box::pin(async move {
                let first = cx.wait("review", get(inputs, "value").clone()).await?;
                let second = cx.wait("review", first.clone()).await?;
                out.emit("out", value!([(first), (second)])).await?;
                Ok(())
            })
        },
    );
    for block in [once, steps, human] {
        registry.add(block).unwrap();
    }
    Engine::new(registry)
}

pub(crate) fn in_world(world: &Arc<World>) -> RunOptions {
    RunOptions::new().extensions(
        Extensions::new()
            .with(Arc::clone(world))
            .with(Pace { seed: 1, waits: 3 }),
    )
}

/// What is answered to the question what became of an effect that gave `{"sent": value}`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decide {
    Truth,
    Repeat,
    Fail,
    Done,
}

/// Answers whatever a run asks.
pub(crate) fn answer(trial: &Trial, outcome: &RunOutcome, world: &World, decide: Decide) {
    for question in &outcome.questions {
        let value = if question.signal.as_str() == "in_doubt" {
            let records = trial.records();
            let value = taken(trial, &records, question.node.as_str(), question.firing);
            match (decide, world.count(&format!("once {value}"))) {
                (Decide::Truth, 0) | (Decide::Repeat, _) => Value::from("repeat"),
                (Decide::Fail, _) => Value::from("fail"),
                (Decide::Truth | Decide::Done, _) => {
                    value!({"done": {"out": {"sent": (value)}}})
                }
            }
        } else {
            Value::from(format!("yes to {}", question.question))
        };
        let message = Message::Answer {
            node: Text::from(format!("{}:{}", question.node, question.firing)),
            signal: Some(question.signal.clone()),
            value,
        };
        one_thread()
            .block_on(trial.store.send(&trial.run, message))
            .unwrap();
    }
}

/// What the source gave in the order in which the effects took it.
fn taken(trial: &Trial, records: &[Record], node: &str, firing: u32) -> Value {
    let source = trial.plan.node("s").unwrap();
    let mut gave = records.iter().filter_map(|record| match &record.event {
        Event::Emitted { node, value, .. } | Event::Done { node, value, .. } if *node == source => {
            Some(value.clone())
        }
        _ => None,
    });
    assert!(node.ends_with("once"), "{node}");
    gave.nth(firing as usize).unwrap()
}

/// Goes on with a run until it is over, and answers what it asks. Returns how many processes that took.
pub(crate) fn to_end(
    trial: &mut Trial,
    world: &Arc<World>,
    first: u64,
    decide: Decide,
) -> (RunOutcome, usize, usize) {
    let (mut left, mut doubts) = (first, 0);
    for n in 1..100 {
        if let Some(outcome) = trial.process(left, in_world(world).park()) {
            if outcome.status != Status::Waiting {
                return (outcome, n, doubts);
            }
            assert_eq!(trial.entry().status, Status::Waiting);
            let in_doubt = |q: &&graphloom::Question| q.signal.as_str() == "in_doubt";
            let doubted = outcome.questions.iter().filter(in_doubt).count();
            doubts += doubted;
            let reason = if doubted > 0 {
                WaitReason::InDoubt
            } else {
                WaitReason::Human
            };
            assert_eq!(trial.entry().waits, Some(reason));
            answer(trial, &outcome, world, decide);
        }
        left = u64::MAX;
    }
    panic!("no end");
}

pub(crate) const ACTING: &str = r#"{"format": 1, "policy": {"on_error": "continue"}, "nodes": {
    "s": {"block": "t.source", "inputs": {"n": 3}},
    "once": {"block": "k.once", "inputs": {"waits": 2}},
    "steps": {"block": "k.steps"},
    "human": {"block": "k.human"},
    "sent": {"block": "t.out", "inputs": {"name": "sent"}},
    "paid": {"block": "t.out", "inputs": {"name": "paid"}},
    "said": {"block": "t.out", "inputs": {"name": "said"}}},
  "links": [
    {"from": "s.item", "to": "once.value"}, {"from": "s.item", "to": "steps.value"},
    {"from": "once.out", "to": "human.value"}, {"from": "once.out", "to": "sent.value"},
    {"from": "steps.out", "to": "paid.value"}, {"from": "human.out", "to": "said.value"}]}"#;

#[test]
fn what_acts_acts_once_and_what_is_paid_is_paid_once_wherever_it_is_cut() {
    let whole_world = Arc::new(World::default());
    let mut whole = Trial::new(acting(), ACTING, &RunOptions::new());
    let (expected, ..) = to_end(&mut whole, &whole_world, u64::MAX, Decide::Truth);
    assert!(expected.is_ok(), "{expected:?}");
    assert_eq!(whole_world.all().len(), 3 + 3 * 5);
    let appends = whole.records().len() as u64;
    let (mut doubted, mut repeated) = (0, 0);
    for cut in 0..appends {
        let world = Arc::new(World::default());
        let mut trial = Trial::new(acting(), ACTING, &RunOptions::new());
        let before = |trial: &Trial| -> usize {
            let started = trial.records();
            let once = trial.plan.node("once").unwrap();
            let of = |begin: bool| {
                let kind = |record: &&Record| match &record.event {
                    Event::Started { node, .. } => begin && *node == once,
                    Event::Done { node, .. } | Event::Finished { node, .. } => {
                        !begin && *node == once
                    }
                    _ => false,
                };
                started.iter().filter(kind).count()
            };
            of(true) - of(false)
        };
        let mut open = 0;
        let first = trial.process(cut, in_world(&world).park());
        if first.is_none() {
            open = before(&trial);
            if cut % 2 == 0 {
                trial.snapshot();
            }
        } else if let Some(outcome) = &first {
            answer(&trial, outcome, &world, Decide::Truth);
        }
        let (outcome, _, doubts) = to_end(&mut trial, &world, u64::MAX, Decide::Truth);
        assert!(outcome.is_ok(), "cut {cut}: {outcome:?}");
        assert_eq!(outcome.outputs, expected.outputs, "cut {cut}");
        assert_eq!(outcome.node_errors, 0);
        for i in 0..3 {
            assert_eq!(world.count(&format!("once {i}")), 1, "cut {cut}");
        }
        // In doubt is what had begun and not ended, and nothing else.
        assert_eq!(doubts, open, "cut {cut}");
        doubted += doubts;
        let again = world.all().len() - whole_world.all().len();
        // Each of the three firings may have had one step on its way.
        assert!(again <= 3, "cut {cut}: {again} steps were paid twice");
        repeated += again;
    }
    println!("{appends} cuts, {doubted} effects in doubt, {repeated} steps repeated");
    assert!(doubted > 0 && repeated > 0, "the cuts came near nothing");
}

/// A run that an earlier version has left, as each format wrote it, goes on: one file a format, never written again.
#[test]
fn a_run_parked_by_an_earlier_format_goes_on() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals");
    let first = folder.join("format-1.jsonl");
    if update() && !first.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&first, parked()).unwrap();
    }
    let mut formats = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut lines = text.lines();
        let head = RunHead::from_json(lines.next().unwrap()).unwrap();
        let records: Vec<Record> = lines.map(|line| read_line(line).unwrap()).collect();
        let engine = acting();
        let plan = engine.load(to_json(&head.graph).as_bytes()).unwrap();
        let store = MemoryStore::new();
        let run = Text::from("old");
        let claim = Claim::one("then", run.clone(), Duration::ZERO, Timestamp(0));
        one_thread().block_on(async {
            let new = NewRun::new("old", head.to_json(), Timestamp(0));
            store.create(new).await.unwrap();
            let lease = store.claim(claim).await.unwrap().remove(0);
            let append = Append::new(&lease, 0, Arc::new(records));
            store.append(append).await.unwrap();
        });
        let mut trial = Trial {
            engine,
            store,
            plan,
            run,
            epoch: 1,
        };
        let world = Arc::new(World::default());
        let (outcome, ..) = to_end(&mut trial, &world, u64::MAX, Decide::Truth);
        assert!(outcome.is_ok(), "{outcome:?}");
        // All was acted and paid in the time of that format, but for one effect that was in doubt.
        assert_eq!(outcome.output("sent").len(), 3);
        assert_eq!(outcome.output("said").len(), 3);
        assert_eq!(outcome.output("paid").len(), 15);
        formats += 1;
    }
    assert_eq!(formats, graphloom::journal::JOURNAL_FORMAT);
}

/// `UPDATE=1` writes the file of a new format.
#[expect(clippy::disallowed_methods, reason = "a test is a host")]
fn update() -> bool {
    std::env::var("UPDATE").is_ok()
}

/// The head and the events of a run of [`ACTING`] that waits: for people, and because of an effect in doubt.
fn parked() -> String {
    let mut left = 5;
    loop {
        let world = Arc::new(World::default());
        let mut trial = Trial::new(acting(), ACTING, &RunOptions::new());
        assert!(trial.process(left, in_world(&world)).is_none());
        let outcome = trial.process(u64::MAX, in_world(&world).park()).unwrap();
        let in_doubt = |q: &graphloom::Question| q.signal.as_str() == "in_doubt";
        if outcome.questions.iter().any(in_doubt) {
            let head = one_thread().block_on(trial.store.head(&trial.run)).unwrap();
            let mut text = format!("{head}\n");
            let mut line = String::new();
            for record in trial.records() {
                write_line(&record, &mut line);
                text += &format!("{line}\n");
            }
            return text;
        }
        left += 1;
    }
}

/// A process is stopped after the store has answered and before the effect; another one takes the run meanwhile.
#[test]
fn an_answer_that_has_grown_old_begins_no_effect() {
    let clock = ManualClock::new();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let engine = Engine::builder(acting().registry().clone())
        .clock(shared)
        .build();
    let world = Arc::new(World::default());
    let trial = Trial::new(engine, ACTING, &RunOptions::new());
    let once = trial.plan.node("once").unwrap();
    let ttl = Duration::from_secs(15);
    let (memory, run) = (trial.store.clone(), trial.run.clone());
    let stopped = std::sync::atomic::AtomicBool::new(false);
    let meanwhile = move |append: &Append| {
        let begins = |r: &Record| matches!(r.event, Event::Started { node, .. } if node == once);
        if append.records.iter().any(begins) && !stopped.swap(true, Ordering::SeqCst) {
            clock.advance(ttl);
            let later = Timestamp(clock.now().as_millis() + 1);
            let claim = Claim::one("another", run.clone(), ttl, later);
            // A store in memory has answered when it is called.
            drop(memory.claim(claim));
        }
    };
    let store: Arc<dyn Store> = Arc::new(Cut {
        inner: trial.store.clone(),
        left: AtomicU64::new(u64::MAX),
        cut: Arc::default(),
        meanwhile: Some(Box::new(meanwhile)),
    });
    let outcome = one_thread().block_on(async {
        let options = WorkerOptions::new("stopped").ttl(ttl);
        let worker = Worker::new(&trial.engine, &store, options).unwrap();
        let handle = worker.run(&trial.run, None, in_world(&world)).await;
        in_time(handle.unwrap().outcome()).await
    });
    assert_eq!(outcome.failure.unwrap().code, Code::StoreFenced);
    let acted = world.all().iter().any(|act| act.starts_with("once"));
    assert!(!acted, "{:?}", world.all());
}
