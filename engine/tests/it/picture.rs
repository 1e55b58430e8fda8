//! Where a run stood after any of its events.

use std::collections::BTreeMap;
use std::sync::Arc;

use graphloom::value::to_value;
use graphloom::{Event, Machine, Picture, RunOptions, SerialOptions, Status, Value, Waits, value};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{paced, plan, seeds, serial};
use super::kept::{ACTING, Decide, Trial, World, acting, in_world, to_end};

#[test]
fn a_picture_agrees_with_the_events_and_in_the_end_with_the_outcome() {
    for seed in seeds("picture", 20) {
        let case = case(seed);
        let plan = plan(&case.json);
        let pace = Pace { seed, waits: 3 };
        let outcome = serial(&plan, paced(pace), SerialOptions::seeded(seed));
        let mut machine = Machine::new(&plan);
        assert_eq!(machine.picture().status, Status::Queued);
        let mut fired: BTreeMap<u32, u32> = BTreeMap::new();
        for record in &outcome.records {
            machine.apply(record).unwrap();
            match &record.event {
                Event::Started { .. } | Event::ToolStarted { .. } => {
                    *fired.entry(record.scope).or_default() += 1;
                }
                Event::Closed { .. } => drop(fired.remove(&record.scope)),
                _ => {}
            }
            // Each is a walk over everything: a part of them will do.
            if record.seq % 7 != 0 && record.seq > 50 {
                continue;
            }
            let picture = machine.picture();
            assert_eq!(picture.events, record.seq + 1);
            for scope in &picture.scopes {
                let told: u32 = scope.nodes.iter().map(|node| node.fired).sum();
                let expected = fired.get(&scope.scope).copied().unwrap_or(0);
                assert_eq!(told, expected, "seed {seed}, {record:?}");
                assert_eq!(scope.path.as_str().is_empty(), scope.scope == 0);
                for node in &scope.nodes {
                    assert!(node.at_work.len() as u32 <= node.fired - node.delivered);
                    for working in &node.at_work {
                        assert!(working.since <= record.seq);
                    }
                }
            }
        }
        let picture = machine.picture();
        assert_eq!(picture.status, outcome.status);
        assert_eq!(picture.outputs, outcome.outputs);
        assert_eq!(picture.node_errors, outcome.node_errors);
        assert_eq!(picture.errors, outcome.errors);
        assert!(picture.questions.is_empty());
    }
}

/// The pictures after each event of a run of the graph that acts.
fn pictures(trial: &Trial) -> Vec<Picture> {
    let mut machine = Machine::new(&trial.plan);
    let mut pictures = Vec::new();
    for record in trial.records() {
        machine.apply(&record).unwrap();
        pictures.push(machine.picture());
    }
    pictures
}

#[test]
fn a_picture_tells_what_is_waited_for() {
    let world = Arc::new(World::default());
    let mut trial = Trial::new(acting(), ACTING, &RunOptions::new());
    let parked = trial.process(u64::MAX, in_world(&world).park()).unwrap();
    assert_eq!(parked.status, Status::Waiting);
    let picture = pictures(&trial).pop().unwrap();
    assert_eq!(picture.status, Status::Waiting);
    assert_eq!(picture.questions, parked.questions);
    assert_eq!(picture.outputs, parked.outputs);
    assert_eq!(picture.costs, [("usd".into(), 7.5)]);
    let human = picture.scopes[0].nodes.iter().find(|n| n.node == "human");
    let human = human.unwrap();
    assert_eq!((human.fired, human.delivered), (3, 0));
    let signal = "review".into();
    assert_eq!(human.at_work[1].waits_for, [Waits::Answer { signal }]);
    let (outcome, ..) = to_end(&mut trial, &world, u64::MAX, Decide::Truth);
    let pictures = pictures(&trial);
    assert_eq!(pictures.last().unwrap().status, Status::Completed);
    assert_eq!(pictures.last().unwrap().outputs, outcome.outputs);
    // Only what nobody but a person moves is waiting.
    let waiting = pictures.iter().filter(|p| p.status == Status::Waiting);
    for picture in waiting {
        assert!(!picture.questions.is_empty(), "{picture:?}");
    }
}

#[test]
fn a_picture_is_json_with_names() {
    let graph = r#"{"format": 1, "policy": {"on_error": "continue"}, "nodes": {
        "src": {"block": "t.source", "inputs": {"n": 5, "base": 1}},
        "one": {"block": "t.source", "inputs": {"n": 1, "base": 7}},
        "join": {"block": "t.join"}},
      "links": [{"from": "src.item", "to": "join.a"}, {"from": "one.item", "to": "join.b"}]}"#;
    let plan = plan(graph);
    let outcome = serial(&plan, RunOptions::new(), SerialOptions::seeded(1));
    let mut machine = Machine::new(&plan);
    for record in &outcome.records {
        machine.apply(record).unwrap();
    }
    let told = to_value(&machine.picture()).unwrap();
    let nodes = told.get("scopes").and_then(Value::as_list).unwrap()[0].get("nodes");
    let join = nodes.and_then(Value::as_list).unwrap()[2].clone();
    let expected = value!({
        "node": "join", "fired": 1, "delivered": 1,
        "pins": [{"pin": "a", "values": 4, "first": ["1001", "1002", "1003"]}]
    });
    assert_eq!(join, expected);
}
