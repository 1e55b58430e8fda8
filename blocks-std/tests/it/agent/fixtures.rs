//! `tests/agents`: graphs with an agent, as data. `NAME.json` has the graph, what the model answers, and what comes of it,
//! by hand; `NAME.golden.json` what the model was told of its tools, what it was asked, and each event on the way, which
//! `UPDATE=1` writes, to be read before it is committed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::host::ManualClock;
use graphloom::json::to_json_pretty;
use graphloom::value::{Map, from_value};
use graphloom::{Plan, Record, RunOptions, RunOutcome, SerialOptions, Trace, Value, value};
use graphloom_blocks::llm::{ChatRequest, ToolSpec};
use serde::Deserialize;

use super::stub::{Scripted, Stub, brief};
use crate::support::{json, passing};

const SEEDS: u64 = 6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows.
    #[serde(rename = "doc")]
    _doc: String,
    graph: Value,
    #[serde(default)]
    inputs: Map,
    answers: Vec<Scripted>,
    expected: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default = "completed")]
    status: String,
    #[serde(default)]
    outputs: Map,
    #[serde(default)]
    node_errors: u64,
    /// What the failures say, each in part, in order.
    #[serde(default)]
    errors: Vec<String>,
    /// How many questions are asked.
    asks: usize,
    /// Nodes with values that waited for something.
    #[serde(default)]
    stalled: Vec<String>,
}

fn completed() -> String {
    "completed".to_owned()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents")
}

#[tokio::test]
async fn agents_do_what_their_fixtures_say() {
    let mut bad = String::new();
    let mut n = 0;
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".golden.json"))
        .collect();
    files.sort();
    for path in files {
        n += 1;
        for what in check(&path).await {
            let _ = writeln!(bad, "{}: {what}", path.display());
        }
    }
    assert!(n > 0, "there are no fixtures");
    assert!(bad.is_empty(), "\n{bad}");
}

async fn check(path: &Path) -> Vec<String> {
    let value = json(&std::fs::read(path).unwrap());
    let case: Case =
        from_value(&value).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut found = Vec::new();
    let document = case.graph.to_string();
    let mut first: Option<(Vec<ChatRequest>, Arc<Plan>, Vec<Record>)> = None;
    for seed in 0..SEEDS {
        let stub = Stub::new(case.answers.clone());
        let clock = ManualClock::new();
        let engine = stub.builder().clock(Arc::new(clock.clone())).build();
        let plan = match engine.load(document.as_bytes()) {
            Ok(plan) => plan,
            Err(faults) => return vec![format!("refused: {faults}")],
        };
        let serial = SerialOptions::seeded(seed).check_fold();
        let serial = serial.on_idle(move || clock.advance_to_next());
        let outcome = engine
            .run_serial(&plan, case.options(), serial)
            .await
            .unwrap_or_else(|faults| panic!("{}: {faults}", path.display()));
        found.extend(case.differs(&format!("seed {seed}"), &outcome, &stub));
        if seed == 0 {
            first = Some((stub.asked(), plan, outcome.records));
        }
    }
    let stub = Stub::new(case.answers.clone());
    let clock = Arc::new(ManualClock::new());
    let engine = stub.builder().clock(Arc::clone(&clock) as _).build();
    let plan = engine.load(document.as_bytes()).unwrap();
    let run = engine.run(&plan, case.options());
    let outcome = passing(&clock, run).await.unwrap();
    found.extend(case.differs("tokio", &outcome, &stub));
    if let Some((asked, plan, records)) = first {
        found.extend(golden(path, &asked, &plan, &records));
    }
    found
}

impl Case {
    fn options(&self) -> RunOptions {
        RunOptions::new()
            .inputs(self.inputs.clone())
            .run_id("fixture")
            .seed(0)
            .record()
    }

    fn differs(&self, who: &str, outcome: &RunOutcome, stub: &Stub) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: Value, is: Value| {
            if expected != is {
                found.push(format!("{who}: {what} is {is}, expected {expected}"));
            }
        };
        let expected = &self.expected;
        compare(
            "status",
            expected.status.as_str().into(),
            outcome.status.as_str().into(),
        );
        let outputs: Map = outcome
            .outputs
            .iter()
            .map(|(name, values)| (name.clone(), Value::from(values.clone())))
            .collect();
        compare("outputs", sorted(&expected.outputs), sorted(&outputs));
        compare(
            "node_errors",
            expected.node_errors.into(),
            outcome.node_errors.into(),
        );
        compare("asks", expected.asks.into(), stub.asked().len().into());
        compare("answers left over", 0.into(), stub.left().into());
        let stalled: Vec<Value> = outcome
            .stalled
            .iter()
            .map(|one| one.node.clone().into())
            .collect();
        let expected_stalled: Vec<Value> = expected
            .stalled
            .iter()
            .map(|node| node.as_str().into())
            .collect();
        compare("stalled", expected_stalled.into(), stalled.into());
        let told: Vec<&str> = outcome
            .errors
            .iter()
            .map(|error| error.message.as_str())
            .collect();
        let same = told.len() == expected.errors.len()
            && told
                .iter()
                .zip(&expected.errors)
                .all(|(is, part)| is.contains(part.as_str()));
        if !same {
            found.push(format!(
                "{who}: errors are {told:?}, expected {:?}",
                expected.errors
            ));
        }
        found
    }
}

fn sorted(map: &Map) -> Value {
    let mut all: Vec<(String, Value)> = map
        .iter()
        .map(|(k, v)| (k.to_string(), v.clone()))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().collect::<Map>().into()
}

/// Compares what the model was asked and what happened with the golden file, or writes it.
fn golden(
    path: &Path,
    asked: &[ChatRequest],
    plan: &Arc<Plan>,
    records: &[Record],
) -> Option<String> {
    let tools = asked.first().map_or(&[][..], |request| &request.tools);
    for request in asked {
        assert_eq!(
            request.tools, tools,
            "a model is told of the same tools every time"
        );
    }
    let tool = |tool: &ToolSpec| {
        value!({
            "name": tool.name.clone(),
            "description": tool.description.clone(),
            "parameters": tool.parameters.clone(),
        })
    };
    let tools: Vec<Value> = tools.iter().map(tool).collect();
    let asked: Vec<Value> = asked
        .iter()
        .map(|request| {
            request
                .messages
                .iter()
                .map(brief)
                .collect::<Vec<Value>>()
                .into()
        })
        .collect();
    let mut trace = Trace::new(plan);
    let events: Vec<Value> = records
        .iter()
        .map(|record| event(&trace.line(record)))
        .collect();
    let is = value!({ "tools": tools, "asked": asked, "events": events });
    let text = to_json_pretty(&is) + "\n";
    let golden = path.with_extension("golden.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, text).unwrap();
        return None;
    }
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    (known != text).then(|| format!("{} differs; UPDATE=1 writes it:\n{text}", golden.display()))
}

/// One line an event: what happened to which firing, and what with.
fn event(line: &Value) -> Value {
    let get = |key: &str| line.get(key).cloned().unwrap_or_default();
    let word = |key: &str| get(key).as_str().map(str::to_owned).unwrap_or_default();
    let mut text = word("type");
    if !get("node").is_null() {
        let _ = write!(text, " {}#{}", word("node"), get("firing"));
    }
    for key in ["pin", "key", "how", "status"] {
        if !get(key).is_null() {
            let _ = write!(text, " {}", word(key));
        }
    }
    // A paid answer is what the script says.
    if text.starts_with("emitted") || text.starts_with("done") {
        let _ = write!(text, " {}", get("value"));
    }
    if !get("arguments").is_null() {
        let _ = write!(text, " {}", get("arguments"));
    }
    text.into()
}

/// The graph of the guide does what the guide says, whoever the model is.
#[tokio::test]
async fn the_agent_of_the_guide_runs() {
    let guide = include_str!("../../../../docs/guides/agents.md");
    let graph = guide.split("```json\n").nth(1).unwrap();
    let graph = graph.split("```").next().unwrap();
    let graph = graph.replace("ollama/qwen3:8b", "stub/any");
    assert!(
        graph.lines().count() <= 40,
        "{} lines",
        graph.lines().count()
    );
    let stub = Stub::new([
        Scripted::default().call("a", "count_words", value!({"text": "a rose is a rose"})),
        Scripted::default().call(
            "b",
            "calculate",
            value!({"operation": "multiply", "a": 5, "b": 12}),
        ),
        Scripted::text("It is 60."),
    ]);
    let engine = stub.builder().build();
    let plan = engine.load(graph.as_bytes()).unwrap();
    let options = RunOptions::new().input("task", "How many?");
    let outcome = engine.run(&plan, options).await.unwrap();
    assert_eq!(
        outcome.output("answer"),
        [value!("It is 60.")],
        "{:?}",
        outcome.failure
    );
    let told = format!("{:?}", stub.asked()[2].messages);
    assert!(told.contains(r#"{\"result\":[60]}"#), "{told}");
}
