//! Calls of one answer run at the same time where they may, and one after the other where not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graphloom::{RunOptions, Status, value};
use tokio::sync::Barrier;

use super::stub::{Scripted, Stub};
use crate::faults::blocks::Probe;

fn graph(parallel: bool) -> String {
    value!({
        "format": 1,
        "nodes": {
            "agent": {"block": "llm.agent", "inputs": {"prompt": "Go", "model": "stub/any", "parallel_tools": parallel}},
            "meet": {"block": "app.meet"},
            "out": {"block": "io.output", "inputs": {"name": "answer"}},
        },
        "links": [
            {"from": "agent.tools", "to": "meet.in"},
            {"from": "agent.answer", "to": "out.value"},
        ],
    })
    .to_string()
}

fn script() -> Arc<Stub> {
    let calls = Scripted::default()
        .call("a", "meet", value!({"in": "first"}))
        .call("b", "meet", value!({"in": "second"}));
    Stub::new([calls, Scripted::text("done")])
}

/// Neither of two calls ends before the other has begun: one after the other they would never end.
#[tokio::test]
async fn parallel_calls_run_at_the_same_time() {
    let stub = script();
    let barrier = Arc::new(Barrier::new(2));
    let mut registry = graphloom::Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let meet = Probe::new("app.meet", move |_, inputs, out| {
        let barrier = Arc::clone(&barrier);
        Box::pin(async move {
            barrier.wait().await;
            Ok(out
                .emit("out", inputs.get("in").cloned().unwrap_or_default())
                .await?)
        })
    });
    registry.add(meet).unwrap();
    let engine = stub.builder_of(registry).build();
    let plan = engine.load(graph(true).as_bytes()).unwrap();
    let run = engine.run(&plan, RunOptions::new());
    let outcome = tokio::time::timeout(Duration::from_secs(60), run).await;
    let outcome = outcome.expect("both calls are at work at once").unwrap();
    assert_eq!(outcome.status, Status::Completed, "{:?}", outcome.failure);
    let asked = stub.asked();
    let told: Vec<String> = asked[1].messages[2..]
        .iter()
        .map(|m| format!("{m:?}"))
        .collect();
    assert!(
        told[0].contains("first") && told[1].contains("second"),
        "{told:?}"
    );
    assert!(asked[0].parallel_tools);
}

#[tokio::test]
async fn calls_run_one_after_the_other_where_the_node_says_so() {
    let stub = script();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let mut registry = graphloom::Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let meet = Probe::new("app.meet", move |_, inputs, out| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        Box::pin(async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(out
                .emit("out", inputs.get("in").cloned().unwrap_or_default())
                .await?)
        })
    });
    registry.add(meet).unwrap();
    let engine = stub.builder_of(registry).build();
    let plan = engine.load(graph(false).as_bytes()).unwrap();
    let outcome = engine.run(&plan, RunOptions::new()).await.unwrap();
    assert_eq!(outcome.status, Status::Completed, "{:?}", outcome.failure);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    assert!(!stub.asked()[0].parallel_tools);
}
