//! Conversions as observed from AutoGPT itself, where the file with them is at hand.

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::value::Value;

use super::super::PinType;
use super::ty;

fn load(name: &str) -> Option<Json> {
    let root = std::env::var_os("GRAPHLOOM_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = root.join("conformance/autogpt").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: no {}", path.display());
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

fn value(json: &Json) -> Value {
    let bytes = serde_json::to_vec(json).unwrap();
    let parsed = crate::json::parse(&bytes, &crate::json::Limits::default());
    assert!(parsed.faults.is_empty());
    parsed.tree.unwrap().root.to_value()
}

/// The field types of the observed function, by the names that the file gives them.
fn target(name: &str) -> PinType {
    match name {
        "s" => ty("text"),
        "i" => ty("integer"),
        "f" => ty("number"),
        "b" => ty("bool"),
        "l" => ty("list"),
        "ls" => ty("list text"),
        "li" => ty("list integer"),
        "d" => ty("map"),
        "ds" => ty("map text"),
        "u" => ty("text or integer"),
        "o" => ty("integer or null"),
        "a" => ty("any"),
        "uis" => ty("integer or text"),
        other => panic!("unknown target {other}"),
    }
}

#[test]
fn coercion_as_observed() {
    let Some(file) = load("function_vectors.json") else {
        return;
    };
    for case in file["coercion"].as_array().unwrap() {
        for (name, expected) in case["coerced"].as_object().unwrap() {
            let converted = target(name).coerce_lenient(value(&case["value"]));
            assert_eq!(converted, value(expected), "{} to {name}", case["value"]);
        }
    }
}

#[test]
fn converter_block_as_observed() {
    let mut n_cases = 0;
    for name in ["block_vectors.json", "block_vectors2.json"] {
        let Some(file) = load(name) else { return };
        for case in file["vectors"].as_array().unwrap() {
            if case["block"] != "UniversalTypeConverterBlock" || !case["error"].is_null() {
                continue;
            }
            let target = match case["input"]["type"].as_str().unwrap() {
                "string" => ty("text"),
                "boolean" => ty("bool"),
                "dictionary" => ty("map"),
                other => ty(other),
            };
            let converted = target.coerce_lenient(value(&case["input"]["value"]));
            assert_eq!(
                converted,
                value(&case["outputs"][0][1]),
                "{}",
                case["input"]
            );
            n_cases += 1;
        }
    }
    assert!(n_cases > 100, "{n_cases}");
}
