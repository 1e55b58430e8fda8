//! What is over is forgotten when it is old enough.

use std::time::Duration;

use graphloom_server::Retention;
use serde_json::json;

use crate::harness::{A, Server, greet};
use crate::timed::{World, approve, review, until};

const START: &str = "2026-11-21T12:00:30Z";
const DAY: u64 = 86_400;

async fn started(server: &Server, graph: &str) -> String {
    let path = format!("/v1/graphs/{graph}/runs");
    let started = server.post(&path, A, &json!({})).await.json();
    started["run_id"].as_str().expect("an id").to_owned()
}

async fn status(server: &Server, run: &str) -> String {
    let shown = server.get(&format!("/v1/runs/{run}"), A).await;
    let status = shown.json()["status"].as_str().map(str::to_owned);
    status.unwrap_or_else(|| shown.status.to_string())
}

#[tokio::test]
async fn runs_that_are_over_are_forgotten_a_while_after_their_end() {
    let world = World::at(START);
    let week = Retention::default().runs(Some(Duration::from_secs(7 * DAY)));
    let server = Server::with(world.app().retention(week)).await;
    let (greet, review) = (
        server.keep(A, &greet()).await,
        server.keep(A, &review()).await,
    );
    // More than are looked at together.
    let mut old = Vec::new();
    for _ in 0..120 {
        old.push(started(&server, &greet).await);
    }
    for run in &old {
        server.over(A, run).await;
    }
    let (long, waits) = (
        started(&server, &review).await,
        started(&server, &review).await,
    );
    for run in [&long, &waits] {
        until("it waits", async || {
            (status(&server, run).await == "waiting").then_some(())
        })
        .await;
    }
    world.clock.pass(6 * DAY);
    let late = started(&server, &greet).await;
    server.over(A, &late).await;
    // It was accepted long ago, and ends now.
    approve(&server, &long).await;
    server.over(A, &long).await;
    assert_eq!(status(&server, &old[0]).await, "completed");

    world.clock.pass(DAY + 3_601);
    let path = "/v1/runs?limit=200";
    let left = until("the old ones are gone", async || {
        let listed = server.get(path, A).await.json();
        let listed = listed["items"].as_array().expect("a list").clone();
        (listed.len() <= 3).then_some(listed)
    })
    .await;
    assert_eq!(left.len(), 3);
    for (run, expected) in [
        (&waits, "waiting"),
        (&late, "completed"),
        (&long, "completed"),
        (&old[0], "404"),
    ] {
        assert_eq!(status(&server, run).await, expected);
    }
    // What waits is never too old.
    world.clock.pass(1_000 * DAY);
    until("the others are gone, too", async || {
        (status(&server, &late).await == "404").then_some(())
    })
    .await;
    assert_eq!(status(&server, &waits).await, "waiting");
}

#[tokio::test]
async fn without_a_setting_runs_are_kept_for_ever() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let run = started(&server, &graph).await;
    server.over(A, &run).await;
    world.clock.pass(10_000 * DAY);
    for _ in 0..20 {
        tokio::task::yield_now().await;
        assert_eq!(status(&server, &run).await, "completed");
    }
}
