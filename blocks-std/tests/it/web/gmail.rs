//! `gmail.send_message`.

use std::sync::Arc;

use graphloom::graph::Coercion;
use graphloom::host::{Credential, HostSet, Http, MemoryCredentials, Secret};
use graphloom::{BlockRun, Code, Engine, Registry, RunOptions, Value, value};

use super::{error, only};
use crate::stub_http::{Answer, StubHttp};

async fn run(http: &Arc<StubHttp>, inputs: Value) -> BlockRun {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let hosts = HostSet::parse(["gmail.googleapis.com"]).unwrap();
    let token = Credential::api_key("google", Secret::new("ya29.token")).for_hosts(&hosts);
    let engine = Engine::builder(registry)
        .http(Arc::clone(http) as Arc<dyn Http>)
        .credentials(Arc::new(MemoryCredentials::new().with(token)))
        .build();
    let inputs = inputs.as_map().unwrap().clone();
    let id = "gmail.send_message";
    let run = engine.run_block(id, inputs, Coercion::Strict, RunOptions::new());
    run.await.unwrap()
}

#[tokio::test]
async fn a_message_is_sent_as_it_travels() {
    let http = StubHttp::new(|_| Ok(Answer::json(200, r#"{"id": "18c0", "threadId": "18c0"}"#)));
    let ran = run(
        &http,
        value!({"to": ["ada@example.com"], "subject": "Hi", "body": "<p>Hello</p>"}),
    )
    .await;
    assert_eq!(
        only(&ran),
        ("result", &value!({"id": "18c0", "status": "sent"}))
    );
    let sent = http.sent().remove(0);
    assert_eq!(
        sent.url,
        "https://gmail.googleapis.com/gmail/v1/users/me/messages/send"
    );
    assert_eq!(sent.header("authorization"), Some("Bearer ya29.token"));
    // Worked out by another implementation of base64, from the message as RFC 5322 has it.
    let raw = "VG86IGFkYUBleGFtcGxlLmNvbQ0KU3ViamVjdDogSGkNCk1JTUUtVmVyc2lvbjogMS4wDQpDb250ZW50LVR5cGU6IHRleHQvaHRtbDsgY2hhcnNldD11dGYtOA0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0DQoNClBIQStTR1ZzYkc4OEwzQSsNCg";
    assert_eq!(sent.json(), value!({"raw": raw}));
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_before_anything_is() {
    let http = StubHttp::new(|_| Ok(Answer::json(200, "{}")));
    for inputs in [
        value!({"to": [], "subject": "s", "body": "b"}),
        value!({"to": ["nobody"], "subject": "s", "body": "b"}),
        value!({"to": ["a@b.c"], "subject": "s\r\nBcc: x@y.z", "body": "b"}),
        value!({"to": ["a@b.c"], "subject": "s", "body": "b", "attachments": ["/etc/hosts"]}),
    ] {
        let ran = run(&http, inputs).await;
        assert_eq!(
            ran.error.as_ref().map(|failure| failure.code),
            Some(Code::BlockInput),
            "{ran:?}"
        );
    }
    assert!(http.sent().is_empty());
}

#[tokio::test]
async fn an_answer_that_says_no_is_an_error() {
    let http = StubHttp::new(|_| {
        Ok(Answer::json(
            403,
            r#"{"error": {"message": "no scope for ya29.token"}}"#,
        ))
    });
    let ran = run(
        &http,
        value!({"to": ["a@b.c"], "subject": "s", "body": "b"}),
    )
    .await;
    assert!(
        error(&ran).contains("403") && error(&ran).contains("no scope"),
        "{}",
        error(&ran)
    );
    assert!(!error(&ran).contains("ya29"));
    let http = StubHttp::new(|_| Ok(Answer::json(200, "[]")));
    let ran = run(
        &http,
        value!({"to": ["a@b.c"], "subject": "s", "body": "b"}),
    )
    .await;
    assert!(error(&ran).contains("took the message"), "{}", error(&ran));
}
