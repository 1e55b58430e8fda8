//! Graphloom itself: ordinary blocks from a registry, a plan compiled from a graph that was read from JSON, the default
//! policy, checks and cancellation on.
//!
//! Raised limits, and no others: nodes of a document (200,000; the default is 10,000), its links (500,000; 50,000) and
//! its bytes (64 MiB; 10 MiB), firings at work at a time (10,000; 64), events of a run (20,000,000; 10,000,000: a stream
//! of a million items through six nodes has 11 million).
//! The results leave through one more node a graph, an output; its time counts, and it does not count as a node.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graphloom::graph::GraphLimits;
use graphloom::host::Extensions;
use graphloom::json::Limits;
use graphloom::{Engine, Graph, Plan, Registry, RunLimits, RunOptions, Value};

use crate::form::Form;
use crate::peer::{Entry, Kind, Peer, Runtime};
use crate::spec::Spec;

mod bus;
mod document;
mod json;
mod tally;
mod typed;

use bus::Bus;
use tally::Tally;

/// Which blocks a graph is made of; their ids and pins are the same.
trait Flavour: Send + 'static {
    fn registry() -> Registry;
}

struct Json;
struct Typed;

impl Flavour for Json {
    fn registry() -> Registry {
        json::registry()
    }
}

impl Flavour for Typed {
    fn registry() -> Registry {
        typed::registry()
    }
}

/// Compiles a graph as often as asked, and returns the best time.
pub(crate) fn compile_time(spec: &Arc<Spec>, times: usize) -> Duration {
    let source = Graphloom::<Json, false>::source(spec);
    let once = || {
        let since = Instant::now();
        let plan = source.engine.compile(&source.graph).unwrap();
        let took = since.elapsed();
        drop(plan);
        took
    };
    (0..times).map(|_| once()).min().unwrap_or_default()
}

/// Returns our entries.
pub(super) fn entries() -> Vec<Entry> {
    use Kind::Ours;
    use Runtime::{Current, Workers};
    let json = "blocks on plain values (DynBlock), nobody listens";
    let json_ev = "the same, every event to a consumer task on a shared bus";
    let typed = "typed blocks (Block), nobody listens";
    let typed_ev = "the same, every event to a consumer task on a shared bus";
    vec![
        Entry::new::<Graphloom<Json, false>>("graphloom_json_ct", json, Ours, Current),
        Entry::new::<Graphloom<Json, false>>("graphloom_json_mt", json, Ours, Workers),
        Entry::new::<Graphloom<Json, true>>("graphloom_json_ev_ct", json_ev, Ours, Current),
        Entry::new::<Graphloom<Json, true>>("graphloom_json_ev_mt", json_ev, Ours, Workers),
        Entry::new::<Graphloom<Typed, false>>("graphloom_typed_ct", typed, Ours, Current),
        Entry::new::<Graphloom<Typed, false>>("graphloom_typed_mt", typed, Ours, Workers),
        Entry::new::<Graphloom<Typed, true>>("graphloom_typed_ev_ct", typed_ev, Ours, Current),
        Entry::new::<Graphloom<Typed, true>>("graphloom_typed_ev_mt", typed_ev, Ours, Workers),
    ]
}

/// An engine with a graph.
struct Source {
    spec: Arc<Spec>,
    engine: Engine,
    graph: Graph,
}

/// A plan that is ready to run.
struct Graphloom<F, const EVENTS: bool> {
    spec: Arc<Spec>,
    engine: Engine,
    plan: Arc<Plan>,
    bus: Option<Bus>,
    flavour: PhantomData<F>,
}

impl<F: Flavour, const EVENTS: bool> Peer for Graphloom<F, EVENTS> {
    type Source = Source;

    fn source(spec: &Arc<Spec>) -> Source {
        let mut registry = F::registry();
        if spec.form == Form::Calls {
            graphloom_blocks::register(&mut registry).unwrap();
        }
        let limits = RunLimits::default()
            .max_parallel(10_000)
            .max_events(20_000_000);
        let engine = Engine::builder(registry).limits(limits).build();
        let limits = GraphLimits::default()
            .with_max_nodes(200_000)
            .with_max_links(500_000)
            .with_json(Limits::default().with_max_bytes(64 << 20));
        let reading = graphloom::graph::read(document::write(spec).as_bytes(), &limits);
        assert!(reading.faults.is_empty(), "{:?}", reading.faults);
        Source {
            spec: Arc::clone(spec),
            engine,
            graph: reading.graph.unwrap(),
        }
    }

    fn build(source: &Source) -> Self {
        Self {
            spec: Arc::clone(&source.spec),
            engine: source.engine.clone(),
            plan: source.engine.compile(&source.graph).unwrap(),
            bus: EVENTS.then(Bus::open),
            flavour: PhantomData,
        }
    }

    fn another(&self, _: &Arc<Spec>) -> Self {
        Self {
            spec: Arc::clone(&self.spec),
            engine: self.engine.clone(),
            plan: Arc::clone(&self.plan),
            bus: self.bus.clone(),
            flavour: PhantomData,
        }
    }

    async fn run(&mut self) -> u64 {
        let mut options = RunOptions::new();
        if let Some(bus) = &self.bus {
            options = options.observe(bus.observer());
        }
        let tally = matches!(self.spec.form, Form::Stream(_)).then(Tally::default);
        if let Some(tally) = &tally {
            options = options.extensions(Extensions::new().with(tally.clone()));
        }
        let outcome = self.engine.run(&self.plan, options).await.unwrap();
        if let Some(bus) = &self.bus {
            bus.ran(self.spec.form.firings(self.spec.n)).await;
        }
        assert!(outcome.is_ok(), "{:?}", outcome.failure);
        if let Some(tally) = tally {
            return tally.total();
        }
        let result = &outcome.output("result")[0];
        let mut sinks = match result {
            Value::List(list) => list.iter(),
            one => std::slice::from_ref(one).iter(),
        };
        let mut sink = |_| sinks.next().and_then(Value::as_u64).unwrap();
        self.spec.checksum(&mut sink)
    }

    async fn settle(&mut self) {
        if let Some(bus) = &self.bus {
            bus.settle().await;
        }
    }
}
