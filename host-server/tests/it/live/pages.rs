//! Pages of events, and lines.

use graphloom_server::{App, LiveOptions};
use reqwest::Method;
use serde_json::Value;

use super::client::Events;
use super::steps;
use crate::harness::{A, Answer, Server, engine};

#[tokio::test]
async fn pages_join_to_all_events() {
    let server = Server::start().await;
    let run = steps::through(&server, &steps::calls()).await;
    let all = Events::open(&server, &run, None).await.rest().await;
    let all: Vec<Value> = all
        .into_iter()
        .filter(|f| f.id.is_some())
        .map(|f| f.data)
        .collect();
    for limit in [1, 7, 200, 5_000] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/runs/{run}/events?limit={limit}{after}");
            let page = server.get(&path, A).await.json();
            let items = page["items"].as_array().expect("items");
            assert!(items.len() <= limit.min(200));
            seen.extend(items.clone());
            after = format!("&after={}", page["next_after"]);
            if page["over"] == true {
                break;
            }
            assert!(!items.is_empty(), "more is to come");
        }
        assert_eq!(seen, all, "{limit} at a time");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_page_behind_the_end_is_empty() {
    let (app, _gate) = steps::app();
    let server = Server::with(app).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    let page = server
        .get(&format!("/v1/runs/{run}/events?after=99999"), A)
        .await
        .json();
    assert_eq!(
        page,
        serde_json::json!({ "items": [], "next_after": 99_999, "over": false })
    );
    let over = steps::through(&server, &crate::harness::greet()).await;
    let page = server
        .get(
            &format!("/v1/runs/{over}/events?after=9223372036854775807"),
            A,
        )
        .await;
    assert_eq!(page.json()["over"], true);
    server.stop().await;
}

#[tokio::test]
async fn lines_are_what_the_command_line_writes() {
    let server = Server::start().await;
    let run = steps::through(&server, &steps::calls()).await;
    let path = format!("/v1/runs/{run}/events");
    let all = Events::open(&server, &run, None).await.rest().await;
    for media in ["application/jsonl", "application/x-ndjson"] {
        let request = server.ask(Method::GET, &path, A).header("accept", media);
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, media));
        let lines: Vec<Value> = answer
            .text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let (header, rest) = lines.split_first().expect("a header");
        let (result, events) = rest.split_last().expect("a result");
        assert_eq!(header["type"], "header");
        assert_eq!(
            (&header["schema"], &header["run_id"]),
            (&"events/1".into(), &run.as_str().into())
        );
        assert_eq!(
            (&result["type"], &result["status"]),
            (&"result".into(), &"completed".into())
        );
        assert_eq!(result["outputs"]["all"][2], "<c>");
        let expected = all
            .iter()
            .filter(|frame| frame.id.is_some())
            .map(|frame| &frame.data);
        assert!(expected.eq(events), "{events:?}");
    }
    let behind = server.ask(Method::GET, &format!("{path}?after=3"), A);
    let answer = Answer::of(behind.header("accept", "application/jsonl")).await;
    assert_eq!(answer.text.lines().count(), all.len() - 4 + 1);
    server.stop().await;
}

/// What is not in memory any more is made again, and is the same.
#[tokio::test]
async fn pages_that_were_dropped_are_made_again() {
    let mut options = LiveOptions::default();
    options.cache_bytes = 40 << 10;
    let (app, gate) = steps::app();
    let server = Server::with(app.live(options)).await;
    gate.add_permits(1_000);
    let run = steps::through(&server, &steps::graph(1_000, 20)).await;
    let all = Events::open(&server, &run, None).await.rest().await;
    assert!(all.len() > 3_000, "{} events", all.len());
    assert!(server.app.live_cache_bytes() <= 40 << 10);
    // From many places at once, with pages dropped under their feet.
    let readers = (0..20).map(|n| {
        let last = n * 149;
        let (server, run, all) = (&server, &run, &all);
        async move {
            let rest = Events::open(server, run, Some(last)).await.rest().await;
            assert!(rest == all[last as usize + 1..], "behind {last}");
        }
    });
    futures_util::future::join_all(readers).await;
    assert!(server.app.live_cache_bytes() <= 40 << 10);
    server.stop().await;
}

#[tokio::test]
async fn one_large_event_passes_a_small_cache() {
    let mut options = LiveOptions::default();
    options.cache_bytes = 1 << 10;
    let (app, gate) = steps::app();
    let server = Server::with(app.live(options)).await;
    gate.add_permits(3);
    let run = steps::through(&server, &steps::graph(3, 1 << 20)).await;
    let readers = (0..8).map(|_| async {
        let all = Events::open(&server, &run, None).await.rest().await;
        super::client::assert_from(&all, 0, "completed");
    });
    futures_util::future::join_all(readers).await;
    assert!(server.app.live_cache_bytes() <= 1 << 10);
    server.stop().await;
}

#[tokio::test]
async fn a_program_that_nests_the_router_has_streams_too() {
    let server = Server::with(App::builder(engine())).await;
    let run = steps::through(&server, &crate::harness::greet()).await;
    server.app.stop_streams();
    let frames = Events::open(&server, &run, None).await.rest().await;
    assert_eq!(frames, [], "streams that begin after the stop end at once");
    server.stop().await;
}
