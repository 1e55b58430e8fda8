//! Blocks that ask a model: graphs, what the model says in them, what comes out, and what was sent. The cases stand in
//! `tests/llm`; what was observed of AutoGPT is compared where it is at hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graphloom::host::{Credential, ManualClock, MemoryCredentials, Secret};
use graphloom::{Engine, Registry, RunOptions, RunOutcome, Value, value};

use crate::stub_http::{Answer, Sent, StubHttp};
use crate::support::{json, norm, passing, shared};

/// What comes back to the n-th question: a refusal, or an answer of the Responses API, in which `{id}` is the mark that was
/// asked for.
fn answer(script: &Value, sent: &Sent) -> Answer {
    if let Some(status) = script.get("status").and_then(Value::as_u64) {
        let body = script.get("body").cloned().unwrap_or_default().to_string();
        return Answer::json(u16::try_from(status).unwrap(), &body);
    }
    let said = script.get("text").and_then(Value::as_str).unwrap();
    let id = mark(&sent.json()).unwrap_or_default();
    let said = said.replace("{id}", &id);
    let body = value!({
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": said}]}],
        "usage": {"input_tokens": 10, "output_tokens": 5},
    });
    Answer::json(200, &body.to_string())
}

/// The id of the mark that a question asks for.
pub(crate) fn mark(body: &Value) -> Option<String> {
    let messages = body.get("input")?.as_list()?;
    let mut texts = messages
        .iter()
        .filter_map(|message| message.get("content")?.as_str());
    texts.find_map(|text| {
        let (_, rest) = text.split_once("<json_output id=\"")?;
        let (id, _) = rest.split_once('"')?;
        (id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit())).then(|| id.to_owned())
    })
}

async fn run(
    graph: &Value,
    inputs: &Value,
    script: Vec<Value>,
    seed: u64,
) -> (RunOutcome, Vec<Sent>) {
    let count = AtomicUsize::new(0);
    let http = StubHttp::new(move |sent| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        let script = script
            .get(n)
            .or(script.last())
            .expect("no question is expected");
        Ok(answer(script, sent))
    });
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let clock = Arc::new(ManualClock::new());
    let key = Credential::api_key("openai", Secret::new("sk-canary"));
    let engine = Engine::builder(registry)
        .http(Arc::clone(&http) as _)
        .clock(Arc::clone(&clock) as _)
        .credentials(Arc::new(MemoryCredentials::new().with(key)))
        .build();
    let plan = engine
        .load(graph.to_string().as_bytes())
        .unwrap_or_else(|faults| panic!("{faults}"));
    let options = RunOptions::new()
        .inputs(inputs.as_map().cloned().unwrap_or_default())
        .seed(seed);
    let outcome = passing(&clock, engine.run(&plan, options)).await.unwrap();
    (outcome, http.sent())
}

/// Says whether a value is as expected: a text with `*` in it may have anything there, a map may have more keys, and null
/// stands for nothing.
fn fits(found: Option<&Value>, expected: &Value) -> bool {
    match (found, expected) {
        (found, Value::Null) => found.is_none_or(Value::is_null),
        (Some(Value::Text(found)), Value::Text(expected)) => {
            let mut parts = expected.split('*');
            let Some(mut rest) = found.strip_prefix(parts.next().unwrap()) else {
                return false;
            };
            let mut parts: Vec<&str> = parts.collect();
            let Some(last) = parts.pop() else {
                return rest.is_empty();
            };
            for part in parts {
                match rest.split_once(part) {
                    Some((_, behind)) => rest = behind,
                    None => return false,
                }
            }
            rest.ends_with(last)
        }
        (Some(Value::List(found)), Value::List(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected.iter())
                    .all(|(found, expected)| fits(Some(found), expected))
        }
        (Some(Value::Map(found)), Value::Map(expected)) => expected
            .iter()
            .all(|(key, expected)| fits(found.get(key), expected)),
        (Some(found), expected) => norm(found) == norm(expected),
        (None, _) => false,
    }
}

fn differs(case: &Value, outcome: &RunOutcome, sent: &[Sent]) -> Option<String> {
    let expected = case.get("expected")?;
    let status = expected.get("status")?.as_str()?;
    if outcome.status.as_str() != status {
        return Some(format!(
            "{} is not {status}: {:?}",
            outcome.status, outcome.errors
        ));
    }
    if Some(outcome.node_errors) != expected.get("node_errors")?.as_u64() {
        return Some(format!(
            "{} node errors: {:?}",
            outcome.node_errors, outcome.errors
        ));
    }
    let outputs = outcome.outputs.iter();
    let outputs: Value = outputs
        .map(|(name, values)| (name.clone(), Value::from(values.clone())))
        .collect::<graphloom::value::Map>()
        .into();
    let wanted = expected.get("outputs")?;
    if !fits(Some(&outputs), wanted) || outputs.as_map()?.len() != wanted.as_map()?.len() {
        return Some(format!("outputs {outputs}, not {wanted}"));
    }
    if let Some(failure) = expected.get("failure") {
        let found = outcome.errors.first()?;
        let found = value!({"code": (found.code.as_str()), "message": (found.message.clone())});
        if !fits(Some(&found), failure) {
            return Some(format!("failure {found}, not {failure}"));
        }
    }
    for (unit, amount) in expected
        .get("costs")
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(|map| map.iter())
    {
        let found = outcome.costs.iter().find(|(own, _)| own == unit);
        if found.map(|(_, amount)| *amount) != amount.as_f64() {
            return Some(format!("costs {:?}, not {amount} {unit}", outcome.costs));
        }
    }
    let requests = case.get("requests").and_then(Value::as_list)?;
    if requests.len() != sent.len() {
        return Some(format!("{} questions, not {}", sent.len(), requests.len()));
    }
    let mut pairs = sent.iter().zip(requests.iter());
    let odd = pairs.find(|(sent, expected)| !fits(Some(&sent.json()), expected));
    odd.map(|(sent, expected)| format!("sent {}, not {expected}", sent.json()))
}

#[tokio::test]
async fn cases_come_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/llm");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 15);
    let mut bad = Vec::new();
    for file in files {
        let case = json(&std::fs::read(&file).unwrap());
        let list = |key: &str| case.get(key).and_then(Value::as_list).unwrap().to_vec();
        let (outcome, sent) = run(
            case.get("graph").unwrap(),
            case.get("inputs").unwrap(),
            list("answers"),
            7,
        )
        .await;
        if let Some(why) = differs(&case, &outcome, &sent) {
            bad.push(format!("{}: {why}", file.display()));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn the_mark_differs_by_seed_and_by_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/llm/object_never_fits.json");
    let case = json(&std::fs::read(file).unwrap());
    let graph = case.get("graph").unwrap();
    let mut marks = Vec::new();
    for seed in [1, 1, 2] {
        let (_, sent) = run(graph, &value!({}), vec![value!({"text": "no"})], seed).await;
        // It stays the same when the question is asked again.
        let both: Vec<String> = sent.iter().filter_map(|sent| mark(&sent.json())).collect();
        let [first, second] = &*both else {
            panic!("two questions: {both:?}");
        };
        assert_eq!(first, second);
        marks.push(first.clone());
    }
    assert_eq!(marks[0], marks[1]);
    assert_ne!(marks[1], marks[2]);
}

/// What the stub that was observed with said in each case.
fn observed(case: &str) -> Vec<Value> {
    let said = |text: &str| value!({"text": text});
    match case {
        "llm_text_template" => vec![said("pong")],
        "llm_structured_retry_fail" => vec![said("no json here")],
        "llm_conversation" => vec![said("answer")],
        "llm_summary" => vec![
            said("<json_output id=\"{id}\">{\"summary\": \"S\"}</json_output>"),
            said("<json_output id=\"{id}\">{\"summary\": \"S\"}</json_output>"),
            said("<json_output id=\"{id}\">{\"final_summary\": \"FIN\"}</json_output>"),
        ],
        other => panic!("a case that nobody has written answers for: {other}"),
    }
}

/// Prompts that AutoGPT's authors wrote are not in the observations, and ours are our own.
fn without_prompts(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.contains("elided>") => "*".into(),
        Value::List(list) => list.iter().map(without_prompts).collect(),
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), without_prompts(value)))
            .collect::<graphloom::value::Map>()
            .into(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn what_was_observed_of_autogpt_comes_out_here() {
    let Some(bytes) = shared("conformance/autogpt/llm_golden.json") else {
        return;
    };
    let file = json(&bytes);
    let cases = file.get("cases").and_then(Value::as_list).unwrap();
    let mut bad = Vec::new();
    for case in cases.iter() {
        let name = case.get("name").and_then(Value::as_str).unwrap();
        let (graph, inputs) = (case.get("graph").unwrap(), case.get("inputs").unwrap());
        let (outcome, sent) = run(graph, inputs, observed(name), 7).await;
        let result = case.get("result").unwrap();
        let requests = case
            .get("llm_calls")
            .and_then(Value::as_list)
            .unwrap()
            .iter();
        let requests: Value = requests
            .map(|call| {
                assert_eq!(call.get("force_json_output"), Some(&value!(false)));
                value!({
                    "model": (call.get("model").unwrap().clone()),
                    "input": (without_prompts(call.get("messages").unwrap())),
                    "store": false,
                    "text": null,
                    "tools": (call.get("tools").unwrap().clone()),
                    // Null there: as many as the model gives, and as its context has room for.
                    "max_output_tokens": 128_000,
                })
            })
            .collect();
        let expected = value!({
            "expected": {
                "status": (result.get("status").and_then(Value::as_str).unwrap().to_lowercase()),
                "node_errors": (result.get("node_error_count").unwrap().clone()),
                "outputs": (without_prompts(result.get("outputs").unwrap())),
            },
            "requests": (requests),
        });
        if let Some(why) = differs(&expected, &outcome, &sent) {
            bad.push(format!("{name}: {why}"));
        }
    }
    assert!(cases.len() >= 4);
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
