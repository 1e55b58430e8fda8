//! What comes is handed on: in pieces, unpacked, without what tells of the packing.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use graphloom::host::{EgressError, HttpRequest};
use graphloom_backends::http::HttpLimits;

use crate::harness::{get, is_left, limited, send, text};
use crate::stub::{Response, Server};

const HERE: &[&str] = &["127.0.0.1:*"];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn packed(body: Vec<u8>) -> Server {
    Server::start(move |_| Response::new(200, body.clone()).header("content-encoding", "gzip"))
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let plain: String = (0..50_000).map(|n| format!("{n} ")).collect();
    let two = [gzip(plain.as_bytes()), gzip(b"and more")].concat();
    let server = packed(two);
    let client = limited(HERE, HttpLimits::default());
    let answer = send(&client, get(server.url("/"))).await.unwrap();
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.body.text().await.unwrap(), plain + "and more");
    assert_eq!(server.requests()[0].header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn an_answer_that_cannot_be_unpacked_is_an_error() {
    let whole = gzip(b"a text that is long enough to be cut somewhere");
    let client = limited(HERE, HttpLimits::default());
    for cut in [1, 5, 11, whole.len() / 2, whole.len() - 1] {
        let server = packed(whole[..cut].to_vec());
        let sent = text(&client, get(server.url("/"))).await;
        assert!(
            matches!(sent, Err(EgressError::Transport { .. })),
            "{cut}: {sent:?}"
        );
    }
    let server = packed(b"this is no gzip at all".to_vec());
    assert!(text(&client, get(server.url("/"))).await.is_err());
    // Nothing at all is an answer without a body.
    let server = packed(Vec::new());
    assert_eq!(text(&client, get(server.url("/"))).await.unwrap(), "");
    let server = packed(whole);
    assert_eq!(
        text(&client, HttpRequest::new("HEAD", server.url("/")))
            .await
            .unwrap(),
        ""
    );
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    // 64 MiB of nothing in 64 KiB.
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 70 << 10);
    let server = packed(bomb);
    let client = limited(HERE, HttpLimits::default());
    let mut body = send(&client, get(server.url("/"))).await.unwrap().body;
    let mut unpacked = 0;
    let error = loop {
        match body.next().await {
            Ok(Some(piece)) => {
                assert!(piece.len() <= 1 << 20, "{}", piece.len());
                unpacked += piece.len();
            }
            Ok(None) => panic!("all {unpacked} bytes came"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, EgressError::TooLarge { .. }), "{error:?}");
    assert!(error.to_string().contains("unpacked"), "{error}");
    assert!(unpacked <= 2 << 20, "{unpacked}");
    assert!(is_left(&server).await);
    // The limit on the answer holds for what is unpacked, however well it was packed.
    let client = limited(
        HERE,
        HttpLimits::default()
            .max_unpack_ratio(u64::MAX)
            .max_answer_bytes(4 << 20),
    );
    let sent = text(&client, get(server.url("/"))).await;
    let how = " when unpacked";
    assert_eq!(
        sent,
        Err(EgressError::TooLarge {
            limit: 4 << 20,
            how
        })
    );
    // What is small may be packed well.
    let server = packed(gzip(&vec![b'x'; 900 << 10]));
    let client = limited(HERE, HttpLimits::default());
    assert_eq!(
        text(&client, get(server.url("/"))).await.unwrap().len(),
        900 << 10
    );
}

#[tokio::test]
async fn what_is_unpacked_is_handed_on_at_once() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(b"event: one").unwrap();
    packer.flush().unwrap();
    let first = packer.get_ref().clone();
    let server = Server::start(move |_| {
        let hangs = Response::new(200, first.clone()).hangs();
        hangs.header("content-encoding", "gzip")
    });
    let client = limited(HERE, HttpLimits::default());
    let mut body = send(&client, get(server.url("/"))).await.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), b"event: one");
}

#[tokio::test]
async fn other_packings_are_handed_on_as_they_are() {
    let server =
        Server::start(|_| Response::new(200, "\u{1}\u{2}").header("content-encoding", "br"));
    let client = limited(HERE, HttpLimits::default());
    let answer = send(
        &client,
        get(server.url("/")).header("accept-encoding", "br"),
    )
    .await
    .unwrap();
    assert_eq!(answer.header("content-encoding"), Some("br"));
    assert_eq!(answer.body.bytes().await.unwrap(), [1, 2]);
    assert_eq!(server.requests()[0].header("accept-encoding"), Some("br"));
}

#[tokio::test]
async fn pieces_come_as_they_are_sent() {
    let server = Server::start(|_| {
        Response::new(200, "").pieces(Duration::from_millis(30), &["one", "two", "three"])
    });
    let client = limited(HERE, HttpLimits::default());
    let mut body = send(&client, get(server.url("/"))).await.unwrap().body;
    let mut pieces = Vec::new();
    while let Some(piece) = body.next().await.unwrap() {
        pieces.push(String::from_utf8(piece).unwrap());
    }
    assert_eq!(pieces.concat(), "onetwothree");
    assert!(pieces.len() > 1, "{pieces:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error() {
    let server = Server::start(|_| Response {
        length: Some(100),
        ..Response::new(200, "a part")
    });
    let client = limited(HERE, HttpLimits::default());
    let sent = text(&client, get(server.url("/"))).await;
    assert!(
        matches!(sent, Err(EgressError::Transport { .. })),
        "{sent:?}"
    );
    let sent = text(&client, get("http://127.0.0.1:1/")).await;
    assert!(matches!(sent, Err(EgressError::Connect { .. })), "{sent:?}");
}
