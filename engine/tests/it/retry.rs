//! Attempts after the first: what they repeat, and what becomes of those that give something else.

use graphloom::{Code, Engine, Event, How, RunOptions, RunOutcome, SerialOptions, Status};

use super::blocks::Pace;
use super::harness::{
    check_equal, check_records, fold, one_thread, paced, runtimes, serial, still_engine,
};
use super::special::registry;

fn run(json: &str, check: impl Fn(&RunOutcome)) {
    let engine = Engine::new(registry());
    let plan = engine
        .load(json.as_bytes())
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    for (name, runtime) in runtimes() {
        let outcome = runtime.block_on(async {
            let options = paced(Pace { seed: 1, waits: 8 }).record();
            engine.start(&plan, options).unwrap().outcome().await
        });
        check_records(&outcome.records, outcome.status);
        fold(&plan, &outcome);
        check(&outcome);
        let order = SerialOptions::replay(outcome.records.clone()).check_fold();
        let again = serial(&plan, paced(Pace { seed: 2, waits: 8 }), order);
        assert_eq!(again.failure, outcome.failure, "{name}");
        check_equal(name, json, &outcome.records, &again.records);
    }
    for seed in 0..10 {
        let options = paced(Pace { seed, waits: 8 });
        let order = SerialOptions::seeded(seed).check_fold();
        check(&serial(&plan, options, order));
    }
}

/// The second attempt diverges in the middle of its work. It is dropped: nothing of it comes after its end.
#[test]
fn an_attempt_that_diverges_is_dropped() {
    let json = "{\"format\": 1, \"policy\": {\"on_error\": \"continue\"}, \"nodes\": {
        \"n\": {\"block\": \"t.source\", \"inputs\": {\"n\": 5}},
        \"a\": {\"block\": \"s.fickle\", \"retry\": {\"max_attempts\": 4, \"backoff_ms\": 1}},
        \"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"o\"}}},
        \"links\": [{\"from\": \"n.item\", \"to\": \"a.value\"}, {\"from\": \"a.out\", \"to\": \"o.value\"}]}";
    run(json, |outcome| {
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.node_errors, 5);
        for error in &outcome.errors {
            assert_eq!(error.code, Code::BlockDiverged);
            assert_eq!(error.attempt, 2);
        }
        let expected: Vec<i64> = (0..5).flat_map(|_| [10, 11, 12]).collect();
        let got: Vec<i64> = outcome
            .output("o")
            .iter()
            .filter_map(graphloom::Value::as_i64)
            .collect();
        assert_eq!(got, expected);
    });
}

#[test]
fn an_attempt_that_repeats_is_not_heard_twice() {
    let json = "{\"format\": 1, \"nodes\": {
        \"n\": {\"block\": \"t.source\", \"inputs\": {\"n\": 20}},
        \"a\": {\"block\": \"t.flaky\", \"retry\": {\"max_attempts\": 2, \"backoff_ms\": 1}},
        \"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"o\"}}},
        \"links\": [{\"from\": \"n.item\", \"to\": \"a.value\"}, {\"from\": \"a.out\", \"to\": \"o.value\"}]}";
    run(json, |outcome| {
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.output("o").len(), 40);
        let retries = |record: &&graphloom::Record| matches!(record.event, Event::Retrying { .. });
        assert!(outcome.records.iter().filter(retries).count() > 0);
    });
}

/// What has no end in time is dropped, and tried again; the recorded time-outs are replayed, not waited for.
#[test]
fn a_time_out_is_replayed_as_it_was() {
    let json = "{\"format\": 1, \"policy\": {\"on_error\": \"continue\"}, \"nodes\": {
        \"n\": {\"block\": \"t.source\", \"inputs\": {\"n\": 3}},
        \"a\": {\"block\": \"s.deaf\", \"timeout_ms\": 3, \"retry\": {\"max_attempts\": 2, \"backoff_ms\": 1}},
        \"b\": {\"block\": \"t.map\"}},
        \"links\": [{\"from\": \"n.item\", \"to\": \"a.value\"}, {\"from\": \"n.item\", \"to\": \"b.value\"}]}";
    run(json, |outcome| {
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.node_errors, 3);
        assert_eq!(outcome.errors[0].code, Code::BlockTimeout);
    });
}

/// Failures that no event tells of before the end: the time of the run, and the rounds of a cycle, also in a call.
#[test]
fn limits_are_replayed_as_they_were() {
    let cycle = "\"policy\": {\"cycles\": \"allow\", \"max_firings\": 7}, \"nodes\": {
            \"n\": {\"block\": \"t.source\"}, \"m\": {\"block\": \"t.source\", \"inputs\": {\"n\": 9}},
            \"a\": {\"block\": \"t.pass\"}, \"b\": {\"block\": \"t.map\"}},
        \"links\": [{\"from\": \"n.item\", \"to\": \"a.value\"}, {\"from\": \"a.out\", \"to\": \"b.value\"},
            {\"from\": \"b.out\", \"to\": \"a.value\"}]";
    run(&format!("{{\"format\": 1, {cycle}}}"), |outcome| {
        let failure = outcome.failure.as_ref().unwrap();
        assert_eq!(failure.code, Code::RunCycleLimit);
    });
    let call = format!(
        "{{\"format\": 1, \"policy\": {{\"on_error\": \"continue\"}}, \"nodes\": {{
            \"n\": {{\"block\": \"t.source\", \"inputs\": {{\"n\": 3}}}},
            \"call\": {{\"block\": \"t.call\", \"inputs\": {{\"graph\": \"g\"}}}},
            \"ask\": {{\"block\": \"t.ask\", \"inputs\": {{\"graph\": \"h\"}}}}}},
        \"links\": [{{\"from\": \"n.item\", \"to\": \"ask.value\"}}],
        \"graphs\": {{\"g\": {{\"format\": 1, {cycle}}}, \"h\": {{\"format\": 1, {}}}}}}}",
        cycle.replace(
            "\"n\": {\"block\": \"t.source\"}",
            "\"n\": {\"block\": \"t.source\"}, \"x\": {\"block\": \"t.in\", \"inputs\": {\"name\": \"x0\"}}"
        )
    );
    run(&call, |outcome| {
        assert_eq!(outcome.status, Status::Completed);
        let failed = |record: &&graphloom::Record| {
            matches!(
                record.event,
                Event::Finished {
                    how: How::Failed(_),
                    ..
                }
            )
        };
        assert_eq!(outcome.records.iter().filter(failed).count(), 4);
    });
    let time = "{\"format\": 1, \"policy\": {\"timeout_ms\": 20}, \"nodes\": {
        \"a\": {\"block\": \"s.polite\"}, \"b\": {\"block\": \"t.source\", \"inputs\": {\"n\": 3}}}}";
    run(time, |outcome| {
        let failure = outcome.failure.as_ref().unwrap();
        assert_eq!(failure.code, Code::RunTimeout);
    });
}

/// A retry whose back-off is over but whose turn has not come.
#[test]
fn many_back_offs_end_at_once() {
    let json = "{\"format\": 1, \"nodes\": {
        \"n\": {\"block\": \"t.source\", \"inputs\": {\"n\": 60}},
        \"a\": {\"block\": \"t.flaky\", \"retry\": {\"max_attempts\": 2, \"backoff_ms\": 4, \"max_backoff_ms\": 4}}},
        \"links\": [{\"from\": \"n.item\", \"to\": \"a.value\"}]}";
    for seed in 0..20 {
        let (_, clock) = still_engine();
        drop(clock);
        let engine = Engine::new(registry());
        let plan = engine.load(json.as_bytes()).unwrap();
        let order = SerialOptions::seeded(seed);
        let outcome = serial(&plan, RunOptions::new(), order);
        assert_eq!(outcome.status, Status::Completed);
    }
    // By the time of the machine too, on the one thread whose timers the driver needs.
    let engine = Engine::new(registry());
    let plan = engine.load(json.as_bytes()).unwrap();
    let order = SerialOptions::seeded(1);
    let run = engine.run_serial(&plan, RunOptions::new(), order);
    let outcome = one_thread().block_on(run).unwrap();
    assert_eq!(outcome.status, Status::Completed);
}
