//! `http.get` and `http.request`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graphloom::block::Literals;
use graphloom::host::{Clock, EgressError, ManualClock};
use graphloom::{Code, RunOptions, Status, Value, value};

use super::{engine, engine_at, error, only, run, sealed};
use crate::stub_http::{Answer, Sent, StubHttp};
use crate::support::{json, passing};

const URL: &str = "https://api.example.com/x";

fn answering(answer: Answer) -> Arc<StubHttp> {
    StubHttp::new(move |_| Ok(answer.clone()))
}

fn ok() -> Arc<StubHttp> {
    answering(Answer::json(200, r#"{"ok": true}"#))
}

/// What a request with these inputs sends.
async fn sends(inputs: Value) -> Sent {
    let http = ok();
    let ran = run(&http, "http.request", inputs).await;
    assert!(ran.error.is_none(), "{ran:?}");
    http.sent().remove(0)
}

#[tokio::test]
async fn a_body_is_written_as_what_it_is() {
    let check = async |body: Value, body_as: &str, media_type: Option<&str>, expected: &str| {
        let sent = sends(value!({"url": URL, "body": body, "body_as": body_as})).await;
        assert_eq!(sent.header("content-type"), media_type, "{expected}");
        assert_eq!(String::from_utf8(sent.body).unwrap(), expected);
        assert_eq!(sent.method, "POST");
    };
    let json = Some("application/json");
    check(value!({"a": [1, null]}), "auto", json, r#"{"a":[1,null]}"#).await;
    check(value!([1]), "auto", json, "[1]").await;
    check(value!(true), "auto", json, "true").await;
    check(
        value!("plain"),
        "auto",
        Some("text/plain; charset=utf-8"),
        "plain",
    )
    .await;
    check(value!("quoted"), "json", json, r#""quoted""#).await;
    check(
        value!({"a": "b c"}),
        "form",
        Some("application/x-www-form-urlencoded"),
        "a=b+c",
    )
    .await;
    check(value!(null), "auto", None, "").await;
    let own = value!({"url": URL, "body": "<a/>", "headers": {"Content-Type": "application/xml"}});
    assert_eq!(
        sends(own).await.header("content-type"),
        Some("application/xml")
    );
    let ran = run(
        &ok(),
        "http.request",
        value!({"url": URL, "body": "a", "body_as": "form"}),
    )
    .await;
    assert!(
        error(&ran).contains("a form is written of a map"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn queries_and_headers_are_sent_and_secrets_among_them() {
    let sent = sends(value!({
        "url": URL,
        "method": "PUT",
        "query": {"q": "a&b", "n": 2, "many": ["x", "y"], "none": null, "key": (sealed("sealed-secret"))},
        "headers": {"X-One": 1, "X-None": null, "Authorization": (sealed("Bearer sealed-secret"))},
    }))
    .await;
    let pairs: Vec<_> = sent
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("q", "a&b"),
            ("n", "2"),
            ("many", "x"),
            ("many", "y"),
            ("key", "sealed-secret")
        ]
    );
    assert_eq!(sent.headers.len(), 2, "{sent:?}");
    assert_eq!(
        (sent.method.as_str(), sent.header("x-one")),
        ("PUT", Some("1"))
    );
    assert_eq!(sent.header("authorization"), Some("Bearer sealed-secret"));
    let whole = sends(value!({"url": URL, "body": (sealed("all of it"))})).await;
    assert_eq!(whole.body, b"all of it");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_is() {
    let http = ok();
    let check = async |inputs: Value, part: &str| {
        let ran = run(&http, "http.request", inputs).await;
        assert!(error(&ran).contains(part), "{part}: {ran:?}");
        assert_eq!(ran.error.unwrap().code, Code::BlockInput);
    };
    check(
        value!({"url": URL, "headers": {"a\r\nb": "c"}}),
        "is not the name of a header",
    )
    .await;
    check(
        value!({"url": URL, "headers": {"a": "b\r\nc: d"}}),
        "line end",
    )
    .await;
    check(
        value!({"url": URL, "headers": {"Host": "other.example"}}),
        "written by the web client",
    )
    .await;
    check(
        value!({"url": URL, "headers": {"a": [1]}}),
        "header \"a\" is a list",
    )
    .await;
    check(
        value!({"url": URL, "query": {"a": {}}}),
        "\"a\" in the query is a map",
    )
    .await;
    check(
        value!({"url": URL, "query": {"a": ("b".repeat(70_000))}}),
        "65536 bytes",
    )
    .await;
    check(value!({"url": URL, "timeout_ms": 0}), "at least 1").await;
    check(
        value!({"url": URL, "body": {"a": (sealed("x"))}}),
        "at \"/a\"",
    )
    .await;
    let many: graphloom::value::Map = (0..300).map(|n| (format!("h{n}"), value!("x"))).collect();
    check(value!({"url": URL, "headers": many}), "there may be 256").await;
    assert_eq!(http.sent().len(), 0);
    let engine = engine(&http);
    let inputs = value!({"url": URL, "method": "FETCH"})
        .as_map()
        .unwrap()
        .clone();
    let coercion = graphloom::graph::Coercion::Strict;
    let refused = engine
        .run_block("http.request", inputs, coercion, RunOptions::new())
        .await;
    assert!(refused.unwrap_err().to_string().contains("FETCH"));
}

#[tokio::test]
async fn an_answer_is_read_as_what_it_is() {
    let check = async |answer: Answer, read_as: &str, expected: Value| {
        let ran = run(
            &answering(answer),
            "http.get",
            value!({"url": URL, "read_as": read_as}),
        )
        .await;
        let (pin, response) = only(&ran);
        assert_eq!(
            (pin, response.get("body").unwrap()),
            ("response", &expected)
        );
    };
    let media =
        |media_type: &str, body: &[u8]| Answer::new(200, body).header("Content-Type", media_type);
    check(media("application/json", b"[1]"), "auto", value!([1])).await;
    check(
        media("application/hal+json", b"{\"a\":1}"),
        "auto",
        value!({"a": 1}),
    )
    .await;
    check(media("application/json", b""), "auto", value!(null)).await;
    check(media("application/json", b"[1]"), "text", value!("[1]")).await;
    check(media("text/plain", b"[1]"), "json", value!([1])).await;
    check(
        media("text/plain; charset=iso-8859-1", b"caf\xe9"),
        "auto",
        value!("café"),
    )
    .await;
    check(Answer::new(200, "no type"), "auto", value!("no type")).await;
    let blob = |hash: &str, bytes: u64| graphloom::value::BlobRef::new(hash, bytes);
    let hash = "sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";
    let png = Value::Blob(blob(hash, 1).with_media_type("image/png").into());
    check(media("image/png", b"\x01"), "auto", png).await;
    let bare = Value::Blob(
        blob(
            "sha256:a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89",
            1,
        )
        .into(),
    );
    check(Answer::new(200, b"\xff"), "auto", bare.clone()).await;
    check(Answer::new(204, b""), "auto", value!(null)).await;
    let bad = run(
        &answering(media("application/json", b"{oops")),
        "http.get",
        value!({"url": URL}),
    )
    .await;
    assert!(
        error(&bad).contains("status 200") && error(&bad).contains("JSON_SYNTAX"),
        "{bad:?}"
    );
}

#[tokio::test]
async fn an_answer_has_its_head() {
    let answer = Answer::new(201, "x")
        .header("Content-Type", "text/plain")
        .header("X-A", "1")
        .header("x-a", "2");
    let ran = run(
        &answering(answer),
        "http.request",
        value!({"url": URL, "method": "PATCH"}),
    )
    .await;
    let expected = value!({
        "status": 201, "headers": {"content-type": "text/plain", "x-a": "1, 2"}, "body": "x", "url": URL
    });
    assert_eq!(only(&ran), ("response", &expected));
}

#[tokio::test]
async fn an_answer_is_as_large_as_it_may_be_and_no_larger() {
    let http = answering(Answer::new(200, "").pieces(&["12345", "67890"]));
    let whole = run(&http, "http.get", value!({"url": URL, "max_bytes": 10})).await;
    assert_eq!(only(&whole).1.get("body"), Some(&value!("1234567890")));
    let less = run(&http, "http.get", value!({"url": URL, "max_bytes": 9})).await;
    assert!(error(&less).contains("larger than 9 bytes"), "{less:?}");
    // What comes is counted, however much it is: the rest is never waited for.
    let http = answering(Answer::new(200, "x".repeat((8 << 20) + 1)).hangs());
    let usual = run(&http, "http.get", value!({"url": URL})).await;
    assert!(
        error(&usual).contains("larger than 8388608 bytes"),
        "{usual:?}"
    );
}

#[tokio::test]
async fn a_status_of_failure_is_an_error_unless_it_will_do() {
    let http = answering(Answer::json(422, "{\"detail\":\n \"no such page\"}"));
    let url = "https://u:secret@api.example.com/x?key=secret";
    let ran = run(&http, "http.request", value!({"url": url})).await;
    let said = "POST https://api.example.com/x: the answer has the status 422: {\"detail\": \"no such page\"}";
    assert_eq!(error(&ran), said);
    let ran = run(
        &http,
        "http.request",
        value!({"url": URL, "any_status": true}),
    )
    .await;
    assert_eq!(only(&ran).1.get("status"), Some(&value!(422)));
    let moved = answering(Answer::new(302, "").header("location", "/y"));
    let ran = run(
        &moved,
        "http.get",
        value!({"url": URL, "follow_redirects": false}),
    )
    .await;
    assert_eq!(
        only(&ran).1.get("headers"),
        Some(&value!({"location": "/y"}))
    );
    assert!(error(&run(&moved, "http.get", value!({"url": URL})).await).contains("status 302"));
}

#[tokio::test]
async fn a_credential_is_shown_as_asked() {
    let check = async |inputs: Value, header: &str, expected: Option<&str>| {
        let mut all = inputs.as_map().unwrap().clone();
        all.insert("url", URL);
        let sent = sends(Value::Map(all)).await;
        assert_eq!(sent.header(header), expected, "{sent:?}");
    };
    check(
        value!({"credential": "key"}),
        "authorization",
        Some("Bearer key-secret-1"),
    )
    .await;
    check(
        value!({"credential": "login"}),
        "authorization",
        Some("Basic YWRhOmxvdmVsYWNl"),
    )
    .await;
    check(
        value!({"credential": "login", "auth": "bearer"}),
        "authorization",
        Some("Bearer lovelace"),
    )
    .await;
    check(
        value!({"credential": "key", "auth": "basic"}),
        "authorization",
        Some("Basic a2V5LXNlY3JldC0xOg=="),
    )
    .await;
    let named = value!({"credential": "key", "auth": "header", "auth_name": "X-Api-Key"});
    check(named, "x-api-key", Some("key-secret-1")).await;
    check(
        value!({"credential": "http"}),
        "x-team",
        Some("host-secret-2"),
    )
    .await;
    check(
        value!({"credential": {"id": "unknown", "provider": "http", "type": "host_scoped"}}),
        "x-key",
        Some("host-secret-1"),
    )
    .await;
    // What the graph says itself stands.
    let own = value!({"credential": "key", "headers": {"AUTHORIZATION": "mine"}});
    check(own, "authorization", Some("mine")).await;
    let query = value!({"url": URL, "credential": "key", "auth": "query", "auth_name": "k"});
    assert_eq!(
        sends(query).await.query,
        [("k".to_owned(), "key-secret-1".to_owned())]
    );
    let refused = async |inputs: Value, part: &str| {
        let ran = run(&ok(), "http.request", inputs).await;
        assert!(error(&ran).contains(part), "{ran:?}");
    };
    refused(
        value!({"url": URL, "credential": "none"}),
        "there is none of this name",
    )
    .await;
    refused(
        value!({"url": URL, "credential": "key", "auth": "header"}),
        "auth_name",
    )
    .await;
    refused(
        value!({"url": URL, "credential": "http", "auth": "bearer"}),
        "of the kind host_scoped",
    )
    .await;
}

#[tokio::test]
async fn a_secret_that_comes_back_does_not_come_out() {
    let http = StubHttp::new(|sent| {
        Ok(Answer::new(
            200,
            sent.header("authorization").unwrap_or_default(),
        ))
    });
    let ran = run(&http, "http.get", value!({"url": URL, "credential": "key"})).await;
    assert_eq!(only(&ran).1.get("body"), Some(&value!("Bearer [redacted]")));
    let http = StubHttp::new(|sent| {
        Ok(Answer::new(
            400,
            sent.header("authorization").unwrap_or_default(),
        ))
    });
    let ran = run(
        &http,
        "http.get",
        value!({"url": URL, "credential": "login"}),
    )
    .await;
    assert!(!error(&ran).contains("YWRhOmxvdmVsYWNl"), "{ran:?}");
}

/// A node with three attempts, which fails until the last one.
async fn attempts(
    block: &str,
    inputs: Value,
    failing: impl Fn() -> Result<Answer, EgressError> + Send + Sync + 'static,
) -> (usize, Duration, Status) {
    let count = AtomicUsize::new(0);
    let http = StubHttp::new(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => failing(),
        _ => Ok(Answer::json(200, "1")),
    });
    let clock = ManualClock::new();
    let engine = engine_at(&http, &clock);
    let graph = value!({"format": 1, "nodes": {"ask": {
        "block": block, "inputs": inputs, "retry": {"max_attempts": 3, "backoff_ms": 10}
    }}});
    let plan = engine.load(graph.to_string().as_bytes()).unwrap();
    let run = Box::pin(engine.run(&plan, RunOptions::new()));
    let outcome = passing(&clock, run).await.unwrap();
    (http.sent().len(), clock.elapsed(), outcome.status)
}

#[tokio::test]
async fn what_may_be_repeated_is_and_nothing_else() {
    let status = |status| move || Ok(Answer::new(status, ""));
    let post = || value!({"url": URL});
    let check = async |block: &str,
                       inputs: Value,
                       failing: Box<dyn Fn() -> Result<Answer, EgressError> + Send + Sync>,
                       n: usize| {
        let (sent, _, ended) = attempts(block, inputs.clone(), failing).await;
        let expected = if n > 1 {
            Status::Completed
        } else {
            Status::Failed
        };
        assert_eq!((sent, ended), (n, expected), "{block} {inputs}");
    };
    let message = || "x".to_owned();
    let broken = move || Err(EgressError::Transport { message: message() });
    let closed = move || Err(EgressError::Connect { message: message() });
    let busy = move || {
        Err(EgressError::Busy {
            message: message(),
            after: Duration::from_secs(5),
        })
    };
    check("http.get", post(), Box::new(status(503)), 2).await;
    check("http.get", post(), Box::new(broken), 2).await;
    check("http.get", post(), Box::new(status(404)), 1).await;
    check("http.request", post(), Box::new(status(503)), 1).await;
    check("http.request", post(), Box::new(broken), 1).await;
    check("http.request", post(), Box::new(closed), 2).await;
    check("http.request", post(), Box::new(busy), 2).await;
    check("http.request", post(), Box::new(status(429)), 2).await;
    check(
        "http.request",
        value!({"url": URL, "method": "DELETE"}),
        Box::new(status(503)),
        2,
    )
    .await;
    check(
        "http.request",
        value!({"url": URL, "idempotency": true}),
        Box::new(broken),
        2,
    )
    .await;
    check(
        "http.request",
        value!({"url": URL, "idempotency": true}),
        Box::new(status(400)),
        1,
    )
    .await;
}

#[tokio::test]
async fn who_says_when_is_asked_then() {
    let later = || Ok(Answer::new(429, "").header("Retry-After", "7"));
    let (sent, took, _) = attempts("http.request", value!({"url": URL}), later).await;
    assert_eq!(sent, 2);
    assert!(took >= Duration::from_secs(7), "{took:?}");
    let never = || Ok(Answer::new(429, "").header("Retry-After", "86400"));
    assert_eq!(
        attempts("http.request", value!({"url": URL}), never)
            .await
            .0,
        1
    );
}

#[tokio::test]
async fn attempts_have_one_key() {
    let http = StubHttp::new(|_| Ok(Answer::new(503, "")));
    let clock = ManualClock::new();
    let engine = engine_at(&http, &clock);
    let graph = br#"{"format": 1, "nodes": {"pay": {"block": "http.request",
        "inputs": {"url": "https://api.example.com/pay", "idempotency": true}, "retry": {"max_attempts": 2, "backoff_ms": 1}}}}"#;
    let plan = engine.load(graph).unwrap();
    let run = Box::pin(engine.run(&plan, RunOptions::new().run_id("r1")));
    passing(&clock, run).await.unwrap();
    let keys: Vec<_> = http
        .sent()
        .iter()
        .map(|sent| sent.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(
        keys,
        [Some("r1:0:pay:0".to_owned()), Some("r1:0:pay:0".to_owned())]
    );
}

#[tokio::test]
async fn a_body_without_end_ends_with_the_run() {
    let http = answering(Answer::new(200, "some").hangs());
    let engine = engine_at(&http, &ManualClock::new());
    let graph = br#"{"format": 1, "nodes": {"ask": {"block": "http.get", "inputs": {"url": "https://api.example.com"}}}}"#;
    let handle = engine
        .start(&engine.load(graph).unwrap(), RunOptions::new())
        .unwrap();
    while http.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    handle.cancel();
    let outcome = handle.outcome().await;
    assert_eq!(outcome.status, Status::Cancelled);
    let receipt = outcome.cancelled.unwrap();
    assert!(
        receipt.aborted.is_empty() && receipt.abandoned.is_empty(),
        "{receipt:?}"
    );
}

#[test]
fn what_a_node_needs_is_told_before_it_runs() {
    let engine = engine(&ok());
    let needs = |id: &str, inputs: &str| {
        let inputs = json(inputs.as_bytes());
        let block = engine
            .registry()
            .get(id)
            .unwrap()
            .block()
            .needs(&Literals::new(inputs.as_map().unwrap()));
        let credentials = block.credentials.iter();
        let credentials: Vec<_> = credentials
            .map(|need| {
                (
                    need.provider.to_string(),
                    need.name.as_ref().map(ToString::to_string),
                )
            })
            .collect();
        (
            block
                .hosts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            credentials,
        )
    };
    let host = |host: &str| vec![host.to_owned()];
    assert_eq!(
        needs("http.get", r#"{"url": "https://a.example/b"}"#),
        (host("a.example"), vec![])
    );
    let named = vec![("http".to_owned(), Some("key".to_owned()))];
    assert_eq!(
        needs("http.request", r#"{"credential": "key"}"#),
        (host("*"), named)
    );
    assert_eq!(
        needs(
            "autogpt.send_web_request",
            r#"{"url": "http://a.example:81"}"#
        ),
        (host("a.example:81"), vec![])
    );
    let own = vec![("http".to_owned(), None)];
    assert_eq!(
        needs("autogpt.send_authenticated_web_request", "{}"),
        (host("*"), own)
    );
}
