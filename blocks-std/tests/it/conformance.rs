//! What the real AutoGPT executor made of graphs and inputs, against what we make of them.

use graphloom::{RunOptions, Value};

use crate::support::{engine, json, norm, shared};

fn multiset(values: &Value) -> Vec<String> {
    let mut all: Vec<String> = values
        .as_list()
        .into_iter()
        .flat_map(|l| l.iter())
        .map(norm)
        .collect();
    all.sort();
    all
}

/// Runs a case and says what differs.
async fn differs(case: &Value) -> Option<String> {
    let graph = case.get("graph")?.to_string();
    let engine = engine();
    let plan = match engine.load(graph.as_bytes()) {
        Ok(plan) => plan,
        Err(faults) => return Some(format!("refused: {faults}")),
    };
    let inputs = case
        .get("inputs")
        .and_then(Value::as_map)
        .cloned()
        .unwrap_or_default();
    let cancel_after = case
        .get("options")
        .and_then(|o| o.get("cancel_after"))
        .and_then(Value::as_f64);
    let outcome = match cancel_after {
        Some(seconds) => {
            let handle = engine.start(&plan, RunOptions::new().inputs(inputs)).ok()?;
            tokio::time::sleep(std::time::Duration::from_secs_f64(seconds / 10.0)).await;
            handle.cancel();
            handle.outcome().await
        }
        None => match engine.run(&plan, RunOptions::new().inputs(inputs)).await {
            Ok(outcome) => outcome,
            Err(faults) => return Some(format!("inputs refused: {faults}")),
        },
    };
    let result = case.get("result")?;
    let status = match result.get("status").and_then(Value::as_str)? {
        "TERMINATED" => "cancelled".to_owned(),
        other => other.to_lowercase(),
    };
    if outcome.status.as_str() != status {
        return Some(format!(
            "status {} is not {status}: {:?}",
            outcome.status, outcome.failure
        ));
    }
    let errors = result.get("node_error_count").and_then(Value::as_u64)?;
    if outcome.node_errors != errors {
        return Some(format!(
            "{} node errors, not {errors}: {:?}",
            outcome.node_errors, outcome.errors
        ));
    }
    let expected = result.get("outputs").and_then(Value::as_map)?;
    let loose = case
        .get("error_text_outputs")
        .or_else(|| result.get("error_text_outputs"));
    let by_count: Vec<&str> = loose
        .and_then(Value::as_list)
        .into_iter()
        .flat_map(|l| l.iter())
        .filter_map(Value::as_str)
        .collect();
    for (name, values) in expected.iter() {
        let ours = Value::from(outcome.output(name.as_str()).to_vec());
        let count = |v: &Value| v.as_list().map_or(0, |l| l.len());
        if by_count.contains(&name.as_str()) {
            if count(&ours) != count(values) {
                return Some(format!(
                    "output {name}: {} values, not {}",
                    count(&ours),
                    count(values)
                ));
            }
            continue;
        }
        let listed = case.get("compare").and_then(Value::as_str) != Some("multiset");
        let same = if listed {
            norm(&ours) == norm(values)
        } else {
            multiset(&ours) == multiset(values)
        };
        if !same {
            return Some(format!("output {name}: {ours}, not {values}"));
        }
    }
    let more = outcome
        .outputs
        .iter()
        .find(|(name, _)| !expected.contains_key(name.as_str()));
    more.map(|(name, values)| format!("output {name} is not expected: {values:?}"))
}

#[tokio::test]
async fn executor_golden_cases_agree() {
    let Some(bytes) = shared("conformance/autogpt/executor_golden.json") else {
        return;
    };
    let file = json(&bytes);
    let cases = file.get("cases").and_then(Value::as_list).unwrap();
    let mut bad = Vec::new();
    for case in cases.iter() {
        if let Some(why) = differs(case).await {
            bad.push(format!("{}: {why}", case.get("name").unwrap()));
        }
    }
    assert!(cases.len() >= 21);
    assert!(
        bad.is_empty(),
        "{} of {} differ:\n{}",
        bad.len(),
        cases.len(),
        bad.join("\n")
    );
    let refused = file
        .get("validation_errors")
        .and_then(Value::as_list)
        .unwrap();
    for case in refused.iter() {
        let graph = case.get("graph").unwrap().to_string();
        let engine = engine();
        let inputs = case
            .get("inputs")
            .and_then(Value::as_map)
            .cloned()
            .unwrap_or_default();
        let refused = match engine.load(graph.as_bytes()) {
            Err(_) => true,
            Ok(plan) => engine
                .run(&plan, RunOptions::new().inputs(inputs))
                .await
                .is_err(),
        };
        assert!(refused, "{} was accepted", case.get("name").unwrap());
    }
}

#[tokio::test]
async fn generated_cases_agree() {
    let Some(bytes) = shared("conformance/autogpt/generated.json") else {
        return;
    };
    let file = json(&bytes);
    let cases = file.get("cases").and_then(Value::as_list).unwrap();
    let mut bad = Vec::new();
    for case in cases.iter() {
        if let Some(why) = differs(case).await {
            bad.push(format!("{}: {why}", case.get("name").unwrap()));
        }
    }
    let agree = cases.len() - bad.len();
    println!("{agree} of {} agree\n{}", cases.len(), bad.join("\n"));
    assert!(
        agree * 100 >= cases.len() * 95,
        "{agree} of {}:\n{}",
        cases.len(),
        bad.join("\n")
    );
}
