//! Requests beside each other: one credential, one host, and what one of them learns for the others.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use graphloom::host::{EgressError, HttpRequest, ManualClock};
use graphloom_backends::http::{GuardedHttp, HttpLimits};

use crate::harness::{Names, client, get, hosts, options, secret, send, text};
use crate::stub::{Response, Server};

const HERE: &[&str] = &["127.0.0.1:*"];

fn clocked(clock: &ManualClock, limits: HttpLimits) -> GuardedHttp {
    let names = Names::new();
    GuardedHttp::new(
        options(&names, HERE)
            .clock(Arc::new(clock.clone()))
            .limits(limits),
    )
}

fn with_key(server: &Server, key: &str) -> HttpRequest {
    get(server.url("/")).header("authorization", secret(key, &["*:*"]))
}

#[tokio::test]
async fn two_requests_with_one_credential_go_on_at_once() {
    // Each is answered when both are there.
    let both = Barrier::new(2);
    let server = Server::start(move |_| {
        both.wait();
        Response::new(200, "ok")
    });
    let client = client(&Names::new(), HERE);
    let one = || text(&client, with_key(&server, "canary-0123456789"));
    let (a, b) = tokio::join!(one(), one());
    assert_eq!((a.unwrap(), b.unwrap()), ("ok".to_owned(), "ok".to_owned()));
    assert_eq!(server.most_open(), 2);
}

#[tokio::test]
async fn a_host_that_fails_is_spared_and_others_go_on() {
    let clock = ManualClock::new();
    let client = clocked(&clock, HttpLimits::default());
    let other = Server::start(|_| Response::new(200, "fine"));
    let status = Arc::new(AtomicU16::new(503));
    let failing = {
        let status = Arc::clone(&status);
        Server::start(move |_| Response::new(status.load(Ordering::SeqCst), "so"))
    };
    let dead = "http://127.0.0.1:1/".to_owned();
    for (url, n) in [(failing.url("/"), 5), (dead, 0)] {
        for _ in 0..5 {
            // Whether it says that it fails or nobody is there.
            assert!(
                send(&client, get(&url))
                    .await
                    .is_ok_and(|answer| answer.status == 503)
                    || n == 0
            );
        }
        let sent = send(&client, get(&url)).await;
        let Err(EgressError::Busy { message, after }) = sent else {
            panic!("{sent:?}")
        };
        assert_eq!(after, Duration::from_secs(30));
        assert!(message.contains("127.0.0.1:"), "{message}");
        assert_eq!(text(&client, get(other.url("/"))).await.unwrap(), "fine");
    }
    assert_eq!(failing.requests().len(), 5);
    // After a while one request tries; it fares no better.
    clock.advance(Duration::from_secs(30));
    assert_eq!(
        send(&client, get(failing.url("/"))).await.unwrap().status,
        503
    );
    assert!(matches!(
        send(&client, get(failing.url("/"))).await,
        Err(EgressError::Busy { .. })
    ));
    clock.advance(Duration::from_secs(30));
    status.store(200, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(text(&client, get(failing.url("/"))).await.unwrap(), "so");
    }
}

#[tokio::test]
async fn a_host_that_is_slow_is_spared_too() {
    let slow = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(200));
        Response::new(200, "late")
    });
    let short = Duration::from_millis(10);
    let limits = HttpLimits::default().headers(short).breaker_failures(2);
    // A request that gives it no time says nothing about it.
    let hasty = GuardedHttp::new(options(&Names::new(), HERE).limits(limits.clone()));
    for _ in 0..4 {
        assert!(matches!(
            send(&hasty, get(slow.url("/"))).await,
            Err(EgressError::Timeout { .. })
        ));
    }
    let patient = GuardedHttp::new(options(&Names::new(), HERE).limits(limits.breaker_slow(short)));
    for _ in 0..2 {
        assert!(matches!(
            send(&patient, get(slow.url("/"))).await,
            Err(EgressError::Timeout { .. })
        ));
    }
    assert!(matches!(
        send(&patient, get(slow.url("/"))).await,
        Err(EgressError::Busy { .. })
    ));
}

#[tokio::test]
async fn a_credential_that_was_shown_too_often_rests() {
    let clock = ManualClock::new();
    let client = clocked(&clock, HttpLimits::default());
    let server = Server::start(|request| match request.header("authorization") {
        Some("greedy-canary") => Response::new(429, "").header("retry-after", "60"),
        _ => Response::new(200, "ok"),
    });
    // The one that is told so gets to see it.
    let answer = send(&client, with_key(&server, "greedy-canary"))
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("60"))
    );
    drop(answer);
    clock.advance(Duration::from_secs(10));
    let sent = send(&client, with_key(&server, "greedy-canary")).await;
    let Err(EgressError::Busy { after, message }) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!(after, Duration::from_secs(50));
    assert!(!message.contains("canary"), "{message}");
    // Others are not concerned.
    assert_eq!(
        text(&client, with_key(&server, "modest-canary"))
            .await
            .unwrap(),
        "ok"
    );
    assert_eq!(text(&client, get(server.url("/"))).await.unwrap(), "ok");
    clock.advance(Duration::from_secs(50));
    assert_eq!(
        send(&client, with_key(&server, "greedy-canary"))
            .await
            .unwrap()
            .status,
        429
    );
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_host_does_not_ask_for_peace_for_ever() {
    let clock = ManualClock::new();
    let client = clocked(
        &clock,
        HttpLimits::default().max_rest(Duration::from_secs(100)),
    );
    let server = Server::start(|_| Response::new(429, "").header("retry-after", "99999999999"));
    send(&client, get(server.url("/"))).await.unwrap();
    let sent = send(&client, get(server.url("/"))).await;
    assert!(
        matches!(sent, Err(EgressError::Busy { after, .. }) if after == Duration::from_secs(100)),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_rate_is_kept_and_short_waits_are_waited() {
    let clock = ManualClock::new();
    let server = Server::start(|_| Response::new(200, "ok"));
    let limits = HttpLimits::default().max_wait(Duration::from_secs(1));
    let rated = options(&Names::new(), HERE)
        .clock(Arc::new(clock.clone()))
        .limits(limits)
        .rate(hosts(HERE), 2.0, 1);
    let client = GuardedHttp::new(rated);
    assert_eq!(text(&client, get(server.url("/"))).await.unwrap(), "ok");
    // Half a second is waited for,
    let (answer, ()) = tokio::join!(text(&client, get(server.url("/"))), async {
        while !clock.advance_to_next() {
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(answer.unwrap(), "ok");
    // and more than the request has itself is not.
    let mut hasty = get(server.url("/"));
    hasty.timeout = Some(Duration::from_millis(100));
    assert!(matches!(
        send(&client, hasty).await,
        Err(EgressError::Busy { .. })
    ));
    assert_eq!(server.requests().len(), 2);
}
