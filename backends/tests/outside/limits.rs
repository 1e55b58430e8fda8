//! Every limit holds, and its error says which.

use std::io::{Read, Write};
use std::time::Duration;

use graphloom::host::{EgressError, HttpRequest};
use graphloom_backends::http::HttpLimits;

use crate::harness::{get, is_left, limited, raw, read_head, send, text};
use crate::stub::{Response, Server};

const HERE: &[&str] = &["127.0.0.1:*"];
const SHORT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn a_connection_that_does_not_come_to_be() {
    // TLS is a part of it: nobody answers the greeting.
    let address = raw(|mut stream| while stream.read(&mut [0; 64]).is_ok_and(|n| n > 0) {});
    let client = limited(HERE, HttpLimits::default().connect(SHORT));
    let sent = send(&client, get(format!("https://{address}/"))).await;
    let what = "the connection";
    assert_eq!(
        sent.unwrap_err(),
        EgressError::Timeout { what, after: SHORT }
    );
}

#[tokio::test]
async fn headers_that_do_not_come() {
    let slow = raw(|mut stream| {
        read_head(&mut stream);
        // A byte now and then is no head.
        for byte in b"HTTP/1.1 200 OK\r\nx: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" {
            std::thread::sleep(Duration::from_millis(20));
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
        }
    });
    let client = limited(HERE, HttpLimits::default().headers(SHORT));
    let sent = send(&client, get(format!("http://{slow}/"))).await;
    let what = "the headers";
    assert_eq!(
        sent.unwrap_err(),
        EgressError::Timeout { what, after: SHORT }
    );
}

#[tokio::test]
async fn a_body_that_stops_coming() {
    let server = Server::start(|_| Response::new(200, "a part").hangs());
    let client = limited(HERE, HttpLimits::default().idle(SHORT));
    let mut body = send(&client, get(server.url("/"))).await.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), b"a part");
    let what = "the body";
    assert_eq!(
        body.next().await,
        Err(EgressError::Timeout { what, after: SHORT })
    );
    // It is over then, and its connection is given up though the body is still there.
    assert_eq!(body.next().await, Ok(None));
    assert!(is_left(&server).await);
}

#[tokio::test]
async fn a_body_that_never_ends() {
    let drips = || Response::new(200, "").pieces(Duration::from_millis(20), &["x"; 200]);
    let server = Server::start(move |_| drips());
    let total = Duration::from_millis(200);
    let over = EgressError::Timeout {
        what: "the whole",
        after: total,
    };
    let client = limited(HERE, HttpLimits::default().total(total));
    assert_eq!(text(&client, get(server.url("/"))).await, Err(over.clone()));
    // A request can ask for less, and not for more.
    let mut request = get(server.url("/"));
    request.timeout = Some(Duration::from_secs(60));
    assert_eq!(text(&client, request).await, Err(over.clone()));
    let mut request = get(server.url("/"));
    request.timeout = Some(total);
    assert_eq!(
        text(&limited(HERE, HttpLimits::default()), request).await,
        Err(over)
    );
    assert!(is_left(&server).await);
}

#[tokio::test]
async fn answers_that_are_too_large() {
    let server = Server::start(|request| match request.target.as_str() {
        "/said" => Response {
            length: Some(1_001),
            ..Response::new(200, "x")
        },
        "/whole" => Response::new(200, vec![b'x'; 1_000]),
        _ => Response::new(200, "").pieces(Duration::ZERO, &["0123456789"; 101]),
    });
    let client = limited(HERE, HttpLimits::default().max_answer_bytes(1_000));
    for path in ["/said", "/comes"] {
        let sent = text(&client, get(server.url(path))).await;
        assert_eq!(
            sent,
            Err(EgressError::TooLarge {
                limit: 1_000,
                how: ""
            }),
            "{path}"
        );
    }
    assert_eq!(
        text(&client, get(server.url("/whole")))
            .await
            .unwrap()
            .len(),
        1_000
    );
    let mut less = get(server.url("/whole"));
    less.max_bytes = Some(999);
    let sent = text(&client, less).await;
    assert_eq!(
        sent,
        Err(EgressError::TooLarge {
            limit: 999,
            how: ""
        })
    );
    let mut more = get(server.url("/comes"));
    more.max_bytes = Some(u64::MAX);
    assert!(matches!(
        text(&client, more).await,
        Err(EgressError::TooLarge { limit: 1_000, .. })
    ));
    // There is nothing behind the head of an answer to HEAD, whatever it says.
    assert_eq!(
        text(&client, HttpRequest::new("HEAD", server.url("/said")))
            .await
            .unwrap(),
        ""
    );
    assert!(is_left(&server).await);
}

#[tokio::test]
async fn heads_that_are_too_large() {
    let server = Server::start(|request| {
        let size = request.target[1..].parse().unwrap();
        Response::new(200, "ok").header("x", &"y".repeat(size))
    });
    let client = limited(HERE, HttpLimits::default());
    let sent = text(&client, get(server.url("/70000"))).await;
    let how = " in its headers";
    assert_eq!(sent, Err(EgressError::TooLarge { limit: 65_536, how }));
    assert_eq!(
        text(&client, get(server.url("/60000"))).await.unwrap(),
        "ok"
    );
    // Far more than that is not even read.
    let sent = text(&client, get(server.url("/3000000"))).await;
    assert!(
        matches!(sent, Err(EgressError::Transport { .. })),
        "{sent:?}"
    );
    let many = raw(|mut stream| {
        read_head(&mut stream);
        let lines = "x: y\r\n".repeat(10_000);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{lines}\r\n").as_bytes());
    });
    let sent = text(&client, get(format!("http://{many}/"))).await;
    assert!(
        matches!(sent, Err(EgressError::Transport { .. })),
        "{sent:?}"
    );
    let request = get(server.url("/1")).header("x", "y".repeat(65_536));
    let sent = text(&client, request).await;
    assert!(
        matches!(&sent, Err(EgressError::Request { message }) if message.contains("65536")),
        "{sent:?}"
    );
    let sent = text(
        &client,
        get(server.url(&format!("/1?{}", "y".repeat(65_536)))),
    )
    .await;
    assert!(matches!(sent, Err(EgressError::Request { .. })), "{sent:?}");
}

#[tokio::test]
async fn bodies_that_are_too_large_to_send() {
    let server = Server::start(|request| Response::new(200, request.body.len().to_string()));
    let client = limited(HERE, HttpLimits::default().max_request_bytes(1_000));
    let post = |size| HttpRequest::new("POST", server.url("/")).bytes(vec![0_u8; size]);
    assert_eq!(text(&client, post(1_000)).await.unwrap(), "1000");
    let sent = text(&client, post(1_001)).await;
    assert!(
        matches!(&sent, Err(EgressError::Request { message }) if message.contains("1001")),
        "{sent:?}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn connections_to_one_host_are_counted() {
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(30));
        Response::new(200, "ok")
    });
    let client = limited(HERE, HttpLimits::default().max_connections_per_host(2));
    let one = || text(&client, get(server.url("/")));
    let (a, b, c, d, e) = tokio::join!(one(), one(), one(), one(), one());
    for answer in [a, b, c, d, e] {
        assert_eq!(answer.unwrap(), "ok");
    }
    assert!(server.most_open() <= 2, "{}", server.most_open());
}
