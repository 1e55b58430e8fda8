//! Processes that are told to stop, and processes that are killed, with many runs at work: every run that was acknowledged
//! is there in the next process and ends, and what must not happen twice does not.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Answer, Folder, json as body};
use crate::program::Program;

/// A chain of effects, each between two pauses.
fn chain(effects: usize, pause_ms: u32) -> Value {
    let mut nodes = json!({ "out": { "block": "io.output", "inputs": { "name": "last" } } });
    let mut links = Vec::new();
    for i in 0..effects {
        let mut inputs = json!({ "pause_ms": pause_ms });
        if i == 0 {
            inputs["value"] = json!("done");
        } else {
            links.push(json!({ "from": format!("n{}.out", i - 1), "to": format!("n{i}.value") }));
        }
        nodes[format!("n{i}")] = json!({ "block": "probe.act", "inputs": inputs });
    }
    links.push(json!({ "from": format!("n{}.out", effects - 1), "to": "out.value" }));
    json!({ "format": 1, "nodes": nodes, "links": links })
}

fn effects(folder: &Folder) -> Vec<String> {
    let written = std::fs::read_to_string(folder.path().join("effects")).unwrap_or_default();
    written.lines().map(str::to_owned).collect()
}

/// No effect stands there twice.
fn once_each(folder: &Folder) -> usize {
    let all = effects(folder);
    let different: HashSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "an effect has happened twice");
    all.len()
}

/// Goes on until every run is over; looks up in the file what became of effects in doubt. Returns how many there were.
async fn to_end(program: &Program, folder: &Folder) -> usize {
    let began = Instant::now();
    let mut answered = HashSet::new();
    loop {
        let runs = program.runs().await;
        let open: Vec<_> = runs
            .iter()
            .filter(|(_, status)| status != "completed")
            .collect();
        if open.is_empty() {
            return answered.len();
        }
        assert!(began.elapsed() < Duration::from_mins(4), "no end: {open:?}");
        for (run, status) in open {
            assert!(
                ["queued", "running", "waiting"].contains(&status.as_str()),
                "{run}: {status}"
            );
            if status == "waiting" {
                answer(program, folder, run, &mut answered).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn answer(program: &Program, folder: &Folder, run: &str, answered: &mut HashSet<String>) {
    let run = program.get(&format!("/v1/runs/{run}")).await.json();
    for question in run["result"]["questions"].as_array().into_iter().flatten() {
        assert_eq!(question["signal"], "in_doubt", "{question}");
        let asked = &question["question"];
        let key = asked["idempotency_key"].as_str().expect("a key").to_owned();
        if !answered.insert(key.clone()) {
            continue;
        }
        let has_happened = effects(folder).contains(&format!("act {key}"));
        let value = if has_happened {
            json!({ "done": { "out": asked["inputs"]["value"] } })
        } else {
            json!("repeat")
        };
        let node = format!(
            "{}:{}",
            question["node"].as_str().expect("a node"),
            question["firing"]
        );
        let said = json!({ "node": node, "signal": "in_doubt", "value": value });
        let path = format!(
            "/v1/runs/{}/answers",
            run["run_id"].as_str().expect("an id")
        );
        let told = program.post(&path, &said).await;
        assert_eq!(told.status, 202, "{}", told.text);
    }
}

/// 83. A hundred runs are at work when the process is told to stop: it says so at once, what is at work ends, no run is lost
/// and no effect is in doubt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_runs_go_on_after_a_drain() {
    let folder = Folder::new();
    let program = Program::start(&folder, &["--runs-drain-time-ms", "6000"]);
    let graph = program.keep(&chain(30, 100)).await;
    let path = format!("/v1/graphs/{graph}/runs");
    for _ in 0..100 {
        assert_eq!(program.post(&path, &json!({})).await.status, 202);
    }
    program.signal(Signal::TERM);
    while program.get("/ready").await.status != 503 {}
    let refused = program.post(&path, &json!({})).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (503, "HTTP_DRAINING")
    );
    // What there is can be looked at while it goes on.
    assert_eq!(program.runs().await.len(), 100);
    assert_eq!(program.ended().code(), Some(0));
    let before = once_each(&folder);
    assert!(
        (1..3_000).contains(&before),
        "{before} effects: nothing was left to do"
    );

    let again = Program::start(&folder, &[]);
    let doubts = to_end(&again, &folder).await;
    assert_eq!(again.runs().await.len(), 100);
    assert_eq!(once_each(&folder), 3_000);
    assert_eq!(doubts, 0, "what was at work had time to end");
    again.signal(Signal::TERM);
    assert_eq!(again.ended().code(), Some(0));
}

/// 83. The process is told to stop, says so, and is killed before what is at work has ended: no run is lost, and no effect
/// happens twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_runs_go_on_after_a_kill_amid_a_drain() {
    let folder = Folder::new();
    let program = Program::start(&folder, &["--runs-drain-time-ms", "60000"]);
    let graph = program.keep(&chain(12, 200)).await;
    let path = format!("/v1/graphs/{graph}/runs");
    let mut accepted = HashSet::new();
    for _ in 0..100 {
        let told = program.post(&path, &json!({})).await;
        assert_eq!(told.status, 202, "{}", told.text);
        let run = told.json()["run_id"].as_str().expect("an id").to_owned();
        accepted.insert(run);
    }
    program.signal(Signal::TERM);
    while program.get("/ready").await.status != 503 {}
    let refused = program.post(&path, &json!({})).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (503, "HTTP_DRAINING")
    );
    let at_work = program.runs().await;
    let at_work = at_work.iter().filter(|(_, status)| status == "running");
    assert_eq!(at_work.count(), 100);
    program.kill();
    assert!(once_each(&folder) < 1_200, "nothing was left to do");

    let again = Program::start(&folder, &[]);
    let ready = Answer::of(again.ask(Method::GET, "/ready")).await;
    assert_eq!(ready.status, 200);
    to_end(&again, &folder).await;
    let runs: HashSet<String> = again.runs().await.into_iter().map(|(run, _)| run).collect();
    assert_eq!(runs, accepted);
    assert_eq!(once_each(&folder), 1_200);
    again.signal(Signal::TERM);
    assert_eq!(again.ended().code(), Some(0));
}

/// The number of cases: `short`, or more by the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is a host, and this is its one setting"
)]
fn cases(short: u32) -> u32 {
    let factor = std::env::var("GRAPHLOOM_SOAK").ok();
    let factor = factor
        .and_then(|factor| factor.parse::<f64>().ok())
        .unwrap_or(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number"
    )]
    let cases = (f64::from(short) * factor).max(1.0) as u32;
    cases
}

/// Asks for a run by a key; `None` where no answer came.
async fn start(request: reqwest::RequestBuilder, key: u32) -> Option<(u16, String, bool)> {
    let request = request.header("idempotency-key", format!("key-{key}"));
    let response = body(request, &json!({})).send().await.ok()?;
    let (status, replayed) = (
        response.status().as_u16(),
        response.headers().contains_key("idempotency-replayed"),
    );
    let run: Value = serde_json::from_str(&response.text().await.ok()?).ok()?;
    Some((status, run["run_id"].as_str()?.to_owned(), replayed))
}

/// 35. The process is killed at any moment while two hundred clients start runs: what a client was told of is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_run_is_lost_by_a_kill() {
    let mut seen = 0;
    for seed in 0..cases(3) {
        let folder = Folder::new();
        let program = Program::start(&folder, &[]);
        let graph = program.keep(&chain(3, seed % 4 * 7)).await;
        let mut asking = JoinSet::new();
        for key in 0..200 {
            // Some wait for the end, some do not.
            let wait = if key % 2 == 0 { "?wait_ms=60000" } else { "" };
            let path = format!("/v1/graphs/{graph}/runs{wait}");
            let request = program.ask(Method::POST, &path);
            asking.spawn(async move { (key, start(request, key).await) });
        }
        // A moment of chance, early enough that most seeds find something at work.
        let moment = u64::from(seed.wrapping_mul(2_654_435_761) % 1_500);
        let mut told = BTreeMap::new();
        let mut note = |(key, answer): (u32, Option<(u16, String, bool)>)| {
            if let Some((status, run, _)) = answer {
                assert!([200, 202].contains(&status), "{status}");
                told.insert(key, run);
            }
        };
        let killed = tokio::time::sleep(Duration::from_millis(moment));
        tokio::pin!(killed);
        loop {
            tokio::select! {
                () = &mut killed => break,
                Some(answer) = asking.join_next() => note(answer.expect("no panic")),
            }
        }
        program.kill();
        // What was sent before is read.
        while let Some(answer) = asking.join_next().await {
            note(answer.expect("no panic"));
        }
        once_each(&folder);
        seen += told.len();

        let again = Program::start(&folder, &[]);
        let mut asking = JoinSet::new();
        for key in 0..200 {
            let request = again.ask(Method::POST, &format!("/v1/graphs/{graph}/runs?wait_ms=1"));
            asking.spawn(async move { (key, start(request, key).await) });
        }
        while let Some(answer) = asking.join_next().await {
            let (key, answer) = answer.expect("no panic");
            let (status, run, replayed) = answer.expect("an answer");
            assert!([200, 202].contains(&status), "seed {seed}: {status}");
            if let Some(known) = told.get(&key) {
                assert_eq!((known, replayed), (&run, true), "seed {seed}, key {key}");
            }
        }
        let doubts = to_end(&again, &folder).await;
        assert_eq!(again.runs().await.len(), 200, "seed {seed}");
        assert_eq!(once_each(&folder), 600, "seed {seed}");
        println!(
            "seed {seed}: killed after {moment} ms, {} told, {doubts} in doubt",
            told.len()
        );
        let ready = Answer::of(again.ask(Method::GET, "/ready")).await;
        assert_eq!(ready.status, 200);
        again.kill();
    }
    assert!(seen > 0, "every process was killed before it had answered");
}
