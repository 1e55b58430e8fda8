//! What the tests share: engines, runs on every driver, and comparison.

use std::sync::Arc;

use graphloom::host::{Clock, Extensions, ManualClock};
use graphloom::{
    Engine, Event, How, Machine, Plan, Record, RunLimits, RunOptions, RunOutcome, SerialOptions,
    Status,
};
use tokio::runtime::{Builder, Runtime};

use super::blocks::{Pace, mix, registry};

/// A sequence of numbers that follows from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(list.len());
        &list[at]
    }

    /// True `part` times out of `whole`.
    pub(crate) fn chance(&mut self, part: usize, whole: usize) -> bool {
        self.below(whole) < part
    }
}

/// How many generated cases a test looks at: `short` times what the environment says.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is a host, and this is its one setting"
)]
pub(crate) fn cases(short: u64) -> u64 {
    let factor = std::env::var("GRAPHLOOM_SOAK").ok();
    let factor = factor.and_then(|factor| factor.parse::<f64>().ok());
    (short as f64 * factor.unwrap_or(1.0)).max(1.0) as u64
}

/// The seeds of a test: `GRAPHLOOM_SEED` for one alone, e.g. the one that a failure has told.
#[expect(clippy::disallowed_methods, reason = "a test is a host")]
pub(crate) fn seeds(test: &str, short: u64) -> impl Iterator<Item = u64> + use<> {
    let one = std::env::var("GRAPHLOOM_SEED").ok();
    let one = one.and_then(|seed| seed.parse::<u64>().ok());
    let base = super::blocks::hash(test) >> 16;
    let (from, n) = one.map_or((base, cases(short)), |seed| (seed, 1));
    from..from + n
}

pub(crate) fn engine() -> Engine {
    Engine::new(registry())
}

/// An engine whose time passes only when nothing else moves, and its clock.
pub(crate) fn still_engine() -> (Engine, ManualClock) {
    let clock = ManualClock::new();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    (Engine::builder(registry()).clock(shared).build(), clock)
}

pub(crate) fn plan(json: &str) -> Arc<Plan> {
    engine()
        .load(json.as_bytes())
        .unwrap_or_else(|faults| panic!("{faults:#?}\n{json}"))
}

/// New runtimes to run on: on one thread, on two and on eight.
pub(crate) fn runtimes() -> Vec<(&'static str, Runtime)> {
    let many = |n| {
        Builder::new_multi_thread()
            .worker_threads(n)
            .enable_time()
            .build()
            .unwrap()
    };
    vec![
        ("current thread", one_thread()),
        ("2 workers", many(2)),
        ("8 workers", many(8)),
    ]
}

pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

pub(crate) fn paced(pace: Pace) -> RunOptions {
    RunOptions::new().extensions(Extensions::new().with(pace))
}

/// Runs on the serial driver; time passes when nothing moves.
pub(crate) fn serial(plan: &Arc<Plan>, options: RunOptions, order: SerialOptions) -> RunOutcome {
    let (engine, clock) = still_engine();
    let order = order.on_idle(move || clock.advance_to_next());
    let run = in_time(engine.run_serial(plan, options, order));
    one_thread()
        .block_on(run)
        .unwrap_or_else(|faults| panic!("{faults}"))
}

/// Fails where a run hangs; no test comes near this time.
pub(crate) async fn in_time<T>(run: impl Future<Output = T>) -> T {
    let late = std::time::Duration::from_secs(100);
    let run = tokio::time::timeout(late, run).await;
    run.unwrap_or_else(|_| panic!("the run hangs"))
}

/// Runs on the tokio driver.
pub(crate) fn parallel(runtime: &Runtime, plan: &Arc<Plan>, options: RunOptions) -> RunOutcome {
    let engine = engine();
    let plan = Arc::clone(plan);
    runtime.block_on(async move {
        let handle = engine.start(&plan, options).unwrap();
        in_time(handle.outcome()).await
    })
}

/// Room and parallelism of a run, drawn.
pub(crate) fn drawn_limits(draw: &mut Draw) -> RunLimits {
    RunLimits::default().max_parallel(*draw.of(&[1, 2, 5, 64]))
}

/// The fields of an outcome that are the same however long things take.
pub(crate) fn summary(outcome: &RunOutcome) -> String {
    format!(
        "{:?} {:?} errors={} firings={} stalled={:?} failure={:?}",
        outcome.status,
        outcome.outputs,
        outcome.node_errors,
        outcome.firings,
        outcome.stalled,
        outcome.failure
    )
}

/// Fails unless events are numbered without gaps, nothing follows the one terminal event, and no firing that did not
/// start, or has ended, does anything.
pub(crate) fn check_records(records: &[Record], status: Status) {
    for (position, record) in records.iter().enumerate() {
        assert_eq!(record.seq, position as u64, "events are numbered from 0");
    }
    let ends = records
        .iter()
        .filter(|record| matches!(record.event, Event::Ended { .. }))
        .count();
    assert_eq!(ends, 1, "a run ends once");
    match records.last().map(|record| &record.event) {
        Some(Event::Ended { status: last, .. }) => assert_eq!(*last, status),
        other => panic!("the last event is {other:?}"),
    }
    let mut open = std::collections::HashSet::new();
    let mut closed = std::collections::HashSet::new();
    for record in records {
        assert!(
            !closed.contains(&record.scope),
            "the scope is closed: {record:?}"
        );
        let place = |node: &graphloom::NodeIx, firing: &u32| (record.scope, *node, *firing);
        match &record.event {
            Event::Started { node, firing } | Event::ToolStarted { node, firing, .. } => {
                assert!(
                    open.insert(place(node, firing)),
                    "started twice: {record:?}"
                );
            }
            Event::Emitted { node, firing, .. } | Event::Retrying { node, firing, .. } => {
                assert!(
                    open.contains(&place(node, firing)),
                    "not at work: {record:?}"
                );
            }
            Event::Done { node, firing, .. } | Event::Finished { node, firing, .. } => {
                assert!(open.remove(&place(node, firing)), "not at work: {record:?}");
            }
            Event::Closed { .. } => {
                // A sub-graph that failed leaves firings behind.
                open.retain(|(scope, _, _)| *scope != record.scope);
                closed.insert(record.scope);
            }
            _ => {}
        }
    }
    if status == Status::Completed {
        assert!(open.is_empty(), "left at work: {open:?}");
        let aborted = records.iter().find(|record| {
            matches!(
                record.event,
                Event::Finished {
                    how: How::Aborted,
                    ..
                }
            )
        });
        assert!(aborted.is_none(), "{aborted:?} in a run that completed");
    }
}

/// Fails unless two runs recorded the same events; their times may differ.
pub(crate) fn check_equal(what: &str, json: &str, one: &[Record], other: &[Record]) {
    for (one, other) in one.iter().zip(other) {
        assert!(
            one.scope == other.scope && one.event == other.event,
            "{what}\n{one:?}\n{other:?}\n{json}"
        );
    }
    assert_eq!(one.len(), other.len(), "{what}\n{json}");
}

/// Fails unless the fold of what a run recorded ends as the run did.
pub(crate) fn fold(plan: &Arc<Plan>, outcome: &RunOutcome) {
    let mut machine = Machine::new(plan);
    for record in &outcome.records {
        machine
            .apply(record)
            .unwrap_or_else(|failure| panic!("{failure}: {record:?}"));
    }
    assert_eq!(machine.status(), Some(outcome.status));
    assert_eq!(machine.next_seq(), outcome.records.len() as u64);
    if outcome.status == Status::Completed {
        assert_eq!(machine.in_flight(), 0);
    }
}

/// Fails unless so many tasks are alive, now or soon: a task that has ended is counted until its thread has put it away.
pub(crate) async fn alive_tasks_are(n: usize) {
    let metrics = tokio::runtime::Handle::current().metrics();
    let since = std::time::Instant::now();
    while metrics.num_alive_tasks() != n {
        assert!(
            since.elapsed() < std::time::Duration::from_secs(20),
            "{} tasks are alive, {n} were before",
            metrics.num_alive_tasks()
        );
        tokio::task::yield_now().await;
    }
}
