//! Every example that a block declares is true.

use std::sync::Arc;

use graphloom::graph::Coercion;
use graphloom::host::{Credential, Extensions, MemoryCredentials, Secret};
use graphloom::{Engine, Example, Registry, RunOptions, Value};
use graphloom_blocks::llm::Models;

use crate::stub_http::StubHttp;
use crate::stub_model::StubModel;
use crate::support::{engine, json, norm};

#[tokio::test]
async fn declared_examples_hold() {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let google = Credential::api_key("google", Secret::new("a token"));
    let engine = Engine::builder(registry)
        .http(StubHttp::of_examples())
        .credentials(Arc::new(MemoryCredentials::new().with(google)))
        .extensions(Extensions::new().with(Models::default().with("openai", Arc::new(StubModel))))
        .build();
    let mut bad = Vec::new();
    for entry in engine.registry().iter() {
        let info = entry.info();
        // Those of presets are held by their recorded answers.
        if crate::presets::is_preset(info.id) {
            continue;
        }
        for example in info.examples {
            let inputs = json(example.inputs.as_bytes());
            let run = engine
                .run_block(
                    info.id,
                    inputs.as_map().unwrap().clone(),
                    Coercion::Strict,
                    RunOptions::new(),
                )
                .await;
            let what = match run {
                Err(faults) => format!("refused: {faults}"),
                Ok(run) => {
                    let error = run.error.map(|failure| failure.message.to_string());
                    let outputs: Vec<_> = run
                        .outputs
                        .iter()
                        .map(|(pin, value)| (pin.as_str(), value))
                        .collect();
                    match differs(example, &outputs, error.as_deref()) {
                        None => continue,
                        Some(what) => what,
                    }
                }
            };
            bad.push(format!("{} \"{}\": {what}", info.id, example.name));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

fn differs(example: &Example, outputs: &[(&str, &Value)], error: Option<&str>) -> Option<String> {
    let expected = json(example.outputs.as_bytes());
    let mut outputs = outputs.iter().filter(|(pin, _)| *pin != "error");
    let mut failure = None;
    for pair in expected.as_list().unwrap().iter() {
        let pair = pair.as_list().unwrap();
        let (pin, value) = (pair[0].as_str().unwrap(), &pair[1]);
        if pin == "error" {
            failure = value.as_str();
            continue;
        }
        match outputs.next() {
            Some((found, _)) if *found != pin => return Some(format!("emits {found}, not {pin}")),
            Some((_, found)) if !example.varies && norm(found) != norm(value) => {
                return Some(format!("{pin} is {found}, not {value}"));
            }
            Some(_) => {}
            None => return Some(format!("does not emit {pin}: {error:?}")),
        }
    }
    if let Some((pin, value)) = outputs.next() {
        return Some(format!("emits {pin} = {value} too"));
    }
    match (failure, error) {
        (None, None) => None,
        (Some(part), Some(error)) if error.contains(part) => None,
        (expected, error) => Some(format!("error {error:?}, not {expected:?}")),
    }
}

/// A graph's author reads what the registry says of a block, and nothing else.
#[test]
fn every_block_says_what_it_does() {
    let folder = |name: &str| format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"));
    let files = ["cases", "agents"].map(|name| std::fs::read_dir(folder(name)).unwrap());
    let cases: String = files
        .into_iter()
        .flatten()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    // Tested by the semantics, by what was observed of AutoGPT, and in `web`.
    let elsewhere = [
        "graph.call",
        "flow.review",
        // In `agents`, by its number.
        "autogpt.orchestrator",
        "autogpt.persist_information",
        "autogpt.retrieve_information",
        "autogpt.read_rss_feed",
        "autogpt.send_authenticated_web_request",
        "autogpt.send_email",
        "email.send",
        "web.download",
        "web.read_feed",
        "webhook.send",
    ];
    let mut bad = Vec::new();
    for entry in engine().registry().iter() {
        let (info, shape) = (entry.info(), entry.shape());
        let inputs = shape.inputs.iter().map(|pin| (&pin.name, &pin.doc));
        let outputs = shape.outputs.iter().map(|pin| (&pin.name, &pin.doc));
        for (pin, doc) in inputs.chain(outputs).filter(|(_, doc)| doc.is_empty()) {
            bad.push(format!("{}.{pin} says nothing{doc}", info.id));
        }
        let named = format!("\"{}\"", info.id);
        let works = |example: &Example| !example.outputs.contains("[[\"error\"");
        let is_shown = info.examples.iter().any(works) || cases.contains(&named);
        if info.summary.is_empty() || !is_shown && !elsewhere.contains(&info.id) {
            bad.push(format!("{} shows nothing that it does well", info.id));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
