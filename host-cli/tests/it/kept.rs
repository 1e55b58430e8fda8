//! `run --store`, `runs`, `answer`, `replay`, `doctor`.

use graphloom::Value;
use graphloom::json::to_json;

use super::harness::{Called, Folder, GREET, call, parse};

/// A graph that asks twice the same node, and has an answer of a person as its output.
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
}
"#;

struct Bench {
    folder: Folder,
    store: String,
    greet: String,
}

impl Bench {
    fn new() -> Self {
        let folder = Folder::new();
        let greet = folder.file("greet.json", GREET);
        Self {
            store: greet.replace("greet.json", "store"),
            folder,
            greet,
        }
    }

    /// Calls the program for this store.
    fn call(&self, args: &[&str]) -> Called {
        let mut all = args.to_vec();
        all.extend(["--store", &self.store, "--json"]);
        call(&all)
    }

    fn greet(&self, id: &str, who: &str) -> Called {
        let who = format!("who={who}");
        let called = self.call(&["run", &self.greet, "--run-id", id, "--input", &who]);
        assert_eq!(called.exit, 0, "{}", called.err);
        called
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap()
}

fn items(called: &Called) -> Vec<(String, String)> {
    let answer = called.json();
    let items = answer.get("items").and_then(Value::as_list).unwrap();
    let item = |item: &Value| {
        (
            text(item, "run_id").to_owned(),
            text(item, "status").to_owned(),
        )
    };
    items.iter().map(item).collect()
}

#[test]
fn runs_are_listed_the_latest_first() {
    let bench = Bench::new();
    assert_eq!(bench.call(&["runs", "list"]).exit, 6, "nothing was kept");
    for id in ["a", "b", "c"] {
        bench.greet(id, id);
    }
    let done = |id: &str| (id.to_owned(), "completed".to_owned());
    let listed = items(&bench.call(&["runs", "list"]));
    assert_eq!(listed, [done("c"), done("b"), done("a")]);
    let page = items(&bench.call(&["runs", "list", "--limit", "1", "--after", "c"]));
    assert_eq!(page, [done("b")]);
    let none = items(&bench.call(&["runs", "list", "--status", "failed"]));
    assert_eq!(none, []);
    assert_eq!(bench.call(&["runs", "list", "--status", "gone"]).exit, 2);
    let again = bench.call(&["run", &bench.greet, "--run-id", "a"]);
    assert_eq!(
        (again.exit, again.error_codes()),
        (7, vec!["STORE_RUN_EXISTS".to_owned()])
    );
}

#[test]
fn what_is_kept_is_shown_at_any_event() {
    let bench = Bench::new();
    let result = bench.greet("a", "Ada").json();
    // The same result, however late it is asked for.
    let resumed = bench.call(&["runs", "resume", "a"]);
    assert_eq!(resumed.exit, 0, "{}", resumed.err);
    for key in ["run_id", "status", "outputs", "node_errors", "stalled"] {
        assert_eq!(resumed.json().get(key), result.get(key), "{key}");
    }
    let shown = bench.call(&["runs", "show", "a"]).json();
    assert_eq!(text(&shown, "status"), "completed");
    let events = shown.get("events").and_then(Value::as_u64).unwrap();
    for at in 0..=events {
        let at = at.to_string();
        let shown = bench.call(&["runs", "show", "a", "--at", &at]);
        assert_eq!(shown.exit, 0, "{}", shown.err);
        assert_eq!(shown.json().get("events").unwrap().to_string(), at);
    }
    let late = (events + 1).to_string();
    assert_eq!(bench.call(&["runs", "show", "a", "--at", &late]).exit, 2);
    let lines = bench.call(&["runs", "events", "a"]).out;
    assert_eq!(lines.lines().count() as u64, events);
    assert!(lines.lines().all(|line| parse(line).get("type").is_some()));
    let unknown = bench.call(&["runs", "show", "b"]);
    assert_eq!(unknown.exit, 6);
    assert_eq!(unknown.error_codes(), ["STORE_UNKNOWN_RUN"]);
}

#[test]
fn why_a_value_is_there_and_why_not() {
    let bench = Bench::new();
    bench.greet("a", "Ada");
    let why = bench.call(&["runs", "why", "a", "out"]);
    assert_eq!(why.exit, 0, "{}", why.err);
    let told = to_json(&why.json());
    assert!(
        told.contains("the run was given who = \\\"Ada\\\""),
        "{told}"
    );
    let stalled = GREET.replace("\"fill.output\"", "\"fill.error\"");
    let graph = bench.folder.file("stalled.json", &stalled);
    assert_eq!(bench.call(&["run", &graph, "--run-id", "b"]).exit, 0);
    let why = to_json(&bench.call(&["runs", "why", "b", "out"]).json());
    assert!(why.contains("fill") && why.contains("error"), "{why}");
    let nowhere = bench.call(&["runs", "why", "a", "outt"]);
    assert_eq!(
        (nowhere.exit, nowhere.error_codes()),
        (6, vec!["GRAPH_UNKNOWN_NODE".to_owned()])
    );
    assert!(nowhere.err.contains("did you mean"), "{}", nowhere.err);
}

#[test]
fn a_place_that_will_not_do_is_told_and_a_rehearsal_is_not_kept() {
    let bench = Bench::new();
    let file = call(&["run", &bench.greet, "--store", &bench.greet, "--json"]);
    assert_eq!(
        (file.exit, file.error_codes()),
        (3, vec!["CLI_FILE_KIND".to_owned()])
    );
    let nowhere = call(&["runs", "list", "--json"]);
    assert_eq!(
        (nowhere.exit, nowhere.error_codes()),
        (2, vec!["CLI_USAGE".to_owned()])
    );
    assert_eq!(bench.call(&["run", &bench.greet, "--mock"]).exit, 0);
    assert_eq!(bench.call(&["runs", "list"]).exit, 6, "nothing was kept");
}

#[test]
fn two_runs_are_compared() {
    let bench = Bench::new();
    for (id, who) in [("a", "Ada"), ("b", "Ada"), ("c", "Bob")] {
        bench.greet(id, who);
    }
    let same = bench.call(&["runs", "diff", "a", "b"]);
    assert_eq!(same.exit, 0, "{}", same.err);
    let other = bench.call(&["runs", "diff", "a", "c"]);
    assert_eq!(other.exit, 0, "{}", other.err);
    let (same, other) = (to_json(&same.json()), to_json(&other.json()));
    assert!(!same.contains("Ada") && !same.contains("fill"), "{same}");
    for part in ["Hello Ada!", "Hello Bob!", "who"] {
        assert!(other.contains(part), "{part}: {other}");
    }
    assert_eq!(bench.call(&["runs", "diff", "a", "gone"]).exit, 6);
}

#[test]
fn a_run_that_waits_is_answered_later_by_another_process() {
    let bench = Bench::new();
    let review = bench.folder.file("review.json", REVIEW);
    let waits = bench.call(&["run", &review, "--run-id", "r"]);
    assert_eq!(waits.exit, 9, "{}{}", waits.out, waits.err);
    assert_eq!(text(&waits.json(), "status"), "waiting");
    assert!(
        waits.err.contains("graphloom answer r ask:0"),
        "{}",
        waits.err
    );
    let listed = items(&bench.call(&["runs", "list", "--status", "waiting"]));
    assert_eq!(listed.len(), 1);
    // It waits again, for as long as nobody answers.
    assert_eq!(bench.call(&["runs", "resume", "r"]).exit, 9);
    let answer = r#":={"approved": true}"#;
    let answered = bench.call(&["answer", "r", "ask", answer]);
    assert_eq!(answered.exit, 0, "{}", answered.err);
    let ended = bench.call(&["runs", "resume", "r"]);
    assert_eq!(ended.exit, 0, "{}{}", ended.out, ended.err);
    assert_eq!(text(&ended.json(), "status"), "completed");
    let late = bench.call(&["answer", "r", "ask", "yes"]);
    assert_eq!(
        (late.exit, late.error_codes()),
        (7, vec!["STORE_RUN_OVER".to_owned()])
    );
}

#[test]
fn a_run_that_waits_can_be_cancelled() {
    let bench = Bench::new();
    let review = bench.folder.file("review.json", REVIEW);
    bench.call(&["run", &review, "--run-id", "r"]);
    let cancelled = bench.call(&["runs", "cancel", "r"]);
    assert_eq!(cancelled.exit, 0, "{}", cancelled.err);
    assert_eq!(text(&cancelled.json(), "status"), "cancelled");
    assert_eq!(bench.call(&["runs", "cancel", "r"]).exit, 7);
}

#[test]
fn an_export_is_replayed_and_a_changed_one_is_told() {
    let bench = Bench::new();
    bench.greet("a", "Ada");
    let export = bench.call(&["runs", "export", "a"]).out;
    let file = bench.folder.file("a.jsonl", &export);
    let replayed = call(&["replay", &file, "--json"]);
    assert_eq!(replayed.exit, 0, "{}", replayed.err);
    assert_eq!(text(&replayed.json(), "status"), "completed");
    let changed = bench
        .folder
        .file("b.jsonl", &export.replace("Hello Ada!", "Hello Bob!"));
    let replayed = call(&["replay", &changed, "--json"]);
    assert_eq!(
        (replayed.exit, replayed.error_codes()),
        (4, vec!["RUN_REPLAY".to_owned()])
    );
    for (name, content) in [
        ("empty", String::new()),
        ("graph", GREET.to_owned()),
        ("cut", export[..export.len() - 20].to_owned()),
        (
            "gap",
            export
                .lines()
                .filter(|line| !line.contains("\"seq\":2,"))
                .fold(String::new(), |all, line| all + line + "\n"),
        ),
    ] {
        let bad = call(&["replay", &bench.folder.file(name, &content), "--json"]);
        assert_eq!(
            (bad.exit, bad.error_codes()),
            (3, vec!["CLI_NO_EXPORT".to_owned()]),
            "{name}"
        );
    }
}

#[test]
fn earlier_results_are_taken_and_told() {
    let bench = Bench::new();
    bench.greet("a", "Ada");
    let run = |args: &[&str]| {
        let mut all = vec!["run", &bench.greet, "--input", "who=Ada", "--explain-cache"];
        all.extend(args);
        let called = bench.call(&all);
        assert_eq!(called.exit, 0, "{}", called.err);
        called
    };
    let again = run(&["--reuse", "a"]);
    assert!(
        again
            .err
            .contains("fill, firing 0 (text.fill_template@1): taken from run a"),
        "{}",
        again.err
    );
    let changed = run(&["--reuse", "a", "--set", "fill.format=Hi {{name}}"]);
    assert!(
        changed.err.contains("input \"format\" changed"),
        "{}",
        changed.err
    );
    let from = run(&["--reuse", "a", "--from", "fill"]);
    assert!(from.err.contains("in the cone of fill"), "{}", from.err);
    let mut typo = vec!["run", &bench.greet, "--reuse", "a", "--from", "fil"];
    typo.push("--explain-cache");
    let typo = bench.call(&typo);
    assert_eq!(typo.exit, 2, "{}", typo.err);
    assert!(typo.err.contains("fill"), "{}", typo.err);
    let gone = bench.call(&["run", &bench.greet, "--reuse", "gone"]);
    assert_eq!(
        (gone.exit, gone.error_codes()),
        (6, vec!["STORE_UNKNOWN_RUN".to_owned()])
    );
}

#[test]
fn a_store_is_looked_after() {
    let bench = Bench::new();
    for id in ["a", "b"] {
        bench.greet(id, id);
    }
    let whole = bench.call(&["doctor"]);
    assert_eq!(
        (whole.exit, to_json(&whole.json())),
        (0, "{\"findings\":[]}".to_owned())
    );
    let copy = bench.store.replace("store", "copy");
    assert_eq!(bench.call(&["doctor", "--backup", &copy]).exit, 0);
    let dry = bench
        .call(&["runs", "prune", "--keep", "1", "--dry-run"])
        .json();
    assert_eq!(to_json(dry.get("pruned").unwrap()), "[\"a\"]");
    let pruned = bench.call(&["runs", "prune", "--keep", "1"]).json();
    assert_eq!(to_json(pruned.get("pruned").unwrap()), "[\"a\"]");
    assert_eq!(items(&bench.call(&["runs", "list"])).len(), 1);
    // The copy is from before.
    assert_eq!(
        items(&call(&["runs", "list", "--store", &copy, "--json"])).len(),
        2
    );
    // A byte that is not as it was written.
    let file = format!("{copy}/graphloom.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.windows(6).position(|w| w == b"Hello ").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let broken = call(&["doctor", "--store", &copy, "--json"]);
    assert_eq!(broken.exit, 1, "{}", broken.out);
    let findings = broken.json();
    let findings = findings.get("findings").and_then(Value::as_list).unwrap();
    assert!(!findings.is_empty());
    let shown = call(&["runs", "events", "a", "--store", &copy, "--json"]);
    let other = call(&["runs", "events", "b", "--store", &copy, "--json"]);
    // One of them is broken and says so, the other is whole.
    let mut codes = [shown.exit, other.exit];
    codes.sort_unstable();
    assert_eq!(codes, [0, 1]);
}
