//! Blocks inside graphs, as data: `tests/cases/FAMILY.json` has a graph with what comes out of it, or what is wrong.

use std::path::Path;
use std::sync::Arc;

use graphloom::host::{Extensions, ManualClock};
use graphloom::value::{Map, from_value};
use graphloom::{Engine, Registry, RunOptions, RunOutcome, SerialOptions, Value};
use graphloom_blocks::kv::{KeyValue, KeyValues, MemoryKeyValue};
use serde::Deserialize;

use crate::support::{json, norm, passing};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    graph: Value,
    #[serde(default)]
    inputs: Map,
    #[serde(default)]
    outputs: Map,
    /// What the store has before the run.
    #[serde(default)]
    keeps: Map,
    /// What the store has after it.
    kept: Option<Map>,
    /// How the run ends; completed, if it is not said.
    status: Option<String>,
    /// The code of the fault that the graph is refused with.
    fault: Option<String>,
    /// A part of what the failure, or the fault, says.
    #[serde(default)]
    error: String,
}

#[tokio::test]
async fn blocks_in_graphs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut bad = Vec::new();
    let mut n = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let is_here = cfg!(feature = "spreadsheet") || !path.ends_with("spreadsheet.json");
        if !is_here {
            continue;
        }
        let cases: Vec<Case> = from_value(&json(&std::fs::read(&path).unwrap())).unwrap();
        for case in cases {
            n += 1;
            if let Err(what) = check(&case).await {
                bad.push(format!("{}: {}: {what}", path.display(), case.name));
            }
        }
    }
    assert!(n > 0, "no cases were found");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

async fn check(case: &Case) -> Result<(), String> {
    let clock = ManualClock::new();
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let engine = Engine::builder(registry)
        .clock(Arc::new(clock.clone()))
        .build();
    let plan = match (engine.load(case.graph.to_string().as_bytes()), &case.fault) {
        (Ok(plan), None) => plan,
        (Ok(_), Some(code)) => return Err(format!("is not refused with {code}")),
        (Err(faults), code) => {
            let fits = |fault: &graphloom::Fault| {
                Some(fault.code.as_str()) == code.as_deref() && fault.message.contains(&case.error)
            };
            let found = faults.0.iter().any(fits);
            return found.then_some(()).ok_or_else(|| faults.to_string());
        }
    };
    let store = || {
        let keeps = case.keeps.iter();
        let store: MemoryKeyValue = keeps
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        Arc::new(store)
    };
    let options = |store: &Arc<MemoryKeyValue>| {
        let lent = KeyValues::new(Arc::clone(store) as Arc<dyn KeyValue>, "me");
        let options = RunOptions::new().inputs(case.inputs.clone());
        options.extensions(Extensions::new().with(lent))
    };
    let serial = clock.clone();
    let serial = SerialOptions::seeded(7).on_idle(move || serial.advance_to_next());
    let one = store();
    let by_one = engine.run_serial(&plan, options(&one), serial);
    ended(case, &by_one.await.unwrap(), &one).map_err(|what| format!("one by one: {what}"))?;
    let store = store();
    let run = Box::pin(engine.run(&plan, options(&store)));
    ended(case, &passing(&clock, run).await.unwrap(), &store)
}

fn ended(case: &Case, outcome: &RunOutcome, store: &MemoryKeyValue) -> Result<(), String> {
    let status = case.status.as_deref().unwrap_or("completed");
    let failure = outcome.failure.as_ref().map(ToString::to_string);
    if outcome.status.as_str() != status {
        return Err(format!("{} {failure:?}", outcome.status.as_str()));
    }
    if !failure.unwrap_or_default().contains(&case.error) {
        return Err(format!("{:?}", outcome.failure));
    }
    if let Some(kept) = &case.kept {
        let (found, kept) = (
            Value::from(Map::from_iter(store.all())),
            Value::from(kept.clone()),
        );
        if norm(&found) != norm(&kept) {
            return Err(format!("{found} is kept, not {kept}"));
        }
    }
    let outputs = outcome.outputs.iter();
    let outputs: Map = outputs
        .map(|(name, values)| (name.clone(), Value::from(values.clone())))
        .collect();
    let (found, expected) = (Value::from(outputs), Value::from(case.outputs.clone()));
    (norm(&found) == norm(&expected))
        .then_some(())
        .ok_or_else(|| format!("{found}, not {expected}"))
}
