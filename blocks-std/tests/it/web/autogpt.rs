//! The two blocks of AutoGPT that send a web request.

use std::sync::Arc;

use graphloom::graph::Coercion;
use graphloom::host::EgressError;
use graphloom::{BlockRun, Value, value};

use super::{error, only, run_as};
use crate::stub_http::{Answer, StubHttp};

const URL: &str = "https://api.example.com/x";
const PLAIN: &str = "autogpt.send_web_request";
const WITH_KEY: &str = "autogpt.send_authenticated_web_request";

fn answering(answer: Answer) -> Arc<StubHttp> {
    StubHttp::new(move |_| Ok(answer.clone()))
}

/// Runs a block as a node of an imported graph.
async fn run(http: &Arc<StubHttp>, id: &str, inputs: Value) -> BlockRun {
    run_as(http, id, inputs, Coercion::Lenient).await
}

#[tokio::test]
async fn answers_are_sorted_by_status() {
    let check = async |answer: Answer, pin: &str, said: Value| {
        let ran = run(&answering(answer), PLAIN, value!({"url": URL})).await;
        assert_eq!(only(&ran), (pin, &said));
        assert!(ran.error.is_none());
    };
    check(
        Answer::json(200, r#"{"a": 1}"#),
        "response",
        value!({"a": 1}),
    )
    .await;
    check(Answer::json(204, "not looked at"), "response", value!(null)).await;
    check(
        Answer::new(200, "[1]").header("content-type", "text/plain"),
        "response",
        value!("[1]"),
    )
    .await;
    check(Answer::new(200, "caf\u{e9}"), "response", value!("café")).await;
    check(
        Answer::json(404, r#""none""#),
        "client_error",
        value!("none"),
    )
    .await;
    check(Answer::new(500, "oops"), "server_error", value!("oops")).await;
    check(Answer::new(302, ""), "server_error", value!("")).await;
    let broken = StubHttp::new(|_| {
        Err(EgressError::Transport {
            message: "cut off".to_owned(),
        })
    });
    assert!(error(&run(&broken, PLAIN, value!({"url": URL})).await).contains("cut off"));
    let bad = run(
        &answering(Answer::json(200, "{")),
        PLAIN,
        value!({"url": URL}),
    )
    .await;
    assert!(error(&bad).contains("not the JSON"), "{bad:?}");
}

#[tokio::test]
async fn bodies_are_json_or_forms_or_files() {
    let check = async |inputs: Value, media_type: Option<&str>, body: &str| {
        let http = answering(Answer::new(200, ""));
        let ran = run(&http, PLAIN, inputs).await;
        assert!(ran.error.is_none(), "{ran:?}");
        let sent = http.sent().remove(0);
        assert_eq!(sent.header("content-type"), media_type);
        assert_eq!(String::from_utf8(sent.body).unwrap(), body);
    };
    check(
        value!({"url": URL, "body": {"a": 1}}),
        Some("application/json"),
        r#"{"a":1}"#,
    )
    .await;
    check(value!({"url": URL, "body": null}), None, "").await;
    let form = value!({"url": URL, "body": {"a": "b c"}, "json_format": false});
    check(form, Some("application/x-www-form-urlencoded"), "a=b+c").await;
    let files = value!({"url": URL, "body": {"a": "b"}, "json_format": false, "files_name": "up",
        "files": ["data:text/plain;base64,aGVsbG8=", "data:image/png;base64,AQ=="]});
    let http = answering(Answer::new(200, ""));
    run(&http, PLAIN, files.clone()).await;
    run(&http, PLAIN, files).await;
    let [first, again]: [_; 2] = http.sent().try_into().unwrap();
    assert_eq!(first.body, again.body, "a repeated request is the same");
    let media_type = first.header("content-type").unwrap();
    let boundary = media_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let body = String::from_utf8(first.body.clone()).unwrap();
    assert_eq!(body.matches(boundary).count(), 4);
    assert!(
        body.contains(
            "name=\"up\"; filename=\"file2\"\r\ncontent-type: image/png\r\n\r\n\u{1}\r\n"
        ),
        "{body}"
    );
    let both = value!({"url": URL, "files": ["data:text/plain;base64,aGVsbG8="]});
    let ran = run(&http, PLAIN, both).await;
    assert!(error(&ran).contains("json_format"), "{ran:?}");
    assert_eq!(http.sent().len(), 2);
}

#[tokio::test]
async fn lines_of_a_credential_go_where_they_may() {
    let check = async |inputs: Value, expected: [Option<&str>; 2]| {
        let http = answering(Answer::new(200, ""));
        let ran = run(&http, WITH_KEY, inputs).await;
        assert!(ran.error.is_none(), "{ran:?}");
        let sent = http.sent().remove(0);
        assert_eq!(
            [sent.header("x-key"), sent.header("x-team")],
            expected,
            "{sent:?}"
        );
    };
    let (one, two) = (Some("host-secret-1"), Some("host-secret-2"));
    check(value!({"url": URL}), [one, two]).await;
    check(
        value!({"url": URL, "credentials": {"id": "7", "provider": "http", "type": "host_scoped"}}),
        [one, two],
    )
    .await;
    check(value!({"url": "https://API.example.com:8443/"}), [one, two]).await;
    check(
        value!({"url": "https://api.example.com:9443/"}),
        [None, None],
    )
    .await;
    check(value!({"url": "https://other.example.com/"}), [None, None]).await;
    check(
        value!({"url": "https://api.example.com@evil.example/"}),
        [None, None],
    )
    .await;
    check(
        value!({"url": URL, "headers": {"X-KEY": "mine"}}),
        [Some("mine"), two],
    )
    .await;
    let http = answering(Answer::new(200, ""));
    let ran = run(&http, WITH_KEY, value!({"url": URL, "credentials": "key"})).await;
    assert!(error(&ran).contains("expected host_scoped"), "{ran:?}");
    let ran = run(&http, WITH_KEY, value!({"url": URL, "credentials": "none"})).await;
    assert!(
        error(&ran).contains("none of this name") && http.sent().is_empty(),
        "{ran:?}"
    );
}
