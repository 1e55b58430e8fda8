//! Values that nest deeper and deeper.

use graphloom::{Code, Engine, RunLimits, RunOptions, RunOutcome, SerialOptions, Status};

use super::harness::{check_equal, check_records, one_thread, runtimes, serial};
use super::special::registry;

/// `wrap` puts what comes around into a list, `other` is on the way back.
fn ring(links: &str, other: &str) -> String {
    format!(
        "{{\"format\": 1, \"policy\": {{\"cycles\": \"allow\", \"max_firings\": 100000}}, \"nodes\": {{
            \"s\": {{\"block\": \"t.source\"}}, \"wrap\": {{\"block\": \"s.wrap\"}}, \"other\": {other}}},
        \"links\": [{{\"from\": \"s.item\", \"to\": \"wrap.value\"}}, {links}],
        \"graphs\": {{\"g\": {{\"format\": 1, \"nodes\": {{
            \"x\": {{\"block\": \"t.in\", \"inputs\": {{\"name\": \"value\"}}}},
            \"y\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"out\"}}}}}},
            \"links\": [{{\"from\": \"x.result\", \"to\": \"y.value\"}}]}}}}}}"
    )
}

fn check(json: &str, limits: &RunLimits, ends: impl Fn(&RunOutcome)) {
    let engine = Engine::new(registry());
    let plan = engine
        .load(json.as_bytes())
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    let options = || RunOptions::new().limits(limits.clone());
    for (name, runtime) in runtimes() {
        let outcome = runtime.block_on(async {
            let handle = engine.start(&plan, options().record()).unwrap();
            handle.outcome().await
        });
        check_records(&outcome.records, outcome.status);
        ends(&outcome);
        let order = SerialOptions::replay(outcome.records.clone()).check_fold();
        let again = serial(&plan, options(), order);
        assert_eq!(again.failure, outcome.failure);
        check_equal(name, json, &outcome.records, &again.records);
    }
    let order = SerialOptions::seeded(1).check_fold();
    let run = engine.run_serial(&plan, options(), order);
    ends(&one_thread().block_on(run).unwrap());
}

#[test]
fn a_value_that_nests_deeper_each_round_is_refused() {
    let back = "{\"from\": \"wrap.out\", \"to\": \"other.value\"}, {\"from\": \"other.out\", \"to\": \"wrap.value\"}";
    let into = "{\"from\": \"wrap.out\", \"to\": \"other.value.deeper\"}, {\"from\": \"other.out\", \"to\": \"wrap.value\"}";
    let pass = "{\"block\": \"t.pass\"}";
    let call = "{\"block\": \"t.call\", \"inputs\": {\"graph\": \"g\"}}";
    for json in [ring(back, pass), ring(into, pass), ring(back, call)] {
        for deep in [4, 128, 1_000] {
            check(
                &json,
                &RunLimits::default().max_value_depth(deep),
                |outcome| {
                    assert_eq!(outcome.status, Status::Failed);
                    let failure = outcome.failure.as_ref().unwrap();
                    assert_eq!(failure.code, Code::RunValueDepth);
                    // The run fails when the value is as deep as that, and no later.
                    assert!(outcome.firings < 10 * u64::from(deep));
                },
            );
        }
    }
}

/// In a sub-graph it fails the call.
#[test]
fn a_value_too_deep_fails_the_call_that_it_is_in() {
    let inner = ring(
        "{\"from\": \"wrap.out\", \"to\": \"other.value\"}, {\"from\": \"other.out\", \"to\": \"wrap.value\"}",
        "{\"block\": \"t.pass\"}",
    );
    let json = format!(
        "{{\"format\": 1, \"policy\": {{\"on_error\": \"continue\"}}, \"nodes\": {{
            \"call\": {{\"block\": \"t.call\", \"inputs\": {{\"graph\": \"h\"}}}}}},
        \"graphs\": {{\"h\": {inner}}}}}"
    );
    check(&json, &RunLimits::default(), |outcome| {
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.errors[0].code, Code::RunValueDepth);
    });
}

/// What does not nest deeper may go around for ever.
#[test]
fn a_nested_value_may_go_around() {
    let json = "{\"format\": 1, \"policy\": {\"cycles\": \"allow\", \"max_firings\": 500}, \"nodes\": {
            \"s\": {\"block\": \"t.source\"}, \"wrap\": {\"block\": \"s.wrap\"},
            \"a\": {\"block\": \"t.pass\"}, \"b\": {\"block\": \"t.pass\"}},
        \"links\": [{\"from\": \"s.item\", \"to\": \"wrap.value\"}, {\"from\": \"wrap.out\", \"to\": \"a.value\"},
            {\"from\": \"a.out\", \"to\": \"b.value\"}, {\"from\": \"b.out\", \"to\": \"a.value\"}]}";
    check(json, &RunLimits::default().max_value_depth(1), |outcome| {
        let failure = outcome.failure.as_ref().unwrap();
        assert_eq!(failure.code, Code::RunCycleLimit);
    });
}
