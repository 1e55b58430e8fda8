//! What the real AutoGPT blocks made of inputs, against what ours make of them.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use graphloom::graph::Coercion;
use graphloom::host::ManualClock;
use graphloom::{Engine, Registry, RunOptions, Value};

use crate::support::{json, norm, shared};

/// How many vectors of a block differ, and why.
const DIFFER: [(&str, usize, &str); 3] = [
    (
        "MatchTextPatternBlock",
        1,
        "a dotted capital I is not folded to i",
    ),
    ("ReadSpreadsheetBlock", 2, "Excel files are not read"),
    ("TextDecoderBlock", 1, "names of characters are not known"),
];

#[tokio::test]
async fn block_vectors_agree() {
    let mut bad: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut n_all = 0;
    for file in ["block_vectors.json", "block_vectors2.json"] {
        let Some(bytes) = shared(&format!("conformance/autogpt/{file}")) else {
            return;
        };
        let file = json(&bytes);
        for vector in file.get("vectors").and_then(Value::as_list).unwrap().iter() {
            let text = |key: &str| vector.get(key).and_then(Value::as_str).unwrap();
            // Reviews and stored values come from outside, and have tests of their own.
            let from_outside = |setup: &Value| {
                ["review", "kv", "human_in_the_loop_safe_mode"]
                    .iter()
                    .any(|key| setup.get(key).is_some())
            };
            let (engine, clock) = engine_at(vector);
            if engine.registry().get(text("id")).is_none()
                || vector.get("setup").is_some_and(from_outside)
            {
                continue;
            }
            n_all += 1;
            if let Some(what) = passing(&clock, differs(&engine, text("id"), vector)).await {
                let input: String = vector
                    .get("input")
                    .unwrap()
                    .to_string()
                    .chars()
                    .take(200)
                    .collect();
                bad.entry(text("block").to_owned())
                    .or_default()
                    .push(format!("{input}: {what}"));
            }
        }
    }
    assert!(n_all >= 1_000, "only {n_all} vectors ran");
    for (block, n, why) in DIFFER {
        let found = bad.remove(block).unwrap_or_default();
        assert_eq!(found.len(), n, "{block} ({why}):\n{}", found.join("\n"));
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

fn engine_at(vector: &Value) -> (Engine, ManualClock) {
    let clock = ManualClock::new();
    if let Some(now) = vector
        .get("setup")
        .and_then(|setup| setup.get("now"))
        .and_then(Value::as_str)
    {
        let now: jiff::Timestamp = now.parse().unwrap();
        clock.advance(Duration::from_micros(now.as_microsecond().unsigned_abs()));
    }
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    (
        Engine::builder(registry)
            .clock(Arc::new(clock.clone()))
            .build(),
        clock,
    )
}

/// Lets time pass whenever nothing else does.
async fn passing<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_millis(1)) => drop(clock.advance_to_next()),
        }
    }
}

async fn differs(engine: &Engine, id: &str, vector: &Value) -> Option<String> {
    let expected_error = vector.get("error").filter(|error| !error.is_null());
    let inputs = vector.get("input").and_then(Value::as_map).unwrap();
    let given = inputs.iter().filter(|(_, value)| !value.is_null());
    let inputs = given
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let zone = vector
        .get("setup")
        .and_then(|setup| setup.get("user_timezone"));
    let mut options = RunOptions::new();
    if let Some(zone) = zone.and_then(Value::as_str) {
        options = options.time_zone(zone);
    }
    let run = match engine
        .run_block(id, inputs, Coercion::Lenient, options)
        .await
    {
        Ok(run) => run,
        Err(faults) => {
            return expected_error
                .is_none()
                .then(|| format!("refused: {faults}"));
        }
    };
    // What AutoGPT's schema refuses, its executor converts first, and so do we.
    if expected_error
        .and_then(Value::as_str)
        .is_some_and(|e| e.starts_with("BlockInputError"))
    {
        return None;
    }
    let mut found = run
        .outputs
        .iter()
        .filter(|(pin, _)| pin.as_str() != "error");
    for pair in vector
        .get("outputs")
        .and_then(Value::as_list)
        .unwrap()
        .iter()
    {
        let pair = pair.as_list().unwrap();
        let pin = pair[0].as_str().unwrap();
        match found.next() {
            Some((other, value)) if other.as_str() != pin || !same(&pair[1], value) => {
                return Some(format!("{other} = {value}, not {pin} = {}", pair[1]));
            }
            Some(_) => {}
            None => return Some(format!("no {pin}: {:?}", run.error)),
        }
    }
    if let Some((pin, value)) = found.next() {
        return Some(format!("{pin} = {value} too"));
    }
    match (expected_error, run.error) {
        (None, None) | (Some(_), Some(_)) => None,
        (expected, error) => Some(format!("error {error:?}, not {expected:?}")),
    }
}

/// Whether a value is the expected one. `$match` stands for what cannot be foretold: an address in memory, which ours
/// do not have, or a choice, of which the length is known.
fn same(expected: &Value, value: &Value) -> bool {
    match expected.get("$match") {
        Some(Value::Text(pattern)) => {
            let before = pattern
                .trim_start_matches('^')
                .split(" at 0x")
                .next()
                .unwrap();
            value
                .as_str()
                .is_some_and(|value| value.starts_with(before))
        }
        Some(shape) => {
            let n = shape.get("list_len").and_then(Value::as_u64);
            value.as_list().map(|list| list.len() as u64) == n
        }
        None => norm(expected) == norm(value),
    }
}
