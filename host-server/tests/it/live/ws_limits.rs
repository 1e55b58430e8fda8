//! 72. What a WebSocket client may not do.

use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt;
use graphloom::host::{MemoryStore, Store};
use graphloom_server::{App, LiveOptions};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

use super::client::{Talk, handshake, soon};
use super::steps;
use crate::harness::{A, Server, engine};

#[tokio::test]
async fn pages_of_others_open_nothing() {
    let server = Server::start().await;
    let check = async |origin: &str, expected: Result<(), u16>| {
        let request = handshake(&server).header("authorization", format!("Bearer {A}"));
        let request = request.header("origin", origin).body(());
        let opened = Talk::of(&server, request.expect("a request")).await;
        assert_eq!(opened.map(drop), expected, "{origin}");
    };
    check(&server.url, Ok(())).await;
    check("http://evil.example", Err(403)).await;
    check("null", Err(403)).await;
    let request = handshake(&server).body(()).expect("a request");
    assert_eq!(
        Talk::of(&server, request).await.map(drop),
        Err(401),
        "no token"
    );
    server.stop().await;
}

#[tokio::test]
async fn pages_that_the_operator_names_may() {
    let mut options = LiveOptions::default();
    options.origins = vec!["https://app.example.com".parse().expect("an origin")];
    let (app, _gate) = steps::app();
    let server = Server::with(app.live(options)).await;
    let request = handshake(&server).header("authorization", format!("Bearer {A}"));
    let request = request.header("origin", "https://app.example.com").body(());
    let opened = Talk::of(&server, request.expect("a request")).await;
    assert_eq!(opened.map(drop), Ok(()));
    server.stop().await;
}

/// A server on which nobody gets to send more by sending slowly.
async fn server(change: impl FnOnce(&mut LiveOptions)) -> Server {
    let mut options = LiveOptions::default();
    options.messages_per_second = 0;
    change(&mut options);
    Server::with(App::builder(engine()).live(options)).await
}

#[tokio::test]
async fn one_message_more_than_may_come_at_once_closes_the_connection() {
    let server = server(|options| options.message_burst = 100).await;
    for message in [
        Message::text(json!({ "type": "subscribe", "run": "none" }).to_string()),
        Message::Ping(vec![0; 100].into()),
    ] {
        let mut talk = Talk::open(&server, A).await;
        for _ in 0..=100 {
            talk.0.send(message.clone()).await.expect("it is sent");
        }
        assert_eq!(talk.closed().await, 1008);
    }
    server.stop().await;
}

#[tokio::test]
async fn ten_thousand_subscribes_close_the_connection() {
    let server = server(|_| ()).await;
    let mut talk = Talk::open(&server, A).await;
    soon(async {
        let asked = json!({ "type": "subscribe", "run": "none" }).to_string();
        for _ in 0..10_000 {
            if talk.0.feed(Message::text(asked.as_str())).await.is_err() {
                break;
            }
        }
        let _ = talk.0.flush().await;
    })
    .await;
    talk.closed_amid(1008).await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_watches_so_many() {
    let mut options = LiveOptions::default();
    options.max_subscriptions = 2;
    let (app, gate) = steps::app();
    let server = Server::with(app.live(options)).await;
    let graph = server.keep(A, &steps::graph(1, 0)).await;
    let mut talk = Talk::open(&server, A).await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(steps::begin_kept(&server, &graph).await);
    }
    let mut refused = 0;
    for run in &runs {
        talk.say(&json!({ "type": "subscribe", "run": run })).await;
        loop {
            let answer = talk.hear().await.expect("an answer");
            match answer["type"].as_str() {
                Some("error") => {
                    assert_eq!(answer["problem"]["code"], "HTTP_TOO_MANY");
                    refused += 1;
                    break;
                }
                Some("subscribed") => break,
                _ => {}
            }
        }
    }
    assert_eq!(refused, 1);
    // A run that is over makes room.
    gate.add_permits(3);
    while talk.hear().await.expect("a message")["type"] != "end" {}
    talk.say(&json!({ "type": "subscribe", "run": runs[2] }))
        .await;
    loop {
        let message = talk.hear().await.expect("a message");
        assert_ne!(message["type"], "error", "{message}");
        if message["type"] == "subscribed" {
            break;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_message_has_so_many_bytes() {
    let server = Server::start().await;
    // As many as may be: it is read, and is no message of ours.
    let mut talk = Talk::open(&server, A).await;
    let answer = talk
        .ask(&json!({ "type": "x".repeat((64 << 10) - 12) }))
        .await;
    assert_eq!(answer["type"], "error");
    let mut talk = Talk::open(&server, A).await;
    let large = Message::text("x".repeat((64 << 10) + 1));
    let _ = talk.0.send(large).await;
    assert_eq!(talk.closed().await, 1009);
    // 64 MiB in one frame: refused by its head.
    let mut talk = Talk::open(&server, A).await;
    let mut head = vec![0x81, 0x80 | 127];
    head.extend_from_slice(&(64_u64 << 20).to_be_bytes());
    head.extend_from_slice(&[0; 4]);
    let stream = talk.0.get_mut();
    stream.write_all(&head).await.expect("it is sent");
    // The server may be gone before all of it is.
    let _ = stream.write_all(&vec![b'x'; 1 << 20]).await;
    assert_eq!(talk.closed().await, 1009);
    server.stop().await;
}

/// Returns a fragment of a message.
fn fragment(op: Data, bytes: Vec<u8>) -> Message {
    let header = FrameHeader {
        is_final: false,
        opcode: OpCode::Data(op),
        mask: Some([0; 4]),
        ..FrameHeader::default()
    };
    Message::Frame(Frame::from_payload(header, bytes.into()))
}

#[tokio::test]
async fn a_message_that_never_ends_closes_the_connection() {
    let server = Server::start().await;
    // Fragments that add up to more than a message may have.
    let mut talk = Talk::open(&server, A).await;
    let _ = talk.0.feed(fragment(Data::Text, vec![b'x'])).await;
    for _ in 0..70_000 {
        if talk
            .0
            .feed(fragment(Data::Continue, vec![b'x']))
            .await
            .is_err()
        {
            break;
        }
    }
    let _ = talk.0.flush().await;
    talk.closed_amid(1009).await;
    server.stop().await;
    // Empty ones never do; what is sent is counted all the same.
    let server = self::server(|options| options.inbound_per_second = 1 << 10).await;
    let mut talk = Talk::open(&server, A).await;
    let _ = talk.0.feed(fragment(Data::Text, Vec::new())).await;
    let flood = async {
        for _ in 0..200_000 {
            if talk
                .0
                .feed(fragment(Data::Continue, Vec::new()))
                .await
                .is_err()
            {
                break;
            }
        }
    };
    soon(flood).await;
    talk.closed_amid(1008).await;
    server.stop().await;
}

#[tokio::test]
async fn a_flood_of_pings_closes_the_connection() {
    let server = server(|_| ()).await;
    let mut talk = Talk::open(&server, A).await;
    for _ in 0..10_000 {
        if talk
            .0
            .feed(Message::Ping(vec![0; 100].into()))
            .await
            .is_err()
        {
            break;
        }
    }
    let _ = talk.0.flush().await;
    talk.closed_amid(1008).await;
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_text_closes_the_connection() {
    let server = Server::start().await;
    let mut talk = Talk::open(&server, A).await;
    talk.0
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .expect("it is sent");
    assert_eq!(talk.closed().await, 1003);
    let mut talk = Talk::open(&server, A).await;
    let frame = Frame::from_payload(
        FrameHeader {
            opcode: OpCode::Data(Data::Text),
            mask: Some([0; 4]),
            ..FrameHeader::default()
        },
        vec![0xff, 0xfe].into(),
    );
    talk.0
        .send(Message::Frame(frame))
        .await
        .expect("it is sent");
    assert_eq!(talk.closed().await, 1007);
    let mut talk = Talk::open(&server, A).await;
    // Not masked, as a client has to.
    talk.0
        .get_mut()
        .write_all(&[0x81, 1, b'x'])
        .await
        .expect("it is sent");
    assert_eq!(talk.closed().await, 1002);
    server.stop().await;
}

/// One that never reads is dropped, and goes on where it was when it comes back.
#[tokio::test]
async fn a_client_that_never_reads_is_dropped() {
    let mut options = LiveOptions::default();
    options.accept_time = Duration::from_millis(300);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (app, gate) = steps::app();
    let server = Server::with(app.live(options).store(Arc::clone(&store))).await;
    // 16 MiB of events, since each text is in two of them: more than sockets hold.
    let (count, bytes) = (512, 16 << 10);
    let run = steps::begin(&server, &steps::graph(count, bytes)).await;
    let mut talk = Talk::open(&server, A).await;
    talk.say(&json!({ "type": "subscribe", "run": run })).await;
    gate.add_permits(512);
    // It reads nothing, until the server has let it go: a write fails then.
    soon(async {
        let frame = [0x8a, 0x80, 0, 0, 0, 0];
        while talk.0.get_mut().write_all(&frame).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    // What was sent before is there to be read, in order and from the first on.
    let mut last = None;
    while let Ok(message) = talk.hear().await {
        let events = message["events"].as_array().cloned().unwrap_or_default();
        for event in events {
            let seq = event["seq"].as_u64().expect("a number");
            assert_eq!(seq, last.map_or(0, |last: u64| last + 1));
            last = Some(seq);
        }
    }
    server.over(A, &run).await;
    // It comes back to one that has patience with clients that are slow to read.
    let (app, _gate) = steps::app();
    let patient = Server::with(app.store(store)).await;
    let mut talk = Talk::open(&patient, A).await;
    talk.say(&json!({ "type": "subscribe", "run": run, "after": last }))
        .await;
    assert_eq!(talk.hear().await.expect("an answer")["type"], "subscribed");
    let (rest, status) = talk.events(&run).await;
    let first = rest.first().and_then(|event| event["seq"].as_u64());
    assert_eq!(
        (first, status.as_str()),
        (Some(last.map_or(0, |last| last + 1)), "completed")
    );
    patient.stop().await;
    server.stop().await;
}
