//! Recorded runs replayed without acting: byte by byte the same, whatever is played from the record and whatever runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use graphloom::journal::write_line;
use graphloom::{
    BlockError, BlockInfo, Effect, Engine, Event, Plan, Record, Replayed, RunLimits, RunOptions,
    RunOutcome, SerialOptions, Status, value,
};

use super::blocks::{Pace, Run, any, get, partly_pure, simple};
use super::generate::case;
use super::harness::{
    Draw, drawn_limits, engine, in_time, one_thread, paced, parallel, runtimes, seeds, serial,
    summary,
};
use super::kept::{ACTING, Decide, Trial, World, acting, acting_beside, in_world, to_end};

pub(crate) fn lines(records: &[Record]) -> Vec<String> {
    let mut lines = Vec::new();
    for record in records {
        let mut line = String::new();
        write_line(record, &mut line);
        lines.push(line);
    }
    lines
}

/// Replays, and says what is wrong where it does not go as recorded.
pub(crate) fn again(
    engine: &Engine,
    plan: &Arc<Plan>,
    records: &[Record],
    options: RunOptions,
) -> Result<Replayed, String> {
    let run = in_time(engine.replay(plan, records, options));
    let replayed = one_thread().block_on(run);
    replayed.map_err(|failure| failure.to_string())
}

/// Fails unless a replay of the records is the same run.
pub(crate) fn check_replay(
    what: &str,
    engine: &Engine,
    json: &str,
    records: &[Record],
    options: RunOptions,
) -> Replayed {
    let plan = engine.load(json.as_bytes()).unwrap();
    let replayed = again(engine, &plan, records, options);
    let replayed = replayed.unwrap_or_else(|message| panic!("{what}: {message}\n{json}"));
    let (made, recorded) = (lines(&replayed.outcome.records), lines(records));
    for (made, recorded) in made.iter().zip(&recorded) {
        assert!(made == recorded, "{what}\n{made}\n{recorded}\n{json}");
    }
    assert_eq!(made.len(), recorded.len(), "{what}\n{json}");
    replayed
}

/// As [`check_replay`], on engines on which all that takes time is played, nothing is, and a part of it.
fn check_replays(what: &str, seed: u64, json: &str, records: &[Record]) -> Vec<Replayed> {
    let engines = [
        ("all is played", engine()),
        ("nothing is played", Engine::new(partly_pure(seed, 0))),
        ("some is played", Engine::new(partly_pure(seed, 2))),
    ];
    let replay = |(how, engine): &(&str, Engine)| {
        let what = format!("{what}, {how}");
        check_replay(&what, engine, json, records, RunOptions::new())
    };
    let replayed: Vec<Replayed> = engines.iter().map(replay).collect();
    assert_eq!(replayed[0].ran, 0);
    assert_eq!(replayed[1].played, 0);
    let all = |replayed: &Replayed| replayed.ran + replayed.played;
    assert_eq!(all(&replayed[0]), all(&replayed[1]), "{what}");
    assert_eq!(all(&replayed[0]), all(&replayed[2]), "{what}");
    replayed
}

fn check_outcomes(what: &str, seed: u64, json: &str, outcome: &RunOutcome) {
    for replayed in check_replays(what, seed, json, &outcome.records) {
        assert_eq!(summary(outcome), summary(&replayed.outcome), "{what}");
        assert_eq!(outcome.costs, replayed.outcome.costs, "{what}");
    }
}

#[test]
fn a_recorded_run_is_the_same_without_acting() {
    let runtimes = runtimes();
    for seed in seeds("rerun", 16) {
        let case = case(seed);
        let plan = super::harness::plan(&case.json);
        let mut draw = Draw(seed ^ 3);
        println!("seed {seed}");
        let mut pace = || Pace {
            seed: draw.next(),
            waits: *draw.of(&[0, 3, 9]),
        };
        let order = SerialOptions::seeded(seed);
        let mut outcomes = vec![("serial", serial(&plan, paced(pace()), order))];
        for (name, runtime) in &runtimes {
            let limits = drawn_limits(&mut Draw(seed));
            let options = paced(pace()).limits(limits).record();
            outcomes.push((name, parallel(runtime, &plan, options)));
        }
        for (name, outcome) in &outcomes {
            let what = format!("seed {seed}, {name}");
            check_outcomes(&what, seed, &case.json, outcome);
        }
    }
}

#[test]
fn a_record_that_ends_before_the_run_is_replayed_up_to_there() {
    for seed in seeds("rerun prefix", 6) {
        let case = case(seed);
        let plan = super::harness::plan(&case.json);
        let pace = paced(Pace { seed, waits: 4 });
        let outcome = serial(&plan, pace, SerialOptions::seeded(seed));
        let mut draw = Draw(seed);
        for _ in 0..12 {
            let n = draw.below(outcome.records.len());
            let what = format!("seed {seed}, {n} events");
            for replayed in check_replays(&what, seed, &case.json, &outcome.records[..n]) {
                assert!(!replayed.outcome.status.is_terminal(), "{what}");
            }
        }
    }
}

#[test]
fn a_run_that_was_stopped_is_replayed() {
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let runtimes = runtimes();
    for seed in seeds("rerun stopped", 20) {
        let case = case(seed);
        let plan = super::harness::plan(&case.json);
        let mut draw = Draw(seed ^ 4);
        for round in 0..6 {
            let options = paced(Pace {
                seed: draw.next(),
                waits: 6,
            });
            let after = draw.below(120) as u64;
            let limits = RunLimits::default();
            let order = SerialOptions::seeded(draw.next());
            let outcome = match round {
                0 | 1 => serial(&plan, options, order.cancel_after(after)),
                2 => serial(&plan, options.limits(limits.max_events(after)), order),
                3 => serial(&plan, options.limits(limits.max_queued(after / 8)), order),
                4 => {
                    let time = Some(Duration::from_micros(after * 20));
                    let options = options.limits(limits.timeout(time)).record();
                    parallel(&draw.of(&runtimes).1, &plan, options)
                }
                _ => draw.of(&runtimes).1.block_on(async {
                    let handle = engine().start(&plan, options.record()).unwrap();
                    for _ in 0..after {
                        tokio::task::yield_now().await;
                    }
                    handle.cancel();
                    in_time(handle.outcome()).await
                }),
            };
            let code = outcome.failure.as_ref().map(|failure| failure.code);
            let end = format!("{round}: {:?} {code:?}", outcome.status);
            *ends.entry(end).or_default() += 1;
            let what = format!("seed {seed}, round {round}, after {after}");
            check_outcomes(&what, seed, &case.json, &outcome);
        }
    }
    println!("{ends:#?}");
}

#[test]
fn a_run_that_several_processes_drove_is_replayed() {
    for seed in seeds("rerun kept", 8) {
        let case = case(seed);
        println!("seed {seed}");
        let mut draw = Draw(seed ^ 9);
        for round in 0..4 {
            // Some do not come to their end in time: they are stopped, and no event tells why before the last.
            let time = Duration::from_micros(200 + draw.next() % 4_000);
            let limits = RunLimits::default().timeout((round > 1).then_some(time));
            let options = RunOptions::new().limits(limits);
            let mut trial = Trial::new(engine(), &case.json, &options);
            for n in 0.. {
                let left = if n < 5 {
                    draw.below(300) as u64
                } else {
                    u64::MAX
                };
                let pace = Pace {
                    seed: draw.next(),
                    waits: *draw.of(&[0, 3, 9]),
                };
                let outcome = trial.process(left, paced(pace));
                let what = format!("seed {seed}, {n} cuts");
                check_replays(&what, seed, &case.json, &trial.records());
                if outcome.is_some() {
                    break;
                }
            }
        }
    }
}

/// What is decided about effects in doubt, and from which of the first cuts on every third is tried with it.
const DECISIONS: [(u64, Decide); 3] = [(0, Decide::Repeat), (1, Decide::Fail), (2, Decide::Done)];

#[test]
fn what_acts_is_replayed_without_acting_whatever_was_decided() {
    let world = Arc::new(World::default());
    let mut whole = Trial::new(acting(), ACTING, &RunOptions::new());
    to_end(&mut whole, &world, u64::MAX, Decide::Truth);
    let appends = whole.records().len() as u64;
    let mut doubted = 0;
    for (start, decide) in DECISIONS {
        for cut in (start..appends).step_by(3) {
            let world = Arc::new(World::default());
            let mut trial = Trial::new(acting(), ACTING, &RunOptions::new());
            trial.process(cut, in_world(&world).park());
            let (outcome, _, doubts) = to_end(&mut trial, &world, u64::MAX, decide);
            doubted += doubts;
            let acted = world.all();
            let what = format!("{decide:?}, cut {cut}");
            let records = trial.records();
            // Blocks know their run by its id, and the question what became of an effect has it.
            let options = || in_world(&world).run_id(trial.run.clone());
            let replayed = check_replay(&what, &acting(), ACTING, &records, options());
            assert_eq!(summary(&outcome), summary(&replayed.outcome), "{what}");
            assert_eq!(outcome.costs, replayed.outcome.costs, "{what}");
            assert!(replayed.ran == 0 && replayed.played > 0, "{what}");
            assert_eq!(world.all(), acted, "{what}: the replay acted");
            if cut % 15 == 0 {
                for n in 0..records.len() {
                    let what = format!("{what}, {n} events");
                    check_replay(&what, &acting(), ACTING, &records[..n], options());
                }
                assert_eq!(world.all(), acted, "{what}: the replay acted");
            }
        }
    }
    assert!(doubted > 0, "the cuts came near nothing");
}

/// A block that runs in a replay uses one that acts as its tool, and asks for it again in another process.
const AGENT: &str = r#"{"format": 1, "policy": {"on_error": "continue"}, "nodes": {
    "s": {"block": "t.source", "inputs": {"n": 1}},
    "agent": {"block": "t.agent"},
    "map": {"block": "t.map"},
    "once": {"block": "k.once", "inputs": {"waits": 1}},
    "spends": {"block": "p.spends"},
    "sent": {"block": "t.out", "inputs": {"name": "sent"}},
    "spent": {"block": "t.out", "inputs": {"name": "spent"}}},
  "links": [
    {"from": "s.item", "to": "agent.value"}, {"from": "s.item", "to": "spends.value"},
    {"from": "agent.tools", "to": "map.value"}, {"from": "agent.tools", "to": "once.value"},
    {"from": "once.out", "to": "sent.value"}, {"from": "spends.out", "to": "spent.value"}]}"#;

/// Beside the blocks that act, pure ones that run in a replay; one of them tells costs and pays for steps.
fn spending() -> Engine {
    let mut registry = partly_pure(0, 0);
    let spends: Run = |cx, inputs, out| {
        Box::pin(async move {
            for step in 0..3 {
                cx.cost("usd", 0.5 + f64::from(step));
                tokio::task::yield_now().await;
                let paid = async { Ok(step * 10) };
                let paid: i32 = cx.step(&format!("step {step}"), paid).await?;
                out.emit("out", value!([(get(inputs, "value").clone()), paid]))
                    .await?;
            }
            Ok(())
        })
    };
    let info = BlockInfo::new("p.spends", 1, "Spends.");
    registry
        .add(simple(info, vec![any("value")], &["out"], spends))
        .unwrap();
    acting_beside(registry)
}

#[test]
fn what_runs_beside_what_acts_is_begun_anew_as_it_was() {
    let world = Arc::new(World::default());
    let mut whole = Trial::new(spending(), AGENT, &RunOptions::new());
    to_end(&mut whole, &world, u64::MAX, Decide::Truth);
    let appends = whole.records().len() as u64;
    let mut doubted = 0;
    for (start, decide) in DECISIONS {
        let cuts = (start..appends).step_by(3);
        for (cut, again) in cuts.flat_map(|cut| [(cut, 2), (cut, 9)]) {
            let world = Arc::new(World::default());
            let mut trial = Trial::new(spending(), AGENT, &RunOptions::new());
            trial.process(cut, in_world(&world).park());
            let what = format!("{decide:?}, cut {cut} and {again}");
            if trial.entry().status.is_terminal() {
                continue;
            }
            trial.process(again, in_world(&world).park());
            let outcome = if trial.entry().status.is_terminal() {
                None
            } else {
                let (outcome, _, doubts) = to_end(&mut trial, &world, u64::MAX, decide);
                doubted += doubts;
                Some(outcome)
            };
            let acted = world.all();
            let records = trial.records();
            let options = || in_world(&world).run_id(trial.run.clone());
            let replayed = check_replay(&what, &spending(), AGENT, &records, options());
            assert!(replayed.ran > 0 && replayed.played > 0, "{what}");
            assert_eq!(world.all(), acted, "{what}: the replay acted");
            if let Some(outcome) = outcome {
                assert_eq!(outcome.costs, replayed.outcome.costs, "{what}");
                assert_eq!(summary(&outcome), summary(&replayed.outcome), "{what}");
            }
            for n in [records.len() / 3, records.len() / 2] {
                let what = format!("{what}, {n} events");
                check_replay(&what, &spending(), AGENT, &records[..n], options());
            }
        }
    }
    assert!(doubted > 0, "the cuts came near nothing");
}

/// An engine with a pure block that gives this, and one that reaches outside and is never to be called.
fn gives(run: Run) -> Engine {
    let pure = BlockInfo::new("p.give", 1, "Gives.");
    let out = BlockInfo::new("p.send", 1, "Sends.").effect(Effect::AtMostOnce);
    let mut registry = partly_pure(0, 0);
    let sends: Run = |_, inputs, out| {
        Box::pin(async move { Ok(out.emit("out", get(inputs, "value").clone()).await?) })
    };
    for block in [
        simple(pure, vec![any("value")], &["out", "more"], run),
        simple(out, vec![any("value")], &["out"], sends),
    ] {
        registry.add(block).unwrap();
    }
    Engine::new(registry)
}

const GIVES: &str = r#"{"format": 1, "nodes": {
    "src": {"block": "t.source", "inputs": {"n": 2}},
    "call": {"block": "t.call", "inputs": {"graph": "inner"}},
    "send": {"block": "p.send"}},
  "links": [{"from": "src.item", "to": "call.x"}, {"from": "call.y", "to": "send.value"}],
  "graphs": {"inner": {"format": 1, "nodes": {
      "x": {"block": "t.in", "inputs": {"name": "x"}},
      "give": {"block": "p.give"},
      "y": {"block": "t.out", "inputs": {"name": "y"}}},
    "links": [{"from": "x.result", "to": "give.value"}, {"from": "give.out", "to": "y.value"}]}}}"#;

/// What a replay says of a run that was recorded with one block and replayed with another.
fn told(recorded: Run, now: Run) -> String {
    let engine = gives(recorded);
    let plan = engine.load(GIVES.as_bytes()).unwrap();
    let order = SerialOptions::seeded(5);
    let run = engine.run_serial(&plan, RunOptions::new(), order);
    let records = one_thread().block_on(run).unwrap().records;
    let changed = gives(now);
    let plan = changed.load(GIVES.as_bytes()).unwrap();
    let message = again(&changed, &plan, &records, RunOptions::new()).unwrap_err();
    // Which event it is depends on the order of the run.
    let at = message.find("event ").unwrap() + "event ".len();
    let digits = message[at..].find(|c: char| !c.is_ascii_digit()).unwrap();
    format!("{}N{}", &message[..at], &message[at + digits..])
}

#[test]
fn a_block_that_gives_something_else_is_told_in_words() {
    let one: Run = |_, _, out| Box::pin(async move { Ok(out.emit("out", 1).await?) });
    let two: Run = |_, _, out| Box::pin(async move { Ok(out.emit("out", 2).await?) });
    let more: Run = |_, _, out| {
        Box::pin(async move {
            out.emit("out", 1).await?;
            Ok(out.emit("more", "text").await?)
        })
    };
    let other: Run = |_, _, out| Box::pin(async move { Ok(out.emit("more", 1).await?) });
    let nothing: Run = |_, _, _| Box::pin(async { Ok(()) });
    let fails: Run = |_, _, _| Box::pin(async { Err(BlockError::failed("no more")) });
    let long: Run =
        |_, _, out| Box::pin(async move { Ok(out.emit("out", "x".repeat(200) + "one").await?) });
    let longer: Run =
        |_, _, out| Box::pin(async move { Ok(out.emit("out", "x".repeat(200) + "two").await?) });
    let float: Run = |_, _, out| Box::pin(async move { Ok(out.emit("out", 1.0).await?) });
    let cases: [(&str, Run, Run, &str); 9] = [
        (
            "value",
            one,
            two,
            "recorded: it gives 1 on pin \"out\", and ends; now: it gives 2 on pin \"out\", and ends",
        ),
        (
            "number",
            one,
            float,
            "recorded: it gives 1 on pin \"out\", and ends; now: it gives 1.0 on pin \"out\", and ends",
        ),
        (
            "pin",
            one,
            other,
            "recorded: it gives 1 on pin \"out\", and ends; now: it gives 1 on pin \"more\", and ends",
        ),
        (
            "more",
            one,
            more,
            "recorded: it gives 1 on pin \"out\", and ends; now: it gives 1 on pin \"out\", and 1 more",
        ),
        (
            "less",
            more,
            one,
            "recorded: it gives \"text\" on pin \"more\"; now: it ends",
        ),
        (
            "nothing",
            one,
            nothing,
            "recorded: it gives 1 on pin \"out\", and ends; now: it ends",
        ),
        (
            "a failure",
            one,
            fails,
            "recorded: it gives 1 on pin \"out\", and ends; now: it fails with BLOCK_FAILED: no more",
        ),
        (
            "no failure",
            fails,
            two,
            "recorded: it fails with BLOCK_FAILED: no more; now: it gives 2 on pin \"out\", then it ends",
        ),
        ("late in a long one", long, longer, ""),
    ];
    for (name, recorded, now, expected) in cases {
        let message = told(recorded, now);
        let place = "RUN_REPLAY: event N: node \"call/give\", firing 0: ";
        let rest = message
            .strip_prefix(place)
            .unwrap_or_else(|| panic!("{name}: {message}"));
        if expected.is_empty() {
            assert!(rest.contains("…xxxxxxxxxxxxxxxxone\""), "{name}: {rest}");
            assert!(rest.contains("…xxxxxxxxxxxxxxxxtwo\""), "{name}: {rest}");
        } else {
            assert_eq!(rest, expected, "{name}");
        }
    }
}

#[test]
fn records_of_something_else_are_refused() {
    let plan = super::harness::plan(SMALL);
    let outcome = serial(&plan, RunOptions::new(), SerialOptions::seeded(1));
    let told = |records: &[Record]| again(&engine(), &plan, records, RunOptions::new());
    let mut gap = outcome.records.clone();
    gap.remove(3);
    let message = told(&gap).unwrap_err();
    assert!(message.contains("event 4: 3 comes next"), "{message}");
    assert!(told(&[]).unwrap().outcome.records.is_empty());
    // One end in place of another, which the fold takes.
    let mut ends = outcome.records;
    let last = ends.len() - 1;
    ends[last].event = Event::Ended {
        status: Status::Cancelled,
        failure: None,
    };
    let message = told(&ends).unwrap_err();
    let expected = "recorded: the run ends: cancelled; now: the run ends: completed";
    assert!(message.ends_with(expected), "{message}");
}

const SMALL: &str = r#"{"format": 1, "nodes": {
    "src": {"block": "t.source", "inputs": {"n": 2}}, "map": {"block": "t.map"}},
  "links": [{"from": "src.item", "to": "map.value"}]}"#;
