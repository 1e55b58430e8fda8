//! A graph with what it is given, and the ways to run it.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use graphloom::graph::GraphLimits;
use graphloom::host::{Clock, Extensions, ManualClock, SystemClock};
use graphloom::value::{Map, from_value, to_value};
use graphloom::{
    CancelToken, Engine, Event, EventStream, Fault, How, Observed, Plan, Record, Registry,
    RunLimits, RunOptions, RunOutcome, SerialOptions, Value, observe, value,
};
use serde::Deserialize;

use crate::blocks::{self, Gate};
use crate::support::json;

/// What a run is given beside its inputs, and how the test treats it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    set: Vec<Set>,
    limits: Limits,
    max_nodes: Option<usize>,
    max_links: Option<usize>,
    max_depth: Option<u32>,
    max_text_bytes: Option<usize>,
    cancel_at_ms: Option<u64>,
    answers: Vec<Answer>,
    /// What becomes of the handle: the run is watched from outside then.
    pub(crate) handle: Option<Handle>,
    /// Values of different producers meet at a pin: their order is not promised.
    pub(crate) any_order: bool,
    /// Needs threads or someone outside: the serial driver is left out, and the clock runs.
    pub(crate) only_tokio: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Handle {
    Drop,
    Detach,
}

#[derive(Deserialize)]
struct Set {
    node: String,
    pin: String,
    value: Value,
}

#[derive(Deserialize)]
struct Answer {
    node: String,
    value: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    max_queued: Option<u64>,
    max_queued_bytes: Option<u64>,
    max_events: Option<u64>,
    max_input_bytes: Option<u64>,
    max_value_depth: Option<u32>,
    max_value_bytes: Option<usize>,
    soft_limit: Option<usize>,
    max_parallel: Option<usize>,
    max_depth: Option<u32>,
    timeout_ms: Option<u64>,
    grace_ms: Option<u64>,
}

pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) graph: Vec<u8>,
    inputs: Map,
    pub(crate) settings: Settings,
    pub(crate) expected: Value,
}

fn optional(path: &Path) -> Option<Value> {
    std::fs::read(path).ok().map(|bytes| json(&bytes))
}

impl Case {
    pub(crate) fn read(folder: PathBuf) -> Self {
        let id = folder.display();
        let settings = optional(&folder.join("options.json"));
        let inputs = optional(&folder.join("inputs.json"));
        Self {
            graph: std::fs::read(folder.join("graph.json")).unwrap(),
            inputs: inputs.map_or_else(Map::new, |inputs| inputs.as_map().unwrap().clone()),
            settings: settings.map_or_else(Settings::default, |settings| {
                from_value(&settings).unwrap_or_else(|error| panic!("{id}/options.json: {error}"))
            }),
            expected: optional(&folder.join("expected.json"))
                .unwrap_or_else(|| panic!("{id} has no expected.json")),
            folder,
        }
    }

    pub(crate) fn engine(&self, clock: Arc<dyn Clock>, gate: &Gate) -> Engine {
        // Reading the pins out of schemas takes longer than a fixture's run: once is enough.
        static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
            let mut registry = Registry::new();
            graphloom_blocks::register(&mut registry).unwrap();
            blocks::register(&mut registry).unwrap();
            registry
        });
        let mut limits = GraphLimits::default();
        if let Some(nodes) = self.settings.max_nodes {
            limits = limits.with_max_nodes(nodes);
        }
        if let Some(links) = self.settings.max_links {
            limits = limits.with_max_links(links);
        }
        let mut text = limits.json.clone();
        if let Some(depth) = self.settings.max_depth {
            text = text.with_max_depth(depth);
        }
        if let Some(bytes) = self.settings.max_text_bytes {
            text = text.with_max_text_bytes(bytes);
        }
        Engine::builder(REGISTRY.clone())
            .clock(clock)
            .graph_limits(limits.with_json(text))
            .extensions(Extensions::new().with(gate.clone()))
            .build()
    }

    fn options(&self) -> RunOptions {
        let mut options = RunOptions::new()
            .inputs(self.inputs.clone())
            .run_id("fixture")
            .seed(0);
        for set in &self.settings.set {
            options = options.set(set.node.as_str(), set.pin.as_str(), set.value.clone());
        }
        let mut limits = RunLimits::default();
        let asked = &self.settings.limits;
        limits.max_queued = asked.max_queued.unwrap_or(limits.max_queued);
        limits.max_queued_bytes = asked.max_queued_bytes.unwrap_or(limits.max_queued_bytes);
        limits.max_events = asked.max_events.unwrap_or(limits.max_events);
        limits.max_input_bytes = asked.max_input_bytes.unwrap_or(limits.max_input_bytes);
        limits.max_value_depth = asked.max_value_depth.unwrap_or(limits.max_value_depth);
        limits.max_value_bytes = asked.max_value_bytes.unwrap_or(limits.max_value_bytes);
        limits.soft_limit = asked.soft_limit.unwrap_or(limits.soft_limit);
        limits.max_parallel = asked.max_parallel.unwrap_or(limits.max_parallel);
        limits.max_depth = asked.max_depth.unwrap_or(limits.max_depth);
        limits.timeout = asked.timeout_ms.map(Duration::from_millis);
        limits.grace = asked.grace_ms.map_or(limits.grace, Duration::from_millis);
        options.limits(limits)
    }

    /// Runs on one thread, by a clock that goes on when nothing else does.
    pub(crate) fn serial(
        &self,
        plan: &Arc<Plan>,
        serial: SerialOptions,
    ) -> Result<Run, Vec<Fault>> {
        let clock = ManualClock::new();
        let engine = self.engine(Arc::new(clock.clone()), &Gate::default());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let token = CancelToken::new();
            let mut options = self.options();
            let mut tasks = tokio::task::JoinSet::new();
            if let Some(ms) = self.settings.cancel_at_ms {
                options = options.cancel_with(&token);
                let sleep = clock.sleep(Duration::from_millis(ms));
                tasks.spawn(async move {
                    sleep.await;
                    token.cancel();
                });
                // Lets the task begin to sleep before time passes.
                tokio::task::yield_now().await;
            }
            let serial = serial.on_idle(move || clock.advance_to_next());
            let outcome = engine.run_serial(plan, options, serial).await;
            outcome.map(Run::of).map_err(|faults| faults.0)
        })
    }

    pub(crate) fn on_tokio(&self, plan: &Arc<Plan>) -> Result<Run, Vec<Fault>> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        if !self.settings.only_tokio {
            runtime.start_paused(true);
        }
        let runtime = runtime.enable_time().build().unwrap();
        let gate = Gate::default();
        let outcome = runtime.block_on(async {
            let engine = self.engine(Arc::new(SystemClock::default()), &gate);
            let token = CancelToken::new();
            let mut options = self.options().record().cancel_with(&token);
            let (observer, stream) = observe(100_000);
            if self.settings.handle.is_some() {
                options = options.observe(observer);
            } else {
                drop(observer);
            }
            let handle = engine.start(plan, options).map_err(|faults| faults.0)?;
            match self.settings.handle {
                Some(Handle::Drop) => drop(handle),
                Some(Handle::Detach) => handle.detach(),
                None => {
                    for answer in &self.settings.answers {
                        while !handle
                            .answer(&answer.node, None, answer.value.clone())
                            .await
                        {
                            tokio::task::yield_now().await;
                        }
                    }
                    if let Some(ms) = self.settings.cancel_at_ms {
                        tokio::time::sleep(Duration::from_millis(ms)).await;
                        token.cancel();
                    }
                    return Ok(Run::of(handle.outcome().await));
                }
            }
            Ok(Run::watched(stream).await)
        });
        gate.0.store(true, Ordering::Release);
        outcome
    }
}

/// How a run ended, as hosts print it, and its events.
pub(crate) struct Run {
    pub(crate) told: Value,
    pub(crate) records: Vec<Record>,
}

impl Run {
    fn of(mut outcome: RunOutcome) -> Self {
        let records = std::mem::take(&mut outcome.records);
        Self {
            told: to_value(&outcome).unwrap(),
            records,
        }
    }

    /// What can be seen of a run whose handle is gone.
    async fn watched(mut stream: EventStream) -> Self {
        let mut records = Vec::new();
        while let Some(seen) = stream.next().await {
            if let Observed::Events(batch) = seen {
                records.extend(batch.records());
            }
        }
        let status = records.last().and_then(|record| match &record.event {
            Event::Ended { status, .. } => Some(status.as_str()),
            _ => None,
        });
        let failed = records.iter().filter(|record| {
            matches!(
                &record.event,
                Event::Finished {
                    how: How::Failed(_),
                    ..
                }
            )
        });
        let errors = failed.count();
        Self {
            told: value!({ "status": status, "node_errors": errors, "outputs": {}, "stalled": [] }),
            records,
        }
    }
}
