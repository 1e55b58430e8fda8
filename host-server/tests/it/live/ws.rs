//! Events of many runs over one WebSocket connection.

use std::time::Duration;

use graphloom_server::LiveOptions;
use serde_json::json;

use super::client::{Events, Talk, handshake, soon};
use super::steps;
use crate::harness::{A, B, Server};

#[tokio::test]
async fn many_runs_come_over_one_connection() {
    let (app, gate) = steps::app();
    let server = Server::with(app).await;
    let graph = server.keep(A, &steps::graph(4, 0)).await;
    let mut talk = Talk::open(&server, A).await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        let run = steps::begin_kept(&server, &graph).await;
        talk.say(&json!({ "type": "subscribe", "run": run })).await;
        runs.push((run, Vec::new(), false));
    }
    gate.add_permits(5 * 4);
    while runs.iter().any(|(_, _, over)| !over) {
        let message = talk.hear().await.expect("a message");
        let run = runs
            .iter_mut()
            .find(|(run, _, _)| message["run"] == run.as_str());
        let (_, seen, over) = run.expect("one of them");
        match message["type"].as_str() {
            Some("subscribed") => assert!(seen.is_empty()),
            Some("events") => seen.extend(message["events"].as_array().expect("events").clone()),
            Some("end") => *over = true,
            _ => panic!("{message}"),
        }
    }
    for (run, seen, _) in runs {
        let all = Events::open(&server, &run, None).await.rest().await;
        let all = all.into_iter().filter(|frame| frame.id.is_some());
        assert!(all.map(|frame| frame.data).eq(seen), "{run}");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_event_is_a_place_to_go_on_from() {
    let server = Server::start().await;
    let run = steps::through(&server, &steps::calls()).await;
    let mut talk = Talk::open(&server, A).await;
    let answer = talk.ask(&json!({ "type": "subscribe", "run": run })).await;
    assert_eq!(answer, json!({ "type": "subscribed", "run": run }));
    let (all, status) = talk.events(&run).await;
    assert_eq!(status, "completed");
    for after in 0..all.len() {
        let answer = talk
            .ask(&json!({ "type": "subscribe", "run": run, "after": after }))
            .await;
        assert_eq!(answer["after"], after);
        let (rest, status) = talk.events(&run).await;
        assert_eq!(
            (rest.as_slice(), status.as_str()),
            (&all[after + 1..], "completed")
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_wanted_any_more_does_not_come() {
    let (app, gate) = steps::app();
    let server = Server::with(app).await;
    let run = steps::begin(&server, &steps::graph(50, 0)).await;
    let mut talk = Talk::open(&server, A).await;
    talk.ask(&json!({ "type": "subscribe", "run": run })).await;
    let first = talk.hear().await.expect("events");
    assert_eq!(first["type"], "events");
    let taken = talk.ask(&json!({ "type": "subscribe", "run": run })).await;
    assert_eq!(taken["problem"]["code"], "HTTP_CONFLICT");
    let gone = talk
        .ask(&json!({ "type": "unsubscribe", "run": run }))
        .await;
    assert_eq!(gone, json!({ "type": "unsubscribed", "run": run }));
    gate.add_permits(50);
    let all = Events::open(&server, &run, None).await.rest().await;
    assert!(all.len() > 100, "the run is over");
    let answer = talk.ask(&json!({ "type": "ping" })).await;
    assert_eq!(
        answer,
        json!({ "type": "pong" }),
        "and nothing of the run before it"
    );
    // It can be wanted again.
    talk.ask(&json!({ "type": "subscribe", "run": run, "after": 2 }))
        .await;
    let (rest, _) = talk.events(&run).await;
    assert_eq!(rest.len(), all.len() - 1 - 3);
    server.stop().await;
}

/// 63. Another's run is not there; the connection stays.
#[tokio::test]
async fn anothers_run_cannot_be_watched() {
    let server = Server::start().await;
    let run = steps::through(&server, &crate::harness::greet()).await;
    let mut talk = Talk::open(&server, B).await;
    for run in [run.as_str(), "none"] {
        let answer = talk.ask(&json!({ "type": "subscribe", "run": run })).await;
        assert_eq!(
            (&answer["type"], &answer["run"]),
            (&"error".into(), &run.into())
        );
        assert_eq!(answer["problem"]["code"], "HTTP_NOT_FOUND");
        assert_eq!(answer["problem"]["status"], 404);
    }
    for junk in [
        json!([]),
        json!({ "type": "ack" }),
        json!({ "type": "subscribe" }),
    ] {
        let answer = talk.ask(&junk).await;
        assert_eq!(answer["type"], "error", "{junk}");
        assert_eq!(answer["problem"]["code"], "HTTP_BODY", "{junk}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_token_may_come_as_a_protocol() {
    let server = Server::start().await;
    let check = async |protocols: &[&str], header: Option<&str>, expected: Result<(), u16>| {
        let mut request = handshake(&server);
        for protocol in protocols {
            request = request.header("sec-websocket-protocol", *protocol);
        }
        if let Some(token) = header {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let opened = Talk::of(&server, request.body(()).expect("a request")).await;
        assert_eq!(opened.map(drop), expected, "{protocols:?} {header:?}");
    };
    let ours = format!("graphloom.v1, bearer.{A}");
    check(&[&ours], None, Ok(())).await;
    check(&["graphloom.v1", &format!("bearer.{A}")], None, Ok(())).await;
    check(&["graphloom.v1"], Some(A), Ok(())).await;
    check(&[], Some(A), Ok(())).await;
    check(&["graphloom.v1, bearer.wrong"], None, Err(401)).await;
    check(&[&ours], Some(A), Err(401)).await;
    check(
        &[&format!("graphloom.v1, bearer.{A}, bearer.{A}")],
        None,
        Err(401),
    )
    .await;
    check(&[&format!("bearer.{A}")], None, Err(400)).await;
    check(&["graphloom.v2"], Some(A), Err(400)).await;
    check(&["graphloom.v1"], None, Err(401)).await;
    let request = handshake(&server).uri(format!("ws://localhost/v1/ws?token={A}"));
    let opened = Talk::of(&server, request.body(()).expect("a request")).await;
    assert_eq!(opened.map(drop), Err(401), "never by the address");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let (app, _gate) = steps::app();
    let server = Server::with(app).await;
    let mut talk = Talk::open(&server, A).await;
    let (code, ()) = tokio::join!(talk.closed(), soon(server.stop()));
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn a_client_is_asked_whether_it_is_there() {
    let mut options = LiveOptions::default();
    (options.heartbeat, options.accept_time) =
        (Duration::from_millis(20), Duration::from_millis(400));
    let (app, _gate) = steps::app();
    let server = Server::with(app.live(options)).await;
    let mut talk = Talk::open(&server, A).await;
    // One that answers stays, for longer than one that does not may.
    let _ = tokio::time::timeout(Duration::from_secs(1), talk.hear()).await;
    assert_eq!(
        talk.ask(&json!({ "type": "ping" })).await,
        json!({ "type": "pong" })
    );
    server.stop().await;
}
