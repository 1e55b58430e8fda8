//! Requests as bytes: what is no HTTP, what is too much, what comes too slowly.

use std::sync::Arc;
use std::time::Duration;

use graphloom_server::App;
use graphloom_server::serve::{Limits, raise_descriptors};
use tokio::time::Instant;

use crate::faulty::Faulty;
use crate::harness::{A, Server, engine};
use crate::raw::{DEADLINE, HEALTH, Raw, post};

async fn server(limits: Limits) -> Server {
    Server::within(App::builder(engine()), limits).await
}

/// 70. Each of these is read by some server in another way than by others.
#[tokio::test]
async fn what_could_be_read_in_two_ways_is_refused() {
    let server = Server::start().await;
    let chunk = "5\r\n{   }\r\n0\r\n\r\n";
    let smuggled = "GET /v1/graphs HTTP/1.1\r\nHost: x\r\n\r\n";
    for (what, request) in [
        (
            "CL and TE",
            post(
                "/v1/graphs",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            ) + chunk,
        ),
        (
            "TE and CL",
            post(
                "/v1/graphs",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            ) + chunk,
        ),
        (
            "two lengths",
            post("/v1/graphs", "Content-Length: 2\r\nContent-Length: 40\r\n") + "{}" + smuggled,
        ),
        (
            "one length twice",
            post("/v1/graphs", "Content-Length: 2\r\nContent-Length: 2\r\n") + "{}",
        ),
        (
            "a list of lengths",
            post("/v1/graphs", "Content-Length: 2, 2\r\n") + "{}",
        ),
        (
            "a signed length",
            post("/v1/graphs", "Content-Length: +2\r\n") + "{}",
        ),
        (
            "a length that is none",
            post("/v1/graphs", "Content-Length: 2 3\r\n") + "{}",
        ),
        (
            "space before the colon",
            post("/v1/graphs", "Content-Length : 2\r\n") + "{}",
        ),
        (
            "another coding",
            post("/v1/graphs", "Transfer-Encoding: gzip, chunked\r\n") + chunk,
        ),
        (
            "a hidden coding",
            post("/v1/graphs", "Transfer-Encoding: xchunked\r\n") + chunk,
        ),
        (
            "coding behind a tab",
            post("/v1/graphs", "Transfer-Encoding:\x0bchunked\r\n") + chunk,
        ),
        (
            "a folded coding",
            post("/v1/graphs", "Transfer-Encoding:\r\n chunked\r\n") + chunk,
        ),
        (
            "a folded header",
            "GET /health HTTP/1.1\r\nHost: here\r\nA: b\r\n c\r\n\r\n".into(),
        ),
        (
            "LF in the request line",
            "GET /health HTTP/1.1\nHost: here\r\n\r\n".into(),
        ),
        (
            "LF in a header",
            "GET /health HTTP/1.1\r\nHost: here\n\r\n".into(),
        ),
        (
            "LF at the end",
            "GET /health HTTP/1.1\r\nHost: here\r\n\n".into(),
        ),
        (
            "CR in a header",
            "GET /health HTTP/1.1\r\nHost: he\rre\r\n\r\n".into(),
        ),
        (
            "NUL in a header",
            "GET /health HTTP/1.1\r\nHost: here\r\nA: \0\r\n\r\n".into(),
        ),
        ("no host", "GET /health HTTP/1.1\r\n\r\n".into()),
        (
            "two hosts",
            "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".into(),
        ),
        (
            "an old version with a coding",
            "POST /v1/graphs HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(),
        ),
        (
            "a version that is none",
            "GET /health HTTP/1.2\r\nHost: a\r\n\r\n".into(),
        ),
        (
            "no request",
            "\x16\x03\x01\x02\x00\x01\x00\x01\x03\x03".into(),
        ),
    ] {
        let mut raw = Raw::to(&server).await;
        let told = raw
            .ask(&request)
            .await
            .unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(told.status, 400, "{what}: {told:?}");
        assert!(raw.answer().await.is_none(), "{what}: the rest was read");
    }
    // In a body the handler is at work already: it learns that the rest is not to be read.
    for (what, body) in [
        ("LF behind a size", "2\n{}\r\n0\r\n\r\n"),
        ("a size that is none", "zz\r\n{}\r\n0\r\n\r\n"),
        ("a size too large", "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
        ("a chunk that is longer", "1\r\n{}\r\n0\r\n\r\n"),
    ] {
        let mut raw = Raw::to(&server).await;
        let head = post("/v1/graphs", "Transfer-Encoding: chunked\r\n");
        let told = raw
            .ask(head + body)
            .await
            .unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(
            (told.status, told.code().as_str()),
            (400, "HTTP_REQUEST"),
            "{what}: {told:?}"
        );
        assert!(raw.answer().await.is_none(), "{what}: the rest was read");
    }
    server.stop().await;
}

/// What is before a refused request on the same connection has its answer.
#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let server = Server::start().await;
    let mut raw = Raw::to(&server).await;
    let body = r#"{"format": 1, "nodes": {}, "links": []}"#;
    let sized = post("/v1/graphs", &format!("Content-Length: {}\r\n", body.len()));
    let chunked = post("/v1/graphs", "Transfer-Encoding: chunked\r\n");
    let chunks = format!(
        "4;a=b\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &body[..4],
        body.len() - 4,
        &body[4..]
    );
    raw.send(format!(
        "{HEALTH}{sized}{body}{chunked}{chunks}{HEALTH}GET / HTTP/1.1\n\n{HEALTH}"
    ))
    .await;
    let mut statuses = Vec::new();
    while let Some(told) = raw.answer().await {
        statuses.push(told.status);
    }
    assert_eq!(statuses.len(), 5, "{statuses:?}");
    assert_eq!(
        (statuses[0], statuses[3], statuses[4]),
        (200, 200, 400),
        "{statuses:?}"
    );
    assert_eq!(statuses[1], statuses[2], "{statuses:?}");
    server.stop().await;
}

/// 71. A head has a size, a number of lines, and a target that is not endless.
#[tokio::test]
async fn a_head_that_is_too_large_is_answered() {
    let server = Server::start().await;
    let lines = "A: b\r\n".repeat(10_000);
    let huge = "b".repeat(1 << 20);
    let params = "a=1&".repeat(100_000);
    for (what, request, statuses) in [
        (
            "lines",
            format!("GET /health HTTP/1.1\r\nHost: a\r\n{lines}\r\n"),
            &[431][..],
        ),
        (
            "101 lines",
            format!("GET /health HTTP/1.1\r\nHost: a\r\n{}\r\n", &lines[..600]),
            &[431],
        ),
        (
            "a header",
            format!("GET /health HTTP/1.1\r\nHost: a\r\nA: {huge}\r\n\r\n"),
            &[431],
        ),
        (
            "parameters",
            format!("GET /health?{params} HTTP/1.1\r\nHost: a\r\n\r\n"),
            &[400, 414, 431],
        ),
        (
            "a path",
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", &huge[..65_535]),
            &[400, 414, 431],
        ),
        (
            "a method",
            format!("{huge} / HTTP/1.1\r\nHost: a\r\n\r\n"),
            &[400, 431],
        ),
    ] {
        let mut raw = Raw::to(&server).await;
        let told = raw
            .ask(&request)
            .await
            .unwrap_or_else(|| panic!("{what}: no answer"));
        assert!(statuses.contains(&told.status), "{what}: {told:?}");
    }
    // 99 lines and Host are as many as may be.
    let mut raw = Raw::to(&server).await;
    let most = format!(
        "GET /health HTTP/1.1\r\nHost: a\r\n{}\r\n",
        &lines[..99 * 6]
    );
    assert_eq!(raw.ask(most).await.expect("an answer").status, 200);
    server.stop().await;
}

/// 67. A body has a size, whatever its head says; one that is packed is not taken at all.
#[tokio::test]
async fn a_body_that_is_too_large_or_packed_is_refused() {
    let server = Server::start().await;
    let eleven = 11 << 20;
    // Said in the head: not one byte of it is read.
    let mut raw = Raw::to(&server).await;
    let told = raw
        .ask(post("/v1/graphs", &format!("Content-Length: {eleven}\r\n")))
        .await;
    let told = told.expect("an answer");
    assert_eq!((told.status, told.code().as_str()), (413, "HTTP_BODY_SIZE"));
    // Not said.
    let mut raw = Raw::to(&server).await;
    raw.send(post("/v1/graphs", "Transfer-Encoding: chunked\r\n"))
        .await;
    let chunk = format!("100000\r\n{}\r\n", " ".repeat(1 << 20));
    for _ in 0..11 {
        raw.send(&chunk).await;
    }
    let told = raw.answer().await.expect("an answer");
    assert_eq!((told.status, told.code().as_str()), (413, "HTTP_BODY_SIZE"));
    // Less than was said, and then nothing more.
    let mut raw = Raw::to(&server).await;
    raw.send(post("/v1/graphs", "Content-Length: 100\r\n") + "{}")
        .await;
    let (_, mut sends) = raw.stream.split();
    tokio::io::AsyncWriteExt::shutdown(&mut sends)
        .await
        .expect("it is half closed");
    let told = raw.answer().await;
    assert!(told.is_none_or(|told| told.status == 400));
    // Packed: a megabyte of zeros is a kilobyte then, and a gigabyte a megabyte.
    for coding in ["gzip", "deflate", "br", "identity"] {
        let mut raw = Raw::to(&server).await;
        let head = format!("Content-Length: 2\r\nContent-Encoding: {coding}\r\n");
        let told = raw
            .ask(post("/v1/graphs", &head) + "{}")
            .await
            .expect("an answer");
        assert_eq!(
            (told.status, told.code().as_str()),
            (415, "HTTP_MEDIA_TYPE"),
            "{coding}"
        );
    }
    server.stop().await;
}

/// 66. A head that comes byte by byte is not waited for, nor is one that never comes, nor a next one.
#[tokio::test]
async fn what_comes_too_slowly_is_closed() {
    let mut limits = Limits::default();
    limits.head_time = Duration::from_millis(400);
    limits.idle_time = Duration::from_millis(400);
    let server = server(limits).await;
    let silent = async { Raw::to(&server).await.closed().await };
    let slow = async {
        let mut raw = Raw::to(&server).await;
        let mut bytes = HEALTH.bytes().cycle();
        let began = Instant::now();
        // Bytes of a head that never ends.
        raw.send("GET /").await;
        while began.elapsed() < DEADLINE {
            let byte = [bytes.next().expect("endless").max(b'a')];
            if tokio::io::AsyncWriteExt::write_all(&mut raw.stream, &byte)
                .await
                .is_err()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it was not closed");
    };
    let idle = async {
        let mut raw = Raw::to(&server).await;
        assert_eq!(raw.ask(HEALTH).await.expect("an answer").status, 200);
        raw.closed().await;
    };
    let half = async {
        let mut raw = Raw::to(&server).await;
        let (first, second) = HEALTH.split_at(9);
        raw.send(format!("{HEALTH}{first}")).await;
        assert_eq!(raw.answer().await.expect("an answer").status, 200);
        raw.send(second).await;
        assert_eq!(raw.answer().await.expect("an answer").status, 200);
        raw.send(first).await;
        raw.closed().await;
    };
    tokio::join!(silent, slow, idle, half);
    server.stop().await;
}

/// 66. A body that comes too slowly is answered, whether it stops or trickles.
#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let mut limits = Limits::default();
    limits.body_time = Duration::from_millis(300);
    limits.body_rate = 1_000;
    let server = server(limits).await;
    for trickles in [false, true] {
        let mut raw = Raw::to(&server).await;
        raw.send(post("/v1/graphs", "Content-Length: 100000\r\n"))
            .await;
        let told = loop {
            let pause = Duration::from_millis(if trickles { 50 } else { 60_000 });
            match tokio::time::timeout(pause, raw.answer()).await {
                Ok(told) => break told.expect("an answer"),
                Err(_) => raw.send(" ").await,
            }
        };
        assert_eq!(
            (told.status, told.code().as_str()),
            (408, "HTTP_TIMEOUT"),
            "{told:?}"
        );
    }
    server.stop().await;
}

/// 66. Thousands of connections that never finish a head keep nobody out, with places left and without.
#[tokio::test]
async fn slow_heads_keep_nobody_out() {
    let descriptors = raise_descriptors();
    assert!(
        descriptors.is_none_or(|most| most >= 4_400),
        "{descriptors:?} descriptors are too few"
    );
    for places in [8_192, 100] {
        let mut limits = Limits::default();
        limits.max_connections = places;
        let server = server(limits).await;
        let mut slow = Vec::new();
        for _ in 0..2_000 {
            let mut raw = Raw::to(&server).await;
            raw.send("G").await;
            slow.push(raw);
        }
        for _ in 0..2 {
            for raw in &mut slow {
                raw.send("E").await;
            }
            let mut raw = Raw::to(&server).await;
            assert_eq!(raw.ask(HEALTH).await.expect("an answer").status, 200);
            assert_eq!(server.get("/v1/graphs", A).await.status, 200);
        }
        server.stop().await;
    }
}

/// 66. Where every place has a request in progress, whoever asks whether the server lives is answered all the same.
#[tokio::test]
async fn a_full_server_says_that_it_lives() {
    let mut limits = Limits::default();
    limits.max_connections = 3;
    limits.drain_time = Duration::from_millis(100);
    let server = server(limits).await;
    let mut busy = Vec::new();
    for _ in 0..3 {
        let mut raw = Raw::to(&server).await;
        // The handler waits for the body: it is called once this is said.
        let told = raw
            .ask(post(
                "/v1/graphs",
                "Content-Length: 9\r\nExpect: 100-continue\r\n",
            ))
            .await;
        assert_eq!(told.expect("an answer").status, 100);
        busy.push(raw);
    }
    let mut spare = Raw::to(&server).await;
    assert_eq!(spare.ask(HEALTH).await.expect("an answer").status, 200);
    let told = spare
        .ask("GET /v1/graphs HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .expect("an answer");
    assert_eq!((told.status, told.code().as_str()), (503, "HTTP_FULL"));
    assert!(told.head.contains("retry-after: 1"), "{told:?}");
    assert!(spare.answer().await.is_none(), "it stayed open");
    // One of those is over: there is a place again.
    let told = busy[0].ask("{       }").await.expect("an answer");
    assert_eq!(told.status, 422);
    assert_eq!(server.get("/v1/graphs", A).await.status, 200);
    server.stop().await;
}

/// A client that asks for much and takes nothing is let go.
#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let mut limits = Limits::default();
    limits.write_time = Duration::from_millis(300);
    let server = server(limits).await;
    let mut raw = Raw::to(&server).await;
    let ask = "GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n".repeat(4_000);
    let (_, mut sends) = raw.stream.split();
    let sent = async {
        // Until nothing more fits anywhere, and then until the server has closed.
        while tokio::io::AsyncWriteExt::write_all(&mut sends, ask.as_bytes())
            .await
            .is_ok()
        {}
    };
    tokio::time::timeout(DEADLINE, sent)
        .await
        .expect("it is closed");
    server.stop().await;
}

/// A handler that panics, or never ends, takes nothing along.
#[tokio::test]
async fn a_handler_that_fails_is_answered() {
    let builder = App::builder(engine())
        .records(Arc::new(Faulty::broken()))
        .request_time(Duration::from_millis(200));
    let server = Server::with(builder).await;
    let mut raw = Raw::to(&server).await;
    let get =
        |path| format!("GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {A}\r\n\r\n");
    let told = raw.ask(get("/v1/graphs")).await.expect("an answer");
    assert_eq!((told.status, told.code().as_str()), (500, "HTTP_INTERNAL"));
    assert!(!told.body.contains("broke"), "{told:?}");
    let told = raw.ask(get("/v1/graphs/some")).await.expect("an answer");
    assert_eq!((told.status, told.code().as_str()), (503, "HTTP_SLOW"));
    assert_eq!(raw.ask(HEALTH).await.expect("an answer").status, 200);
    server.stop().await;
}
