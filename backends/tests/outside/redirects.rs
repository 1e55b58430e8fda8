//! Redirects: each is judged, and what is meant for one server does not go to another.

use graphloom::host::{EgressError, Grants};

use crate::harness::{Names, client, get, hosts, is_left, is_refused, secret, send, text};
use crate::stub::{Request, Response, Server};
use graphloom::host::HttpRequest;

fn led_to(
    status: u16,
    location: impl Into<String>,
) -> impl Fn(&Request) -> Response + Send + Sync + 'static {
    let location = location.into();
    move |request| match request.target.starts_with("/start") {
        true => Response::new(status, "moved").header("location", &location),
        false => Response::new(200, format!("{} {}", request.method, request.target)),
    }
}

#[tokio::test]
async fn redirects_are_followed_as_their_status_says() {
    for (status, method, then, keeps_body) in [
        (301, "GET", "GET", false),
        (301, "POST", "GET", false),
        (302, "POST", "GET", false),
        (302, "PUT", "PUT", true),
        (303, "POST", "GET", false),
        (303, "DELETE", "GET", false),
        (307, "POST", "POST", true),
        (308, "PUT", "PUT", true),
        (307, "DELETE", "DELETE", true),
    ] {
        let server = Server::start(led_to(status, "/end?q=1#part"));
        let client = client(&Names::new(), &["127.0.0.1:*"]);
        let mut request = HttpRequest::new(method, server.url("/start"))
            .header("content-type", "text/plain")
            .header("x-mine", "1")
            .query("once", "only");
        if method != "GET" {
            request = request.bytes("body");
        }
        let answer = send(&client, request).await;
        // The address is shown as it was asked for in the end.
        let answer = answer.unwrap();
        assert_eq!(answer.url.as_str(), server.url("/end?q=1"));
        assert_eq!(
            answer.body.text().await.unwrap(),
            format!("{then} /end?q=1")
        );
        let seen = server.requests().pop().unwrap();
        assert_eq!(seen.header("x-mine"), Some("1"));
        assert_eq!(
            seen.text(),
            if keeps_body { "body" } else { "" },
            "{status} {method}"
        );
        assert_eq!(
            seen.header("content-type").is_some(),
            keeps_body || method == "GET"
        );
    }
}

#[tokio::test]
async fn each_step_is_judged() {
    for location in [
        "http://127.0.0.1:1/",
        "http://[::ffff:7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "//2130706433/",
        "http://rebind.example/",
        "http://other.example:22/",
    ] {
        let server = Server::start(led_to(302, location));
        let port = server.address.port();
        let names = Names::new()
            .with("start.example", &[&["127.0.0.1"]])
            .with("rebind.example", &[&["127.0.0.1"]]);
        let client = client(&names, &[&format!("start.example:{port}")]);
        let sent = send(&client, get(format!("http://start.example:{port}/start"))).await;
        assert!(is_refused(&sent), "{location}: {sent:?}");
    }
    for location in ["ftp://127.0.0.1/", "http://a@b.example/", "data:,x"] {
        let server = Server::start(led_to(302, location));
        let client = client(&Names::new(), &["127.0.0.1:*"]);
        let sent = send(&client, get(server.url("/start"))).await;
        assert!(
            matches!(sent, Err(EgressError::Request { .. })),
            "{location}: {sent:?}"
        );
    }
    // The run's grants hold for every step too.
    let end = Server::start(|_| Response::new(200, "end"));
    let start = Server::start(led_to(302, end.url("/")));
    let client = client(&Names::new(), &["127.0.0.1:*"]);
    let only = hosts(&[&start.address.to_string()]);
    let request = get(start.url("/start")).granted(Grants::all().only_hosts(only));
    assert!(is_refused(&send(&client, request).await));
    assert!(end.requests().is_empty());
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::start(|request| {
        let n: u32 = request.target[1..].parse().unwrap();
        Response::new(302, "").header("location", &format!("/{}", n + 1))
    });
    let client = client(&Names::new(), &["127.0.0.1:*"]);
    let sent = send(&client, get(server.url("/0"))).await;
    assert!(
        matches!(&sent, Err(EgressError::Transport { message }) if message.contains("10 redirects")),
        "{sent:?}"
    );
    assert_eq!(server.requests().len(), 11);
    let mut two = get(server.url("/0"));
    two.redirects = Some(2);
    assert!(send(&client, two).await.is_err());
    assert_eq!(server.requests().len(), 14);
    // Who follows none gets the answer itself.
    let mut none = get(server.url("/0"));
    none.redirects = Some(0);
    assert_eq!(send(&client, none).await.unwrap().status, 302);
    assert!(is_left(&server).await);
}

/// Case 46.
#[tokio::test]
async fn what_is_meant_for_one_server_does_not_go_to_another() {
    let end = Server::start(|_| Response::new(200, "end"));
    let there = end.address.port();
    let start = Server::start(led_to(307, format!("http://other.example:{there}/end")));
    let here = start.address.port();
    let names = Names::new()
        .with("api.example", &[&["127.0.0.1"]])
        .with("other.example", &[&["127.0.0.1"]]);
    let client = client(&names, &["*.example:*"]);
    // Even one that may go to both goes to the one that it was put in for.
    let key = secret("canary-0123456789", &["*.example:*"]);
    let request = HttpRequest::new("POST", format!("http://api.example:{here}/start"))
        .header("authorization", key.prefixed("Bearer "))
        .header("x-custom", key.clone())
        .header("cookie", "a=b")
        .header("proxy-x", "kept")
        .header("x-api-key", "typed in")
        .header("accept-language", "en")
        .query("key", key)
        .bytes("body");
    assert_eq!(text(&client, request).await.unwrap(), "end");
    let first = start.requests().pop().unwrap();
    assert_eq!(
        first.header("authorization"),
        Some("Bearer canary-0123456789")
    );
    assert_eq!(first.header("x-custom"), Some("canary-0123456789"));
    assert_eq!(first.target, "/start?key=canary-0123456789");
    let last = end.requests().pop().unwrap();
    for gone in [
        "authorization",
        "x-custom",
        "cookie",
        "x-api-key",
        "referer",
    ] {
        assert_eq!(last.header(gone), None, "{gone}");
    }
    assert_eq!(last.header("accept-language"), Some("en"));
    assert_eq!(last.header("proxy-x"), Some("kept"));
    assert_eq!(
        (last.target.as_str(), last.text().as_str()),
        ("/end", "body")
    );
}

#[tokio::test]
async fn a_secret_body_stays_where_it_was_sent() {
    let end = Server::start(|_| Response::new(200, "end"));
    let start = Server::start(led_to(307, end.url("/end")));
    let client = client(&Names::new(), &["127.0.0.1:*"]);
    let mut request = HttpRequest::new("POST", start.url("/start"));
    request.body = graphloom::host::Body::Secret(secret("grant=canary", &["127.0.0.1:*"]));
    let sent = send(&client, request).await;
    assert!(is_refused(&sent), "{sent:?}");
    assert!(end.requests().is_empty());
}

#[tokio::test]
async fn a_secret_that_a_server_says_back_is_not_carried_on() {
    let end = Server::start(|_| Response::new(200, "end"));
    for told in [
        "canary-0123456789",
        "Y2FuYXJ5LTAxMjM0NTY3ODk",
        "63616e6172792d30313233343536373839",
    ] {
        let start = Server::start(led_to(302, end.url(&format!("/?k={told}"))));
        let client = client(&Names::new(), &["127.0.0.1:*"]);
        let key = secret("canary-0123456789", &["127.0.0.1:*"]);
        let request = get(start.url("/start")).header("authorization", key.prefixed("Bearer "));
        let sent = send(&client, request).await;
        let Err(EgressError::Refused { message }) = &sent else {
            panic!("{sent:?}")
        };
        assert!(!message.contains(told), "{message}");
    }
    assert!(end.requests().is_empty());
}
