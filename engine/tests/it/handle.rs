//! Who holds a run, and what is left of it when nobody does.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::Extensions;
use graphloom::{Engine, Event, Observed, RunLimits, RunOptions, SerialOptions, Status, observe};

use super::harness::{alive_tasks_are, runtimes};
use super::special::{Gate, registry};

const WAITS: &str = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.polite\"}, \"b\": {\"block\": \"s.deaf\"}}}";

fn options() -> RunOptions {
    RunOptions::new().limits(RunLimits::default().grace(Duration::from_millis(5)))
}

/// Reads until the run has ended; tells how.
async fn ended(mut stream: graphloom::EventStream) -> Option<Status> {
    let mut last = None;
    while let Some(seen) = stream.next().await {
        if let Observed::Events(batch) = seen {
            for record in batch.records() {
                assert_eq!(last, None, "nothing after the end");
                if let Event::Ended { status, .. } = &record.event {
                    last = Some(*status);
                }
            }
        }
    }
    last
}

#[test]
fn dropping_the_handle_cancels() {
    let engine = Engine::new(registry());
    let plan = engine.load(WAITS.as_bytes()).unwrap();
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let metrics = tokio::runtime::Handle::current().metrics();
            let before = metrics.num_alive_tasks();
            let (observer, stream) = observe(1_000);
            let handle = engine.start(&plan, options().observe(observer)).unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(handle);
            assert_eq!(ended(stream).await, Some(Status::Cancelled));
            alive_tasks_are(before).await;
            // So does dropping the future of its outcome.
            let (observer, stream) = observe(1_000);
            let handle = engine.start(&plan, options().observe(observer)).unwrap();
            let late = tokio::time::timeout(Duration::from_millis(1), handle.outcome()).await;
            assert!(late.is_err());
            assert_eq!(ended(stream).await, Some(Status::Cancelled));
            alive_tasks_are(before).await;
        });
    }
}

#[test]
fn a_detached_run_lives() {
    let json =
        "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.sleep\", \"inputs\": {\"ms\": 5}}}}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let (observer, stream) = observe(1_000);
            let handle = engine.start(&plan, options().observe(observer)).unwrap();
            handle.detach();
            assert_eq!(ended(stream).await, Some(Status::Completed));
        });
    }
}

#[test]
fn dropping_the_future_of_a_run_leaves_nothing_behind() {
    let json = "{\"format\": 1, \"nodes\": {
        \"a\": {\"block\": \"s.polite\"}, \"b\": {\"block\": \"s.deaf\"}, \"c\": {\"block\": \"s.busy\"},
        \"d\": {\"block\": \"s.endless\"}, \"e\": {\"block\": \"s.wait\"},
        \"call\": {\"block\": \"t.call\", \"inputs\": {\"graph\": \"g\"}}},
        \"graphs\": {\"g\": {\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.deaf\"}, \"b\": {\"block\": \"s.wait\"}}}}}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let metrics = tokio::runtime::Handle::current().metrics();
            let before = metrics.num_alive_tasks();
            for _ in 0..20 {
                let run = engine.run(&plan, options());
                let late = tokio::time::timeout(Duration::from_millis(1), run).await;
                assert!(late.is_err());
            }
            alive_tasks_are(before).await;
            let order = SerialOptions::seeded(1);
            let run = engine.run_serial(&plan, options(), order);
            let late = tokio::time::timeout(Duration::from_millis(1), run).await;
            // Its blocks yield, so that the serial driver yields too.
            assert!(late.is_err());
            alive_tasks_are(before).await;
        });
    }
}

/// A block that asked and went on is not answered, and asks nobody any more.
#[test]
fn a_question_that_nobody_waits_for_is_not_answered() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.hasty\"}, \"b\": {\"block\": \"s.wait\"}}}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let gate = Arc::new(Gate::default());
            let options = options().extensions(Extensions::new().with(gate));
            let handle = engine.start(&plan, options).unwrap();
            let questions = loop {
                let snapshot = handle.snapshot().await.unwrap();
                if snapshot.questions.len() == 1 && snapshot.nodes.len() == 2 {
                    break snapshot.questions;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            };
            assert_eq!(questions[0].node, "b");
            assert!(!handle.answer("a", None, 1).await);
            assert!(handle.answer("b", Some("ok"), 1).await);
            assert!(!handle.answer("b", None, 1).await);
            handle.cancel();
            let outcome = handle.outcome().await;
            assert_eq!(outcome.status, Status::Cancelled);
        });
    }
}

/// A sub-graph that a block asked for does not outlive the attempt that asked.
#[test]
fn a_call_ends_with_the_attempt_that_asked_for_it() {
    let json = "{\"format\": 1, \"policy\": {\"on_error\": \"continue\"}, \"nodes\": {
        \"a\": {\"block\": \"t.ask\", \"inputs\": {\"graph\": \"g\", \"value\": 1}, \"timeout_ms\": 10,
            \"retry\": {\"max_attempts\": 2, \"backoff_ms\": 1}}},
        \"graphs\": {\"g\": {\"format\": 1, \"nodes\": {
            \"x0\": {\"block\": \"t.in\", \"inputs\": {\"name\": \"x0\"}},
            \"b\": {\"block\": \"s.deaf\"}},
            \"links\": [{\"from\": \"x0.result\", \"to\": \"b.value\"}]}}}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let metrics = tokio::runtime::Handle::current().metrics();
            let before = metrics.num_alive_tasks();
            let handle = engine.start(&plan, options().record()).unwrap();
            let late = Duration::from_secs(20);
            let outcome = tokio::time::timeout(late, handle.outcome()).await.unwrap();
            assert_eq!(outcome.status, Status::Completed);
            assert_eq!(outcome.node_errors, 1);
            assert_eq!(outcome.errors[0].code, graphloom::Code::BlockTimeout);
            super::harness::check_records(&outcome.records, Status::Completed);
            let closed = |record: &&graphloom::Record| matches!(record.event, Event::Closed { .. });
            assert_eq!(outcome.records.iter().filter(closed).count(), 2);
            alive_tasks_are(before).await;
            // And the recorded time-outs can be replayed.
            let order = SerialOptions::replay(outcome.records.clone()).check_fold();
            let again = engine.run_serial(&plan, options(), order).await.unwrap();
            assert_eq!(again.failure, None);
            super::harness::check_equal("again", json, &outcome.records, &again.records);
        });
    }
}
