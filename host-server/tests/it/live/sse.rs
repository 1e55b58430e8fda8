//! Event streams.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::MemoryStore;
use graphloom_server::{App, LiveOptions};
use reqwest::Method;

use super::client::{Events, assert_from, soon};
use super::steps;
use crate::harness::{A, Answer, Server, engine};

#[tokio::test]
async fn every_last_event_id_gives_exactly_the_rest() {
    // Everything in memory, and nothing: each page is made again then, and with it the names of the calls.
    for cache_bytes in [32 << 20, 0] {
        let mut options = LiveOptions::default();
        (options.cache_bytes, options.idle_runs) = (cache_bytes, 0);
        let server = Server::with(App::builder(engine()).live(options)).await;
        let run = steps::through(&server, &steps::calls()).await;
        let all = Events::open(&server, &run, None).await.rest().await;
        assert_from(&all, 0, "completed");
        let inner = all.iter().filter(|frame| frame.data["node"] == "fill");
        assert!(
            inner.count() >= 3,
            "the nodes inside of calls have names: {all:?}"
        );
        assert!(all.iter().all(|frame| !frame.data["node"].is_number()));
        for last in 0..all.len() as u64 - 1 {
            let rest = Events::open(&server, &run, Some(last)).await.rest().await;
            assert_eq!(rest, all[last as usize + 1..], "behind {last}");
            let path = format!("/v1/runs/{run}/events?after={last}");
            let request = server.ask(Method::GET, &path, A);
            let rest = Events::of(request.header("accept", "text/event-stream")).await;
            assert_eq!(rest.rest().await, all[last as usize + 1..], "after {last}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn events_come_as_they_are_kept() {
    let (app, gate) = steps::app();
    let server = Server::with(app).await;
    let run = steps::begin(&server, &steps::graph(3, 0)).await;
    let mut events = Events::open(&server, &run, None).await;
    let mut seen = Vec::new();
    for number in 0..3 {
        gate.add_permits(1);
        loop {
            let frame = events.next().await.expect("the run goes on");
            let is_it = frame.data["node"] == "steps" && frame.data["pin"] == "number";
            seen.push(frame.clone());
            if is_it {
                assert_eq!(frame.data["value"], format!("{number} "));
                break;
            }
        }
    }
    assert_eq!(events.retry, Some(1_000));
    seen.extend(events.rest().await);
    assert_from(&seen, 0, "completed");
    server.stop().await;
}

#[tokio::test]
async fn a_run_of_another_process_is_watched() {
    let store = Arc::new(MemoryStore::new());
    let (app, gate) = steps::app();
    let driving = Server::with(app.store(store.clone())).await;
    let mut options = LiveOptions::default();
    options.look_every = Duration::from_millis(10);
    let (app, _) = steps::app();
    let watching = Server::with(app.store(store).live(options)).await;
    let run = steps::begin(&driving, &steps::graph(5, 0)).await;
    let mut events = Events::open(&watching, &run, None).await;
    let mut seen = vec![events.next().await.expect("it began")];
    gate.add_permits(5);
    seen.extend(events.rest().await);
    assert_from(&seen, 0, "completed");
    watching.stop().await;
    driving.stop().await;
}

#[tokio::test]
async fn whoever_is_slow_loses_nothing_and_costs_no_memory() {
    let (app, gate) = steps::app();
    let mut options = LiveOptions::default();
    options.cache_bytes = 256 << 10;
    let server = Server::with(app.live(options)).await;
    // 16 MiB of events, since each text is in two of them: more than sockets hold.
    let (count, bytes) = (512, 16 << 10);
    let run = steps::begin(&server, &steps::graph(count, bytes)).await;
    let mut slow = Events::open(&server, &run, None).await;
    let first = slow.next().await.expect("it began");
    gate.add_permits(usize::try_from(count).expect("fits"));
    // Another one reads all of it meanwhile: the run is over when that is.
    let all = Events::open(&server, &run, None).await.rest().await;
    assert_from(&all, 0, "completed");
    assert!(server.app.live_cache_bytes() <= 256 << 10);
    let mut seen = vec![first];
    seen.extend(slow.rest().await);
    assert!(seen == all, "the same events");
    assert!(server.app.live_cache_bytes() <= 256 << 10);
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_ends_while_nobody_reads_is_read_to_its_end() {
    let (app, gate) = steps::app();
    let server = Server::with(app).await;
    let run = steps::begin(&server, &steps::graph(100, 0)).await;
    let left = Events::open(&server, &run, None).await;
    gate.add_permits(100);
    loop {
        let answer = server.get(&format!("/v1/runs/{run}"), A).await.json();
        if answer["status"] == "completed" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_from(&left.rest().await, 0, "completed");
    server.stop().await;
}

#[tokio::test]
async fn a_stream_on_which_nothing_happens_says_that_it_is_there() {
    let (app, gate) = steps::app();
    let mut options = LiveOptions::default();
    options.heartbeat = Duration::from_millis(20);
    let server = Server::with(app.live(options)).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    let mut events = Events::open(&server, &run, None).await;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.push(events.next().await.expect("it goes on"));
    }
    let waiting = async {
        // No event comes; what is read on the way are beats.
        let _ = tokio::time::timeout(Duration::from_millis(500), events.next()).await;
        events
    };
    let events = waiting.await;
    assert!(events.beats >= 2, "{} beats", events.beats);
    gate.add_permits(1);
    seen.extend(events.rest().await);
    assert_from(&seen, 0, "completed");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams() {
    let (app, _gate) = steps::app();
    let server = Server::with(app).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    let mut events = Events::open(&server, &run, None).await;
    let first = events.next().await.expect("it began");
    assert_eq!(first.id, Some(0));
    let (rest, ()) = tokio::join!(events.rest(), soon(server.stop()));
    assert!(
        rest.iter().all(|frame| frame.id.is_some()),
        "no end is told: {rest:?}"
    );
}

#[tokio::test]
async fn a_principal_has_so_many_streams() {
    let (app, _gate) = steps::app();
    let mut options = LiveOptions::default();
    options.max_streams = 2;
    let server = Server::with(app.live(options)).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    let path = format!("/v1/runs/{run}/events");
    let open = || {
        let request = server.ask(Method::GET, &path, A);
        request.header("accept", "text/event-stream").send()
    };
    let first = open().await.expect("an answer");
    let second = open().await.expect("an answer");
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (200, 200)
    );
    let third = Answer::of(
        server
            .ask(Method::GET, &path, A)
            .header("accept", "text/event-stream"),
    )
    .await;
    assert_eq!(
        (third.status, third.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    assert_eq!(third.header("retry-after"), "1");
    drop(first);
    // The place is free when the server has seen that the client is gone.
    soon(async {
        while open().await.expect("an answer").status().as_u16() != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(second);
    server.stop().await;
}
