//! How two runs differ.

use std::sync::Arc;

use graphloom::value::{from_value, to_value};
use graphloom::{Plan, Record, RunDiff, RunOptions, SerialOptions, Status, diff};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{Draw, drawn_limits, paced, parallel, plan, runtimes, seeds, serial};
use super::kept::{Decide, Trial, World, acting, to_end};

fn differ(a: (&Arc<Plan>, &[Record]), b: (&Arc<Plan>, &[Record])) -> RunDiff {
    let found = diff(a.0, a.1, b.0, b.1).unwrap_or_else(|failure| panic!("{failure}"));
    // What is written can be read back, by whoever is told it.
    let read: RunDiff = from_value(&to_value(&found).unwrap()).unwrap();
    assert_eq!(read.to_string(), found.to_string());
    found
}

#[test]
fn runs_of_one_graph_at_any_speed_do_not_differ() {
    let runtimes = runtimes();
    let (mut exact, mut racy) = (0, 0);
    for seed in seeds("diff", 30) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 11);
        let mut pace = || {
            paced(Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            })
        };
        let mut runs = vec![serial(&plan, pace(), SerialOptions::seeded(seed)).records];
        runs.push(serial(&plan, pace(), SerialOptions::seeded(!seed)).records);
        for (_, runtime) in &runtimes {
            let options = pace().limits(drawn_limits(&mut Draw(seed))).record();
            runs.push(parallel(runtime, &plan, options).records);
        }
        let one = (&plan, runs[0].as_slice());
        assert!(differ(one, one).is_empty(), "seed {seed}");
        for run in &runs[1..] {
            let found = differ(one, (&plan, run));
            if case.races || !case.counts || !case.leftovers {
                racy += usize::from(!found.is_empty());
                // The other way around it is the same difference.
                let back = differ((&plan, run), one);
                let names = |diff: &RunDiff| -> Vec<String> {
                    let mut names: Vec<_> = diff.nodes.iter().map(|n| n.node.to_string()).collect();
                    names.sort();
                    names
                };
                assert_eq!(names(&found), names(&back), "seed {seed}");
            } else {
                exact += 1;
                assert!(found.is_empty(), "seed {seed}\n{found}\n{}", case.json);
            }
        }
    }
    println!("{exact} comparisons of exact graphs; of others {racy} differed");
    assert!(exact > 8, "{exact}");
}

/// What is changed in one place shows there first.
#[test]
fn a_change_shows_first_where_it_was_made() {
    let mut found = 0;
    for seed in seeds("diff change", 40) {
        let case = case(seed);
        if case.races || !case.counts || !case.leftovers {
            continue;
        }
        let mut draw = Draw(seed ^ 12);
        let one = plan(&case.json);
        let sources = one
            .node_positions()
            .filter(|node| one.block_id(*node) == "t.source");
        let ids: Vec<&str> = sources.map(|node| one.node_id(node)).collect();
        let id = *draw.of(&ids);
        let place = format!("\"{id}\": {{\"block\": \"t.source\", \"inputs\": {{");
        // The graph itself stands first, before its sub-graphs.
        let json = case.json.replacen(&place, &format!("{place}\"x\": 0, "), 1);
        let json = json.replacen("\"x\": 0, \"n\"", "\"base\": 777, \"n\"", 1);
        let json = json.replacen("\"x\": 0, \"base\": 7", "\"base\": 777", 1);
        let own = format!("\"base\": {}", &id[1..]);
        let twice = format!("{place}\"base\": 777, ");
        let json = match json.split_once(&twice) {
            Some((before, after)) => format!(
                "{before}{twice}{}",
                after.replacen(&format!(", {own}"), "", 1)
            ),
            None => json,
        };
        let other = plan(&json);
        let a = serial(
            &one,
            paced(Pace { seed, waits: 3 }),
            SerialOptions::seeded(seed),
        );
        let b = serial(
            &other,
            paced(Pace {
                seed: !seed,
                waits: 3,
            }),
            SerialOptions::seeded(!seed),
        );
        let diff = differ((&one, &a.records), (&other, &b.records));
        let what = format!("seed {seed}, {id}\n{diff}\n{json}");
        let changed: Vec<&str> = diff
            .graphs
            .iter()
            .map(|change| change.node.as_str())
            .collect();
        assert_eq!(changed, [id], "{what}");
        if !diff.nodes.is_empty() {
            assert_eq!(diff.first.as_ref().unwrap(), id, "{what}");
            found += 1;
        }
    }
    assert!(found > 2, "{found}");
}

fn text(a: &str, b: &str) -> String {
    let (a, b) = (plan(a), plan(b));
    let run = |plan| serial(plan, RunOptions::new(), SerialOptions::seeded(1)).records;
    let found = differ((&a, &run(&a)), (&b, &run(&b)));
    found.to_string()
}

const ONE: &str = r#"{"format": 1, "policy": {"on_error": "continue"}, "nodes": {
    "src": {"block": "t.source", "inputs": {"n": 2, "base": 1}},
    "pass": {"block": "t.pass"},
    "call": {"block": "t.call", "inputs": {"graph": "inner"}},
    "out": {"block": "t.out", "inputs": {"name": "result"}}},
  "links": [
    {"from": "src.item", "to": "pass.value"},
    {"from": "pass.out", "to": "call.x"},
    {"from": "call.y", "to": "out.value"}],
  "graphs": {"inner": {"format": 1, "nodes": {
      "x": {"block": "t.in", "inputs": {"name": "x"}},
      "step": {"block": "t.pass"},
      "y": {"block": "t.out", "inputs": {"name": "y"}}},
    "links": [{"from": "x.result", "to": "step.value"}, {"from": "step.out", "to": "y.value"}]}}}"#;

#[test]
fn a_difference_is_told_in_lines() {
    assert_eq!(text(ONE, ONE), "the runs do not differ\n");
    let moved = ONE.replace("\"base\": 1", "\"base\": 2");
    let expected = "\
graph: node src: input base: 1, and 2
the first node that differs is src
src:0: gave item 1000 -> gave item 2000
pass:0: gave out 1000 -> gave out 2000
call:0/x:0: gave result 1000 -> gave result 2000
call:0/step:0: gave out 1000 -> gave out 2000
call:0/y:0: gave output 1000 -> gave output 2000
call:0: gave y 1000 -> gave y 2000
out:0: gave output 1000 -> gave output 2000
output result[0]: 1000 -> 2000
";
    assert_eq!(text(ONE, &moved), expected);
    let fewer = ONE.replace("\"n\": 2, \"base\": 1", "\"n\": 1, \"base\": 1");
    let expected = "\
graph: node src: input n: 2, and 1
the first node that differs is src
src:0: gave item 1001 -> ended
pass: 2 firings -> 1
call/x: 2 firings -> 1
call/step: 2 firings -> 1
call/y: 2 firings -> 1
call: 2 firings -> 1
out: 2 firings -> 1
output result[1]: 1001 -> nothing (2 values -> 1)
";
    assert_eq!(text(ONE, &fewer), expected);
    let fails = ONE.replace(
        "\"step\": {\"block\": \"t.pass\"}",
        "\"step\": {\"block\": \"t.down\"}",
    );
    let expected = "\
graph \"inner\": node step: block t.pass@1, and t.down@1
the first node that differs is call/step
call:0/step:0: gave out 1000 -> failed with BLOCK_FAILED: the service is down
call/y: 2 firings -> 0
call:0: gave y 1000 -> failed with BLOCK_FAILED: the service is down
out: 2 firings -> 0
output result[0]: 1000 -> nothing (2 values -> 0)
";
    assert_eq!(text(ONE, &fails), expected);
    let fails = fails.replace(", \"policy\": {\"on_error\": \"continue\"}", "");
    let told = text(ONE, &fails);
    assert!(told.starts_with("graph: the policy\n"), "{told}");
    let end = "status: completed -> failed\nfailure: none -> BLOCK_FAILED: node \"call/step\": the service is down\n";
    assert!(told.ends_with(end), "{told}");
    let other = ONE
        .replace("\"pass\"", "\"through\"")
        .replace("pass.", "through.");
    let told = text(ONE, &other);
    assert!(told.contains("graph: node pass was removed\n"), "{told}");
    assert!(told.contains("graph: node through was added\n"), "{told}");
    assert!(
        told.contains("graph: node call: what is linked to it\n"),
        "{told}"
    );
    assert!(told.contains("pass: 2 firings -> 0\n"), "{told}");
    let settings = ONE.replace(
        "\"pass\": {\"block\": \"t.pass\"}",
        "\"pass\": {\"block\": \"t.pass\", \"concurrency\": 2}",
    );
    let expected = "graph: node pass: its settings (on_error, retry, timeout, concurrency)\n";
    assert_eq!(text(ONE, &settings), expected);
}

const RACE: &str = r#"{"format": 1, "nodes": {
    "one": {"block": "t.source", "inputs": {"base": 1}},
    "two": {"block": "t.source", "inputs": {"base": 2}},
    "pass": {"block": "t.pass"},
    "out": {"block": "t.out", "inputs": {"name": "result"}}},
  "links": [
    {"from": "one.item", "to": "pass.value"},
    {"from": "two.item", "to": "pass.value"},
    {"from": "pass.out", "to": "out.value"}]}"#;

#[test]
fn what_raced_is_told_as_an_order() {
    let plan = plan(RACE);
    let run = |seed| serial(&plan, RunOptions::new(), SerialOptions::seeded(seed)).records;
    let first = run(0);
    let mut told: Vec<String> = (1..40)
        .map(|seed| differ((&plan, &first), (&plan, &run(seed))).to_string())
        .collect();
    told.sort();
    told.dedup();
    let expected = "\
the first node that differs is pass
pass: the same firings in another order
out: the same firings in another order
output result: the same values in another order
";
    assert_eq!(told, [expected, "the runs do not differ\n"]);
}

const HUMAN: &str = r#"{"format": 1, "nodes": {
    "s": {"block": "t.source", "inputs": {"n": 1}},
    "steps": {"block": "k.steps", "inputs": {"n": 2}},
    "human": {"block": "k.human"},
    "out": {"block": "t.out", "inputs": {"name": "said"}}},
  "links": [
    {"from": "s.item", "to": "human.value"}, {"from": "s.item", "to": "steps.value"},
    {"from": "human.out", "to": "out.value"}]}"#;

#[test]
fn answers_and_costs_are_told() {
    let world = Arc::new(World::default());
    let mut whole = Trial::new(acting(), HUMAN, &RunOptions::new());
    to_end(&mut whole, &world, u64::MAX, Decide::Truth);
    let records = whole.records();
    // The same with another answer, and without what was spent.
    let changed: Vec<Record> = records
        .iter()
        .filter(|record| !matches!(record.event, graphloom::Event::Charged { .. }))
        .cloned()
        .enumerate()
        .map(|(seq, mut record)| {
            record.seq = seq as u64;
            match &mut record.event {
                graphloom::Event::Answered { ask: 0, value, .. } => *value = "no".into(),
                graphloom::Event::Done { value, .. } | graphloom::Event::Emitted { value, .. }
                    if value.as_list().is_some_and(|list| list.len() == 2) =>
                {
                    *value = graphloom::value!(["no", "yes"]);
                }
                _ => {}
            }
            record
        })
        .collect();
    let found = differ((&whole.plan, &records), (&whole.plan, &changed)).to_string();
    let expected = "\
the first node that differs is human
steps: cost usd: 1 -> 0
human:0: gave out [\"yes to 0\",\"yes to \\\"yes to 0\\\"\"] -> gave out [\"no\",\"yes\"]
  \"review\" was answered with \"yes to 0\" -> \"review\" was answered with \"no\"
out:0: gave output [\"yes to 0\",\"yes to \\\"yes to 0\\\"\"] -> gave output [\"no\",\"yes\"]
output said[0]: [\"yes to 0\",\"yes to \\\"yes to 0\\\"\"] -> [\"no\",\"yes\"]
cost usd: 1 -> 0
";
    assert_eq!(found, expected);
    // A run that is still at it.
    let half = &records[..records.len() / 2];
    let diff = differ((&whole.plan, &records), (&whole.plan, half));
    assert_eq!(diff.status.map(|status| status.a), Some(Status::Completed));
}
