//! Every example that a block declares is true.

use graphloom::graph::Coercion;
use graphloom::{Example, RunOptions, Value};

use crate::support::{engine, json, norm};

#[tokio::test]
async fn declared_examples_hold() {
    let engine = engine();
    let mut bad = Vec::new();
    for entry in engine.registry().iter() {
        let info = entry.info();
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
