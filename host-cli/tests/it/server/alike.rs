//! Each command gives the same here and there: the same output and the same exit code, but for ids and times.

use graphloom::Value;
use graphloom::json::to_json;
use graphloom::value::Map;

use super::harness::Server;
use crate::harness::{Called, Folder, GREET, call_with, parse};

/// A graph whose only node fails.
const FAILS: &str = r#"{
  "format": 1,
  "name": "fails",
  "nodes": {
    "split": { "block": "text.split", "inputs": { "text": "a", "delimiter": "" } },
    "out": { "block": "io.output", "inputs": { "name": "parts" } }
  },
  "links": [{ "from": "split.texts", "to": "out.value" }]
}"#;

/// A graph that asks someone.
const REVIEW: &str = r#"{
  "format": 1,
  "name": "review",
  "nodes": {
    "draft": { "block": "io.input", "inputs": { "name": "draft", "value": "text" } },
    "ask": { "block": "flow.review", "inputs": { "name": "ok?" } },
    "out": { "block": "io.output", "inputs": { "name": "said" } }
  },
  "links": [
    { "from": "draft.result", "to": "ask.data" },
    { "from": "ask.approved_data", "to": "out.value" }
  ]
}"#;

/// A graph that takes a while.
const SLOW: &str = r#"{
  "format": 1,
  "name": "slow",
  "nodes": {
    "wait": { "block": "time.countdown", "inputs": { "seconds": 60 } },
    "out": { "block": "io.output", "inputs": { "name": "done" } }
  },
  "links": [{ "from": "wait.output_message", "to": "out.value" }]
}"#;

/// The same, here in a folder and there on a server.
struct Both {
    server: Server,
    folder: Folder,
    store: String,
    /// What a run is called in these tests, here, and there.
    runs: Vec<(String, String)>,
}

/// What a command gave, without what differs by nature.
#[derive(Debug, PartialEq)]
struct Settled {
    exit: i32,
    out: Vec<String>,
    err: Vec<String>,
}

impl Both {
    fn new() -> Self {
        let folder = Folder::new();
        let store = folder.file("here", "").replace("/here", "/store");
        Self {
            server: Server::start(),
            folder,
            store,
            runs: Vec::new(),
        }
    }

    fn here(&self, args: &[&str], stdin: &str) -> Called {
        let mut all = args.to_vec();
        if matches!(args.first(), Some(&("run" | "runs" | "answer"))) {
            all.extend(["--store", &self.store]);
        }
        all.push("--json");
        call_with(&all, stdin)
    }

    /// Runs a graph here under this name, and there; returns both.
    fn run(&mut self, name: &str, graph: &str, more: &[&str]) -> (Called, Called) {
        let file = self.folder.file(&format!("{name}.json"), graph);
        let args = [&["run", &file], more].concat();
        let here = self.here(&[&args[..], &["--run-id", name]].concat(), "");
        let there = self.server.call(&args);
        let id = run_id(&there.out);
        self.runs.push((name.to_owned(), id.unwrap_or_default()));
        (here, there)
    }

    /// Calls it here and there; a run is named as in `run`, in braces.
    fn call(&self, args: &[&str], stdin: &str) -> (Called, Called) {
        let named = |there: bool| -> Vec<String> {
            let name = |arg: &&str| {
                let mut arg = (*arg).to_owned();
                for (name, id) in &self.runs {
                    arg = arg.replace(&format!("{{{name}}}"), if there { id } else { name });
                }
                arg
            };
            args.iter().map(name).collect()
        };
        let (here, there) = (named(false), named(true));
        (
            self.here(&refs(&here), stdin),
            self.server.call_with(&refs(&there), stdin),
        )
    }

    fn settle(&self, called: &Called) -> Settled {
        let lines = |text: &str| -> Vec<String> {
            let mut text = text.to_owned();
            for (name, id) in self.runs.iter().filter(|(_, id)| !id.is_empty()) {
                text = text.replace(id, name);
            }
            let text = text.replace(&format!("--store {}", self.store), "PLACE");
            let text = text.replace(&format!("--server {}", self.server.url), "PLACE");
            text.lines().map(settled).collect()
        };
        Settled {
            exit: called.exit,
            out: lines(&called.out),
            err: lines(&called.err),
        }
    }

    fn check_pair(&self, what: &str, (here, there): &(Called, Called), exit: i32) {
        assert_eq!(here.exit, exit, "{what}: {here:?}\n{there:?}");
        assert_eq!(self.settle(there), self.settle(here), "{what}");
    }

    fn check(&self, args: &[&str], exit: i32) {
        self.check_pair(&args.join(" "), &self.call(args, ""), exit);
    }
}

fn refs(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

fn run_id(out: &str) -> Option<String> {
    let first = out.lines().next()?;
    Some(parse(first).get("run_id")?.as_str()?.to_owned())
}

/// What each place has of its own.
const OWN: [&str; 14] = [
    "at",
    "created_at",
    "updated_at",
    "duration_ms",
    "took_ms",
    "epoch",
    "owner",
    "graph_id",
    "graph_version",
    "labels",
    "seed",
    "limits",
    "grants",
    "tenant",
];

fn settled(line: &str) -> String {
    if !line.starts_with(['{', '[', '"']) {
        return line.to_owned();
    }
    to_json(&without_own(&parse(line)))
}

fn without_own(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            // What became of the rest when a run failed is told to whoever waits in its process, and not kept.
            let failed = map.get("status").and_then(Value::as_str) == Some("failed");
            let own = |key: &str| OWN.contains(&key) || failed && key == "cancelled";
            let kept = map.iter().filter(|(key, _)| !own(key.as_str()));
            let mut kept: Vec<(_, Value)> = kept
                .map(|(key, value)| (key.clone(), without_own(value)))
                .collect();
            kept.sort_by(|a, b| a.0.cmp(&b.0));
            kept.into_iter().collect::<Map>().into()
        }
        Value::List(list) => list.iter().map(without_own).collect(),
        other => other.clone(),
    }
}

#[test]
fn runs_give_the_same() {
    let mut both = Both::new();
    let seeded = GREET.replace(
        r#""who": { "block": "io.input", "inputs": { "name": "who", "value": "world" } }"#,
        r#""who": { "block": "random.number", "inputs": { "min": 1, "max": 1000000 } }"#,
    );
    let seeded = seeded.replace("who.result", "who.number");
    type Case<'a> = (&'a str, &'a str, &'a [&'a str], i32);
    let cases: &[Case] = &[
        ("plain", GREET, &[], 0),
        ("lines", GREET, &["--events"], 0),
        ("given", GREET, &["--input", "who=Ada"], 0),
        (
            "set",
            GREET,
            &["--set", "fill.format=Hi {{name}}", "--events"],
            0,
        ),
        ("seeded", &seeded, &["--seed", "7"], 0),
        ("zone", GREET, &["--time-zone", "Europe/Paris"], 0),
        ("relaxed", GREET, &["--durability", "relaxed"], 0),
        (
            "narrow",
            GREET,
            &["--max-parallel", "1", "--only-host", "a.example"],
            0,
        ),
        (
            "costs",
            GREET,
            &["--max-cost", "usd=0.5", "--deny-host", "a.example"],
            0,
        ),
        ("fails", FAILS, &[], 4),
        ("fails_lines", FAILS, &["--events"], 4),
        ("late", SLOW, &["--timeout-ms", "200"], 8),
    ];
    for (name, graph, more, exit) in cases {
        let pair = both.run(name, graph, more);
        both.check_pair(name, &pair, *exit);
    }
    let continues = FAILS.replace(
        "\"name\": \"fails\"",
        "\"policy\": {\"on_error\": \"continue\"}",
    );
    let pair = both.run("errors", &continues, &[]);
    both.check_pair("errors", &pair, 10);
}

#[test]
fn what_is_wrong_is_told_alike() {
    let mut both = Both::new();
    let cases: &[(&str, &str, &[&str], i32)] = &[
        ("syntax", "{\n  \"format\": 1,\n", &[], 3),
        ("empty", "", &[], 3),
        ("key", &GREET.replace("\"nodes\"", "\"nodess\""), &[], 3),
        (
            "link",
            &GREET.replace("fill.output", "fill.outputs"),
            &[],
            3,
        ),
        (
            "block",
            &GREET.replace("text.fill_template", "text.fil_template"),
            &[],
            3,
        ),
        ("input", GREET, &["--input", "whom=Ada"], 3),
        (
            "inputs",
            GREET,
            &["--input", "who:=[1]", "--input", "x=1"],
            3,
        ),
        ("set", GREET, &["--set", "fil.format=x"], 3),
        ("zone", GREET, &["--time-zone", "Europe/Pariss"], 2),
        ("usage", GREET, &["--input", "who"], 2),
    ];
    for (name, graph, more, exit) in cases {
        let pair = both.run(name, graph, more);
        both.check_pair(name, &pair, *exit);
        let pair = both.run(name, graph, &[*more, &["--events"]].concat());
        both.check_pair(name, &pair, *exit);
    }
    let file = both.folder.file("no-graph.json", "[]");
    for verb in ["validate", "plan"] {
        both.check(&["graph", verb, &file], 3);
    }
    both.check(&["graph", "validate", "no/such/file"], 6);
}

#[test]
fn what_was_kept_is_told_alike() {
    let mut both = Both::new();
    for (name, who) in [("a", "Ada"), ("b", "Bob"), ("c", "Ada")] {
        let pair = both.run(name, GREET, &["--input", &format!("who={who}")]);
        both.check_pair(name, &pair, 0);
    }
    let pair = both.run("f", FAILS, &[]);
    both.check_pair("f", &pair, 4);
    for args in [
        &["runs", "list"][..],
        &["runs", "list", "--limit", "2"],
        &["runs", "list", "--limit", "1", "--after", "{c}"],
        &["runs", "list", "--status", "failed"],
        &["runs", "list", "--status", "queued"],
        &["runs", "show", "{a}"],
        &["runs", "show", "{a}", "--at", "3"],
        &["runs", "events", "{a}"],
        &["runs", "events", "{a}", "--from", "4"],
        &["runs", "events", "{a}", "--from", "4000"],
        &["runs", "why", "{a}", "out"],
        &["runs", "why", "{f}", "out"],
        &["runs", "diff", "{a}", "{b}"],
        &["runs", "diff", "{a}", "{c}"],
        &["runs", "export", "{a}"],
        &["runs", "resume", "{a}"],
        &["runs", "resume", "{a}", "--events"],
        &["runs", "prune", "--dry-run", "--keep", "1"],
        &["runs", "prune", "--older-than-days", "1"],
    ] {
        both.check(args, 0);
    }
    both.check(&["runs", "resume", "{f}"], 4);
    both.check(&["runs", "list", "--status", "gone"], 2);
    both.check(&["runs", "show", "{a}", "--at", "4000"], 2);
    both.check(&["runs", "why", "{a}", "outt"], 6);
    both.check(&["runs", "why", "{a}", "out:first"], 2);
    both.check(&["runs", "cancel", "{a}"], 7);
    both.check(&["answer", "{a}", "out", "yes"], 7);
    both.check(&["runs", "prune", "--keep", "1"], 0);
    both.check(&["runs", "list"], 0);
    for args in [
        &["runs", "show", "nobody"][..],
        &["runs", "events", "nobody"],
        &["runs", "why", "nobody", "out"],
        &["runs", "diff", "nobody", "{f}"],
        &["runs", "export", "nobody"],
        &["runs", "resume", "nobody"],
        &["runs", "cancel", "nobody"],
        &["answer", "nobody", "out", "yes"],
    ] {
        let (here, there) = both.call(args, "");
        assert_eq!((here.exit, there.exit), (6, 6), "{args:?} {there:?}");
        assert_eq!(there.error_codes(), ["HTTP_NOT_FOUND"], "{args:?}");
    }
}

#[test]
fn who_is_asked_answers_alike() {
    let mut both = Both::new();
    for name in ["a", "b", "c"] {
        let pair = both.run(name, REVIEW, &[]);
        both.check_pair(name, &pair, 9);
    }
    let pair = both.run("d", REVIEW, &["--events"]);
    both.check_pair("d", &pair, 9);
    both.check(&["runs", "resume", "{a}"], 9);
    both.check(&["runs", "show", "{a}"], 0);
    both.check(&["answer", "{a}", "ask", ":=true", "--resume"], 0);
    both.check(
        &[
            "answer",
            "{b}",
            "ask:0",
            ":={\"approved\": true, \"data\": 7}",
            "--resume",
        ],
        0,
    );
    both.check(&["runs", "cancel", "{c}"], 0);
    for args in [&["runs", "show", "{c}"][..], &["runs", "list"]] {
        both.check(args, 0);
    }
    // Here someone has to go on with it, there the server does.
    let (here, there) = both.call(&["answer", "{d}", "ask", ":=true"], "");
    for called in [&here, &there] {
        assert_eq!(called.exit, 0, "{called:?}");
        let told = called.json();
        assert_eq!(told.get("message").and_then(Value::as_str), Some("kept"));
    }
    both.check(&["runs", "resume", "{d}"], 0);
}

#[test]
fn the_catalogue_is_alike() {
    let both = Both::new();
    for args in [
        &["blocks", "list"][..],
        &["blocks", "list", "--category", "text"],
        &["blocks", "search", "split", "text"],
        &["blocks", "search", "discord"],
        &["blocks", "show", "text.split"],
        &["blocks", "show", "TextSplitBlock"],
        &[
            "blocks",
            "run",
            "text.split",
            "-i",
            "text=a,b",
            "-i",
            "delimiter=,",
        ],
        &[
            "blocks",
            "run",
            "text.split",
            "-i",
            "text:=1",
            "-i",
            "delimiter=,",
            "--coercion",
            "lenient",
        ],
    ] {
        both.check(args, 0);
    }
    let narrowed = [
        "blocks",
        "run",
        "text.split",
        "-i",
        "text=a,b",
        "-i",
        "delimiter=,",
        "--only-host",
        "b.example",
        "--deny-host",
        "a.example",
        "--max-cost",
        "usd=1",
    ];
    both.check(&narrowed, 0);
    both.check(&["blocks", "list", "--category", "texts"], 2);
    both.check(
        &[
            "blocks",
            "run",
            "text.split",
            "-i",
            "text=a",
            "-i",
            "delimiter=",
        ],
        4,
    );
    both.check(&["blocks", "run", "text.split", "-i", "text=a"], 4);
    for args in [
        &["blocks", "show", "text.splt"][..],
        &["blocks", "run", "text.splt"],
    ] {
        let (here, there) = both.call(args, "");
        assert_eq!((here.exit, there.exit), (6, 6), "{args:?} {there:?}");
        assert!(there.err.contains("text.split"), "{there:?}");
    }
    let pair = both.call(&["graph", "validate", "-"], GREET);
    both.check_pair("validate", &pair, 0);
    let pair = both.call(&["graph", "plan", "-"], GREET);
    both.check_pair("plan", &pair, 0);
    let wrong = GREET
        .replace("fill.output", "fill.outputs")
        .replace("\"world\"", "[]");
    for args in [
        &["graph", "validate", "-"][..],
        &["graph", "validate", "-", "--max-errors", "1"],
        &["graph", "plan", "-"],
    ] {
        let pair = both.call(args, &wrong);
        both.check_pair(&args.join(" "), &pair, 3);
    }
}
