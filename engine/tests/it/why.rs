//! Why a run gave a value, or did not: fixtures in `engine/tests/stalled`, and laws over generated graphs.
//!
//! A fixture is a folder: `graph.json`; `inputs.json`, the run inputs; `run.json`, how it is run; `why.txt`, questions (a
//! line `? target`) each with its answer. `UPDATE=1` writes the answers anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::host::{Message, Store};
use graphloom::json::{Limits, read_value};
use graphloom::value::{Map, from_value, to_value};
use graphloom::{
    Cause, CauseKind, Code, Plan, Record, RunOptions, SerialOptions, Value, Why, WhyError, why,
};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{Draw, one_thread, paced, plan, seeds, serial};
use super::kept::{Trial, World, acting, in_world};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stalled")
}

#[expect(clippy::disallowed_methods, reason = "a test is a host")]
fn updates() -> bool {
    std::env::var("UPDATE").is_ok()
}

fn read_json(path: &Path) -> Option<Value> {
    let bytes = std::fs::read(path).ok()?;
    let value = read_value(&bytes, &Limits::unlimited());
    Some(value.unwrap_or_else(|faults| panic!("{}: {faults}", path.display())))
}

/// How a fixture is run, by the keys of `run.json`: `at`, only so many events are looked at; `cancel_after` so many steps;
/// `parks`, it is kept, and goes on until it waits for someone; `cut`, its first process ends after so many appends;
/// `answers`, given one after the other, each when it waits.
struct How(Value);

impl How {
    fn number(&self, key: &str) -> Option<u64> {
        self.0.get(key).and_then(Value::as_u64)
    }

    fn records(&self, json: &str, inputs: &Map) -> (Arc<Plan>, Vec<Record>) {
        let options = |options: RunOptions| options.inputs(inputs.clone()).seed(1);
        let mut records;
        let plan;
        if self.0.get("parks").is_some() {
            let world = Arc::new(World::default());
            let mut trial = Trial::new(acting(), json, &options(RunOptions::new()));
            if let Some(cut) = self.number("cut") {
                assert!(trial.process(cut, in_world(&world).park()).is_none());
            }
            trial.process(u64::MAX, in_world(&world).park());
            let answers = self.0.get("answers").and_then(Value::as_list).cloned();
            for answer in answers.unwrap_or_default().iter() {
                let [node, value] = [0, 1].map(|at| answer.as_list().unwrap()[at].clone());
                let message = Message::Answer {
                    node: node.as_text().unwrap().clone(),
                    signal: None,
                    value,
                };
                let sent = trial.store.send(&trial.run, message);
                one_thread().block_on(sent).unwrap();
                trial.process(u64::MAX, in_world(&world).park());
            }
            records = trial.records();
            plan = Arc::clone(&trial.plan);
        } else {
            let engine = acting();
            plan = engine
                .load(json.as_bytes())
                .unwrap_or_else(|faults| panic!("{faults}"));
            let mut order = SerialOptions::seeded(1);
            if let Some(steps) = self.number("cancel_after") {
                order = order.cancel_after(steps);
            }
            records = serial(&plan, options(RunOptions::new()), order).records;
        }
        records.truncate(self.number("at").map_or(usize::MAX, |at| at as usize));
        (plan, records)
    }
}

/// Answers the questions of a fixture anew.
fn answered(name: &str, folder: &Path, asked: &str) -> String {
    let json = std::fs::read_to_string(folder.join("graph.json")).unwrap();
    let inputs = read_json(&folder.join("inputs.json"));
    let inputs = inputs
        .and_then(|inputs| inputs.as_map().cloned())
        .unwrap_or_default();
    let how = How(read_json(&folder.join("run.json")).unwrap_or_default());
    let (plan, records) = how.records(&json, &inputs);
    let targets = asked.lines().filter_map(|line| line.strip_prefix("? "));
    let answer = |target: &str| {
        let why = why(&plan, &records, target);
        let why = why.unwrap_or_else(|error| panic!("{name}, {target}: {error}"));
        format!("? {target}\n{why}")
    };
    targets.map(answer).collect::<Vec<_>>().join("\n")
}

#[test]
fn stalled_runs_tell_why() {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let mut wrong = Vec::new();
    for folder in &names {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let golden = folder.join("why.txt");
        let expected = std::fs::read_to_string(&golden).unwrap();
        let got = answered(&name, folder, &expected);
        if got == expected {
            continue;
        }
        if updates() {
            std::fs::write(&golden, &got).unwrap();
        } else {
            wrong.push(format!("{name}: expected\n{expected}\ngot\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(names.len() >= 20, "{}", names.len());
}

/// Kinds of which something has to be said below.
const OPEN: &[CauseKind] = &[
    CauseKind::NotFired,
    CauseKind::PinEmpty,
    CauseKind::NothingCame,
    CauseKind::UsedUp,
    CauseKind::RunsGraph,
    CauseKind::UsesTool,
    CauseKind::HeldBack,
    CauseKind::WindowFull,
    CauseKind::PinFull,
    CauseKind::Collects,
    CauseKind::NotCalled,
];

/// Fails unless the tree is within its limits, and each of its ends says something definite. Returns how many causes it has.
fn check_tree(what: &str, why: &Why) -> usize {
    fn check(what: &str, cause: &Cause, depth: usize) -> usize {
        assert!(depth <= Why::MAX_DEPTH, "{what}");
        assert!(cause.because.len() <= Why::MAX_WIDTH, "{what}");
        assert!(!cause.text.is_empty(), "{what}: {cause:?}");
        let referred = cause.text.as_str().ends_with("(see above)");
        let told = referred || cause.more > 0 || !cause.because.is_empty();
        assert!(told || !OPEN.contains(&cause.kind), "{what}: {cause:?}");
        let below = cause.because.iter();
        1 + below
            .map(|cause| check(what, cause, depth + 1))
            .sum::<usize>()
    }
    let n: usize = why.answer.iter().map(|cause| check(what, cause, 0)).sum();
    assert!(
        n >= 1 && n <= Why::MAX_CAUSES + why.answer.len(),
        "{what}: {n}"
    );
    // It is data as well, and can be read back by whoever is told it.
    let read: Why = from_value(&to_value(why).unwrap()).unwrap();
    assert_eq!(read, *why, "{what}");
    n
}

#[test]
fn why_has_an_answer_for_whatever_is_there_at_any_moment() {
    let mut asked = 0;
    for seed in seeds("why", 8) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 8);
        let pace = Pace { seed, waits: 5 };
        let mut order = SerialOptions::seeded(seed);
        if draw.chance(1, 3) {
            order = order.cancel_after(draw.below(300) as u64);
        }
        let outcome = serial(&plan, paced(pace), order);
        println!("seed {seed}, {} events", outcome.records.len());
        let mut ends: Vec<usize> = (0..3).map(|_| draw.below(outcome.records.len())).collect();
        // The end of the run, unless it is long: each question is answered from the first event on.
        let whole = outcome.records.len() < 1_000;
        ends.retain(|end| *end < 1_000);
        ends.extend(whole.then_some(outcome.records.len()));
        for end in ends {
            let records = &outcome.records[..end];
            let mut targets: Vec<String> = Vec::new();
            for node in plan.node_positions() {
                let (id, shape) = (plan.node_id(node), plan.shape(node));
                targets.extend([
                    id.to_owned(),
                    format!("{id}:0"),
                    format!("{id}:{}", draw.below(9)),
                ]);
                let pins = shape.inputs.iter().map(|pin| &pin.name);
                let pins = pins.chain(shape.outputs.iter().map(|pin| &pin.name));
                targets.extend(pins.map(|pin| format!("{id}.{pin}")));
                targets.push(format!("{id}.error"));
                targets.extend((0..8).map(|inside| format!("{id}/n{inside}")));
                targets.push(format!("{id}:{}/n1/n2", draw.below(3)));
            }
            for target in targets {
                let what = format!("seed {seed}, {end} events, {target}\n{}", case.json);
                match why(&plan, records, &target) {
                    Ok(why) => asked += check_tree(&what, &why),
                    Err(error) => assert!(target.contains('/'), "{error}: {what}"),
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}

#[test]
fn what_a_run_leaves_is_explained() {
    for seed in seeds("why stalled", 40) {
        let case = case(seed);
        let plan = plan(&case.json);
        let outcome = serial(
            &plan,
            paced(Pace { seed, waits: 3 }),
            SerialOptions::seeded(seed),
        );
        for stalled in outcome.stalled.iter().take(6) {
            for pin in &stalled.waiting_for {
                let target = format!("{}.{pin}", stalled.node);
                let what = format!("seed {seed}, {target}\n{}", case.json);
                let why = why(&plan, &outcome.records, &target);
                check_tree(
                    &what,
                    &why.unwrap_or_else(|error| panic!("{error}: {what}")),
                );
            }
        }
    }
}

#[test]
fn what_is_not_there_is_refused() {
    let json = std::fs::read_to_string(folder().join("inside_of_a_call/graph.json")).unwrap();
    let plan = plan(&json);
    let outcome = serial(&plan, RunOptions::new(), SerialOptions::seeded(1));
    let refused = |target: &str| match why(&plan, &outcome.records, target) {
        Ok(why) => panic!("{why}"),
        Err(error) => format!("{} {error}", error.code()),
    };
    let cases = [
        (
            "",
            "GRAPH_REFERENCE \"\" is not node, node.pin or node:firing, with calls before them as in call/node",
        ),
        (
            "lft",
            "GRAPH_UNKNOWN_NODE there is no node \"lft\"; did you mean \"left\"?",
        ),
        (
            "left:one",
            "GRAPH_REFERENCE \"left:one\" is not node, node.pin or node:firing, with calls before them as in call/node",
        ),
        (
            "left:0.out",
            "GRAPH_REFERENCE \"left:0.out\" is not node, node.pin or node:firing, with calls before them as in call/node",
        ),
        (
            "left.outt",
            "GRAPH_UNKNOWN_OUTPUT node \"left\" has no pin \"outt\"; did you mean \"out\"?",
        ),
        (
            "call/nobody",
            "GRAPH_UNKNOWN_NODE there is no node \"call/nobody\"",
        ),
        (
            "call:7/nobody",
            "GRAPH_UNKNOWN_NODE there is no node \"call:7/nobody\"",
        ),
        (
            "call/pair.ot",
            "GRAPH_UNKNOWN_OUTPUT node \"call:0/pair\" has no pin \"ot\"; did you mean \"out\"?",
        ),
        (
            "call/pair/more",
            "GRAPH_UNKNOWN_SUBGRAPH node \"call:0/pair\" calls no graph",
        ),
    ];
    for (target, expected) in cases {
        assert_eq!(refused(target), expected, "{target}");
    }
    let mut other = outcome.records.clone();
    other.remove(1);
    let error = why(&plan, &other, "left").unwrap_err();
    assert_eq!(error.code(), Code::RunReplay);
    assert!(matches!(error, WhyError::Events(_)), "{error}");
}
