//! What a host sees of a run: its id, its outcome, what its blocks tell, its events as they come, and where it stands.

use std::sync::Arc;
use std::time::Duration;

use graphloom::block::Level;
use graphloom::graph::Coercion;
use graphloom::host::{Clock, Extensions, ManualClock};
use graphloom::{
    BlockError, Code, Engine, Event, EventStream, Example, Observed, Record, RunHandle, RunLimits,
    RunOptions, Said, SerialOptions, Status, Text, Value, observe, observe_notes,
};

use super::blocks::{any, get, info, simple};
use super::harness::{check_equal, in_time, one_thread};
use super::special::Gate;

fn engine() -> Engine {
    let mut registry = super::special::registry();
    let tell = simple(
        info("o.tell"),
        vec![any("value")],
        &["out"],
        |cx, inputs, out| {
            Box::pin(async move {
                cx.progress(0.5);
                cx.log(Level::Warn, "half way");
                cx.cost("usd", 0.25);
                cx.cost("tokens", 3.0);
                cx.cost("usd", 0.5);
                out.emit("out", get(inputs, "value").clone()).await?;
                if get(inputs, "value").is_null() {
                    return Err(BlockError::failed("nothing to tell"));
                }
                Ok(())
            })
        },
    );
    registry.add(tell).unwrap();
    // Pays, asks, and fails then in its first attempt.
    let charge = simple(
        info("o.charge"),
        vec![any("value")],
        &["out"],
        |cx, _, out| {
            Box::pin(async move {
                let gate = cx.ext::<Arc<Gate>>()?;
                let work = async {
                    gate.note("charged");
                    Ok(7_i64)
                };
                let paid = cx.step("charge", work).await?;
                let answer = cx.wait("ok", Value::from("sure?")).await?;
                if cx.info().attempt == 1 {
                    return Err(BlockError::transient("lost"));
                }
                out.emit("out", paid).await?;
                out.emit("out", answer).await?;
                Ok(())
            })
        },
    );
    registry.add(charge).unwrap();
    Engine::new(registry)
}

/// Starts a graph with these nodes and links.
fn start(engine: &Engine, nodes: &str, links: &str, options: RunOptions) -> RunHandle {
    let json = format!("{{\"format\": 1, \"nodes\": {{{nodes}}}, \"links\": [{links}]}}");
    let plan = engine.load(json.as_bytes()).unwrap();
    engine.start(&plan, options).unwrap()
}

/// Everything that is to be seen, to the end.
async fn all(mut stream: EventStream) -> Vec<Observed> {
    let mut seen = Vec::new();
    while let Some(item) = in_time(stream.next()).await {
        seen.push(item);
    }
    seen
}

const STREAM: &str =
    "\"n\": {\"block\": \"t.source\", \"inputs\": {\"n\": 500}}, \"m\": {\"block\": \"t.map\"}";
const STREAM_LINK: &str = "{\"from\": \"n.item\", \"to\": \"m.value\"}";

#[test]
fn an_id_is_a_uuid_of_version_7_and_later_ones_sort_after_earlier_ones() {
    let clock = ManualClock::new();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let engine = Engine::builder(super::special::registry())
        .clock(shared)
        .build();
    let plan = engine
        .load(b"{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"t.source\"}}}")
        .unwrap();
    let mut last = String::new();
    one_thread().block_on(async {
        for step in 1..200_u64 {
            clock.advance(Duration::from_millis(step * 7_919));
            let outcome = engine.run(&plan, RunOptions::new()).await.unwrap();
            let id = outcome.run_id.to_string();
            let parts: Vec<&str> = id.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            let digits = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(parts.iter().all(|part| part.chars().all(digits)), "{id}");
            assert!(parts[2].starts_with('7'), "the version of {id}");
            assert!(
                parts[3].starts_with(['8', '9', 'a', 'b']),
                "the variant of {id}"
            );
            let ms = u64::from_str_radix(&format!("{}{}", parts[0], parts[1]), 16).unwrap();
            assert_eq!(ms, clock.now().as_millis() as u64, "the time in {id}");
            assert!(id > last, "{id} after {last}");
            last = id;
        }
        let named = engine
            .run(&plan, RunOptions::new().run_id("mine"))
            .await
            .unwrap();
        assert_eq!(named.run_id, "mine");
    });
}

#[test]
fn an_outcome_is_well_only_if_nothing_failed() {
    let engine = engine();
    one_thread().block_on(async {
        let told = "\"a\": {\"block\": \"o.tell\", \"inputs\": {\"value\": 1}}";
        let outcome = start(&engine, told, "", RunOptions::new()).outcome().await;
        assert!(outcome.is_ok());
        assert!(outcome.output("none").is_empty());
        assert_eq!(outcome.failure, None);

        let goes_on = "\"a\": {\"block\": \"o.tell\", \"on_error\": \"continue\"}";
        let outcome = start(&engine, goes_on, "", RunOptions::new())
            .outcome()
            .await;
        assert_eq!(
            (outcome.status, outcome.node_errors),
            (Status::Completed, 1)
        );
        assert!(!outcome.is_ok());

        let outcome = start(
            &engine,
            "\"a\": {\"block\": \"o.tell\"}",
            "",
            RunOptions::new(),
        )
        .outcome()
        .await;
        assert_eq!(outcome.status, Status::Failed);
        assert!(!outcome.is_ok());
        let json = serde_json::to_value(&outcome).unwrap();
        assert_eq!(json["status"], "failed");
        assert_eq!(json["failure"]["code"], "BLOCK_FAILED");
        assert_eq!(json["failure"]["node"], "a");
        assert_eq!(json["errors"].as_array().unwrap().len(), 1);
        assert_eq!(json["costs"]["usd"], 0.75);
        assert!(json.get("records").is_none());
    });
}

#[test]
fn what_a_block_tells_comes_in_order_and_costs_add_up_by_unit() {
    let engine = engine();
    one_thread().block_on(async {
        let (observer, stream) = observe(1_000);
        let told = "\"a\": {\"block\": \"o.tell\", \"inputs\": {\"value\": 1}}";
        let handle = start(
            &engine,
            told,
            "",
            RunOptions::new().observe(observer).run_id("r").record(),
        );
        let outcome = handle.outcome().await;
        let costs = [(Text::from("usd"), 0.75), (Text::from("tokens"), 3.0)];
        assert_eq!(outcome.costs, costs);
        let json = format!("{{\"format\": 1, \"nodes\": {{{told}}}}}");
        let order = SerialOptions::replay(outcome.records);
        let plan = engine.load(json.as_bytes()).unwrap();
        let again = engine.run_serial(&plan, RunOptions::new(), order).await;
        assert_eq!(again.unwrap().costs, costs);
        let (mut said, mut charged) = (Vec::new(), Vec::new());
        for item in all(stream).await {
            match item {
                Observed::Note(note) => {
                    assert_eq!(
                        (
                            note.run.as_str(),
                            note.node_id.as_str(),
                            note.firing,
                            note.scope
                        ),
                        ("r", "a", 0, 0)
                    );
                    said.push(note.said.clone());
                }
                Observed::Events(batch) => {
                    charged.extend(batch.records().filter_map(|record| match record.event {
                        Event::Charged { unit, amount, .. } => Some((unit, amount)),
                        _ => None,
                    }));
                }
                _ => panic!("nothing was missed"),
            }
        }
        let half_way = Said::Log(Level::Warn, Text::from("half way"));
        assert_eq!(said, [Said::Progress(0.5), half_way]);
        // What something cost is a fact of the run, not a remark.
        let cost = |unit: &str, amount| (Text::from(unit), amount);
        assert_eq!(
            charged,
            [cost("usd", 0.25), cost("tokens", 3.0), cost("usd", 0.5)]
        );
    });
}

#[test]
fn notes_can_be_watched_without_events() {
    let engine = engine();
    one_thread().block_on(async {
        let (both, all_of_it) = observe(1_000);
        let (only, notes) = observe_notes(1_000);
        let options = RunOptions::new().observe(both).observe(only);
        let told = "\"a\": {\"block\": \"o.tell\", \"inputs\": {\"value\": 1}}";
        let outcome = start(&engine, told, "", options).outcome().await;
        assert!(outcome.is_ok());
        let said = |items: Vec<Observed>| {
            let said = items.into_iter().filter_map(|item| match item {
                Observed::Note(note) => Some(note.said.clone()),
                _ => None,
            });
            said.collect::<Vec<_>>()
        };
        let (notes, all_of_it) = (all(notes).await, all(all_of_it).await);
        assert!(notes.iter().all(|item| matches!(item, Observed::Note(_))));
        let seen = said(notes);
        assert_eq!(seen.len(), 2);
        assert_eq!(seen, said(all_of_it));
        // Of a run in motion.
        let handle = start(&engine, told, "", RunOptions::new());
        let notes = handle.subscribe_notes(1_000);
        assert!(handle.outcome().await.is_ok());
        assert_eq!(said(all(notes).await), seen);
    });
}

#[test]
fn events_come_in_batches_each_once_and_in_order() {
    let engine = engine();
    one_thread().block_on(async {
        let (observer, stream) = observe(usize::MAX);
        let options = RunOptions::new().observe(observer).record();
        let outcome = start(&engine, STREAM, STREAM_LINK, options).outcome().await;
        let (mut batches, mut seen) = (0, Vec::new());
        for item in all(stream).await {
            let Observed::Events(batch) = item else {
                panic!("{item:?}")
            };
            assert!(batch.len() <= 136, "{}", batch.len());
            assert_eq!(batch.run, outcome.run_id);
            batches += 1;
            seen.extend(batch.records());
        }
        assert_eq!(seen, outcome.records);
        assert!(
            batches <= seen.len() / 32,
            "{batches} batches of {} events",
            seen.len()
        );
        let numbers: Vec<u64> = seen.iter().map(|record| record.seq).collect();
        assert_eq!(numbers, (0..seen.len() as u64).collect::<Vec<_>>());
    });
}

#[test]
fn a_slow_observer_is_told_how_much_it_missed() {
    let engine = engine();
    one_thread().block_on(async {
        let (observer, mut stream) = observe(200);
        let options = RunOptions::new().observe(observer).record();
        let outcome = start(&engine, STREAM, STREAM_LINK, options).outcome().await;
        let Some(Observed::Missed(missed)) = stream.try_next() else {
            panic!("nothing was missed")
        };
        let mut next = missed;
        while let Some(item) = stream.try_next() {
            let Observed::Events(batch) = item else {
                panic!("{item:?}")
            };
            for record in batch.records() {
                assert_eq!(record.seq, next, "what is left has no gap");
                next += 1;
            }
        }
        assert_eq!(next, outcome.records.len() as u64);
        let left = outcome.records.len() as u64 - missed;
        assert!(
            (72..=200).contains(&left),
            "{left} events left of room for 200"
        );
        assert!(in_time(stream.next()).await.is_none());
    });
}

#[test]
fn who_comes_later_sees_the_rest_and_where_the_run_stands() {
    let engine = engine();
    one_thread().block_on(async {
        let nodes = format!("{STREAM}, \"w\": {{\"block\": \"s.wait\"}}, \"f\": {{\"block\": \"o.tell\", \"on_error\": \"continue\"}}");
        let handle = start(&engine, &nodes, STREAM_LINK, RunOptions::new().record());
        let snapshot = loop {
            let snapshot = handle.snapshot().await.unwrap();
            if snapshot.status == Status::Waiting {
                break snapshot;
            }
            assert_eq!(snapshot.status, Status::Running);
            tokio::task::yield_now().await;
        };
        assert!(!handle.is_over());
        assert_eq!((snapshot.firings, snapshot.node_errors), (503, 1));
        assert_eq!(snapshot.questions.len(), 1);
        assert_eq!((snapshot.questions[0].node.as_str(), snapshot.questions[0].firing), ("w", 0));
        let node = |id: &str| snapshot.nodes.iter().find(|(node, ..)| node == id).map(|(_, a, b)| (*a, *b));
        assert_eq!((node("n"), node("m")), (Some((1, 1)), Some((500, 500))));
        assert_eq!((node("w"), node("f")), (Some((1, 0)), Some((1, 1))));

        let stream = handle.subscribe(1_000);
        // Read by the run before the answer, so that the stream begins here.
        let then = handle.snapshot().await.unwrap();
        assert_eq!(then.next_seq, snapshot.next_seq);
        assert!(handle.answer("w", Some("ok"), 1).await);
        let outcome = handle.outcome().await;
        assert_eq!(outcome.firings, 503);
        let mut next = snapshot.next_seq;
        for item in all(stream).await {
            let Observed::Events(batch) = item else { panic!("{item:?}") };
            for record in batch.records() {
                assert_eq!(record.seq, next);
                next += 1;
            }
        }
        assert_eq!(next, outcome.records.len() as u64);
        assert!(matches!(outcome.records.last().unwrap().event, Event::Ended { .. }));
    });
}

#[test]
fn a_run_whose_runtime_is_gone_is_lost_and_says_so() {
    let engine = engine();
    let first = one_thread();
    let handle = first.block_on(async {
        start(
            &engine,
            "\"d\": {\"block\": \"s.deaf\"}",
            "",
            RunOptions::new().run_id("r"),
        )
    });
    first.shutdown_background();
    let outcome = one_thread().block_on(in_time(handle.outcome()));
    assert_eq!(
        (outcome.status, outcome.run_id.as_str()),
        (Status::Failed, "r")
    );
    assert_eq!(outcome.failure.unwrap().code, Code::RunNoRuntime);
}

#[test]
fn a_block_may_call_graphs_as_deep_as_the_limit_and_no_deeper() {
    let engine = engine();
    let json = "{\"format\": 1, \"nodes\": {\"a\": {\"block\": \"t.ask\", \"inputs\": {\"graph\": \"g\", \"value\": 1}}},
        \"graphs\": {\"g\": {\"format\": 1, \"nodes\": {
            \"x\": {\"block\": \"t.in\", \"inputs\": {\"name\": \"x0\"}},
            \"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"o\"}}},
            \"links\": [{\"from\": \"x.result\", \"to\": \"o.value\"}]}}}";
    let plan = engine.load(json.as_bytes()).unwrap();
    let run = |depth| {
        let limits = RunLimits::default().max_depth(depth);
        one_thread()
            .block_on(engine.run(&plan, RunOptions::new().limits(limits)))
            .unwrap()
    };
    assert_eq!(run(1).status, Status::Completed);
    let failure = run(0).failure.unwrap();
    assert!(failure.message.contains("deeper than 0"), "{failure}");
}

#[test]
fn a_block_runs_by_itself() {
    let engine = engine();
    let run = |id: &str, value: Value| {
        let inputs = graphloom::value::Map::from_iter([("value", value)]);
        one_thread().block_on(engine.run_block(id, inputs, Coercion::Strict, RunOptions::new()))
    };
    let well = run("o.tell", Value::from(1)).unwrap();
    assert_eq!(well.outputs, [(Text::from("out"), Value::from(1))]);
    assert_eq!(well.error, None);
    let failed = run("o.tell", Value::Null).unwrap();
    assert_eq!(failed.outputs, [(Text::from("out"), Value::Null)]);
    assert_eq!(failed.error.unwrap().message, "nothing to tell");
    assert_eq!(
        run("o.tel", Value::Null).unwrap_err().0[0].code,
        Code::GraphUnknownBlock
    );
}

#[test]
fn an_example_says_what_differs() {
    let engine = engine();
    let check = |example: Example| {
        let checked = engine.check_example("o.tell", &example);
        one_thread()
            .block_on(checked)
            .map_err(|mismatch| mismatch.message)
    };
    let example = |outputs| Example::new("e", r#"{"value": 1}"#, outputs);
    let failing = |outputs| Example::new("e", "{}", outputs);
    assert_eq!(check(example(r#"[["out", 1.0]]"#)), Ok(()));
    assert_eq!(check(example(r#"[["out", 2]]"#).varies()), Ok(()));
    assert_eq!(
        check(failing(r#"[["out", null], ["error", "nothing to"]]"#)),
        Ok(())
    );
    for (example, wrong) in [
        (
            example(r#"[["out", 2]]"#),
            "output 0, on pin \"out\", is another",
        ),
        (
            example(r#"[["in", 1]]"#),
            "output 0 is on pin \"out\" in place of \"in\"",
        ),
        (
            example(r#"[["out", 1], ["out", 2]]"#),
            "output 1, on pin \"out\", is missing",
        ),
        (example("[]"), "an output on pin \"out\" is too many"),
        (example(r#"[["out"]]"#), "its outputs cannot be read"),
        (Example::new("e", "[]", "[]"), "its inputs cannot be read"),
        (
            failing(r#"[["out", null], ["error", "all well"]]"#),
            "output 1, on pin \"error\", is another",
        ),
        (
            failing(r#"[["out", null], ["error", 1]]"#),
            "output 1, on pin \"error\", is another",
        ),
    ] {
        assert_eq!(check(example), Err(wrong.to_owned()));
    }
    let wrong = example(r#"[["out", 2]]"#);
    let checked = engine.check_example("o.tell", &wrong);
    let told = one_thread().block_on(checked).unwrap_err().to_string();
    assert_eq!(
        told,
        "block \"o.tell\", example \"e\": output 0, on pin \"out\", is another: expected [[\"out\",2]], found [[\"out\",1]]"
    );
}

#[test]
fn a_value_as_large_as_the_limit_is_taken_and_a_plan_tells_what_it_takes() {
    let engine = engine();
    let json = "{\"format\": 1, \"nodes\": {
        \"x\": {\"block\": \"t.in\", \"inputs\": {\"name\": \"who\"}},
        \"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"greeting\"}}},
        \"links\": [{\"from\": \"x.result\", \"to\": \"o.value\"}]}";
    let plan = engine.load(json.as_bytes()).unwrap();
    let names = |pins: Vec<&Text>| pins.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (inputs, outputs) = (&plan.interface().inputs, &plan.interface().outputs);
    assert_eq!(names(inputs.iter().map(|pin| &pin.name).collect()), ["who"]);
    assert_eq!(
        names(outputs.iter().map(|pin| &pin.name).collect()),
        ["greeting"]
    );
    let bytes = Value::from("Ada").weight_bytes() as u64;
    let run = |most| {
        let limits = RunLimits::default().max_input_bytes(most);
        let options = RunOptions::new().input("who", "Ada").limits(limits);
        one_thread().block_on(engine.run(&plan, options))
    };
    assert!(run(bytes).unwrap().is_ok());
    assert_eq!(run(bytes - 1).unwrap_err().0[0].code, Code::InputBytes);
}

#[test]
fn a_later_attempt_pays_and_asks_no_second_time() {
    let engine = engine();
    let json = "{\"format\": 1, \"nodes\": {
        \"a\": {\"block\": \"o.charge\", \"retry\": {\"max_attempts\": 2, \"backoff_ms\": 1}},
        \"d\": {\"block\": \"t.source\"}}}";
    let plan = engine.load(json.as_bytes()).unwrap();
    let options = |gate: &Arc<Gate>| {
        let extensions = Extensions::new().with(Arc::clone(gate));
        RunOptions::new().extensions(extensions).record()
    };
    let kinds = |records: &[Record]| -> Vec<&'static str> {
        let kind = |record: &Record| match &record.event {
            Event::Paid { .. } => Some("paid"),
            Event::Waiting { .. } => Some("waiting"),
            Event::Answered { .. } => Some("answered"),
            Event::Retrying { .. } => Some("retrying"),
            _ => None,
        };
        records.iter().filter_map(kind).collect()
    };
    one_thread().block_on(async {
        let gate = Arc::new(Gate::default());
        let handle = engine.start(&plan, options(&gate)).unwrap();
        while handle.snapshot().await.unwrap().questions.is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(!handle.answer("a", Some("other"), 1).await);
        assert!(handle.answer("a", Some("ok"), "yes").await);
        let outcome = in_time(handle.outcome()).await;
        assert!(outcome.is_ok(), "{:?}", outcome.failure);
        assert_eq!(gate.count("charged"), 1);
        let expected = ["paid", "waiting", "answered", "retrying"];
        assert_eq!(kinds(&outcome.records), expected);
        let given = |record: &Record| match &record.event {
            Event::Emitted { node, value, .. } if plan.node_id(*node) == "a" => Some(value.clone()),
            _ => None,
        };
        let given: Vec<Value> = outcome.records.iter().filter_map(given).collect();
        assert_eq!(given, [Value::from(7), Value::from("yes")]);

        let order = SerialOptions::replay(outcome.records.clone()).check_fold();
        let again = engine.run_serial(&plan, options(&gate), order);
        let again = in_time(again).await.unwrap();
        assert_eq!(again.failure, None);
        check_equal("again", json, &outcome.records, &again.records);
        assert_eq!(gate.count("charged"), 2, "a replay runs the blocks");
    });
}

#[test]
fn a_run_waits_only_while_nothing_else_is_at_work() {
    let engine = engine();
    one_thread().block_on(async {
        let nodes = "\"w\": {\"block\": \"s.wait\"}, \"d\": {\"block\": \"s.deaf\"}";
        let limits = RunLimits::default().grace(Duration::from_millis(1));
        let handle = start(&engine, nodes, "", RunOptions::new().limits(limits));
        let snapshot = loop {
            let snapshot = handle.snapshot().await.unwrap();
            if snapshot.questions.len() == 1 && snapshot.firings == 2 {
                break snapshot;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(snapshot.status, Status::Running);
        handle.cancel();
        assert_eq!(in_time(handle.outcome()).await.status, Status::Cancelled);
    });
}

#[test]
fn an_observer_holds_as_much_as_it_was_made_for() {
    let engine = engine();
    one_thread().block_on(async {
        let told = "\"a\": {\"block\": \"o.tell\", \"inputs\": {\"value\": 1}}";
        let (observer, stream) = observe(usize::MAX);
        start(&engine, told, "", RunOptions::new().observe(observer))
            .outcome()
            .await;
        let weight = |item: &Observed| match item {
            Observed::Events(batch) => batch.len(),
            _ => 1,
        };
        let all_of_it = all(stream).await.iter().map(weight).sum();
        for (room, missed) in [(all_of_it, false), (all_of_it - 1, true)] {
            let (observer, mut stream) = observe(room);
            start(&engine, told, "", RunOptions::new().observe(observer))
                .outcome()
                .await;
            let first = stream.try_next();
            assert_eq!(
                matches!(first, Some(Observed::Missed(_))),
                missed,
                "room for {room}"
            );
        }
    });
}
