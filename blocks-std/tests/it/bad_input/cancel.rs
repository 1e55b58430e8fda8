//! Cancelling: at every moment, any number of times, whatever the blocks do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use graphloom::block::Resource;
use graphloom::{CancelToken, Event, Observed, RunLimits, RunOptions, RunOutcome, Status};

use super::{engine, graph, plan, run_with};
use crate::faults::blocks::Probe;

fn short() -> RunLimits {
    RunLimits::default().grace(Duration::from_millis(30))
}

/// One last event, and it says how the run ended.
fn ends_once(outcome: &RunOutcome) {
    assert!(outcome.status.is_terminal());
    let ends = outcome
        .records
        .iter()
        .filter(|record| matches!(record.event, Event::Ended { .. }));
    assert_eq!(ends.count(), 1);
    let last = &outcome.records.last().unwrap().event;
    assert!(
        matches!(last, Event::Ended { status, .. } if *status == outcome.status),
        "{last:?}"
    );
    let dense = outcome
        .records
        .iter()
        .enumerate()
        .all(|(i, record)| record.seq == i as u64);
    assert!(dense, "numbers without gaps");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancel_and_completion_race_to_one_end() {
    let engine = engine([]);
    let nodes = r#""a":{"block":"app.pass","inputs":{"in":1}},"n":{"block":"app.nap","inputs":{"in":0}},"b":{"block":"app.pass"}"#;
    let plan = plan(
        &engine,
        &graph(
            nodes,
            r#"{"from":"a.out","to":"b.in"},{"from":"n.out","to":"b.in"}"#,
        ),
    );
    let mut statuses = [0; 2];
    for seed in 0..40_u64 {
        let handles: Vec<_> = (0..100)
            .map(|_| {
                engine
                    .start(&plan, RunOptions::new().seed(seed).record())
                    .unwrap()
            })
            .collect();
        for (i, handle) in handles.iter().enumerate() {
            // The longer the wait, the more of them are over before they are told to stop.
            if i as u64 % 10 < seed % 10 {
                tokio::time::sleep(Duration::from_micros(seed)).await;
            }
            handle.cancel();
        }
        for handle in handles {
            let outcome = handle.outcome().await;
            ends_once(&outcome);
            match outcome.status {
                Status::Completed => statuses[0] += 1,
                Status::Cancelled => statuses[1] += 1,
                other => panic!("{other}"),
            }
        }
    }
    let [completed, cancelled] = statuses;
    println!("{completed} completed, {cancelled} were cancelled");
    assert_eq!(completed + cancelled, 4_000);
}

#[tokio::test]
async fn cancelled_before_it_starts_nothing_fires() {
    let token = CancelToken::new();
    token.cancel();
    let options = RunOptions::new().cancel_with(&token).record();
    let document = graph(r#""a":{"block":"app.pass","inputs":{"in":1}}"#, "");
    let outcome = run_with(&engine([]), &document, options).await;
    assert_eq!((outcome.status, outcome.firings), (Status::Cancelled, 0));
    ends_once(&outcome);
}

#[tokio::test]
async fn cancelled_between_start_and_first_turn_nothing_fires() {
    let engine = engine([]);
    let plan = plan(
        &engine,
        &graph(r#""a":{"block":"app.pass","inputs":{"in":1}}"#, ""),
    );
    let handle = engine.start(&plan, RunOptions::new().record()).unwrap();
    handle.cancel();
    let outcome = handle.outcome().await;
    assert_eq!((outcome.status, outcome.firings), (Status::Cancelled, 0));
    ends_once(&outcome);
}

#[tokio::test]
async fn a_back_off_is_nothing_to_wait_for() {
    let engine = engine([]);
    let document = graph(
        r#""f":{"block":"app.flaky","retry":{"max_attempts":5,"backoff_ms":3600000,"max_backoff_ms":3600000}}"#,
        "",
    )
    .replace("app.flaky", "app.fickle");
    let plan = plan(&engine, &document);
    let handle = engine.start(&plan, RunOptions::new().record()).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let since = Instant::now();
    handle.cancel();
    let outcome = handle.outcome().await;
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(
        since.elapsed() < Duration::from_secs(20),
        "{:?}",
        since.elapsed()
    );
    ends_once(&outcome);
}

#[tokio::test]
async fn a_sub_graph_is_cancelled_with_its_caller() {
    let engine = engine([]);
    let document = r#"{"format":1,"nodes":{"c":{"block":"graph.call","inputs":{"graph":"g"}}},
        "graphs":{"g":{"nodes":{"n":{"block":"app.nap","inputs":{"in":60000}}}}}}"#;
    let plan = plan(&engine, document);
    let handle = engine.start(&plan, RunOptions::new().record()).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    handle.cancel();
    let outcome = handle.outcome().await;
    assert_eq!(outcome.status, Status::Cancelled);
    ends_once(&outcome);
}

#[tokio::test]
async fn cancelling_again_changes_nothing() {
    let engine = engine([]);
    let plan = plan(
        &engine,
        &graph(r#""n":{"block":"app.nap","inputs":{"in":60000}}"#, ""),
    );
    let handle = engine.start(&plan, RunOptions::new().record()).unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    for _ in 0..3 {
        handle.cancel();
    }
    let outcome = handle.outcome().await;
    let asked = outcome
        .records
        .iter()
        .filter(|r| matches!(r.event, Event::CancelRequested));
    assert_eq!((outcome.status, asked.count()), (Status::Cancelled, 1));
    ends_once(&outcome);
}

#[tokio::test]
async fn a_block_that_ignores_cancellation_is_dropped_after_the_grace_time() {
    let engine = engine([]);
    let plan = plan(&engine, &graph(r#""s":{"block":"app.stuck"}"#, ""));
    let handle = engine
        .start(&plan, RunOptions::new().limits(short()).record())
        .unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let since = Instant::now();
    handle.cancel();
    let outcome = handle.outcome().await;
    let took = since.elapsed();
    assert!(
        took >= Duration::from_millis(25) && took < Duration::from_secs(20),
        "{took:?}"
    );
    assert_eq!(outcome.status, Status::Cancelled);
    assert_eq!(outcome.cancelled.as_ref().unwrap().aborted, ["s:0"]);
    ends_once(&outcome);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_that_computes_without_a_break_is_left_behind() {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let busy = Probe::new("test.busy", move |_, _, out| {
        while !flag.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Box::pin(async move { Ok(out.emit("out", 1).await?) })
    })
    .info(|info| info.resource(Resource::Cpu));
    let engine = engine([busy]);
    let nodes = r#""b":{"block":"test.busy"},"o":{"block":"io.output","inputs":{"name":"o"}}"#;
    let plan = plan(&engine, &graph(nodes, r#"{"from":"b.out","to":"o.value"}"#));
    let (observer, mut events) = graphloom::observe(1_000);
    let handle = engine
        .start(
            &plan,
            RunOptions::new().limits(short()).record().observe(observer),
        )
        .unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    handle.cancel();
    let outcome = tokio::time::timeout(Duration::from_secs(5), handle.outcome()).await;
    let outcome = outcome.expect("the run does not wait for it");
    assert_eq!(outcome.status, Status::Cancelled);
    assert_eq!(outcome.cancelled.as_ref().unwrap().abandoned, ["b:0"]);
    ends_once(&outcome);
    // What it gives when it comes back is refused: nothing follows the last event.
    stop.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut last = None;
    while let Some(Observed::Events(batch)) = events.try_next() {
        last = batch.records().last();
    }
    assert!(matches!(
        last.map(|record| record.event),
        Some(Event::Ended { .. })
    ));
}
