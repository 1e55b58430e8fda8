//! Runs that begin at a node: nothing before it is paid or done again.

use std::sync::Arc;

use graphloom::host::{MemoryResults, Message, Store};
use graphloom::{
    BlockError, Capability, Effect, Engine, Explanations, Reuse, RunOptions, RunOutcome, Text,
    Value, value,
};

use super::bench::{
    Calls, Made, after, cached, digests, engine, kept, made, pure, rerun, results, short,
};
use crate::harness::{Draw, one_thread};
use crate::kept::Trial;

/// Blocks that must not act twice, that draw, and that are pure.
fn acting(calls: &Calls) -> Engine {
    let pins = &["a", "k"];
    let once = digests(
        pure("r.once", 1).effect(Effect::AtMostOnce),
        "once",
        pins,
        &["out"],
        calls,
    );
    let noted = calls.clone();
    let draws = made(
        pure("r.draw", 1).capabilities(&[Capability::Random]),
        pins,
        &["out"],
        move |cx, _, out| {
            noted.note(cx);
            Box::pin(async move {
                out.emit("out", cx.random()? as i64).await?;
                Ok(())
            })
        },
    );
    let sum = digests(pure("r.sum", 1), "sum", pins, &["out"], calls);
    engine([once, draws, sum])
}

fn from(engine: &Engine, trial: &Trial, json: &str, node: &str) -> (RunOutcome, Explanations) {
    let plan = engine.load(json.as_bytes()).unwrap();
    let reuse = Reuse::new().run(results(engine, trial));
    rerun(engine, json, reuse.from_node(&plan, node).unwrap())
}

const CHAIN: &str = r#"{"format": 1, "nodes": {
    "pay": {"block": "r.once", "inputs": {"k": 1}},
    "draw": {"block": "r.draw"},
    "mid": {"block": "r.sum"},
    "send": {"block": "r.once"},
    "beside": {"block": "r.once", "inputs": {"k": 2}},
    "out": {"block": "t.out", "inputs": {"name": "x"}},
    "drawn": {"block": "t.out", "inputs": {"name": "drawn"}}},
  "links": [
    {"from": "pay.out", "to": "draw.a"}, {"from": "draw.out", "to": "mid.a"},
    {"from": "mid.out", "to": "send.a"}, {"from": "send.out", "to": "out.value"},
    {"from": "draw.out", "to": "drawn.value"}]}"#;

#[test]
fn what_stands_before_the_node_is_not_done_again() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let (trial, first) = kept(&engine, CHAIN);
    calls.take();
    let (outcome, told) = from(&engine, &trial, CHAIN, "mid");
    assert_eq!(calls.nodes(), ["mid", "send"]);
    assert_eq!(
        short(&told),
        [
            "beside.0: run",
            "draw.0: run",
            "mid.0: in the cone of mid",
            "pay.0: run",
            "send.0: in the cone of mid",
        ]
    );
    // What was drawn is what was drawn then.
    assert_eq!(outcome.outputs, first.outputs);

    // What was edited before the node runs anew, and what depends on it.
    let edited = CHAIN.replace("\"k\": 1", "\"k\": 3");
    let (_, told) = from(&engine, &trial, &edited, "send");
    assert_eq!(calls.nodes(), ["draw", "mid", "pay", "send"]);
    assert_eq!(
        short(&told),
        [
            "beside.0: run",
            "draw.0: input \"a\" changed",
            "mid.0: input \"a\" changed",
            "pay.0: input \"k\" changed",
            "send.0: in the cone of send",
        ]
    );
}

#[test]
fn values_that_are_set_count_as_inputs() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let (trial, _) = kept(&engine, CHAIN);
    calls.take();
    let plan = engine.load(CHAIN.as_bytes()).unwrap();
    let reuse = Reuse::new().run(results(&engine, &trial));
    let reuse = reuse.from_node(&plan, "send").unwrap();
    let options = RunOptions::new().set("draw", "k", Value::from(5));
    let (_, told) = super::bench::rerun_with(&engine, CHAIN, reuse, options);
    assert_eq!(calls.nodes(), ["draw", "mid", "send"]);
    assert_eq!(short(&told)[1], "draw.0: input \"k\" changed");
}

#[test]
fn the_cone_runs_anew_whatever_a_cache_has() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let (trial, _) = kept(&engine, CHAIN);
    calls.take();
    let cache = MemoryResults::default();
    let reuse = || Reuse::new().cache(Arc::new(cache.clone()));
    let results = || results(&engine, &trial);
    let plan = engine.load(CHAIN.as_bytes()).unwrap();
    for _ in 0..2 {
        let reuse = reuse().run(results()).from_node(&plan, "mid").unwrap();
        let (_, told) = rerun(&engine, CHAIN, reuse);
        assert_eq!(calls.nodes(), ["mid", "send"]);
        assert_eq!(short(&told)[2], "mid.0: in the cone of mid");
        // It is pure: what it gave is of use to others.
        assert_eq!((told.kept, cache.len()), (1, 1));
    }
    let (_, told) = rerun(
        &engine,
        CHAIN,
        reuse().run(results()).from_node(&plan, "send").unwrap(),
    );
    assert_eq!(short(&told)[2], "mid.0: run");
    // Nothing but what is pure comes to a cache.
    cached(&engine, &cache, CHAIN);
    assert!(cache.len() <= 2);
}

#[test]
fn only_what_is_given_by_inputs_is_taken_without_a_node_to_begin_at() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let (trial, _) = kept(&engine, CHAIN);
    calls.take();
    let (_, told) = after(&engine, &trial, CHAIN);
    assert_eq!(
        short(&told),
        [
            "beside.0: not pure",
            "draw.0: asks for random numbers",
            "mid.0: input \"a\" changed",
            "pay.0: not pure",
            "send.0: not pure",
        ]
    );
}

#[test]
fn a_node_that_is_not_there_is_told_with_its_like() {
    let engine = acting(&Calls::default());
    let plan = engine.load(CHAIN.as_bytes()).unwrap();
    let error = Reuse::new().from_node(&plan, "besides").unwrap_err();
    assert_eq!(error.to_string(), "there is no node \"besides\"");
    assert_eq!(error.suggestions, ["beside"]);
}

/// A stream to an effect, by two ways that race: what comes first differs from run to run.
#[test]
fn results_are_found_by_inputs_where_the_order_has_changed() {
    let calls = Calls::default();
    let noted = calls.clone();
    let once = Made {
        info: pure("r.once", 1).effect(Effect::AtMostOnce),
        ..made(
            pure("r.once", 1),
            &["a"],
            &["out"],
            move |cx, inputs, out| {
                noted.note(cx);
                Box::pin(async move {
                    let given = inputs.get("a").cloned().unwrap_or_default();
                    out.emit("out", value!({"receipt": (given)})).await?;
                    Ok(())
                })
            },
        )
    };
    let source = made(
        pure("r.items", 1),
        &["items"],
        &["out"],
        |_, inputs, out| {
            Box::pin(async move {
                for item in inputs.get("items").and_then(Value::as_list).unwrap().iter() {
                    out.emit("out", item.clone()).await?;
                }
                Ok(())
            })
        },
    );
    let engine = engine([once, source]);
    let json = |items: &[i64]| {
        format!(
            r#"{{"format": 1, "nodes": {{"s": {{"block": "r.items", "inputs": {{"items": {items:?}}}}},
                "once": {{"block": "r.once"}}, "end": {{"block": "t.pass"}},
                "out": {{"block": "t.out", "inputs": {{"name": "x"}}}}}},
            "links": [{{"from": "s.out", "to": "once.a"}}, {{"from": "once.out", "to": "out.value"}},
                {{"from": "once.out", "to": "end.value"}}]}}"#
        )
    };
    let mut draw = Draw(7);
    let mut items: Vec<i64> = (0..40).map(|n| n % 25).collect();
    let (trial, _) = kept(&engine, &json(&items));
    calls.take();
    for n in 0..5 {
        for at in 0..items.len() {
            let other = draw.below(items.len());
            items.swap(at, other);
        }
        let (outcome, told) = from(&engine, &trial, &json(&items), "end");
        assert!(
            !calls.take().contains_key("once"),
            "{n}: {:?}",
            short(&told)
        );
        let receipts: Vec<Value> = items.iter().map(|n| value!({"receipt": (*n)})).collect();
        assert_eq!(outcome.output("x"), receipts);
    }
    // Each result is given out once: a second payment is a payment.
    items.push(3);
    let (_, told) = from(&engine, &trial, &json(&items), "end");
    assert_eq!(calls.take().get("once"), Some(&1));
    let missed = short(&told)
        .into_iter()
        .filter(|line| line.starts_with("once") && !line.ends_with(": run"));
    let missed: Vec<String> = missed.collect();
    let reasons = [
        "once.40: firing 40 was not in that run",
        "its result went to another firing",
        "input \"a\" changed",
    ];
    assert_eq!(missed.len(), 1);
    assert!(
        reasons.iter().any(|reason| missed[0].ends_with(reason)),
        "{missed:?}"
    );
}

#[test]
fn an_attempt_again_takes_the_same_result() {
    // The call tries again, and what it has inside acts once in all.
    let calls = Calls::default();
    let once = digests(
        pure("r.once", 1).effect(Effect::Idempotent),
        "once",
        &["a"],
        &["out"],
        &calls,
    );
    let tries = Arc::new(std::sync::atomic::AtomicU32::new(1));
    let tried = Arc::clone(&tries);
    let flaky = Made {
        info: pure("r.flaky", 1).effect(Effect::Idempotent),
        ..made(
            pure("r.flaky", 1),
            &["a", "k"],
            &["out"],
            move |_, inputs, out| {
                let n = tried.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Box::pin(async move {
                    if n.is_multiple_of(2) {
                        return Err(BlockError::transient("not yet"));
                    }
                    out.emit("out", inputs.get("a").cloned().unwrap_or_default())
                        .await?;
                    Ok(())
                })
            },
        )
    };
    let engine = engine([once, flaky]);
    let json = r#"{"format": 1, "nodes": {
        "call": {"block": "t.call", "inputs": {"graph": "g", "x": 1}, "retry": {"max_attempts": 3, "backoff_ms": 1}},
        "end": {"block": "t.pass"}, "out": {"block": "t.out", "inputs": {"name": "x"}}},
      "links": [{"from": "call.y", "to": "out.value"}, {"from": "call.y", "to": "end.value"}],
      "graphs": {"g": {"format": 1, "nodes": {
        "in": {"block": "t.in", "inputs": {"name": "x"}}, "once": {"block": "r.once"}, "flaky": {"block": "r.flaky"},
        "out": {"block": "t.out", "inputs": {"name": "y"}}},
      "links": [{"from": "in.result", "to": "once.a"}, {"from": "once.out", "to": "flaky.a"},
        {"from": "flaky.out", "to": "out.value"}]}}}"#;
    let (trial, first) = kept(&engine, json);
    assert!(first.is_ok(), "{first:?}");
    assert_eq!(calls.take().get("once"), Some(&1));
    let edited = json.replace(r#""r.flaky""#, r#""r.flaky", "inputs": {"k": 1}"#);
    let (outcome, told) = from(&engine, &trial, &edited, "end");
    assert_eq!(outcome.outputs, first.outputs);
    assert!(calls.nodes().is_empty());
    let changed = "call/flaky.0: input \"k\" changed";
    let taken = "call/once.0: run";
    // Two attempts at the call, each with one firing of either node.
    assert_eq!(
        short(&told),
        [changed, changed, taken, taken, "end.0: in the cone of end"]
    );
}

/// Calls of one graph, each with its own firings inside.
const CALLS: &str = r#"{"format": 1, "nodes": {
    "s": {"block": "t.source", "inputs": {"n": 3}},
    "each": {"block": "t.call", "inputs": {"graph": "g"}},
    "last": {"block": "r.once"},
    "out": {"block": "t.out", "inputs": {"name": "x"}}},
  "links": [{"from": "s.item", "to": "each.x"}, {"from": "each.y", "to": "last.a"}, {"from": "last.out", "to": "out.value"}],
  "graphs": {"g": {"format": 1, "nodes": {
    "in": {"block": "t.in", "inputs": {"name": "x"}}, "pay": {"block": "r.once"}, "sum": {"block": "r.sum", "inputs": {"k": 1}},
    "out": {"block": "t.out", "inputs": {"name": "y"}}},
  "links": [{"from": "in.result", "to": "pay.a"}, {"from": "pay.out", "to": "sum.a"}, {"from": "sum.out", "to": "out.value"}]}}}"#;

#[test]
fn inside_of_calls_each_node_stands_where_its_call_does() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let (trial, first) = kept(&engine, CALLS);
    calls.take();
    let (outcome, told) = from(&engine, &trial, CALLS, "last");
    assert_eq!(outcome.outputs, first.outputs);
    assert_eq!(calls.nodes(), ["last"]);
    let cone = "in the cone of last";
    assert_eq!(
        short(&told),
        [
            "each/pay.0: run".to_owned(),
            "each/sum.0: run".to_owned(),
            "each:1/pay.0: run".to_owned(),
            "each:1/sum.0: run".to_owned(),
            "each:2/pay.0: run".to_owned(),
            "each:2/sum.0: run".to_owned(),
            format!("last.0: {cone}"),
            format!("last.1: {cone}"),
            format!("last.2: {cone}"),
            "s.0: run".to_owned(),
        ]
    );
    // From the call on, all that is inside runs anew.
    let (_, told) = from(&engine, &trial, CALLS, "each");
    assert_eq!(calls.nodes(), ["last", "pay", "sum"]);
    let anew = short(&told);
    assert!(
        anew[..9]
            .iter()
            .all(|line| line.ends_with("in the cone of each")),
        "{anew:?}"
    );
    assert_eq!(anew[9], "s.0: run");

    // An edit inside is found in each call.
    let edited = CALLS.replace("\"k\": 1", "\"k\": 2");
    let (_, told) = from(&engine, &trial, &edited, "last");
    assert_eq!(calls.take().get("pay"), None);
    assert_eq!(
        short(&told)[..6],
        [
            "each/pay.0: run",
            "each/sum.0: input \"k\" changed",
            "each:1/pay.0: run",
            "each:1/sum.0: input \"k\" changed",
            "each:2/pay.0: run",
            "each:2/sum.0: input \"k\" changed",
        ]
    );
}

#[test]
fn a_run_that_begins_at_a_node_can_be_cut_anywhere() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let (trial, first) = kept(&engine, CALLS);
    calls.take();
    let events = trial.records().len() as u64;
    for cut in 0..events {
        let plan = engine.load(CALLS.as_bytes()).unwrap();
        let reuse = || {
            let reuse = Reuse::new().run(results(&engine, &trial));
            Arc::new(reuse.from_node(&plan, "last").unwrap())
        };
        let mut again = Trial::new(engine.reusing(&reuse()), CALLS, &RunOptions::new());
        let options = || RunOptions::new().park();
        let mut outcome = again.process(cut, options());
        let other = engine.reusing(&reuse());
        while outcome
            .as_ref()
            .is_none_or(|outcome| !outcome.questions.is_empty())
        {
            again.plan = other.load(CALLS.as_bytes()).unwrap();
            again.engine = other.clone();
            // What was begun and not ended is in doubt, wherever its result comes from.
            for question in outcome.iter().flat_map(|outcome| &outcome.questions) {
                let node = format!("{}:{}", question.node, question.firing);
                let message = Message::Answer {
                    node: Text::from(node),
                    signal: Some(question.signal.clone()),
                    value: Value::from("repeat"),
                };
                let sent = again.store.send(&again.run, message);
                one_thread().block_on(sent).unwrap();
            }
            outcome = again.process(u64::MAX, options());
        }
        let outcome = outcome.unwrap();
        assert_eq!(outcome.outputs, first.outputs, "cut {cut}");
        let called = calls.take();
        assert_eq!(called.keys().collect::<Vec<_>>(), ["last"], "cut {cut}");
    }
}

#[test]
fn a_block_that_asks_for_a_graph_is_taken_with_all_that_is_inside() {
    let calls = Calls::default();
    let engine = acting(&calls);
    let json = CALLS
        .replace(
            r#""t.call", "inputs": {"graph": "g"}"#,
            r#""t.ask", "inputs": {"graph": "g"}"#,
        )
        .replace("each.x", "each.value")
        .replace("each.y", "each.out")
        .replace(r#""name": "x"}}, "pay""#, r#""name": "x0"}}, "pay""#);
    let (trial, first) = kept(&engine, &json);
    assert!(first.is_ok(), "{first:?}");
    assert_eq!(calls.take().get("pay"), Some(&3));
    let (outcome, told) = from(&engine, &trial, &json, "last");
    assert_eq!(outcome.outputs, first.outputs);
    assert_eq!(calls.nodes(), ["last"]);
    assert_eq!(
        short(&told)[..3],
        ["each.0: run", "each.1: run", "each.2: run"]
    );
    assert_eq!(told.list.len(), 7);
    // Where it is called itself, what is inside is found by its place.
    let (_, told) = after(&engine, &trial, &json);
    assert_eq!(
        short(&told)[..3],
        [
            "each.0: asks for something of the host's",
            "each.1: asks for something of the host's",
            "each.2: asks for something of the host's"
        ]
    );
    assert!(
        short(&told).contains(&"each:2/sum.0: run".to_owned()),
        "{:?}",
        short(&told)
    );
}
