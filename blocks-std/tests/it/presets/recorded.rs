//! Each preset against a recorded call: what it sends, what it makes of the answer, and of one that says no.
//! `UPDATE=1` writes what is sent into the records, to be read before it is kept.

use std::collections::BTreeSet;

use graphloom::Value;
use graphloom::value::Map;

use super::{CANARY, CANARY_BASIC, Recorded, folder, ids, recorded, registry};
use crate::stub_http::Sent;
use crate::support::{json, norm};

#[test]
fn every_preset_is_registered_and_recorded() {
    let registry = registry();
    registry.check().unwrap();
    let ids = ids();
    assert!(ids.len() >= 30, "{ids:?}");
    for id in &ids {
        let entry = registry
            .get(id)
            .unwrap_or_else(|| panic!("{id} is not in the list"));
        let preset = recorded(id).preset;
        assert_eq!(preset.get("id").unwrap().as_str(), Some(entry.info().id));
        assert_eq!(entry.info().id, id);
        if let Some(alias) = preset.get("autogpt") {
            let uuid = alias.get("uuid").unwrap().as_str().unwrap();
            assert_eq!(
                registry.get(uuid).map(|entry| entry.info().id),
                Some(id.as_str())
            );
        }
        let vendor = preset.get("vendor").unwrap().as_str().unwrap();
        assert!(entry.info().details.contains(vendor), "{id}");
    }
    let files = std::fs::read_dir(folder("tests/presets")).unwrap();
    let records: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(records.iter().eq(ids.iter()), "{records:?}");
}

#[tokio::test]
async fn what_is_sent_and_what_comes_of_it_is_as_recorded() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut bad = Vec::new();
    for id in ids() {
        let call = recorded(&id);
        let (run, sent) = call.run(call.inputs(), &call.answers).await;
        let run = run.unwrap_or_else(|faults| panic!("{id}: {faults}"));
        let requests: Value = sent.iter().map(shown).collect::<Vec<_>>().into();
        if update {
            write(&call, &requests);
        } else if call.request.get("requests") != Some(&requests) {
            bad.push(format!(
                "{id} sends\n{}",
                graphloom::json::to_json_pretty(&requests)
            ));
        }
        if let Some(error) = &run.error {
            bad.push(format!("{id}: {}", error.message));
        }
        let outputs: Vec<Value> = run
            .outputs
            .iter()
            .map(|(pin, value)| Value::from(vec![Value::from(pin.clone()), value.clone()]))
            .collect();
        if norm(&Value::from(outputs.clone())) != norm(&call.expected) {
            bad.push(format!("{id} gives {}", Value::from(outputs)));
        }
        // The declared example is the recorded call.
        let example = &call.preset.get("examples").unwrap().as_list().unwrap()[0];
        assert_eq!(example.get("inputs"), call.request.get("inputs"), "{id}");
        assert_eq!(example.get("outputs"), Some(&call.expected), "{id}");
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn an_answer_that_says_no_is_an_error_with_its_message() {
    let mut bad = Vec::new();
    for id in ids() {
        let call = recorded(&id);
        let text = |key: &str| call.error.get(key).unwrap().as_str().unwrap().to_owned();
        let answers = call.error.get("answers").unwrap().as_list().unwrap();
        let (run, sent) = call.run(call.inputs(), answers).await;
        let run = run.unwrap_or_else(|faults| panic!("{id}: {faults}"));
        let error = run.error.unwrap_or_else(|| panic!("{id} does not fail"));
        if error.code.as_str() != text("code") || !error.message.contains(&text("message")) {
            bad.push(format!("{id}: {}: {}", error.code, error.message));
        }
        assert!(
            run.outputs.iter().all(|(pin, _)| pin.as_str() == "error"),
            "{id}: {:?}",
            run.outputs
        );
        assert_eq!(sent.len(), answers.len(), "{id}");
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn a_secret_that_an_answer_repeats_does_not_come_out() {
    for id in ids() {
        let call = recorded(&id);
        if call.preset.get("credential").is_none() {
            continue;
        }
        let echo = |status: u16| {
            let text = format!(
                "you sent {CANARY} and {CANARY_BASIC}, {}",
                "canary%2B7f3a%2F9c%3D%3D"
            );
            let body = format!(
                r#"{{"status": {status}, "body": {{"message": {text:?}, "detail": {text:?}, "error": {text:?}}}}}"#
            );
            json(format!("[{body}]").as_bytes())
                .as_list()
                .unwrap()
                .clone()
        };
        for answers in [echo(400), echo(401)] {
            let (run, _) = call.run(call.inputs(), &answers).await;
            let run = format!("{run:?}");
            assert!(
                run.contains("you sent") || run.contains(" answered 40"),
                "{id}: {run}"
            );
            for form in ["7f3a", &CANARY_BASIC[4..20]] {
                assert!(!run.contains(form), "{id}: {run}");
            }
        }
        let mut answers = Value::from(call.answers.clone()).to_string();
        answers = answers
            .replace("bees", CANARY)
            .replace("id\":\"", &format!("id\":\"{CANARY}"));
        let answers = json(answers.as_bytes()).as_list().unwrap().clone();
        let (run, _) = call.run(call.inputs(), &answers).await;
        assert!(!format!("{run:?}").contains("7f3a"), "{id}: {run:?}");
    }
}

/// A request as it is recorded: secrets are named and not shown.
fn shown(sent: &Sent) -> Value {
    let clean = |text: &str| {
        text.replace(CANARY_BASIC, "[secret]")
            .replace(CANARY, "[secret]")
    };
    let pairs = |pairs: &[(String, String)]| -> Value {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(clean(value))))
            .collect::<Map>()
            .into()
    };
    let mut map = Map::new();
    map.insert("method", sent.method.as_str());
    map.insert("url", clean(&sent.url));
    if !sent.query.is_empty() {
        map.insert("query", pairs(&sent.query));
    }
    if !sent.headers.is_empty() {
        map.insert("headers", pairs(&sent.headers));
    }
    if !sent.body.is_empty() {
        let is_json = sent.header("content-type") == Some("application/json");
        let text = || Value::from(String::from_utf8_lossy(&sent.body).into_owned());
        map.insert("body", if is_json { sent.json() } else { text() });
    }
    map.into()
}

fn write(call: &Recorded, requests: &Value) {
    let mut request = call.request.as_map().unwrap().clone();
    request.insert("requests", requests.clone());
    let path = folder("tests/presets").join(&call.id).join("request.json");
    let text = graphloom::json::to_json_pretty(&request.into());
    // At once: other tests read it meanwhile.
    let new = path.with_extension("new");
    std::fs::write(&new, text.trim_end().to_owned() + "\n").unwrap();
    std::fs::rename(new, path).unwrap();
}
