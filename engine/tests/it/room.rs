//! Room: queues are bounded where they can be, and never stop a run.

use std::collections::HashMap;
use std::time::Duration;

use graphloom::{
    Code, Engine, Event, Record, RunLimits, RunOptions, RunOutcome, SerialOptions, Status,
};

use super::harness::{cases, in_time, one_thread, runtimes, still_engine};
use super::special::registry;

/// The most values that waited at a node fed by one link from `from`, by what the events tell.
fn longest_queue(plan: &graphloom::Plan, records: &[Record], from: &str, to: &str) -> i64 {
    let (from, to) = (plan.node(from).unwrap(), plan.node(to).unwrap());
    let (mut now, mut most) = (0_i64, 0);
    for record in records {
        match &record.event {
            Event::Emitted { node, .. } | Event::Done { node, .. } if *node == from => now += 1,
            Event::Started { node, .. } if *node == to => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

fn run(
    engine: &Engine,
    json: &str,
    runtime: &tokio::runtime::Runtime,
    limits: RunLimits,
) -> RunOutcome {
    let plan = engine
        .load(json.as_bytes())
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    runtime.block_on(async {
        let options = RunOptions::new().limits(limits).record();
        in_time(engine.start(&plan, options).unwrap().outcome()).await
    })
}

/// The pairs wait for each other: x is full before y has anything.
#[test]
fn a_join_of_a_long_stream_and_a_short_one_ends() {
    for n in [1, 64, 100, 1_000] {
        for concurrency in [1, 2, 64] {
            let json = format!(
                "{{\"format\": 1, \"nodes\": {{
                    \"a\": {{\"block\": \"s.lopsided\", \"inputs\": {{\"n\": {n}}}, \"concurrency\": {concurrency}}},
                    \"mid\": {{\"block\": \"t.pass\", \"concurrency\": {concurrency}}},
                    \"j\": {{\"block\": \"t.join\", \"concurrency\": {concurrency}}},
                    \"o\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"o\"}}}}}},
                \"links\": [
                    {{\"from\": \"a.x\", \"to\": \"mid.value\"}},
                    {{\"from\": \"mid.out\", \"to\": \"j.a\"}},
                    {{\"from\": \"a.y\", \"to\": \"j.b\"}},
                    {{\"from\": \"j.out\", \"to\": \"o.value\"}}]}}"
            );
            let check = |outcome: &RunOutcome| {
                assert_eq!(outcome.status, Status::Completed);
                assert_eq!(outcome.output("o").len(), 1);
                assert_eq!(outcome.stalled[0].unused[0].values, n - 1, "{n}");
            };
            for soft in [1, 2, 7, 64, 1_024] {
                let limits = RunLimits::default().soft_limit(soft);
                if n > 1 {
                    for (_, runtime) in &runtimes()[..2] {
                        let engine = Engine::new(registry());
                        check(&run(&engine, &json, runtime, limits.clone()));
                    }
                    let (engine, _) = still_engine();
                    let engine_with = Engine::new(registry());
                    let plan = engine_with.load(json.as_bytes()).unwrap();
                    let options = RunOptions::new().limits(limits);
                    let order = SerialOptions::seeded(soft as u64).check_fold();
                    let serial = engine.run_serial(&plan, options, order);
                    check(&one_thread().block_on(serial).unwrap());
                }
            }
        }
    }
}

/// A stream through consumers that take their time keeps no more than the soft limit waiting, wherever it waits.
#[test]
fn a_long_stream_through_slow_consumers_keeps_its_queues_short() {
    let n = 100_000 * cases(1).min(10);
    let json = format!(
        "{{\"format\": 1, \"nodes\": {{
            \"src\": {{\"block\": \"t.source\", \"inputs\": {{\"n\": {n}}}}},
            \"one\": {{\"block\": \"t.pass\"}},
            \"two\": {{\"block\": \"t.pass\"}},
            \"slow\": {{\"block\": \"s.yields\", \"concurrency\": 4}}}},
        \"links\": [
            {{\"from\": \"src.item\", \"to\": \"one.value\"}},
            {{\"from\": \"one.out\", \"to\": \"two.value\"}},
            {{\"from\": \"two.out\", \"to\": \"slow.value\"}}]}}"
    );
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    for (name, runtime) in runtimes() {
        for soft in [16, 1_024] {
            let limits = RunLimits::default().soft_limit(soft);
            let outcome = run(&engine, &json, &runtime, limits);
            assert_eq!(outcome.status, Status::Completed);
            assert_eq!(outcome.firings, 1 + 3 * n);
            for (from, to) in [("src", "one"), ("one", "two"), ("two", "slow")] {
                let most = longest_queue(&plan, &outcome.records, from, to);
                // A burst of 64 is taken whole.
                assert!(most <= soft as i64 + 65, "{name}: {most} waited at {to}");
            }
        }
    }
}

/// What a sub-graph gives waits in the graph that called it: the call is held back, not only its caller.
#[test]
fn a_long_stream_out_of_a_call_keeps_its_queues_short() {
    let json = "{\"format\": 1, \"nodes\": {
            \"call\": {\"block\": \"t.call\", \"inputs\": {\"graph\": \"g\"}},
            \"slow\": {\"block\": \"s.yields\", \"concurrency\": 2}},
        \"links\": [{\"from\": \"call.o\", \"to\": \"slow.value\"}],
        \"graphs\": {\"g\": {\"format\": 1, \"nodes\": {
            \"src\": {\"block\": \"t.source\", \"inputs\": {\"n\": 10000}},
            \"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"o\"}}},
            \"links\": [{\"from\": \"src.item\", \"to\": \"o.value\"}]}}}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    for (name, runtime) in runtimes() {
        let limits = RunLimits::default().soft_limit(32);
        let outcome = run(&engine, json, &runtime, limits);
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.firings, 1 + 10_000 + 1 + 10_000);
        let records: Vec<Record> = outcome
            .records
            .into_iter()
            .filter(|record| record.scope == 0)
            .collect();
        let most = longest_queue(&plan, &records, "call", "slow");
        // A turn of the call gives what it has at hand.
        assert!(most <= 32 + 256 + 65, "{name}: {most} waited");
    }
}

/// Firings that overtake hold what they emit, and no more than so much of it.
#[test]
fn a_firing_that_is_not_the_oldest_holds_little() {
    let json = "{\"format\": 1, \"nodes\": {
            \"src\": {\"block\": \"t.source\", \"inputs\": {\"n\": 8}},
            \"many\": {\"block\": \"s.oldest_is_slow\"},
            \"o\": {\"block\": \"t.pass\"}},
        \"links\": [
            {\"from\": \"src.item\", \"to\": \"many.value\"},
            {\"from\": \"many.out\", \"to\": \"o.value\"}]}";
    let engine = Engine::new(registry());
    for (name, runtime) in runtimes() {
        let outcome = run(&engine, json, &runtime, RunLimits::default());
        assert_eq!(outcome.status, Status::Completed);
        let mut held: HashMap<u32, usize> = HashMap::new();
        for record in &outcome.records {
            match &record.event {
                Event::Emitted { node, firing, .. } if node.get() == 1 && *firing > 0 => {
                    *held.entry(*firing).or_default() += 1;
                }
                Event::Emitted { node, .. } | Event::Done { node, .. } if node.get() == 1 => break,
                _ => {}
            }
        }
        let most = held.values().max().copied().unwrap_or(0);
        assert!(most <= 128, "{name}: a firing held {most}");
    }
}

#[test]
fn a_hard_limit_fails_the_run_and_names_pin_and_producer() {
    let json = "{\"format\": 1, \"nodes\": {
            \"src\": {\"block\": \"t.source\", \"inputs\": {\"n\": 1000}},
            \"none\": {\"block\": \"t.source\", \"inputs\": {\"n\": 0}},
            \"mid\": {\"block\": \"t.pair\"},
            \"j\": {\"block\": \"t.join\"}},
        \"links\": [
            {\"from\": \"src.item\", \"to\": \"mid.value\"},
            {\"from\": \"mid.out\", \"to\": \"j.a\"},
            {\"from\": \"none.item\", \"to\": \"j.b\"}]}";
    let engine = Engine::new(registry());
    let runtime = one_thread();
    let limits = RunLimits::default().max_queued(100);
    let failure = run(&engine, json, &runtime, limits).failure.unwrap();
    assert_eq!(failure.code, Code::RunQueueLimit);
    assert!(failure.message.contains("j.a"), "{failure}");
    // Each of these nodes emits once and ends: the common way of an emission counts bytes too.
    let limits = RunLimits::default().max_queued_bytes(10_000);
    let failure = run(&engine, json, &runtime, limits).failure.unwrap();
    assert_eq!(failure.code, Code::RunBytesLimit);
}

/// What a collecting pin has collected waits too.
#[test]
fn a_hard_limit_counts_what_is_collected() {
    let json = "{\"format\": 1, \"nodes\": {
            \"src\": {\"block\": \"t.source\", \"inputs\": {\"n\": 1000}},
            \"all\": {\"block\": \"t.gather\"}},
        \"links\": [{\"from\": \"src.item\", \"to\": \"all.items\"}]}";
    let engine = Engine::new(registry());
    let runtime = one_thread();
    let limits = RunLimits::default().max_queued(100);
    let failure = run(&engine, json, &runtime, limits).failure.unwrap();
    assert_eq!(failure.code, Code::RunQueueLimit);
    assert!(failure.message.contains("all.items"), "{failure}");
    let limits = RunLimits::default().max_queued(1_000);
    let outcome = run(&engine, json, &runtime, limits);
    assert_eq!(outcome.status, Status::Completed);
}

/// A block that emits exactly as much as fits and then waits for the time.
#[test]
fn a_full_outbox_before_a_sleep_is_no_end() {
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"s.full_then_sleeps\"},
        \"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"o\"}}},
        \"links\": [{\"from\": \"a.out\", \"to\": \"o.value\"}]}";
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    let late = Duration::from_secs(20);
    for (_, runtime) in runtimes() {
        runtime.block_on(async {
            let run = engine.run(&plan, RunOptions::new());
            let outcome = tokio::time::timeout(late, run).await.unwrap().unwrap();
            assert_eq!(outcome.output("o").len(), 129);
            let order = SerialOptions::seeded(5);
            let run = engine.run_serial(&plan, RunOptions::new(), order);
            let outcome = tokio::time::timeout(late, run).await.unwrap().unwrap();
            assert_eq!(outcome.output("o").len(), 129);
        });
    }
}

/// The places of a sub-graph that failed are free for others at once.
#[test]
fn a_failed_call_gives_its_places_back() {
    let json = "{\"format\": 1, \"policy\": {\"on_error\": \"continue\"}, \"nodes\": {
            \"call\": {\"block\": \"t.call\", \"inputs\": {\"graph\": \"g\"}},
            \"a\": {\"block\": \"s.yields\", \"inputs\": {\"value\": 1}},
            \"b\": {\"block\": \"s.yields\", \"inputs\": {\"value\": 1}}},
        \"graphs\": {\"g\": {\"format\": 1, \"nodes\": {
            \"a\": {\"block\": \"s.deaf\"},
            \"b\": {\"block\": \"s.panic\", \"inputs\": {\"kind\": \"after a wait\"}}}}}}";
    let engine = Engine::new(registry());
    for (_, runtime) in runtimes() {
        for places in [2, 3] {
            let limits = RunLimits::default().max_parallel(places);
            let outcome = run(&engine, json, &runtime, limits);
            assert_eq!(outcome.status, Status::Completed);
            assert_eq!(outcome.firings, 5);
        }
    }
}
