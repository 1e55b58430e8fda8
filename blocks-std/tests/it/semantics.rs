//! docs/semantics.md, rule by rule: each has a graph that shows it, with what it gives and every event on the way.
//!
//! A fixture is a folder named like its rule: `graph.json`, what the run is given (`inputs.json`, `options.json`),
//! what becomes of it (`expected.json`, by hand) and how (`events.jsonl`; `UPDATE=1` rewrites it, to be read before it
//! is committed). The events are those of the serial driver with seed 0. Other seeds, the replay of the events and the
//! driver on tokio must come to the same end.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use graphloom::host::ManualClock;
use graphloom::value::{Map, to_value};
use graphloom::{Event, Fault, Machine, Plan, Record, SerialOptions, Trace, Value};

use crate::blocks::Gate;
use crate::fixture::{Case, Run};

const SEEDS: u64 = 12;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rules() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("../docs/semantics.md")).unwrap();
    let id = |line: &str| Some(line.strip_prefix("**")?.split_once(".**")?.0.to_owned());
    let ids: Vec<String> = text.lines().filter_map(id).collect();
    let rules: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(rules.len(), ids.len(), "a rule has two texts");
    rules
}

fn fixtures() -> BTreeSet<String> {
    let folder = std::fs::read_dir(root().join("tests/semantics")).unwrap();
    folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn rules_and_fixtures_are_pairs() {
    let (rules, fixtures) = (rules(), fixtures());
    let bare: Vec<_> = rules.difference(&fixtures).collect();
    let lost: Vec<_> = fixtures.difference(&rules).collect();
    assert!(
        bare.is_empty() && lost.is_empty(),
        "rules without a fixture: {bare:?}; fixtures without a rule: {lost:?}"
    );
}

#[test]
fn every_rule_holds() {
    let update = setting("UPDATE").is_some();
    let only = setting("RULE");
    let mut broken = String::new();
    for id in fixtures() {
        if only.as_ref().is_some_and(|only| *only != id) {
            continue;
        }
        let found = Case::read(root().join("tests/semantics").join(&id)).check(update);
        for fault in found.iter().take(6) {
            let _ = writeln!(broken, "{id}: {fault}");
        }
    }
    assert!(broken.is_empty(), "\n{broken}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is its own host: UPDATE=1 rewrites golden files, RULE=F1 looks at one"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Case {
    /// Says what is not as expected.
    fn check(&self, update: bool) -> Vec<String> {
        let engine = self.engine(Arc::new(ManualClock::new()), &Gate::default());
        let diagnosis = engine.diagnose(&self.graph);
        let plan = match diagnosis.plan {
            Some(plan) => plan,
            None => return self.check_faults("faults", &diagnosis.faults),
        };
        if let Some(doc) = diagnosis.graph.filter(|graph| graph.doc.is_none()) {
            return vec![format!(
                "graph.json says in no \"doc\" what it shows: {:?}",
                doc.name
            )];
        }
        if self.settings.only_tokio {
            return match self.on_tokio(&plan) {
                Ok(outcome) => {
                    let mut found = self.check_outcome("tokio", &outcome, true);
                    found.extend(self.check_events(&plan, &outcome.records, update));
                    found
                }
                Err(faults) => self.check_faults("refused", &faults),
            };
        }
        let first = match self.serial(&plan, SerialOptions::seeded(0).check_fold()) {
            Ok(outcome) => outcome,
            Err(faults) => return self.check_faults("refused", &faults),
        };
        let mut found = self.check_outcome("serial, seed 0", &first, true);
        found.extend(self.check_events(&plan, &first.records, update));
        for seed in 1..SEEDS {
            match self.serial(&plan, SerialOptions::seeded(seed).check_fold()) {
                Ok(outcome) => {
                    found.extend(self.check_outcome(&format!("seed {seed}"), &outcome, false));
                }
                Err(faults) => found.extend(self.check_faults("refused", &faults)),
            }
        }
        match self.serial(&plan, SerialOptions::replay(first.records.clone())) {
            Ok(outcome) => {
                found.extend(self.check_outcome("replay", &outcome, false));
                let (a, b) = (facts(&first.records), facts(&outcome.records));
                if a != b {
                    let at = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
                    let (a, b) = (a.get(at), b.get(at));
                    found.push(format!(
                        "event {at} of the replay is {b:?}, recorded was {a:?}"
                    ));
                }
            }
            Err(faults) => found.extend(self.check_faults("refused", &faults)),
        }
        match self.on_tokio(&plan) {
            Ok(outcome) => found.extend(self.check_outcome("tokio", &outcome, false)),
            Err(faults) => found.extend(self.check_faults("refused", &faults)),
        }
        found
    }

    fn check_faults(&self, key: &str, faults: &[Fault]) -> Vec<String> {
        let Some(expected) = self.expected.get(key).and_then(Value::as_list) else {
            return vec![format!("{key}: {faults:?}")];
        };
        let found = to_value(&faults).unwrap();
        let found = found.as_list().unwrap();
        let same = found.len() == expected.len()
            && expected.iter().zip(found.iter()).all(|(e, f)| within(e, f));
        if same {
            Vec::new()
        } else {
            vec![format!("{key}: found {}", Value::from(found.clone()))]
        }
    }

    fn check_outcome(&self, who: &str, outcome: &Run, whole: bool) -> Vec<String> {
        let mut found = Vec::new();
        let told = &outcome.told;
        let none = Value::Map(Map::new());
        let get = |of: &Value, key: &str| of.get(key).cloned();
        let mut complain = |key: &str, expected: &Value, is: &Value| {
            found.push(format!("{who}: {key} is {is}, expected {expected}"));
        };
        for (key, default) in [
            ("status", Value::from("completed")),
            ("node_errors", Value::from(0)),
            ("failure", Value::Null),
            ("stalled", Value::from(Vec::<Value>::new())),
        ] {
            let expected = get(&self.expected, key).unwrap_or(default);
            let is = get(told, key).unwrap_or(Value::Null);
            if !within(&expected, &is) {
                complain(key, &expected, &is);
            }
        }
        let expected = get(&self.expected, "outputs").unwrap_or_else(|| none.clone());
        let is = get(told, "outputs").unwrap_or(none);
        // What a run has given that did not end by itself depends on how far it came.
        let ends = told.get("status").and_then(Value::as_str) == Some("completed");
        let compares =
            (ends || self.expected.get("outputs").is_some()) && self.settings.handle.is_none();
        if compares && self.sorted(&expected) != self.sorted(&is) {
            complain("outputs", &expected, &is);
        }
        // How long a run takes by its clock is the same only where the clock goes on in steps.
        // A replay goes by the events: it waits for nothing and drops nothing by itself.
        let more: &[&str] = match (who, whole && !self.settings.only_tokio) {
            ("replay", _) => &["errors"],
            (_, true) => &["errors", "cancelled", "duration_ms"],
            (_, false) => &["errors", "cancelled"],
        };
        for key in more {
            if let Some(expected) = get(&self.expected, key) {
                let is = get(told, key).unwrap_or(Value::Null);
                if !within(&expected, &is) {
                    complain(key, &expected, &is);
                }
            }
        }
        found
    }

    /// Outputs in a form in which those that count as equal are equal.
    fn sorted(&self, outputs: &Value) -> Vec<(String, Vec<String>)> {
        let values = |values: &Value| {
            let mut all: Vec<String> = values
                .as_list()
                .unwrap()
                .iter()
                .map(Value::to_string)
                .collect();
            if self.settings.any_order {
                all.sort();
            }
            all
        };
        let mut all: Vec<_> = outputs
            .as_map()
            .unwrap()
            .iter()
            .map(|(name, list)| (name.to_string(), values(list)))
            .collect();
        all.sort();
        all
    }

    fn check_events(&self, plan: &Arc<Plan>, records: &[Record], update: bool) -> Vec<String> {
        let mut found = Vec::new();
        let ends = records.iter().filter(|record| is_end(record)).count();
        if ends != 1 || !records.last().is_some_and(is_end) {
            found.push(format!(
                "there are {ends} terminal events, or one is not the last"
            ));
        }
        let mut machine = Machine::new(plan);
        for record in records {
            if let Err(failure) = machine.apply(record) {
                found.push(format!("the fold refuses: {failure}"));
                break;
            }
        }
        let text = self.lines(plan, records);
        let path = self.folder.join("events.jsonl");
        if update {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            found.push(format!(
                "the events are not those of {}:\n{text}",
                path.display()
            ));
        }
        found
    }

    /// The events one a line; of a long row of emissions at one pin only the first and how many more there are.
    fn lines(&self, plan: &Arc<Plan>, records: &[Record]) -> String {
        const ROW: usize = 8;
        let mut trace = Trace::new(plan);
        let mut lines: Vec<Map> = Vec::new();
        for record in records {
            let mut line = trace.line(record).as_map().unwrap().clone();
            if self.settings.only_tokio {
                line.remove("at");
            }
            lines.push(line);
        }
        let place = |line: &Map| -> Option<Vec<Option<Value>>> {
            (line.get("type")?.as_str()? == "emitted").then(|| {
                ["scope", "node", "firing", "pin", "at"]
                    .map(|key| line.get(key).cloned())
                    .to_vec()
            })
        };
        let mut text = String::new();
        let mut rest = lines.as_slice();
        while let Some((line, after)) = rest.split_first() {
            let row = 1 + after
                .iter()
                .take_while(|other| place(line).is_some() && place(other) == place(line))
                .count();
            let taken = if row > ROW {
                let mut line = line.clone();
                line.insert("and_more", row - 1);
                let _ = writeln!(text, "{}", Value::from(line));
                row
            } else {
                let _ = writeln!(text, "{}", Value::from(line.clone()));
                1
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        text
    }
}

fn is_end(record: &Record) -> bool {
    matches!(record.event, Event::Ended { .. })
}

fn facts(records: &[Record]) -> Vec<(u32, Event)> {
    records
        .iter()
        .map(|record| (record.scope, record.event.clone()))
        .collect()
}

/// What is expected is there: of maps the keys that are expected, of lists every item.
fn within(expected: &Value, is: &Value) -> bool {
    match (expected, is) {
        (Value::Map(expected), Value::Map(is)) => expected.iter().all(|(key, value)| {
            is.get(key.as_str())
                .is_some_and(|found| within(value, found))
        }),
        (Value::List(expected), Value::List(is)) => {
            expected.len() == is.len() && expected.iter().zip(is.iter()).all(|(e, i)| within(e, i))
        }
        _ => expected == is,
    }
}
