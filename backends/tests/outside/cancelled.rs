//! Who gives up a request gives up its connection.

use std::io::Read;
use std::sync::mpsc;
use std::time::Duration;

use graphloom::host::Http;
use graphloom_backends::http::HttpLimits;

use crate::harness::{get, is_left, limited, raw, read_head, send};
use crate::stub::{Response, Server};

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn in_the_middle_of_the_headers() {
    let (asked, was_asked) = tokio::sync::mpsc::unbounded_channel();
    let (left, was_left) = mpsc::channel();
    let address = raw(move |mut stream| {
        read_head(&mut stream);
        asked.send(()).unwrap();
        // Returns when the client closes the connection.
        let rest = stream.read(&mut [0; 64]);
        left.send(matches!(rest, Ok(0) | Err(_))).unwrap();
    });
    let client = limited(&["127.0.0.1:*"], HttpLimits::default());
    let mut was_asked = was_asked;
    tokio::select! {
        answer = client.send(get(format!("http://{address}/"))) => panic!("{answer:?}"),
        _ = was_asked.recv() => {}
    }
    // What is left to do is done by a task of the connection.
    let was_left = tokio::task::spawn_blocking(move || was_left.recv_timeout(LONG)).await;
    assert!(was_left.unwrap().unwrap());
}

#[tokio::test]
async fn in_the_middle_of_the_body() {
    let server = Server::start(|_| Response::new(200, "a part").hangs());
    let client = limited(&["127.0.0.1:*"], HttpLimits::default());
    let mut answer = send(&client, get(server.url("/"))).await.unwrap();
    assert_eq!(answer.body.next().await.unwrap().unwrap(), b"a part");
    assert_eq!(server.open(), 1);
    tokio::select! {
        biased;
        piece = answer.body.next() => panic!("{piece:?}"),
        () = tokio::task::yield_now() => {}
    }
    drop(answer);
    assert!(is_left(&server).await);
}

#[tokio::test]
async fn waiting_for_its_turn() {
    let server = Server::start(|_| Response::new(200, "a part").hangs());
    let client = limited(
        &["127.0.0.1:*"],
        HttpLimits::default().max_connections_per_host(1),
    );
    let first = send(&client, get(server.url("/"))).await.unwrap();
    tokio::select! {
        biased;
        answer = client.send(get(server.url("/"))) => panic!("{answer:?}"),
        () = tokio::time::sleep(Duration::from_millis(30)) => {}
    }
    assert_eq!(server.requests().len(), 1);
    drop(first);
    // The turn of the one that was given up is free again.
    let next = send(&client, get(server.url("/"))).await.unwrap();
    drop(next);
    assert_eq!(server.requests().len(), 2);
}
