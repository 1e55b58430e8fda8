//! 64. Rights that end while someone watches.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Timestamp;
use graphloom::host::{Clock, ManualClock};
use graphloom_server::records::{Change, Draft, Expect, Kind, MemoryRecords, Records};
use graphloom_server::{LiveOptions, Principal, Scope, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Events, Talk};
use super::steps;
use crate::harness::{A, Answer, Server, auth};

#[tokio::test]
async fn a_key_that_is_revoked_ends_what_it_opened() {
    let mut options = LiveOptions::default();
    options.recheck = Duration::from_millis(20);
    let (app, _gate) = steps::app();
    let server = Server::with(app.live(options)).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    let body = json!({ "name": "n", "scopes": ["runs:read"] });
    let made = server.post("/v1/keys", A, &body).await.json();
    let (id, key) = (&made["id"], made["key"].as_str().expect("a key"));
    let mut talk = Talk::open(&server, key).await;
    let asked = json!({ "type": "subscribe", "run": run });
    assert_eq!(talk.ask(&asked).await["type"], "subscribed");
    let path = format!("/v1/runs/{run}/events");
    let request = server.ask(Method::GET, &path, key);
    let stream = Events::of(request.header("accept", "text/event-stream")).await;
    // Those of others go on.
    let mut other = Events::open(&server, &run, None).await;
    assert!(other.next().await.is_some());

    let path = format!("/v1/keys/{}", id.as_str().expect("an id"));
    let revoked = Answer::of(server.ask(Method::DELETE, &path, A)).await;
    assert_eq!(revoked.status, 204);
    assert_eq!(talk.closed().await, 4401);
    let frames = stream.rest().await;
    let last = frames.last().expect("one at least");
    assert_eq!(last.event, "expired");
    assert_eq!(last.data["code"], "AUTH_INVALID");
    server.stop().await;
    assert!(other.rest().await.iter().all(|frame| frame.id.is_some()));
}

/// What a key may is less by now: what it opened ends, also where it still may watch.
#[tokio::test]
async fn a_key_that_may_less_ends_what_it_opened() {
    let records = Arc::new(MemoryRecords::default());
    let mut options = LiveOptions::default();
    options.recheck = Duration::from_millis(20);
    assert!(LiveOptions::default().recheck <= Duration::from_secs(30));
    let (app, _gate) = steps::app();
    let app = app.live(options).records(Arc::clone(&records) as _);
    let server = Server::with(app).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    for (given, left) in [
        (json!(["runs:read", "runs:write"]), "\"runs:read\""),
        (json!(["runs:read"]), ""),
    ] {
        let body = json!({ "name": "n", "scopes": given });
        let made = server.post("/v1/keys", A, &body).await.json();
        let key = made["key"].as_str().expect("a key");
        let mut talk = Talk::open(&server, key).await;
        let asked = json!({ "type": "subscribe", "run": run });
        assert_eq!(talk.ask(&asked).await["type"], "subscribed");
        let path = format!("/v1/runs/{run}/events");
        let request = server.ask(Method::GET, &path, key);
        let stream = Events::of(request.header("accept", "text/event-stream")).await;

        // As another process writes it.
        let tenant = Principal::new("a", "tests").scopes(Scopes::all());
        let tenant = tenant.may(Scope::KeysWrite).expect("it may");
        let id = made["id"].as_str().expect("an id");
        let kept = records.get(tenant, Kind::ApiKey, id).await;
        let kept = kept.expect("records").expect("the key");
        let mut body: Value = serde_json::from_str(kept.body.as_str()).expect("JSON");
        body["scopes"] = serde_json::from_str(&format!("[{left}]")).expect("JSON");
        let less = Draft::new(tenant, Kind::ApiKey, id, &body).expect("JSON");
        let less = less.unique(kept.unique.expect("a hash"));
        let less = vec![Change::Put(less, Expect::Revision(kept.revision))];
        records.write(less, kept.updated).await.expect("written");

        assert_eq!(talk.closed().await, 4401, "{given}");
        let frames = stream.rest().await;
        let last = frames.last().expect("one at least");
        assert_eq!(last.event, "expired", "{given}");
        assert_eq!(last.data["code"], "AUTH_INVALID", "{given}");
    }
    server.stop().await;
}

/// A server whose token `short` ends in an hour, and its clock.
async fn with_short(recheck: Duration) -> (Server, ManualClock) {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(1_800_000_000));
    let until = Timestamp(clock.now().as_millis() + 3_600_000);
    let short = Principal::new("a", "short")
        .scopes(Scopes::all())
        .expires(until);
    let mut options = LiveOptions::default();
    options.recheck = recheck;
    let (app, _) = steps::app();
    let app = app.clock(Arc::new(clock.clone())).live(options);
    (
        Server::taking(app, auth().token("short", short)).await,
        clock,
    )
}

#[tokio::test]
async fn a_stream_and_a_connection_end_with_their_token() {
    let (server, clock) = with_short(Duration::from_millis(20)).await;
    let run = steps::begin(&server, &steps::graph(1, 0)).await;
    let path = format!("/v1/runs/{run}/events");
    let request = server.ask(Method::GET, &path, "short");
    let mut stream = Events::of(request.header("accept", "text/event-stream")).await;
    let mut talk = Talk::open(&server, "short").await;
    let asked = json!({ "type": "subscribe", "run": run });
    assert_eq!(talk.ask(&asked).await["type"], "subscribed");
    assert!(stream.next().await.is_some());
    clock.advance(Duration::from_hours(2));
    assert_eq!(talk.closed().await, 4401);
    let frames = stream.rest().await;
    let last = frames.last().expect("one at least");
    assert_eq!((last.id, last.event.as_str()), (None, "expired"));
    assert_eq!(last.data["code"], "AUTH_EXPIRED");
    assert!(frames.iter().all(|frame| frame.event != "end"));
    server.stop().await;
}

#[tokio::test]
async fn whoever_subscribes_is_looked_at_again() {
    // Nothing else would notice in time.
    let (server, clock) = with_short(Duration::from_hours(1)).await;
    let run = steps::through(&server, &crate::harness::greet()).await;
    let mut talk = Talk::open(&server, "short").await;
    assert_eq!(talk.ask(&json!({ "type": "ping" })).await["type"], "pong");
    clock.advance(Duration::from_hours(2));
    talk.say(&json!({ "type": "subscribe", "run": run })).await;
    assert_eq!(talk.hear().await, Err(4401));
    server.stop().await;
}
