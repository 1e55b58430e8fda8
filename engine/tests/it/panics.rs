//! A panic in a block fails its firing, and nothing else.

use std::sync::Arc;

use graphloom::{
    Code, Engine, Event, EventStream, Observed, RunOptions, RunOutcome, SerialOptions, Status,
    observe,
};
use tokio::sync::Notify;

use super::harness::{check_records, one_thread, runtimes};
use super::special::registry;

const KINDS: [&str; 7] = [
    "text",
    "string",
    "number",
    "bomb",
    "drop",
    "drop after a wait",
    "after a wait",
];

/// A node that panics beside one that does not; what the first gave before stands.
fn graph(kind: &str, on_error: &str) -> String {
    format!(
        "{{\"format\": 1, \"policy\": {{\"on_error\": \"{on_error}\"}}, \"nodes\": {{
            \"bad\": {{\"block\": \"s.panic\", \"inputs\": {{\"kind\": \"{kind}\"}}}},
            \"many\": {{\"block\": \"t.source\", \"inputs\": {{\"n\": 20}}}},
            \"gave\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"gave\"}}}},
            \"error\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"error\"}}}},
            \"good\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"good\"}}}}}},
        \"links\": [
            {{\"from\": \"bad.out\", \"to\": \"gave.value\"}},
            {{\"from\": \"bad.error.message\", \"to\": \"error.value\"}},
            {{\"from\": \"many.item\", \"to\": \"good.value\"}}]}}"
    )
}

fn check(kind: &str, outcome: &RunOutcome) {
    assert_eq!(
        outcome.status,
        Status::Completed,
        "{kind}: {:?}",
        outcome.failure
    );
    assert_eq!(outcome.node_errors, 1, "{kind}");
    assert_eq!(outcome.errors[0].code, Code::BlockBug, "{kind}");
    assert_eq!(outcome.output("gave"), [kind.into()], "{kind}");
    assert_eq!(outcome.output("good").len(), 20, "{kind}");
    let said = outcome.output("error")[0].to_string();
    let expected = match kind {
        "text" | "after a wait" => "the block panicked: a text",
        "string" => "the block panicked: a string",
        "number" | "bomb" => "the block panicked",
        _ => "the block panicked: dropped",
    };
    assert_eq!(said, format!("\"{expected}\""), "{kind}");
    check_records(&outcome.records, Status::Completed);
}

#[test]
fn a_panic_fails_its_firing_only() {
    let engine = Engine::new(registry());
    for (_, runtime) in runtimes() {
        for kind in KINDS {
            let plan = engine.load(graph(kind, "continue").as_bytes()).unwrap();
            runtime.block_on(async {
                let handle = engine.start(&plan, RunOptions::new().record()).unwrap();
                check(kind, &handle.outcome().await);
            });
        }
    }
    for kind in KINDS {
        let plan = engine.load(graph(kind, "fail").as_bytes()).unwrap();
        let order = SerialOptions::seeded(3).check_fold();
        let run = engine.run_serial(&plan, RunOptions::new(), order);
        check(kind, &one_thread().block_on(run).unwrap());
    }
}

/// Waits until three firings have begun.
async fn three(mut events: EventStream) {
    let mut n = 0;
    while n < 3 {
        let Some(Observed::Events(batch)) = events.next().await else {
            panic!("the run is over");
        };
        let started = batch.records();
        n += started
            .filter(|record| matches!(record.event, Event::Started { .. }))
            .count();
    }
}

/// Blocks that panic when they are dropped where they wait: on cancellation, with the run's future, with the scope.
#[test]
fn a_panic_in_what_is_dropped_goes_nowhere() {
    let json = "{\"format\": 1, \"nodes\": {
        \"a\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"drop when stopped\"}},
        \"b\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"drop when stopped\"}},
        \"c\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"drop when stopped\"}}}}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    let limits = graphloom::RunLimits::default().grace(std::time::Duration::from_millis(5));
    let options = || RunOptions::new().limits(limits.clone());
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let (observer, begun) = observe(100);
            let handle = engine.start(&plan, options().observe(observer)).unwrap();
            three(begun).await;
            handle.cancel();
            let outcome = handle.outcome().await;
            assert_eq!(outcome.status, Status::Cancelled);
            assert_eq!(outcome.cancelled.unwrap().aborted.len(), 3);
            let (observer, begun) = observe(100);
            let run = engine.run(&plan, options().observe(observer));
            tokio::select! {
                over = run => panic!("{over:?}"),
                () = three(begun) => {}
            }
            // All three wait when nothing moves any more.
            let still = Arc::new(Notify::new());
            let idle = Arc::clone(&still);
            let order = SerialOptions::seeded(1).on_idle(move || {
                idle.notify_one();
                false
            });
            tokio::select! {
                over = engine.run_serial(&plan, options(), order) => panic!("{over:?}"),
                () = still.notified() => {}
            }
        });
    }
    // The first firing of the call panics, the second one is dropped with the scope.
    let json = "{\"format\": 1, \"policy\": {\"on_error\": \"continue\"}, \"nodes\": {
            \"call\": {\"block\": \"t.call\", \"inputs\": {\"graph\": \"g\"}}},
        \"graphs\": {\"g\": {\"format\": 1, \"nodes\": {
            \"a\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"drop when stopped\"}},
            \"b\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"drop when stopped\"}},
            \"c\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"after a wait\"}}}}}}";
    let plan = engine.load(json.as_bytes()).unwrap();
    for (_, runtime) in runtimes() {
        let outcome = runtime.block_on(async {
            let handle = engine.start(&plan, options().record()).unwrap();
            handle.outcome().await
        });
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.node_errors, 2, "the node's and the call's");
        check_records(&outcome.records, Status::Completed);
    }
}
