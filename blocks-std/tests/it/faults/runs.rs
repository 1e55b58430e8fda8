//! The two codes of runs that no document alone can raise.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use graphloom::host::ManualClock;
use graphloom::{Code, Engine, Plan, Registry, RunOptions, SerialOptions};

use super::blocks::Probe;
use super::fixtures::printed;

pub(super) const BY_HAND: [Code; 2] = [Code::RunNoRuntime, Code::RunReplay];

/// The error of a code that is raised by hand, as hosts print it.
pub(super) fn raised(code: Code) -> Option<String> {
    match code {
        Code::RunNoRuntime => Some(without_a_runtime()),
        Code::RunReplay => Some(off_the_record()),
        _ => None,
    }
}

/// An engine with a block that emits another number each time, and a plan of one node of it.
fn counter() -> (Engine, Arc<Plan>) {
    let drawn = Arc::new(AtomicI64::new(0));
    let block = Probe::new("app.count_up", move |_, _, out| {
        let drawn = Arc::clone(&drawn);
        Box::pin(async move {
            Ok(out
                .emit("out", drawn.fetch_add(1, Ordering::Relaxed))
                .await?)
        })
    });
    let mut registry = Registry::new();
    registry.add(block).unwrap();
    let engine = Engine::builder(registry)
        .clock(Arc::new(ManualClock::new()))
        .build();
    let plan = engine
        .load(br#"{ "format": 1, "nodes": { "up": { "block": "app.count_up" } } }"#)
        .unwrap();
    (engine, plan)
}

fn without_a_runtime() -> String {
    let (engine, plan) = counter();
    let faults = engine.start(&plan, RunOptions::new()).unwrap_err();
    assert_eq!(faults.0[0].code, Code::RunNoRuntime);
    printed(&faults.0[0])
}

fn off_the_record() -> String {
    let (engine, plan) = counter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let failure = runtime.block_on(async {
        let first = engine
            .run_serial(&plan, RunOptions::new(), SerialOptions::seeded(1))
            .await
            .unwrap();
        let again = SerialOptions::replay(first.records);
        let second = engine
            .run_serial(&plan, RunOptions::new(), again)
            .await
            .unwrap();
        second.failure.unwrap()
    });
    assert_eq!(failure.code, Code::RunReplay);
    printed(&failure)
}

#[test]
fn a_run_needs_a_runtime() {
    without_a_runtime();
}

#[test]
fn a_replay_that_goes_another_way_is_told() {
    off_the_record();
}
