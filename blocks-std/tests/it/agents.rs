//! Real AutoGPT agents: every block that is missing is named by AutoGPT's name, all at once, with what to do; an agent
//! whose blocks are all here runs to its end, with services that answer from a script.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use graphloom::block::types::PinType;
use graphloom::host::{Credential, HostSet, ManualClock, MemoryCredentials, Secret};
use graphloom::value::Map;
use graphloom::{Code, Engine, Registry, RunOptions, Status, Value, value};

use crate::stub_http::{Answer, Sent, StubHttp};
use crate::support::{engine, json, passing, shared, shared_files};

#[test]
fn every_missing_block_is_named_at_once() {
    let mut agents = 0;
    for (name, bytes) in shared_files("autogpt-agents", "json") {
        agents += 1;
        let engine = engine();
        let diagnosis = engine.diagnose(&bytes);
        // What the document uses and the registry does not have, counted from the document itself.
        let document = json(&bytes);
        let mut missing: BTreeMap<String, usize> = BTreeMap::new();
        let mut count = |graph: &Value| {
            for node in graph
                .get("nodes")
                .and_then(Value::as_list)
                .into_iter()
                .flat_map(|nodes| nodes.iter())
            {
                let block = node
                    .get("block_id")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if engine.registry().get(block).is_none() {
                    *missing.entry(block.to_owned()).or_default() += 1;
                }
            }
        };
        count(&document);
        document
            .get("sub_graphs")
            .and_then(Value::as_list)
            .into_iter()
            .flat_map(|list| list.iter())
            .for_each(&mut count);
        let named: Vec<_> = diagnosis
            .faults
            .iter()
            .filter(|fault| fault.code == Code::GraphUnknownBlock)
            .collect();
        assert_eq!(
            named.len(),
            missing.values().sum::<usize>(),
            "{name}: one fault a node whose block is missing"
        );
        for fault in named {
            let known = engine
                .registry()
                .known()
                .find(|known| fault.message.contains(known.uuid));
            let known = known.unwrap_or_else(|| panic!("{name}: {fault}"));
            assert!(fault.message.contains(known.name), "{fault}");
            assert!(missing.contains_key(known.uuid), "{fault}");
            assert!(
                fault.line.is_some() && fault.expected.is_some(),
                "{name}: {fault}"
            );
        }
        assert_eq!(diagnosis.plan.is_some(), diagnosis.faults.is_empty());
        // Beside what needs something outside, only agents that are not in the file, and one template with the pins that
        // a block had in an older version.
        let others = diagnosis.faults.iter().map(|fault| fault.code);
        let others = others.filter(|code| *code != Code::GraphUnknownBlock);
        let others: Vec<Code> = others.collect();
        let expected: &[Code] = match Path::new(&name).file_name().and_then(OsStr::to_str) {
            Some("agent_00fdd42c-a14c-4d19-a567-65374ea0e87f.json") => {
                &[Code::GraphUnknownSubgraph; 2]
            }
            Some("template_Discord_Bot_Chat_To_LLM_v5.json") => &[
                Code::GraphUnknownInput,
                Code::GraphInputMissing,
                Code::GraphUnknownInput,
            ],
            _ => &[],
        };
        let sorted = |codes: &[Code]| {
            let mut codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            codes.sort_unstable();
            codes.join(" ")
        };
        assert_eq!(sorted(&others), sorted(expected), "{name}");
    }
    if agents == 0 {
        assert!(
            shared("autogpt-agents/calculator-agent.json").is_none(),
            "the folder is there, and empty"
        );
    }
}

#[tokio::test]
async fn the_calculator_agent_runs_unchanged() {
    let Some(bytes) = shared("autogpt-agents/calculator-agent.json") else {
        return;
    };
    let engine = engine();
    let plan = engine.load(&bytes).unwrap();
    let outcome = engine
        .run(&plan, graphloom::RunOptions::new().input("Input", 12))
        .await
        .unwrap();
    assert_eq!(outcome.output("Output"), [Value::from(46.0)]);
    assert!(outcome.is_ok());
}

/// How many agents ran when this was written: fewer is a step back.
const RUNNING: usize = 6;

#[tokio::test]
async fn every_agent_whose_blocks_are_here_runs_to_its_end() {
    let mut ran = 0;
    let agents = shared_files("autogpt-agents", "json");
    for (name, bytes) in &agents {
        let wanted = Arc::new(wanted_keys(&json(bytes)));
        let http = StubHttp::new(move |sent| Ok(service(sent, &wanted)));
        let clock = ManualClock::new();
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).unwrap();
        let engine = Engine::builder(registry)
            .clock(Arc::new(clock.clone()))
            .http(Arc::clone(&http) as _)
            .credentials(Arc::new(keys()))
            .build();
        let diagnosis = engine.diagnose(bytes);
        let Some(plan) = diagnosis.plan else {
            println!("not run: {name}: {} faults", diagnosis.faults.len());
            continue;
        };
        let inputs = plan
            .interface()
            .inputs
            .iter()
            .map(|pin| (pin.name.clone(), given(&pin.ty)));
        let options = RunOptions::new().inputs(inputs.collect::<Map>());
        let outcome = passing(&clock, engine.run(&plan, options)).await.unwrap();
        let sent: Vec<String> = http.sent().into_iter().map(|sent| sent.url).collect();
        let told = format!("{name}: {outcome:?}\n{sent:?}");
        assert_eq!(outcome.status, Status::Completed, "{told}");
        assert_eq!(outcome.node_errors, 0, "{told}");
        // Its end is an output, or a post.
        let published = sent.iter().any(|url| url.ends_with("/posts"));
        assert!(
            published || outcome.outputs.iter().any(|(_, values)| !values.is_empty()),
            "{told}"
        );
        ran += 1;
    }
    println!("{ran} of {} agents ran", agents.len());
    assert!(agents.is_empty() || ran >= RUNNING, "{ran} ran");
}

/// A value that a run input takes.
fn given(ty: &PinType) -> Value {
    let candidates = [
        value!("https://bees.example/"),
        value!(3),
        value!(true),
        value!(["a"]),
        value!({}),
    ];
    let mut fitting = candidates.into_iter().filter(|value| ty.fits(value));
    match ty {
        // The platform's own inputs take anything: a number passes for a text too.
        PinType::Any => value!(12),
        _ => fitting.next().unwrap_or_default(),
    }
}

fn keys() -> MemoryCredentials {
    let names = [
        "jina",
        "ideogram",
        "medium",
        "discord",
        "openai",
        "anthropic",
        "groq",
        "open_router",
        "e2b",
        "google",
    ];
    let everywhere = HostSet::parse(["*"]).unwrap();
    names
        .into_iter()
        .fold(MemoryCredentials::new(), |keys, name| {
            keys.with(Credential::api_key(name, Secret::new("canary-key")).for_hosts(&everywhere))
        })
}

/// The keys that an agent asks its models to answer with.
fn wanted_keys(document: &Value) -> BTreeSet<String> {
    let nodes = document.get("nodes").and_then(Value::as_list);
    let nodes = nodes.into_iter().flat_map(|nodes| nodes.iter());
    let formats =
        nodes.filter_map(|node| node.get("input_default")?.get("expected_format")?.as_map());
    let keys = formats.flat_map(|map| map.keys().map(|key| key.to_string()));
    keys.chain(["list".to_owned()]).collect()
}

/// The services that the agents ask.
fn service(sent: &Sent, wanted: &BTreeSet<String>) -> Answer {
    let is = |host: &str| sent.url.starts_with(&format!("https://{host}/"));
    if is("s.jina.ai") || is("r.jina.ai") {
        return Answer::new(200, "Title: Bees\n\nBees fly.");
    }
    if is("api.ideogram.ai") {
        return Answer::json(
            200,
            r#"{"data": [{"url": "https://ideogram.ai/api/images/ephemeral/x.png"}]}"#,
        );
    }
    if is("api.medium.com") {
        let post = r#"{"data": {"id": "e6f3", "url": "https://medium.com/@ada/e6f3", "publishedAt": 1442286338435}}"#;
        return Answer::json(201, post);
    }
    let words = Value::from(words(&String::from_utf8_lossy(&sent.body), wanted));
    if is("api.openai.com") {
        return Answer::json(
            200,
            &format!(
                r#"{{"id": "resp_1", "status": "completed", "output": [{{"type": "message", "role": "assistant",
                "content": [{{"type": "output_text", "text": {words}}}]}}], "usage": {{"input_tokens": 3, "output_tokens": 2}}}}"#
            ),
        );
    }
    if is("api.anthropic.com") {
        return Answer::json(
            200,
            &format!(
                r#"{{"content": [{{"type": "text", "text": {words}}}], "stop_reason": "end_turn",
                "usage": {{"input_tokens": 3, "output_tokens": 2}}}}"#
            ),
        );
    }
    Answer::json(404, r#"{"error": {"message": "no such service"}}"#)
}

/// What a model answers: an object with all keys where one is asked for, between the marks that it was told.
fn words(body: &str, wanted: &BTreeSet<String>) -> String {
    const MARK: &str = "<json_output id=";
    let Some(id) = body.split(MARK).nth(1).and_then(|rest| {
        let digits = rest.trim_start_matches(['\\', '"']);
        Some(digits.split(['\\', '"']).next()?.to_owned())
    }) else {
        return "Bees fly.".to_owned();
    };
    let entry = |key: &String| match key.as_str() {
        "list" => (key.clone(), value!(["one", "two"])),
        _ => (key.clone(), value!("Bees fly.")),
    };
    let object = Value::from(wanted.iter().map(entry).collect::<Map>());
    format!("{MARK}\"{id}\">{object}</json_output>")
}
