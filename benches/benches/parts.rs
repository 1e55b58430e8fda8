//! The parts of a run one by one, through the public API only: what a change of one of them is worth.
//!
//!     cargo bench -p graphloom-bench --bench parts
//!     cargo bench -p graphloom-bench --bench parts -- --quick emit
//!
//! Each says what it divides by (`elem`). What the whole costs, beside others, is what `graphloom-bench` measures.
#![expect(
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise"
)]

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use graphloom::block::Capability;
use graphloom::graph::GraphLimits;
use graphloom::host::Extensions;
use graphloom::prelude::*;
use graphloom::value::{Text, encode_variant, from_slots};
use graphloom::{Engine, Plan, Registry, RunOptions, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

/// Nodes of the graphs that are read and compiled.
const NODES: u64 = 1_000;
/// Values that one firing emits.
const VALUES: u64 = 10_000;
/// Nodes that one value goes to.
const CONSUMERS: u64 = 1_000;
/// Nodes that sleep when the run is cancelled.
const SLEEPERS: usize = 100;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    parse(&mut criterion);
    compile(&mut criterion);
    decode(&mut criterion);
    encode(&mut criterion);
    emit(&mut criterion);
    route(&mut criterion);
    cancel(&mut criterion);
    criterion.final_summary();
}

/// A document into a graph, by node (and its link).
fn parse(criterion: &mut Criterion) {
    let document = chain();
    let limits = GraphLimits::default();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Elements(NODES));
    group.bench_function("chain_1k", |bencher| {
        bencher.iter(|| graphloom::graph::read(document.as_bytes(), &limits));
    });
    group.finish();
}

/// A graph into a plan, by node (and its link).
fn compile(criterion: &mut Criterion) {
    let reading = graphloom::graph::read(chain().as_bytes(), &GraphLimits::default());
    let (engine, graph) = (engine(), reading.graph.unwrap());
    let mut group = criterion.benchmark_group("compile");
    group.throughput(Throughput::Elements(NODES));
    group.bench_function("chain_1k", |bencher| {
        bencher.iter(|| engine.compile(&graph).unwrap());
    });
    group.finish();
}

/// A firing's values into a struct of three numbers and a text.
fn decode(criterion: &mut Criterion) {
    let names: Vec<Text> = ["a", "b", "c", "text"]
        .into_iter()
        .map(Text::from)
        .collect();
    let numbers = (1..=3_u64).map(Value::from);
    let values: Vec<Option<Value>> = numbers.chain([Value::from("text")]).map(Some).collect();
    criterion.bench_function("decode/four_fields", |bencher| {
        bencher.iter(|| from_slots::<Four>(black_box(&names), black_box(&values)).unwrap());
    });
}

/// An output into a pin and a value.
fn encode(criterion: &mut Criterion) {
    criterion.bench_function("encode/number", |bencher| {
        bencher.iter(|| encode_variant(black_box(&Output::Sum(7))).unwrap());
    });
    let text = Output::Text(Text::from("text"));
    criterion.bench_function("encode/text", |bencher| {
        bencher.iter(|| encode_variant(black_box(&text)).unwrap());
    });
}

/// A run of one node that emits many values which nobody takes, by value.
fn emit(criterion: &mut Criterion) {
    let document = format!(
        r#"{{"format":1,"nodes":{{"n":{{"block":"bench.count_up","inputs":{{"a":{VALUES}}}}}}}}}"#
    );
    runs(criterion, "emit/10k_values", &document, VALUES);
}

/// A run in which one value goes to many nodes that do nothing, by link (and the firing behind it).
fn route(criterion: &mut Criterion) {
    let (mut nodes, mut links) = (String::new(), String::new());
    for i in 0..CONSUMERS {
        let _ = write!(nodes, r#","n{i}":{{"block":"bench.ignore"}}"#);
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(links, r#"{comma}{{"from":"first.sum","to":"n{i}.a"}}"#);
    }
    let first = r#""first":{"block":"bench.add_one","inputs":{"a":0}}"#;
    let document = format!(r#"{{"format":1,"nodes":{{{first}{nodes}}},"links":[{links}]}}"#);
    runs(criterion, "route/1k_consumers", &document, CONSUMERS);
}

/// From the call of `cancel` to the outcome, with many nodes asleep.
fn cancel(criterion: &mut Criterion) {
    let mut nodes = String::new();
    for i in 0..SLEEPERS {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            nodes,
            r#"{comma}"n{i}":{{"block":"bench.sleep","inputs":{{"a":0}}}}"#
        );
    }
    let (runtime, engine) = (runtime(), engine());
    let limits = graphloom::RunLimits::default().max_parallel(SLEEPERS);
    let plan = load(&engine, &format!(r#"{{"format":1,"nodes":{{{nodes}}}}}"#));
    let once = || async {
        let asleep = Asleep::default();
        let extensions = Extensions::new().with(asleep.clone());
        let options = RunOptions::new().limits(limits.clone());
        let run = engine.start(&plan, options.extensions(extensions)).unwrap();
        while asleep.0.load(Ordering::Relaxed) < SLEEPERS {
            tokio::task::yield_now().await;
        }
        let since = Instant::now();
        run.cancel();
        let outcome = run.outcome().await;
        let took = since.elapsed();
        assert_eq!(outcome.cancelled.unwrap().done.len(), SLEEPERS);
        took
    };
    criterion.bench_function("cancel/100_asleep", |bencher| {
        bencher.iter_custom(|times| {
            let all = async {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    took += once().await;
                }
                took
            };
            runtime.block_on(all)
        });
    });
}

fn runs(criterion: &mut Criterion, name: &str, document: &str, elements: u64) {
    let (runtime, engine) = (runtime(), engine());
    let plan = load(&engine, document);
    let (group, part) = name.split_once('/').unwrap();
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(elements));
    group.bench_function(part, |bencher| {
        bencher.iter(|| {
            let run = engine.run(&plan, RunOptions::new());
            let outcome = runtime.block_on(run).unwrap();
            assert!(outcome.is_ok(), "{:?}", outcome.failure);
        });
    });
    group.finish();
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap()
}

fn engine() -> Engine {
    let mut registry = Registry::new();
    registry
        .add(AddOne)
        .and_then(|registry| registry.add(CountUp))
        .and_then(|registry| registry.add(Ignore))
        .and_then(|registry| registry.add(Sleep))
        .unwrap();
    Engine::new(registry)
}

fn load(engine: &Engine, document: &str) -> Arc<Plan> {
    engine.load(document.as_bytes()).unwrap()
}

fn chain() -> String {
    let (mut nodes, mut links) = (String::new(), String::new());
    for i in 0..NODES {
        let start = if i == 0 { r#""a":0"# } else { "" };
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            nodes,
            r#"{comma}"n{i}":{{"block":"bench.add_one","inputs":{{{start}}}}}"#
        );
        if i > 0 {
            let comma = if i == 1 { "" } else { "," };
            let before = i - 1;
            let _ = write!(links, r#"{comma}{{"from":"n{before}.sum","to":"n{i}.a"}}"#);
        }
    }
    format!(r#"{{"format":1,"nodes":{{{nodes}}},"links":[{links}]}}"#)
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only decoded")]
struct Four {
    a: u64,
    b: u64,
    c: u64,
    text: Text,
}

#[derive(Deserialize, JsonSchema)]
struct One {
    /// The input.
    a: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// A number.
    Sum(u64),
    /// A text.
    Text(Text),
}

type Ended = Result<(), BlockError>;

struct AddOne;

impl Block for AddOne {
    const INFO: BlockInfo = BlockInfo::new("bench.add_one", 1, "Adds one.");
    type Input = One;
    type Output = Output;

    async fn run(&self, _: &Context, input: One, out: Emitter<'_, Output>) -> Ended {
        out.emit(Output::Sum(input.a + 1)).await?;
        Ok(())
    }
}

struct CountUp;

impl Block for CountUp {
    const INFO: BlockInfo = BlockInfo::new("bench.count_up", 1, "Emits the numbers below another.");
    type Input = One;
    type Output = Output;

    async fn run(&self, _: &Context, input: One, out: Emitter<'_, Output>) -> Ended {
        for item in 0..input.a {
            out.emit(Output::Sum(item)).await?;
        }
        Ok(())
    }
}

struct Ignore;

impl Block for Ignore {
    const INFO: BlockInfo = BlockInfo::new("bench.ignore", 1, "Does nothing.");
    type Input = One;
    type Output = Output;

    async fn run(&self, _: &Context, _: One, _: Emitter<'_, Output>) -> Ended {
        Ok(())
    }
}

/// How many nodes have gone to sleep.
#[derive(Clone, Default)]
struct Asleep(Arc<AtomicUsize>);

struct Sleep;

impl Block for Sleep {
    const INFO: BlockInfo = BlockInfo::new("bench.sleep", 1, "Sleeps until it is cancelled.")
        .capabilities(&[Capability::Clock, Capability::Ext]);
    type Input = One;
    type Output = Output;

    async fn run(&self, cx: &Context, _: One, _: Emitter<'_, Output>) -> Ended {
        cx.ext::<Asleep>()?.0.fetch_add(1, Ordering::Relaxed);
        cx.sleep(Duration::from_hours(1)).await
    }
}
