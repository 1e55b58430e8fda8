//! What is refused before a stream begins.

use reqwest::Method;

use super::steps;
use crate::harness::{A, Answer, B, Server, client};

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let server = Server::start().await;
    let run = steps::through(&server, &crate::harness::greet()).await;
    let path = format!("/v1/runs/{run}/events");
    let sse = "text/event-stream";
    let check = async |query: &str, accept: &str, last: Option<&str>, expected: (u16, &str)| {
        let mut request = server.ask(Method::GET, &format!("{path}{query}"), A);
        request = request.header("accept", accept);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = Answer::of(request).await;
        let found = (answer.status, answer.problem());
        assert_eq!(
            (found.0, found.1.as_str()),
            expected,
            "{query} {accept} {last:?}"
        );
    };
    for junk in [
        "x",
        "",
        "-1",
        "+1",
        "1.0",
        "0x1",
        "1 2",
        "99999999999999999999",
    ] {
        check("", sse, Some(junk), (400, "HTTP_PARAMETER")).await;
    }
    check("?after=x", sse, None, (400, "HTTP_PARAMETER")).await;
    check("?after=-1", sse, None, (400, "HTTP_PARAMETER")).await;
    check("?behind=1", sse, None, (400, "HTTP_PARAMETER")).await;
    check(
        "?limit=0",
        "application/json",
        None,
        (400, "HTTP_PARAMETER"),
    )
    .await;
    check("?limit=5", sse, None, (400, "HTTP_PARAMETER")).await;
    check("", "text/html", None, (406, "HTTP_ACCEPT")).await;
    server.stop().await;
}

#[tokio::test]
async fn other_methods_are_refused() {
    let server = Server::start().await;
    for path in ["/v1/runs/x/events", "/v1/ws"] {
        let answer = Answer::of(server.ask(Method::POST, path, A)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (405, "HTTP_METHOD"),
            "{path}"
        );
        assert!(answer.header("allow").contains("GET"), "{path}");
    }
    let answer = server.get("/v1/ws", A).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (426, "HTTP_UPGRADE")
    );
    assert_eq!(answer.header("upgrade"), "websocket");
    server.stop().await;
}

/// 63. Another's run is not there, in no form.
#[tokio::test]
async fn anothers_run_has_no_events() {
    let server = Server::start().await;
    let run = steps::through(&server, &crate::harness::greet()).await;
    for path in [
        format!("/v1/runs/{run}/events"),
        "/v1/runs/none/events".to_owned(),
    ] {
        for accept in ["application/json", "application/jsonl", "text/event-stream"] {
            let request = server.ask(Method::GET, &path, B).header("accept", accept);
            let answer = Answer::of(request).await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (404, "HTTP_NOT_FOUND")
            );
        }
        let answer = Answer::of(client().get(format!("{}{path}", server.url))).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "AUTH_MISSING")
        );
    }
    server.stop().await;
}
