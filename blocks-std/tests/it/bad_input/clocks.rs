//! Times: none, all of it, and clocks that go their own way.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use graphloom::graph::{Graph, Node};
use graphloom::host::{BoxFuture, Clock, SystemClock};
use graphloom::{Engine, RunLimits, RunOptions, Status, Timestamp};

use super::{codes, engine, failed, graph, plan, run};
use crate::faults::blocks::registry;

#[test]
fn times_out_of_range_are_refused() {
    for (time, code) in [
        ("0", "GRAPH_VALUE_RANGE"),
        ("-5", "GRAPH_VALUE_RANGE"),
        ("18446744073709551615", "GRAPH_VALUE_RANGE"),
        ("18446744073709551616", "JSON_NUMBER"),
        ("0.000001", "GRAPH_VALUE_TYPE"),
        ("\"1s\"", "GRAPH_VALUE_TYPE"),
    ] {
        let node = graph(
            &format!(r#""a":{{"block":"app.pass","timeout_ms":{time}}}"#),
            "",
        );
        assert_eq!(codes(&node), [code], "{time}");
        let run = format!(
            r#"{{"format":1,"nodes":{{"a":{{"block":"app.pass"}}}},"policy":{{"timeout_ms":{time}}}}}"#
        );
        assert_eq!(codes(&run), [code], "{time}");
    }
}

/// A graph made in code is not read, so that nothing has looked at its settings.
fn unread(block: &str, timeout_ms: u64) -> Graph {
    let mut node = Node::parse("a", block).unwrap().input("in", 20);
    node.timeout_ms = Some(timeout_ms);
    let mut graph = Graph::new();
    graph.add_node(node);
    graph
}

#[tokio::test]
async fn no_time_is_enough_for_what_needs_none() {
    let engine = engine([]);
    for (block, status) in [
        ("app.pass", Status::Completed),
        ("app.stuck", Status::Failed),
    ] {
        let plan = engine.compile(&unread(block, 0)).unwrap();
        let outcome = engine.run(&plan, RunOptions::new()).await.unwrap();
        assert_eq!(outcome.status, status, "{block}");
    }
}

#[tokio::test]
async fn all_time_does_not_overflow() {
    let engine = engine([]);
    let compiled = engine.compile(&unread("app.nap", u64::MAX)).unwrap();
    let limits = RunLimits::default().timeout(Some(Duration::MAX));
    let outcome = engine
        .run(&compiled, RunOptions::new().limits(limits))
        .await
        .unwrap();
    assert!(outcome.is_ok());
    let limits = RunLimits::default().grace(Duration::MAX);
    let plan = plan(
        &engine,
        &graph(r#""n":{"block":"app.nap","inputs":{"in":60000}}"#, ""),
    );
    let handle = engine
        .start(&plan, RunOptions::new().limits(limits))
        .unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    handle.cancel();
    assert_eq!(handle.outcome().await.status, Status::Cancelled);
}

#[tokio::test]
async fn a_run_without_time_ends_at_once() {
    let engine = engine([]);
    let plan = plan(
        &engine,
        &graph(r#""n":{"block":"app.nap","inputs":{"in":60000}}"#, ""),
    );
    for time in [Duration::ZERO, Duration::from_nanos(1)] {
        let since = Instant::now();
        let limits = RunLimits::default().timeout(Some(time));
        let outcome = engine
            .run(&plan, RunOptions::new().limits(limits))
            .await
            .unwrap();
        assert_eq!(failed(&outcome), "RUN_TIMEOUT");
        assert!(since.elapsed() < Duration::from_secs(20));
    }
}

/// Tells a time of day that goes backwards in great steps.
struct Backwards {
    day: AtomicI64,
    clock: SystemClock,
}

impl Clock for Backwards {
    fn now(&self) -> Timestamp {
        Timestamp(self.day.fetch_sub(86_400_000, Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(time)
    }
}

#[tokio::test]
async fn a_clock_that_goes_backwards_only_dates_the_events() {
    let clock = Backwards {
        day: AtomicI64::new(0),
        clock: SystemClock::default(),
    };
    let engine = Engine::builder(registry()).clock(Arc::new(clock)).build();
    let nodes =
        r#""n":{"block":"app.nap","inputs":{"in":5},"timeout_ms":5000},"p":{"block":"app.pass"}"#;
    let document = graph(nodes, r#"{"from":"n.out","to":"p.in"}"#);
    let plan = plan(&engine, &document);
    let outcome = engine.run(&plan, RunOptions::new().record()).await.unwrap();
    assert!(outcome.is_ok(), "{:?}", outcome.failure);
    assert!(outcome.duration_ms < 5_000);
    let slow = graph(
        r#""n":{"block":"app.nap","inputs":{"in":60000},"timeout_ms":10}"#,
        "",
    );
    assert_eq!(failed(&run(&engine, &slow).await), "BLOCK_TIMEOUT");
}

#[tokio::test]
async fn a_sub_graph_has_no_more_time_than_its_caller() {
    let document = r#"{"format":1,"nodes":{"c":{"block":"graph.call","inputs":{"graph":"g"}}},
        "graphs":{"g":{"nodes":{"n":{"block":"app.nap","inputs":{"in":60000}}},"policy":{"timeout_ms":3600000}}},
        "policy":{"timeout_ms":30}}"#;
    let since = Instant::now();
    let outcome = run(&engine([]), document).await;
    assert_eq!(failed(&outcome), "RUN_TIMEOUT");
    assert!(since.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_sub_graph_has_no_more_parallelism_than_its_caller() {
    let document = r#"{"format":1,"nodes":{"m":{"block":"app.count","inputs":{"in":8}},"c":{"block":"graph.call","inputs":{"graph":"g"}}},
        "links":[{"from":"m.out","to":"c.x"}],
        "graphs":{"g":{"nodes":{"i":{"block":"io.input","inputs":{"name":"x"}},"n":{"block":"app.nap","inputs":{"in":15}}},
            "policy":{"max_parallel":1000}}},
        "policy":{"max_parallel":1}}"#;
    let since = Instant::now();
    let outcome = run(&engine([]), document).await;
    assert!(outcome.is_ok(), "{:?}", outcome.failure);
    assert!(
        since.elapsed() >= Duration::from_millis(8 * 15),
        "{:?}",
        since.elapsed()
    );
}
