//! Graphs with one mistake, made by rule from sound ones: what the offered repairs make of them.

mod export;
pub(crate) mod make;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use graphloom::json::PatchOp;
use graphloom::{Fault, Value, json};

use crate::faults::fixtures::{faults_of, mend};
use make::{Kind, Mutant, mutants};

/// The sound graphs, by name.
pub(crate) const GRAPHS: [(&str, &str); 8] = [
    ("greet", include_str!("../graphs/greet.json")),
    ("words", include_str!("../graphs/words.json")),
    ("sums", include_str!("../graphs/sums.json")),
    ("stock", include_str!("../graphs/stock.json")),
    ("lists", include_str!("../graphs/lists.json")),
    ("letters", include_str!("../graphs/letters.json")),
    ("checks", include_str!("../graphs/checks.json")),
    ("countdown", include_str!("../graphs/countdown.json")),
];

#[test]
fn the_graphs_are_sound() {
    for (name, text) in GRAPHS {
        let faults = faults_of(text.as_bytes());
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

/// What a fault is about, wherever a repair has moved it to.
fn key(fault: &Fault) -> String {
    format!("{} {}", fault.code, fault.message)
}

/// Applies the first offered repair, and again, until none is offered. Says what is left.
fn mended(document: &str) -> (String, Vec<Fault>) {
    let mut text = document.to_owned();
    for _ in 0..20 {
        let faults = faults_of(text.as_bytes());
        let Some(fault) = faults.iter().find(|fault| !fault.fix.is_empty()) else {
            return (text, faults);
        };
        text = mend(text.as_bytes(), fault);
    }
    let faults = faults_of(text.as_bytes());
    (text, faults)
}

/// Says whether two graphs are the same, in whatever order their links are.
fn same(mut a: Value, mut b: Value) -> bool {
    for graph in [&mut a, &mut b] {
        if let Value::Map(graph) = graph
            && let Some(Value::List(links)) = graph.get_mut("links")
        {
            links.make_mut().sort_by_key(ToString::to_string);
        }
    }
    a == b
}

#[derive(Default)]
struct Count {
    all: usize,
    sound: usize,
    mended: usize,
    same: usize,
}

#[test]
fn most_mutants_are_mended_by_the_offered_repairs() {
    let mut by_kind: BTreeMap<Kind, Count> = BTreeMap::new();
    let mut left = Vec::new();
    for Mutant {
        kind,
        name,
        before,
        document,
        what,
    } in mutants(500, 20_261_121)
    {
        let count = by_kind.entry(kind).or_default();
        count.all += 1;
        let text = json::to_json_pretty(&document);
        if faults_of(text.as_bytes()).is_empty() {
            count.sound += 1;
            continue;
        }
        let (text, faults) = mended(&text);
        if faults.is_empty() {
            count.mended += 1;
            let after: Value = serde_json::from_str(&text).unwrap();
            count.same += usize::from(same(after, before));
        } else {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            left.push(format!(
                "{kind:?} in {name}: {what}\n    {}",
                faults.join("\n    ")
            ));
        }
    }
    let (mut faulty, mut mended) = (0, 0);
    println!("kind, mutants, still sound, mended of the faulty, of which as they were");
    for (kind, count) in &by_kind {
        let Count {
            all,
            sound,
            mended: good,
            same,
        } = count;
        println!(
            "{kind:?}: {all}, {sound}, {good} of {}, {same}",
            all - sound
        );
        faulty += all - sound;
        mended += good;
    }
    println!(
        "{mended} of {faulty} faulty mutants are mended\n{}",
        left.join("\n")
    );
    assert!(mended * 100 >= faulty * 90, "{mended} of {faulty}");
}

#[test]
fn a_repair_removes_its_fault_and_adds_none() {
    let mut bad = Vec::new();
    for Mutant {
        kind,
        name,
        document,
        what,
        ..
    } in mutants(500, 7)
    {
        let text = json::to_json_pretty(&document);
        let before = faults_of(text.as_bytes());
        for fault in before.iter().filter(|fault| !fault.fix.is_empty()) {
            let drops_node = |op: &PatchOp| match op {
                PatchOp::Remove { path } => {
                    let path: Vec<_> = path.segments().collect();
                    path.len() <= 2 && path[0] == "nodes"
                }
                _ => false,
            };
            assert!(
                !fault.fix.iter().any(drops_node),
                "a repair never drops a node: {fault}"
            );
            let after = faults_of(mend(text.as_bytes(), fault).as_bytes());
            let (mut left, mut added) = (count(&before), Vec::new());
            for other in &after {
                match left.get_mut(&key(other)) {
                    Some(n) if *n > 0 => *n -= 1,
                    _ => added.push(other.to_string()),
                }
            }
            if left[&key(fault)] == 0 || !added.is_empty() {
                let fix = graphloom::value::to_value(&fault.fix).unwrap();
                bad.push(format!(
                    "{kind:?} in {name}: {what}\n  {fault}\n  mended by {fix}: {}",
                    added.join("\n    ")
                ));
            }
        }
    }
    assert!(bad.is_empty(), "{}:\n{}", bad.len(), bad.join("\n"));
}

fn count(faults: &[Fault]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for fault in faults {
        *counts.entry(key(fault)).or_default() += 1;
    }
    counts
}

#[test]
fn several_mistakes_are_mended_one_by_one() {
    let (mut n, mut good) = (0, 0);
    for document in make::with_mistakes(200, 3, 99) {
        let text = json::to_json_pretty(&document);
        n += 1;
        good += usize::from(mended(&text).1.is_empty());
    }
    println!("{good} of {n} graphs with three mistakes are mended");
    assert!(good * 100 >= n * 60, "{good} of {n}");
}

/// What is found in damaged graphs, and the repairs that are offered: `UPDATE=1` writes the file anew, to be read
/// before it is committed.
#[test]
fn the_repairs_of_damaged_graphs_are_those_of_the_golden_file() {
    let mut lines = String::new();
    let mut put = |what: &str, document: &Value| {
        let _ = writeln!(lines, "{what}");
        for fault in faults_of(json::to_json_pretty(document).as_bytes()) {
            let _ = writeln!(
                lines,
                "  {} {}: {}",
                fault.code, fault.pointer, fault.message
            );
            if !fault.suggestions.is_empty() {
                let _ = writeln!(lines, "    near {}", fault.suggestions.join(", "));
            }
            for op in &fault.fix {
                let _ = writeln!(lines, "    {}", graphloom::value::to_value(op).unwrap());
            }
        }
    };
    for mutant in mutants(240, 31) {
        put(
            &format!("{:?} in {}: {}", mutant.kind, mutant.name, mutant.what),
            &mutant.document,
        );
    }
    for (i, document) in make::with_mistakes(80, 3, 37).iter().enumerate() {
        put(&format!("three mistakes, {i}"), document);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/repairs.txt");
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(path, lines).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    let differs = found
        .lines()
        .zip(lines.lines())
        .enumerate()
        .find(|(_, (a, b))| a != b);
    assert!(
        found == lines,
        "tests/repairs.txt differs, first at {differs:?}: UPDATE=1 cargo test -p graphloom-blocks repairs"
    );
}
