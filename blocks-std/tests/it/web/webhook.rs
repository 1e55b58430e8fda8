//! `webhook.send`.

use graphloom::host::ManualClock;
use graphloom::{RunOptions, Status, Value, value};

use super::{engine_at, error, run};
use crate::stub_http::{Answer, StubHttp};
use crate::support::passing;

#[tokio::test]
async fn a_webhook_is_signed_anew_for_each_attempt_and_has_one_id() {
    let http = StubHttp::new(|sent| {
        Ok(Answer::new(
            if sent.header("webhook-timestamp") == Some("0") {
                500
            } else {
                204
            },
            "",
        ))
    });
    let clock = ManualClock::new();
    let engine = engine_at(&http, &clock);
    let graph = br#"{"format": 1, "nodes": {"tell": {"block": "webhook.send",
        "inputs": {"url": "https://api.example.com/hook", "payload": {"type": "paid", "data": 1}, "credential": "key"},
        "retry": {"max_attempts": 2, "backoff_ms": 5000}},
        "out": {"block": "io.output", "inputs": {"name": "id"}}}, "links": [{"from": "tell.id", "to": "out.value"}]}"#;
    let plan = engine.load(graph).unwrap();
    let run = Box::pin(engine.run(&plan, RunOptions::new()));
    let outcome = passing(&clock, run).await.unwrap();
    assert_eq!(outcome.status, Status::Completed, "{outcome:?}");
    let [first, second]: [_; 2] = http.sent().try_into().unwrap();
    assert_eq!(first.body, br#"{"type":"paid","data":1}"#);
    let id = outcome.output("id")[0].as_str().unwrap();
    assert_eq!(
        (first.header("webhook-id"), second.header("webhook-id")),
        (Some(id), Some(id))
    );
    assert!(
        first
            .header("webhook-signature")
            .unwrap()
            .starts_with("v1,")
    );
    assert_ne!(
        first.header("webhook-signature"),
        second.header("webhook-signature")
    );
    assert_ne!(second.header("webhook-timestamp"), Some("0"));
    assert_eq!(first.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn who_is_gone_is_told_nothing_more() {
    let attempts = async |status: u16| {
        let http = StubHttp::new(move |_| Ok(Answer::new(status, "")));
        let clock = ManualClock::new();
        let engine = engine_at(&http, &clock);
        let graph = br#"{"format": 1, "nodes": {"tell": {"block": "webhook.send",
            "inputs": {"url": "https://api.example.com/hook", "payload": 1, "credential": "key"},
            "retry": {"max_attempts": 3, "backoff_ms": 1}}}}"#;
        let plan = engine.load(graph).unwrap();
        passing(&clock, Box::pin(engine.run(&plan, RunOptions::new())))
            .await
            .unwrap();
        http.sent().len()
    };
    assert_eq!(attempts(410).await, 1);
    assert_eq!(attempts(404).await, 3);
    // A receiver that points elsewhere has not taken it.
    assert_eq!(attempts(302).await, 3);
}

#[tokio::test]
async fn what_is_not_signed_is_not_sent() {
    let http = StubHttp::new(|_| Ok(Answer::new(200, "")));
    let check = async |change: Value, part: &str| {
        let mut inputs = value!({"url": "https://api.example.com/hook", "payload": 1})
            .as_map()
            .unwrap()
            .clone();
        for (key, value) in change.as_map().unwrap().iter() {
            inputs.insert(key.clone(), value.clone());
        }
        let ran = run(&http, "webhook.send", Value::Map(inputs)).await;
        assert!(error(&ran).contains(part), "{ran:?}");
    };
    check(value!({}), "\"webhook\": there is none of this name").await;
    check(value!({"credential": "http"}), "host_scoped").await;
    check(
        value!({"credential": "key", "payload": {"a": (super::sealed("x"))}}),
        "/a",
    )
    .await;
    assert!(http.sent().is_empty());
}
