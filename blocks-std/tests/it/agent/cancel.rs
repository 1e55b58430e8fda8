//! A cancelled run ends within its grace time, whatever its agent is at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphloom::{Event, RunLimits, RunOptions, RunOutcome, Status, value};
use tokio::sync::Notify;

use super::stub::{Scripted, Stub};
use crate::faults::blocks::Probe;

/// Cancels a run when `reached` is told, and returns how it ended.
async fn cancelled(stub: &Arc<Stub>, reached: Arc<Notify>) -> RunOutcome {
    let mut registry = graphloom::Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let at = Arc::clone(&reached);
    let hang = Probe::new("app.hang", move |_, _, _| {
        let at = Arc::clone(&at);
        Box::pin(async move {
            at.notify_one();
            std::future::pending().await
        })
    });
    registry.add(hang).unwrap();
    let engine = stub.builder_of(registry).build();
    let graph = value!({
        "format": 1,
        "nodes": {
            "agent": {"block": "llm.agent", "inputs": {"prompt": "Go", "model": "stub/any"}},
            "hang": {"block": "app.hang"},
            "out": {"block": "io.output", "inputs": {"name": "answer"}},
        },
        "links": [
            {"from": "agent.tools", "to": "hang.in"},
            {"from": "agent.answer", "to": "out.value"},
        ],
    });
    let plan = engine.load(graph.to_string().as_bytes()).unwrap();
    let mut limits = RunLimits::default();
    limits.grace = Duration::from_millis(200);
    let handle = engine
        .start(&plan, RunOptions::new().record().limits(limits))
        .unwrap();
    reached.notified().await;
    let begun = Instant::now();
    handle.cancel();
    let outcome = handle.outcome().await;
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "it ends within the grace time, and some"
    );
    assert_eq!(outcome.status, Status::Cancelled);
    let last = outcome.records.last().map(|record| &record.event);
    assert!(matches!(last, Some(Event::Ended { .. })), "{last:?}");
    outcome
}

/// What was dropped when the grace time was over.
fn aborted(outcome: &RunOutcome) -> Vec<&str> {
    let receipt = outcome.cancelled.as_ref().unwrap();
    assert!(
        receipt.abandoned.is_empty() && receipt.in_doubt.is_empty(),
        "{receipt:?}"
    );
    receipt.aborted.iter().map(|at| at.as_str()).collect()
}

#[tokio::test]
async fn while_the_model_is_asked() {
    let stub = Stub::new([Scripted::hangs()]);
    let outcome = cancelled(&stub, Arc::clone(&stub.hung)).await;
    assert_eq!(aborted(&outcome), ["agent:0"]);
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn while_a_tool_is_at_work() {
    let call = Scripted::default().call("a", "hang", value!({"in": 1}));
    let stub = Stub::new([call, Scripted::text("never")]);
    let outcome = cancelled(&stub, Arc::new(Notify::new())).await;
    assert!(
        aborted(&outcome).contains(&"hang:0"),
        "{:?}",
        outcome.cancelled
    );
    assert_eq!(stub.left(), 1, "nothing is asked after that");
    assert_eq!(outcome.node_errors, 0, "{:?}", outcome.errors);
}
