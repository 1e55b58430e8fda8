//! Cancellation at any moment: one end, nothing after it, nobody left at work.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::Extensions;
use graphloom::{
    CancelToken, Engine, Machine, RunHandle, RunLimits, RunOptions, RunOutcome, SerialOptions,
    Status,
};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{
    Draw, alive_tasks_are, check_equal, check_records, drawn_limits, engine, fold, one_thread,
    paced, plan, runtimes, seeds, serial, still_engine,
};
use super::special::{Gate, registry};

#[test]
fn a_serial_run_is_cancelled_at_any_step() {
    for seed in seeds("cancel serial", 60) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 3);
        let pace = Pace { seed, waits: 4 };
        let whole = serial(&plan, paced(pace), SerialOptions::seeded(seed));
        let steps = whole.records.len() * 2;
        for _ in 0..4 {
            let after = draw.below(steps + 2) as u64;
            let order = SerialOptions::seeded(seed).cancel_after(after).check_fold();
            let outcome = serial(&plan, paced(pace), order);
            let what = format!("seed {seed}, after {after}\n{}", case.json);
            assert!(
                matches!(outcome.status, Status::Cancelled | Status::Completed),
                "{:?} {what}",
                outcome.failure
            );
            assert_eq!(outcome.failure, None, "{what}");
            check_records(&outcome.records, outcome.status);
            fold(&plan, &outcome);
        }
    }
}

#[test]
fn a_parallel_run_is_cancelled_at_any_moment() {
    let runtimes = runtimes();
    let mut cancelled = 0;
    for seed in seeds("cancel", 60) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 4);
        for (name, runtime) in &runtimes {
            let what = format!("seed {seed}, {name}\n{}", case.json);
            let pace = Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            };
            let options = paced(pace).limits(drawn_limits(&mut draw)).record();
            let outcome = runtime.block_on(async {
                let before = tokio::runtime::Handle::current()
                    .metrics()
                    .num_alive_tasks();
                let handle = engine().start(&plan, options).unwrap();
                match draw.below(3) {
                    0 => {}
                    1 => {
                        for _ in 0..draw.below(60) {
                            tokio::task::yield_now().await;
                        }
                    }
                    _ => tokio::time::sleep(Duration::from_micros(draw.next() % 4_000)).await,
                }
                handle.cancel();
                let outcome = handle.outcome().await;
                alive_tasks_are(before).await;
                outcome
            });
            assert!(
                matches!(outcome.status, Status::Cancelled | Status::Completed),
                "{:?} {what}",
                outcome.failure
            );
            cancelled += usize::from(outcome.status == Status::Cancelled);
            check_records(&outcome.records, outcome.status);
            fold(&plan, &outcome);
            let order = SerialOptions::replay(outcome.records.clone()).check_fold();
            let again = serial(&plan, paced(pace), order);
            assert_eq!(again.failure, outcome.failure, "{what}");
            assert_eq!(again.status, outcome.status, "{what}");
            check_equal(&what, &case.json, &outcome.records, &again.records);
        }
    }
    assert!(cancelled > 0, "some runs were cancelled before their end");
}

fn bad() -> Engine {
    Engine::new(registry())
}

/// Runs nodes of these blocks beside each other, cancels, and returns how it ended, under tokio's paused clock.
fn cancelled(blocks: &[&str], grace: u64) -> RunOutcome {
    let nodes: Vec<String> = blocks
        .iter()
        .enumerate()
        .map(|(position, block)| {
            format!("\"n{position}\": {{\"block\": \"{block}\", \"inputs\": {{\"value\": 1}}}}")
        })
        .collect();
    let json = format!("{{\"format\": 1, \"nodes\": {{{}}}}}", nodes.join(","));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let engine = bad();
        let plan = engine.load(json.as_bytes()).unwrap();
        let limits = RunLimits::default().grace(Duration::from_millis(grace));
        let before = tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks();
        let options = RunOptions::new().limits(limits).record();
        let handle = engine.start(&plan, options).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        handle.cancel();
        let outcome = handle.outcome().await;
        alive_tasks_are(before).await;
        check_records(&outcome.records, Status::Cancelled);
        outcome
    })
}

#[test]
fn blocks_that_do_not_listen_are_aborted_after_the_grace_time() {
    let outcome = cancelled(&["s.deaf", "s.polite", "s.once"], 40);
    let receipt = outcome.cancelled.unwrap();
    assert_eq!(receipt.took_ms, 40);
    assert_eq!(receipt.done, ["n1:0"]);
    assert_eq!(receipt.aborted, ["n0:0", "n2:0"]);
    assert_eq!(receipt.in_doubt, ["n2:0"]);
}

#[test]
fn a_run_whose_blocks_listen_takes_no_grace_time() {
    let outcome = cancelled(&["s.polite", "s.polite"], 40);
    assert_eq!(outcome.cancelled.unwrap().took_ms, 0);
    assert_eq!(outcome.node_errors, 0);
}

/// A failure that comes of being asked to stop does not turn a cancelled run into a failed one.
#[test]
fn a_cancelled_run_stays_cancelled() {
    let outcome = cancelled(&["s.polite", "s.sour"], 40);
    assert_eq!(outcome.status, Status::Cancelled);
    assert_eq!(outcome.failure, None);
    assert_eq!(outcome.node_errors, 1);
    assert_eq!(outcome.cancelled.unwrap().done.len(), 2);
}

/// A source that never ends and consumers that never wait leave the thread to others all the same.
#[test]
fn a_run_that_is_never_idle_is_cancelled() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.endless\"}, \"b\": {\"block\": \"t.pass\"}},
        \"links\": [{\"from\": \"a.out\", \"to\": \"b.value\"}]}";
    one_thread().block_on(async {
        let engine = bad();
        let plan = engine.load(json.as_bytes()).unwrap();
        let handle = engine.start(&plan, RunOptions::new()).unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        handle.cancel();
        let outcome = handle.outcome().await;
        assert_eq!(outcome.status, Status::Cancelled);
        let limits = RunLimits::default().timeout(Some(Duration::from_millis(5)));
        let handle = engine
            .start(&plan, RunOptions::new().limits(limits))
            .unwrap();
        let outcome = handle.outcome().await;
        assert_eq!(outcome.failure.unwrap().code, graphloom::Code::RunTimeout);
    });
}

/// A block that looks at the token before the driver does is not a failure.
#[test]
fn a_block_may_hear_of_the_cancellation_first() {
    let json = "{\"format\": 1, \"policy\": {\"cycles\": \"allow\", \"max_firings\": 1000000000}, \"nodes\":
        {\"a\": {\"block\": \"s.looks\", \"inputs\": {\"value\": 1}}, \"b\": {\"block\": \"s.looks\"}},
        \"links\": [{\"from\": \"a.out\", \"to\": \"b.value\"}, {\"from\": \"b.out\", \"to\": \"b.value\"}]}";
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let engine = bad();
            let plan = engine.load(json.as_bytes()).unwrap();
            for round in 0..20 {
                let handle = engine.start(&plan, RunOptions::new()).unwrap();
                tokio::time::sleep(Duration::from_micros(50 * round)).await;
                handle.cancel();
                let outcome = handle.outcome().await;
                assert_eq!(outcome.status, Status::Cancelled, "{:?}", outcome.failure);
                assert_eq!(outcome.node_errors, 0);
            }
        });
    }
}

#[test]
fn a_token_cancels_only_downwards() {
    let token = CancelToken::new();
    let plan = plan("{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"t.source\"}}}");
    one_thread().block_on(async {
        let options = || RunOptions::new().cancel_with(&token);
        let outcome = engine().run(&plan, options()).await.unwrap();
        assert_eq!(outcome.status, Status::Completed);
        assert!(!token.is_cancelled());
        token.cancel();
        let outcome = engine().run(&plan, options().record()).await.unwrap();
        assert_eq!(outcome.status, Status::Cancelled);
        assert_eq!(outcome.firings, 0);
        check_records(&outcome.records, Status::Cancelled);
    });
}

fn gated(gate: &Arc<Gate>) -> RunOptions {
    RunOptions::new()
        .extensions(Extensions::new().with(Arc::clone(gate)))
        .limits(RunLimits::default().grace(Duration::from_millis(30)))
}

async fn started(engine: &Engine, json: &str, gate: &Arc<Gate>) -> RunHandle {
    let plan = engine.load(json.as_bytes()).unwrap();
    let handle = engine.start(&plan, gated(gate).record()).unwrap();
    while gate.count("came") == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    handle
}

/// What blocks a thread cannot be interrupted: it is told to be abandoned, and what it gives late is refused.
#[test]
fn a_blocked_thread_is_abandoned_and_its_late_result_refused() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.gate\"}}}";
    let gate = Arc::new(Gate::default());
    one_thread().block_on(async {
        let handle = started(&bad(), json, &gate).await;
        handle.cancel();
        let outcome = handle.outcome().await;
        let receipt = outcome.cancelled.unwrap();
        assert_eq!(receipt.abandoned, ["a:0"]);
        check_records(&outcome.records, Status::Cancelled);
        assert!(outcome.outputs.is_empty());
        // It may emit, and nobody takes it.
        gate.open();
        while gate.count("emitted") + gate.count("refused") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

/// A call that waits for a thread does not begin after the run was cancelled.
#[test]
fn what_waits_for_a_thread_does_not_begin_after_cancellation() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.gate\"}, \"b\": {\"block\": \"s.gate\"}}}";
    let gate = Arc::new(Gate::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let handle = started(&bad(), json, &gate).await;
        handle.cancel();
        let outcome = handle.outcome().await;
        assert_eq!(outcome.status, Status::Cancelled);
    });
    gate.open();
    drop(runtime);
    assert_eq!(gate.count("came"), 1);
}

/// A thread that waits for an answer is let go when the run is over, however it ended: else it would wait for ever,
/// and the program could not end.
#[test]
fn a_thread_that_waits_is_let_go() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.cpu_wait\"}}}";
    for drops in [false, true] {
        let gate = Arc::new(Gate::default());
        let runtime = one_thread();
        runtime.block_on(async {
            if drops {
                let engine = bad();
                let plan = engine.load(json.as_bytes()).unwrap();
                let mut run = Box::pin(engine.run(&plan, gated(&gate)));
                while gate.count("came") == 0 {
                    let step = tokio::time::sleep(Duration::from_millis(1));
                    tokio::select! {
                        _ = &mut run => panic!("it waits"),
                        () = step => {}
                    }
                }
            } else {
                let handle = started(&bad(), json, &gate).await;
                handle.cancel();
                let outcome = handle.outcome().await;
                assert_eq!(outcome.status, Status::Cancelled);
            }
        });
        // Waits for the thread.
        drop(runtime);
        assert_eq!(gate.count("went"), 1);
    }
}

#[test]
fn a_serial_run_that_waits_is_cancelled_from_outside() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.wait\"}}}";
    one_thread().block_on(async {
        let engine = bad();
        let plan = engine.load(json.as_bytes()).unwrap();
        let token = CancelToken::new();
        let options = RunOptions::new().cancel_with(&token);
        let run = engine.run_serial(&plan, options, SerialOptions::seeded(1));
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            token.cancel();
        };
        let (outcome, ()) = tokio::join!(run, cancel);
        assert_eq!(outcome.unwrap().status, Status::Cancelled);
    });
}

#[test]
fn the_fold_of_a_cancelled_run_ends_as_it_did() {
    let (engine, clock) = still_engine();
    let plan = plan(
        "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"t.source\", \"inputs\": {\"n\": 5}}}}",
    );
    let order = SerialOptions::seeded(1)
        .cancel_after(0)
        .on_idle(move || clock.advance_to_next());
    let outcome = one_thread()
        .block_on(engine.run_serial(&plan, RunOptions::new(), order))
        .unwrap();
    let mut machine = Machine::new(&plan);
    for record in &outcome.records {
        machine.apply(record).unwrap();
    }
    assert_eq!(machine.status(), Some(Status::Cancelled));
}
