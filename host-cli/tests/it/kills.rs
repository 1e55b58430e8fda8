//! Processes that are killed: whatever moment it is, the run goes on in the next one and comes to the same end.
//!
//! Each file of `backends/tests/kept` is a graph. It is run once undisturbed; then killed at each of its appends, before and after
//! the store has answered, and at moments of chance. An effect that must not happen twice happens once; where a run asks
//! whether it has happened, the answer is looked up in the file that the effects write.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use graphloom::Value;

use super::harness::{Called, Folder, call, called, command, parse};

/// A run in a store of its own.
struct Trial {
    /// Gone with the trial.
    _folder: Folder,
    graph: String,
    store: String,
    effects: String,
}

const RUN: &str = "r";

impl Trial {
    fn new(graph: &Path) -> Self {
        let folder = Folder::new();
        let store = folder.file("made", "").replace("made", "store");
        let effects = store.replace("store", "effects");
        Self {
            _folder: folder,
            graph: graph.to_str().unwrap().to_owned(),
            store,
            effects,
        }
    }

    /// Begins the run in a process of its own, with these settings of its environment; kills it after some time.
    fn begin(&self, probe: Option<(&str, u64)>, kill: Option<Duration>) -> Called {
        let args = [
            "run",
            &self.graph,
            "--store",
            &self.store,
            "--run-id",
            RUN,
            "--json",
        ];
        self.process(&args, probe, kill)
    }

    fn resume(&self, probe: Option<(&str, u64)>, kill: Option<Duration>) -> Called {
        let args = ["runs", "resume", RUN, "--store", &self.store, "--json"];
        self.process(&args, probe, kill)
    }

    fn process(&self, args: &[&str], probe: Option<(&str, u64)>, kill: Option<Duration>) -> Called {
        let mut command = command(args);
        command
            .env("GRAPHLOOM_PROBE_FILE", &self.effects)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some((name, number)) = probe {
            command.env(name, number.to_string());
        }
        let mut child = command.spawn().unwrap();
        if let Some(after) = kill {
            std::thread::sleep(after);
            // It may be over by now.
            let _ = child.kill();
        }
        called(child.wait_with_output().unwrap())
    }

    fn effects(&self) -> Vec<String> {
        let written = std::fs::read_to_string(&self.effects).unwrap_or_default();
        written.lines().map(str::to_owned).collect()
    }

    /// Goes on until the run is over. Returns its result, and how many effects were in doubt.
    fn to_end(&self) -> (Value, usize) {
        let mut doubts = 0;
        for _ in 0..60 {
            let called = self.resume(None, None);
            if called.exit == 6 {
                // It was never accepted: nothing can have happened.
                assert_eq!(self.effects(), [""; 0]);
                self.begin(None, None);
                continue;
            }
            match called.exit {
                0 => return (parse(&called.out), doubts),
                9 => doubts += self.answer(&parse(&called.out)),
                exit => panic!("exit {exit}: {}\n{}", called.out, called.err),
            }
        }
        panic!("no end")
    }

    /// Answers what a run asks. Returns how many effects were in doubt.
    fn answer(&self, result: &Value) -> usize {
        let mut doubts = 0;
        let questions = result.get("questions").and_then(Value::as_list).unwrap();
        for question in questions.iter() {
            let text = |key: &str| question.get(key).unwrap().as_str().unwrap().to_owned();
            let firing = question.get("firing").unwrap();
            let node = format!("{}:{firing}", text("node"));
            let answer = if text("signal") == "in_doubt" {
                doubts += 1;
                self.decide(question.get("question").unwrap())
            } else {
                "yes".to_owned()
            };
            let args = [
                "answer",
                RUN,
                &node,
                &answer,
                "--store",
                &self.store,
                "--json",
            ];
            let answered = call(&args);
            assert_eq!(answered.exit, 0, "{}", answered.err);
        }
        doubts
    }

    /// Looks up whether an effect has happened.
    fn decide(&self, question: &Value) -> String {
        let key = question.get("idempotency_key").unwrap().as_str().unwrap();
        if self.effects().contains(&format!("act {key}")) {
            let given = question.get("inputs").unwrap().get("value").unwrap();
            format!(":={{\"done\": {{\"out\": {given}}}}}")
        } else {
            "repeat".to_owned()
        }
    }
}

fn graphs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../backends/tests/kept");
    let mut graphs: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    graphs.sort();
    assert_eq!(graphs.len(), 10);
    graphs
}

/// Kills a run by `begin`, which says how often, lets it come to its end, and compares that with the undisturbed one. Returns how many effects
/// were in doubt.
fn check(
    graph: &Path,
    whole: &(Value, Vec<String>),
    what: &str,
    begin: impl FnOnce(&Trial) -> usize,
) -> usize {
    let (expected, effects) = whole;
    let trial = Trial::new(graph);
    let kills = begin(&trial);
    let (result, doubts) = trial.to_end();
    let what = format!("{}, {what}", graph.display());
    assert_eq!(result.get("outputs"), expected.get("outputs"), "{what}");
    assert_eq!(result.get("status"), expected.get("status"), "{what}");
    let paid = |effects: &[String]| effects.iter().filter(|e| e.starts_with("pay")).count();
    let mut acts = trial.effects();
    let again = paid(&acts) - paid(effects);
    // Each firing that was paying may have had one step on its way, once for each kill.
    let name = graph.file_stem().unwrap().to_str().unwrap();
    let at_once = match name {
        "join" => 2,
        "calls" | "mixed" => 4,
        _ => 1,
    };
    assert!(
        again <= at_once * kills,
        "{what}: {again} steps were paid twice"
    );
    let mut once = effects.clone();
    for acts in [&mut acts, &mut once] {
        acts.retain(|line| line.starts_with("act "));
        acts.sort();
    }
    assert_eq!(acts, once, "{what}");
    doubts
}

fn undisturbed(graph: &Path) -> (Value, Vec<String>) {
    let trial = Trial::new(graph);
    let begun = trial.begin(None, None);
    let result = match begun.exit {
        0 => parse(&begun.out),
        9 => {
            trial.answer(&parse(&begun.out));
            trial.to_end().0
        }
        exit => panic!("exit {exit}: {}{}", begun.out, begun.err),
    };
    (result, trial.effects())
}

#[test]
fn killed_at_any_append_a_run_comes_to_the_same_end() {
    let (mut appends, mut doubts) = (0, 0);
    for graph in graphs() {
        let whole = undisturbed(&graph);
        for name in ["GRAPHLOOM_PROBE_APPEND", "GRAPHLOOM_PROBE_APPENDED"] {
            for number in 0.. {
                let mut over = false;
                doubts += check(&graph, &whole, &format!("{name}={number}"), |trial| {
                    let called = trial.begin(Some((name, number)), None);
                    // An aborted process has no exit code.
                    over = called.exit >= 0;
                    if called.exit == 9 {
                        trial.answer(&parse(&called.out));
                    }
                    1
                });
                if over {
                    break;
                }
                appends += 1;
            }
        }
    }
    println!("killed at {appends} appends, {doubts} effects were in doubt");
    assert!(appends > 100 && doubts > 0);
}

#[test]
fn killed_at_any_moment_a_run_comes_to_the_same_end() {
    let graphs = graphs();
    let wholes: Vec<_> = graphs.iter().map(|graph| undisturbed(graph)).collect();
    let mut doubts = 0;
    // By a sequence of its own, so that a failure can be repeated as far as time allows.
    let mut draw = 0x9e37_79b9_u64;
    for kill in 0..200 {
        let at = kill % graphs.len();
        draw = draw
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_micros((draw >> 33) % 60_000);
        let what = format!("killed after {after:?}");
        doubts += check(&graphs[at], &wholes[at], &what, |trial| {
            let called = trial.begin(None, Some(after));
            if called.exit == 9 {
                trial.answer(&parse(&called.out));
            } else if draw & (1 << 40) == 0 {
                // And its successor, now and then.
                trial.resume(None, Some(after / 2));
                return 2;
            }
            1
        });
    }
    println!("200 kills, {doubts} effects were in doubt");
}
