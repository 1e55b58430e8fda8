//! Runs: what they are told, what is told of them, and lists of them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, greet};

/// A graph that asks two people.
fn asks() -> Value {
    json!({
        "format": 1,
        "name": "asks",
        "nodes": {
            "ask": { "block": "flow.review", "inputs": { "name": "ok?", "data": 1 } },
            "other": { "block": "flow.review", "inputs": { "name": "sure?", "data": 2 } },
            "said": { "block": "io.output", "inputs": { "name": "said" } },
            "sure": { "block": "io.output", "inputs": { "name": "sure" } }
        },
        "links": [
            { "from": "ask.approved_data", "to": "said.value" },
            { "from": "other.approved_data", "to": "sure.value" }
        ]
    })
}

/// Starts a run that waits; returns its path.
async fn waiting(server: &Server) -> String {
    let asked = json!({ "graph": asks() });
    let answer = server.post("/v1/runs?wait_ms=60000", A, &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["status"], "waiting", "{}", answer.text);
    path_of(&answer.json())
}

fn path_of(run: &Value) -> String {
    format!("/v1/runs/{}", run["run_id"].as_str().expect("an id"))
}

/// Waits until a run is over.
async fn over(server: &Server, path: &str) -> Value {
    loop {
        let run = server.get(path, A).await.json();
        if !["queued", "running", "waiting"].contains(&run["status"].as_str().expect("a status")) {
            return run;
        }
        tokio::task::yield_now().await;
    }
}

async fn refused(server: &Server, path: &str, body: &Value, status: u16, code: &str) {
    let answer = server.post(path, A, body).await;
    let found = (answer.status, answer.problem());
    assert_eq!(
        found,
        (status, code.to_owned()),
        "{path} {body}\n{}",
        answer.text
    );
}

#[tokio::test]
async fn a_run_is_cancelled_once_and_says_where_the_receipt_is() {
    let server = Server::start().await;
    let run = waiting(&server).await;
    let cancel = format!("{run}/cancel");
    let first = server.post(&cancel, A, &json!({})).await;
    assert_eq!(first.status, 202, "{}", first.text);
    let receipt = &first.json()["receipt"];
    assert_eq!(
        (&receipt["href"], &receipt["pointer"]),
        (&json!(run), &json!("/result/cancelled"))
    );
    // It may be over by now, and is no other answer while it is not.
    let again = server.post(&cancel, A, &json!({})).await;
    match again.status {
        202 => assert_eq!(again.text, first.text),
        status => assert_eq!((status, again.problem().as_str()), (409, "STORE_RUN_OVER")),
    }
    let ended = over(&server, &run).await;
    assert_eq!(ended["status"], "cancelled");
    assert!(ended["result"]["cancelled"].is_object(), "{ended}");
    refused(&server, &cancel, &json!({}), 409, "STORE_RUN_OVER").await;
    refused(
        &server,
        &format!("{run}/resume"),
        &json!({}),
        409,
        "STORE_RUN_OVER",
    )
    .await;
    let answer = json!({ "node": "ask", "value": true });
    refused(
        &server,
        &format!("{run}/answers"),
        &answer,
        409,
        "STORE_RUN_OVER",
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn only_what_is_asked_is_answered_and_only_once() {
    let server = Server::start().await;
    let run = waiting(&server).await;
    let answers = format!("{run}/answers");
    let wrong = [
        json!({ "node": "said", "value": true }),
        json!({ "node": "ask:7", "value": true }),
        json!({ "node": "ask", "signal": "nothing", "value": true }),
        json!({ "node": "call/ask", "value": true }),
    ];
    for answer in &wrong {
        refused(&server, &answers, answer, 409, "HTTP_CONFLICT").await;
    }
    let answer = server.post(&answers, A, &wrong[0]).await.json();
    let open: Vec<&Value> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .collect();
    assert_eq!(open.len(), 2, "{answer}");
    assert!(
        open.iter().any(|asked| asked["node"] == "other:0"),
        "{answer}"
    );

    let answer = json!({ "node": "ask:0", "value": { "approved": true, "data": 5 } });
    let (one, two) = tokio::join!(
        server.post(&answers, A, &answer),
        server.post(&answers, A, &answer)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{}\n{}", one.text, two.text);
    refused(&server, &answers, &answer, 409, "HTTP_CONFLICT").await;
    // The other question is still open.
    let answer = json!({ "node": "other", "value": true });
    assert_eq!(server.post(&answers, A, &answer).await.status, 202);
    let ended = over(&server, &run).await;
    assert_eq!(
        ended["result"]["outputs"],
        json!({ "said": [5], "sure": [2] }),
        "{ended}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_was_asked_to_stop_takes_no_answer() {
    let server = Server::start().await;
    let run = waiting(&server).await;
    assert_eq!(
        server
            .post(&format!("{run}/cancel"), A, &json!({}))
            .await
            .status,
        202
    );
    let answer = json!({ "node": "ask", "value": true });
    let answer = server.post(&format!("{run}/answers"), A, &answer).await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    over(&server, &run).await;
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_waits_goes_on_when_it_is_told_to_and_waits_again() {
    let server = Server::start().await;
    let run = waiting(&server).await;
    for _ in 0..3 {
        let answer = server.post(&format!("{run}/resume"), A, &json!({})).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }
    loop {
        if server.get(&run, A).await.json()["status"] == "waiting" {
            break;
        }
        tokio::task::yield_now().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn what_happened_is_told() {
    let server = Server::start().await;
    let asked = json!({ "graph": greet(), "inputs": { "who": "Ada" } });
    let one = server
        .post("/v1/runs?wait_ms=60000", A, &asked)
        .await
        .json();
    let asked = json!({ "graph": greet(), "inputs": { "who": "Bob" } });
    let two = server
        .post("/v1/runs?wait_ms=60000", A, &asked)
        .await
        .json();
    let run = path_of(&one);

    let shown = server.get(&run, A).await.json();
    let events = shown["events"].as_u64().expect("a number");
    let begin = server.get(&format!("{run}?at=0"), A).await.json();
    assert_eq!(begin["picture"]["status"], "queued", "{begin}");
    assert_eq!(begin.get("result"), None);
    let end = server.get(&format!("{run}?at={events}"), A).await.json();
    assert_eq!(end["picture"]["status"], "completed");
    assert_eq!(end["picture"]["outputs"]["greeting"], json!(["Hello Ada!"]));
    for wrong in [
        format!("at={}", events + 1),
        "at=-1".into(),
        "at=x".into(),
        "to=1".into(),
    ] {
        let answer = server.get(&format!("{run}?{wrong}"), A).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "HTTP_PARAMETER"),
            "{wrong}"
        );
    }

    let why = server.get(&format!("{run}/why?of=out"), A).await;
    assert_eq!(why.status, 200, "{}", why.text);
    assert!(why.text.contains("fill"), "{}", why.text);
    for (wrong, status, code) in [
        ("", 400, "HTTP_PARAMETER"),
        ("?of=", 400, "HTTP_PARAMETER"),
        ("?of=out&x=1", 400, "HTTP_PARAMETER"),
        ("?of=owt", 422, "GRAPH_UNKNOWN_NODE"),
        ("?of=a%20b", 422, "GRAPH_UNKNOWN_NODE"),
        ("?of=out.owt", 422, "GRAPH_UNKNOWN_OUTPUT"),
        ("?of=out:first", 422, "GRAPH_REFERENCE"),
    ] {
        let answer = server.get(&format!("{run}/why{wrong}"), A).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, code),
            "{wrong}"
        );
    }

    let other = two["run_id"].as_str().expect("an id");
    let diff = server.get(&format!("{run}/diff/{other}"), A).await;
    assert_eq!(diff.status, 200, "{}", diff.text);
    assert!(diff.text.contains("Hello Bob!"), "{}", diff.text);

    let export = server.get(&format!("{run}/export"), A).await;
    assert_eq!(export.header("content-type"), "application/jsonl");
    let lines: Vec<Value> = export
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        (&lines[0]["schema"], &lines[0]["run_id"]),
        (&json!("journal/1"), &one["run_id"])
    );
    assert_eq!(lines.len() as u64, events + 1);
    server.stop().await;
}

/// 63. Another tenant's run is not there, whatever is asked of it.
#[tokio::test]
async fn runs_of_another_are_not_there() {
    let server = Server::start().await;
    let run = waiting(&server).await;
    let theirs = server
        .post("/v1/runs?wait_ms=60000", B, &json!({ "graph": greet() }))
        .await
        .json();
    let theirs = path_of(&theirs);
    let id = run.rsplit('/').next().expect("an id").to_owned();
    for path in [
        "",
        "?at=0",
        "/why?of=ask",
        "/export",
        &format!("/diff/{id}"),
    ] {
        let answer = server.get(&format!("{run}{path}"), B).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "HTTP_NOT_FOUND"),
            "{path}"
        );
        assert_eq!(
            server.get(&format!("{run}{path}"), A).await.status,
            200,
            "{path}"
        );
    }
    // Nor as the other one of two.
    assert_eq!(
        server.get(&format!("{theirs}/diff/{id}"), B).await.status,
        404
    );
    let answer = json!({ "node": "ask", "value": true });
    for (path, body) in [
        ("cancel", &json!({})),
        ("resume", &json!({})),
        ("answers", &answer),
    ] {
        let answer = server.post(&format!("{run}/{path}"), B, body).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let gone = server.ask(Method::DELETE, &run, B);
    assert_eq!(Answer::of(gone).await.status, 404);
    for path in [
        "/v1/runs?status=waiting",
        "/v1/runs?label=a",
        "/v1/runs?since=2000-01-01T00:00:00Z",
    ] {
        let items = server.get(path, B).await.json()["items"].clone();
        let items = items.as_array().expect("a list");
        assert!(items.iter().all(|item| path_of(item) != run), "{path}");
    }
    assert_eq!(server.get(&run, A).await.json()["status"], "waiting");
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_is_over_can_be_forgotten() {
    let server = Server::start().await;
    let run = waiting(&server).await;
    let delete = async || Answer::of(server.ask(Method::DELETE, &run, A)).await;
    let early = delete().await;
    assert_eq!(
        (early.status, early.problem().as_str()),
        (409, "HTTP_CONFLICT")
    );
    server.post(&format!("{run}/cancel"), A, &json!({})).await;
    over(&server, &run).await;
    assert_eq!(delete().await.status, 204);
    assert_eq!(delete().await.status, 404);
    assert_eq!(server.get(&run, A).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn lists_are_filtered_and_junk_is_refused() {
    let server = Server::start().await;
    let mut runs = Vec::new();
    for team in ["red", "blue", "red", "blue", "red"] {
        let asked = json!({ "graph": greet(), "labels": { "team": team, "a": "x=y" } });
        let run = server
            .post("/v1/runs?wait_ms=60000", A, &asked)
            .await
            .json();
        runs.push(run["run_id"].as_str().expect("an id").to_owned());
    }
    let ids = async |query: &str| -> Vec<String> {
        let listed = server.get(&format!("/v1/runs?{query}"), A).await;
        assert_eq!(listed.status, 200, "{query} {}", listed.text);
        let listed = listed.json();
        let items = listed["items"].as_array().expect("a list");
        items
            .iter()
            .map(|run| run["run_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let of =
        |wanted: &[usize]| -> Vec<String> { wanted.iter().map(|at| runs[*at].clone()).collect() };
    assert_eq!(ids("label=team=red").await, of(&[4, 2, 0]));
    assert_eq!(
        ids("label=a=x%3Dy&status=completed").await,
        of(&[4, 3, 2, 1, 0])
    );
    assert_eq!(ids("label=team").await.len(), 5);
    assert_eq!(ids("label=team=green").await, of(&[]));
    assert_eq!(ids("since=2100-01-01T00:00:00Z").await, of(&[]));
    assert_eq!(ids("until=2100-01-01T00:00:00%2B02:00").await.len(), 5);
    assert_eq!(ids("status=failed").await, of(&[]));
    let first = server.get("/v1/runs?label=team=red&limit=2", A).await;
    let cursor = first.json()["next_cursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    assert_eq!(
        ids(&format!("limit=2&cursor={cursor}&label=team=red")).await,
        of(&[0])
    );
    let link = first.header("link");
    let address = link.split(['<', '>']).nth(1).expect("an address");
    assert_eq!(
        server.get(address, A).await.json()["items"][0]["run_id"],
        runs[0]
    );
    for junk in [
        "status=over",
        "graph=a/b",
        "since=yesterday",
        "until=2026-01-01",
        "since=",
        "label=",
        "label==x",
        "label=graphloom.request",
        "limit=0",
        "limit=x",
        "cursor=abc",
        "page=1",
    ] {
        let answer = server.get(&format!("/v1/runs?{junk}"), A).await;
        assert_eq!(answer.status, 400, "{junk} {}", answer.text);
    }
    // 77. A cursor is for its tenant and its filters.
    for (query, token) in [("label=team=red", B), ("label=team=blue", A), ("", A)] {
        let path = format!("/v1/runs?limit=2&cursor={cursor}&{query}");
        let answer = server.get(&path, token).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "HTTP_CURSOR"),
            "{query}"
        );
    }
    // Behind what is gone by now no list goes on.
    let page = server.get("/v1/runs?limit=1", A).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let gone = format!("/v1/runs/{}", runs[4]);
    assert_eq!(
        Answer::of(server.ask(Method::DELETE, &gone, A))
            .await
            .status,
        204
    );
    let answer = server
        .get(&format!("/v1/runs?limit=1&cursor={cursor}"), A)
        .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (400, "HTTP_CURSOR")
    );
    server.stop().await;
}
