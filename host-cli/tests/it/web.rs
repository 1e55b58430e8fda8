//! The blocks of the web over a real socket.

use graphloom::Value;

use crate::harness::{Called, Folder, call};
use crate::stub::{Response, Server};

/// Runs a block that asks this server.
fn ask(server: &Server, block: &str, inputs: &[&str]) -> Called {
    let here = server.address.to_string();
    let mut args = vec!["blocks", "run", block, "--allow-host", &here];
    for input in inputs {
        args.extend(["-i", input]);
    }
    call(&args)
}

/// The value that came out on a pin.
fn given(called: &Called, pin: &str) -> Value {
    let outputs = called.json().get("outputs").cloned().unwrap();
    let pairs = outputs.as_list().unwrap().iter();
    let mut found = pairs.filter_map(|pair| {
        let pair = pair.as_list()?;
        (pair.first()?.as_str() == Some(pin)).then(|| pair.get(1).cloned())?
    });
    found
        .next()
        .unwrap_or_else(|| panic!("no {pin}: {called:?}"))
}

#[test]
fn a_request_goes_out_and_its_answer_comes_in() {
    let server = Server::start(|_| Response::json(201, r#"{"id": 7}"#).header("X-Seen", "yes"));
    let url = format!("url={}", server.url("/items?a=1"));
    let body = r#"body:={"name": "é"}"#;
    let inputs = [
        &url,
        body,
        r#"query:={"b": "c d"}"#,
        r#"headers:={"X-One": "two"}"#,
        "idempotency:=true",
    ];
    let called = ask(&server, "http.request", &inputs);
    assert_eq!(called.exit, 0, "{called:?}");
    let response = given(&called, "response");
    assert_eq!(response.get("status").unwrap().as_i64(), Some(201));
    assert_eq!(response.get("body").unwrap().to_string(), r#"{"id":7}"#);
    assert_eq!(
        response
            .get("headers")
            .unwrap()
            .get("x-seen")
            .unwrap()
            .as_str(),
        Some("yes")
    );
    let [sent] = server.requests().try_into().unwrap();
    assert_eq!(
        (sent.method.as_str(), sent.text().as_str()),
        ("POST", r#"{"name":"é"}"#)
    );
    assert!(sent.target.starts_with("/items?a=1&b=c"), "{}", sent.target);
    assert_eq!(
        (sent.header("x-one"), sent.header("content-type")),
        (Some("two"), Some("application/json"))
    );
    assert!(sent.header("idempotency-key").is_some());
}

#[test]
fn redirects_are_followed_unless_they_are_not_to_be() {
    let server = Server::start(|request| match request.target.as_str() {
        "/old" => Response::new(302, "").header("location", "/new"),
        _ => Response::new(200, "found"),
    });
    let url = format!("url={}", server.url("/old"));
    let called = ask(&server, "http.get", &[&url]);
    let response = given(&called, "response");
    assert_eq!(response.get("body").unwrap().as_str(), Some("found"));
    assert_eq!(
        response.get("url").unwrap().as_str(),
        Some(server.url("/new").as_str())
    );
    let called = ask(&server, "http.get", &[&url, "follow_redirects:=false"]);
    assert_eq!(
        given(&called, "response").get("status").unwrap().as_i64(),
        Some(302),
        "{called:?}"
    );
}

#[test]
fn limits_end_a_request_and_its_connection() {
    let server = Server::start(|_| Response::new(200, "x".repeat(1000)).hangs());
    let url = format!("url={}", server.url("/"));
    let called = ask(&server, "http.get", &[&url, "max_bytes:=10"]);
    assert!(
        called.exit == 4 && called.out.contains("larger than 10 bytes"),
        "{called:?}"
    );
    let called = ask(&server, "http.get", &[&url, "timeout_ms:=200"]);
    assert!(
        called.exit == 4 && called.out.contains("after 200 ms"),
        "{called:?}"
    );
    assert!(server.is_left());
}

#[test]
fn an_imported_agent_asks_as_it_did() {
    let server = Server::start(|request| match request.target.as_str() {
        "/ok" => Response::json(200, r#"{"said": "hello"}"#),
        _ => Response::json(404, r#""nobody""#),
    });
    let folder = Folder::new();
    let node = |id: &str, path: &str| {
        let url = server.url(path);
        format!(
            r#"{{"id": "{id}", "block_id": "6595ae1f-b924-42cb-9a41-551a0611c4b4", "input_default": {{"url": "{url}", "body": {{"a": 1}}}}}}"#
        )
    };
    let out = |id: &str| {
        format!(
            r#"{{"id": "{id}-out", "block_id": "363ae599-353e-4804-937e-b2ee3cef3da4", "input_default": {{"name": "{id}"}}}}"#
        )
    };
    let link = |id: &str, pin: &str| {
        format!(
            r#"{{"source_id": "{id}", "sink_id": "{id}-out", "source_name": "{pin}", "sink_name": "value"}}"#
        )
    };
    let agent = format!(
        r#"{{"name": "asks", "nodes": [{}, {}, {}, {}], "links": [{}, {}]}}"#,
        node("yes", "/ok"),
        node("no", "/none"),
        out("yes"),
        out("no"),
        link("yes", "response_#_said"),
        link("no", "client_error")
    );
    let file = folder.file("agent.json", &agent);
    let called = call(&["run", &file, "--allow-host", &server.address.to_string()]);
    assert_eq!(called.exit, 0, "{called:?}");
    let outputs = called.json().get("outputs").cloned().unwrap();
    assert_eq!(outputs.get("yes").unwrap().to_string(), r#"["hello"]"#);
    assert_eq!(outputs.get("no").unwrap().to_string(), r#"["nobody"]"#);
    assert_eq!(server.requests().first().unwrap().text(), r#"{"a":1}"#);
}

#[test]
fn pages_feeds_and_files_are_read() {
    let server = Server::start(|request| match request.target.as_str() {
        "/page" => Response::new(200, "<h1>Hi</h1><a href=more>more</a>")
            .header("content-type", "text/html"),
        "/feed" => Response::new(
            200,
            "<rss version='2.0'><channel><title>N</title><link>/</link><description>d</description><item><title>one</title></item></channel></rss>",
        ),
        _ => Response::new(200, "%PDF").header("content-type", "application/pdf"),
    });
    let url = |path: &str| format!("url={}", server.url(path));
    let page = ask(&server, "web.page_to_markdown", &[&url("/page")]);
    let expected = format!("# Hi\n\n[more]({})\n", server.url("/more"));
    assert_eq!(given(&page, "markdown").as_str(), Some(expected.as_str()));
    let feed = ask(&server, "web.read_feed", &[&url("/feed")]);
    let items = given(&feed, "items");
    assert_eq!(
        items
            .as_list()
            .unwrap()
            .first()
            .unwrap()
            .get("title")
            .unwrap()
            .as_str(),
        Some("one")
    );
    let file = ask(&server, "web.download", &[&url("/a/b.pdf")]);
    assert_eq!(given(&file, "name").as_str(), Some("b.pdf"));
}
