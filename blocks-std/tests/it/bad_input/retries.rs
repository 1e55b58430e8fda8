//! Retries: bounded, and only where they may help.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use graphloom::block::Effect;
use graphloom::graph::{Graph, Node, Retry};
use graphloom::host::ManualClock;
use graphloom::{BlockError, Engine, Event, RunOptions, Status};

use super::{codes, engine, failed, graph, run};
use crate::faults::blocks::{Probe, fails, registry};

fn with(retry: &str) -> String {
    graph(
        &format!(r#""a":{{"block":"app.pass","retry":{retry}}}"#),
        "",
    )
}

#[test]
fn settings_out_of_range_are_refused() {
    for (retry, code) in [
        (r#"{"max_attempts":0}"#, "GRAPH_VALUE_RANGE"),
        (r#"{"max_attempts":-1}"#, "GRAPH_VALUE_RANGE"),
        (r#"{"max_attempts":101}"#, "GRAPH_VALUE_RANGE"),
        (r#"{"max_attempts":1.5}"#, "GRAPH_VALUE_TYPE"),
        (r#"{"max_attempts":"many"}"#, "GRAPH_VALUE_TYPE"),
        (r#"{"max_attempts":2,"backoff_ms":-1}"#, "GRAPH_VALUE_RANGE"),
        (
            r#"{"max_attempts":2,"backoff_ms":3600001}"#,
            "GRAPH_VALUE_RANGE",
        ),
        (
            r#"{"max_attempts":2,"backoff_ms":18446744073709551615}"#,
            "GRAPH_VALUE_RANGE",
        ),
        (
            r#"{"max_attempts":2,"max_backoff_ms":18446744073709551616}"#,
            "JSON_NUMBER",
        ),
        (r#"{"max_attempts":2,"backoff_ms":1e999}"#, "JSON_NUMBER"),
        (r#"{}"#, "GRAPH_MISSING_KEY"),
        ("true", "GRAPH_VALUE_TYPE"),
    ] {
        assert_eq!(codes(&with(retry)), [code], "{retry}");
    }
}

/// Counts its attempts and fails as it is told.
fn counting(
    id: &'static str,
    attempts: &Arc<AtomicU32>,
    error: BlockError,
    effect: Effect,
) -> Probe {
    let attempts = Arc::clone(attempts);
    Probe::new(id, move |_, _, _| {
        let error = error.clone();
        attempts.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Err(error) })
    })
    .info(move |info| info.effect(effect))
}

async fn attempts(error: BlockError, effect: Effect) -> u32 {
    let count = Arc::new(AtomicU32::new(0));
    let engine = engine([counting("test.counting", &count, error, effect)]);
    let document = graph(
        r#""a":{"block":"test.counting","retry":{"max_attempts":4,"backoff_ms":0}}"#,
        "",
    );
    assert_eq!(run(&engine, &document).await.status, Status::Failed);
    count.load(Ordering::Relaxed)
}

#[tokio::test]
async fn only_what_may_pass_is_tried_again() {
    let input = BlockError::input("no");
    assert_eq!(attempts(input, Effect::Pure).await, 1);
    assert_eq!(attempts(BlockError::failed("no"), Effect::Pure).await, 1);
    assert_eq!(
        attempts(BlockError::transient("busy"), Effect::Pure).await,
        4
    );
    assert_eq!(
        attempts(BlockError::transient("busy"), Effect::Idempotent).await,
        4
    );
}

#[tokio::test]
async fn what_may_have_acted_is_not_repeated() {
    assert_eq!(
        attempts(BlockError::transient("busy"), Effect::AtMostOnce).await,
        1
    );
}

/// A graph made in code is not read, so that nothing has looked at its settings.
fn unread(block: &str, retry: Retry) -> Graph {
    let mut node = Node::parse("a", block).unwrap();
    node.retry = Some(retry);
    let mut graph = Graph::new();
    graph.add_node(node);
    graph
}

#[tokio::test]
async fn a_back_off_beyond_all_time_does_not_overflow() {
    let clock = ManualClock::new();
    let mut registry = registry();
    registry
        .add(fails("test.busy", BlockError::transient("busy")))
        .unwrap();
    let engine = Engine::builder(registry)
        .clock(Arc::new(clock.clone()))
        .build();
    let mut retry = Retry::new(70);
    retry.backoff_ms = u64::MAX;
    retry.max_backoff_ms = u64::MAX;
    let plan = engine.compile(&unread("test.busy", retry)).unwrap();
    let handle = engine.start(&plan, RunOptions::new().record()).unwrap();
    for _ in 0..200 {
        tokio::task::yield_now().await;
        clock.advance_to_next();
    }
    handle.cancel();
    let outcome = tokio::time::timeout(Duration::from_secs(10), handle.outcome())
        .await
        .unwrap();
    let retries = outcome
        .records
        .iter()
        .filter(|r| matches!(r.event, Event::Retrying { .. }));
    assert!(retries.count() >= 1);
    assert!(outcome.status.is_terminal());
}

#[tokio::test]
async fn no_attempt_at_all_is_one_attempt() {
    let mut retry = Retry::new(0);
    retry.backoff_ms = 0;
    let mut registry = registry();
    registry
        .add(fails("test.busy", BlockError::transient("busy")))
        .unwrap();
    let engine = Engine::new(registry);
    let plan = engine.compile(&unread("test.busy", retry)).unwrap();
    let outcome = engine.run(&plan, RunOptions::new()).await.unwrap();
    assert_eq!(failed(&outcome), "BLOCK_FAILED");
    assert_eq!(outcome.firings, 1);
}
