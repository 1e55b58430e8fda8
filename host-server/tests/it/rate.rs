//! How often one may ask, and from where.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Timestamp;
use graphloom::host::{BoxFuture, Clock, ManualClock};
use graphloom_server::config::{Access, Rate};
use graphloom_server::{App, AppBuilder};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{A, Answer, B, Server, client, engine};

fn builder(change: impl FnOnce(&mut Rate, &mut Access)) -> (AppBuilder, ManualClock) {
    let (mut rate, mut access) = (Rate::default(), Access::default());
    change(&mut rate, &mut access);
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(1_800_000_000));
    let builder = App::builder(engine()).clock(Arc::new(clock.clone()));
    (builder.rate(rate).access(access), clock)
}

/// Asks as if from another address, by a proxy.
async fn from(server: &Server, forwarded: &str, path: &str, token: &str) -> Answer {
    let request = server
        .ask(Method::GET, path, token)
        .header("x-forwarded-for", forwarded);
    Answer::of(request).await
}

fn by_proxy(access: &mut Access) {
    access.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
}

fn limited(answer: &Answer) -> u64 {
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (429, "HTTP_RATE_LIMIT"),
        "{}",
        answer.text
    );
    answer.header("retry-after").parse().expect("seconds")
}

/// 74. A burst, and what is told of it.
#[tokio::test]
async fn a_principal_has_a_burst_and_then_a_pace() {
    let (builder, clock) = builder(|rate, _| (rate.requests_per_second, rate.burst) = (2, 5));
    let server = Server::with(builder).await;
    for left in (0..5).rev() {
        let answer = server.get("/v1/me", A).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), "5");
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
        assert_eq!(
            answer.header("x-ratelimit-reset"),
            ((5 - left + 1) / 2).to_string()
        );
        assert_eq!(answer.header("ratelimit-policy"), "\"principal\";q=5;w=3");
        assert!(
            answer
                .header("ratelimit")
                .starts_with(&format!("\"principal\";r={left};t="))
        );
    }
    let answer = server.get("/v1/me", A).await;
    assert_eq!(limited(&answer), 1);
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    assert_eq!(answer.header("ratelimit-policy"), "\"principal\";q=5;w=3");
    assert_eq!(
        server.get("/v1/me", B).await.status,
        200,
        "each has its own"
    );
    clock.advance(Duration::from_millis(499));
    limited(&server.get("/v1/me", A).await);
    clock.advance(Duration::from_millis(1));
    assert_eq!(server.get("/v1/me", A).await.status, 200);
    limited(&server.get("/v1/me", A).await);
    // What a handler refuses tells it too; B has got its first one back.
    let missing = server.get("/v1/graphs/none", B).await;
    assert_eq!(
        (missing.status, missing.header("x-ratelimit-remaining")),
        (404, "4")
    );
    server.stop().await;
}

/// 74. All at once at the boundary.
#[tokio::test]
async fn those_who_ask_together_get_no_more() {
    let (builder, _) = builder(|rate, _| rate.burst = 20);
    let server = Server::with(builder).await;
    let mut all = JoinSet::new();
    for _ in 0..60 {
        let request = server.ask(Method::GET, "/v1/me", A);
        all.spawn(async move { Answer::of(request).await.status });
    }
    let answers = all.join_all().await;
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        20,
        "{answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|status| **status == 429).count(),
        40,
        "{answers:?}"
    );
    server.stop().await;
}

/// A clock whose time of day can be set.
struct Set(ManualClock, std::sync::atomic::AtomicI64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now().as_millis() + self.1.load(std::sync::atomic::Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(time)
    }
}

/// 74. The time of day plays no part.
#[tokio::test]
async fn a_clock_that_is_set_locks_nobody_out_and_lets_nobody_in() {
    let (builder, manual) = builder(|rate, _| (rate.requests_per_second, rate.burst) = (1, 2));
    let clock = Arc::new(Set(manual.clone(), 0.into()));
    let server = Server::with(builder.clock(Arc::clone(&clock) as _)).await;
    let set = |ms: i64| clock.1.store(ms, std::sync::atomic::Ordering::Relaxed);
    for _ in 0..2 {
        assert_eq!(server.get("/v1/me", A).await.status, 200);
    }
    for jump in [-1_000_000_000, 1_000_000_000_000] {
        set(jump);
        limited(&server.get("/v1/me", A).await);
        manual.advance(Duration::from_secs(1));
        assert_eq!(server.get("/v1/me", A).await.status, 200, "{jump}");
    }
    server.stop().await;
}

/// 74. Who tries tokens is stopped; an address is believed only of a proxy that is trusted.
#[tokio::test]
async fn tokens_that_are_not_taken_are_counted_by_address() {
    let (builder, clock) = builder(|rate, _| rate.failures_per_minute = 3);
    let server = Server::with(builder).await;
    for made_up in ["1.1.1.1", "2.2.2.2", "3.3.3.3"] {
        assert_eq!(from(&server, made_up, "/v1/me", "wrong").await.status, 401);
    }
    for made_up in ["4.4.4.4", "5.5.5.5", "127.0.0.1"] {
        assert_eq!(
            limited(&from(&server, made_up, "/v1/me", "wrong").await),
            20
        );
    }
    assert_eq!(
        server.get("/v1/me", A).await.status,
        200,
        "a token of the settings is looked at always"
    );
    clock.advance(Duration::from_secs(20));
    assert_eq!(server.get("/v1/me", "wrong").await.status, 401);
    limited(&server.get("/v1/me", "wrong").await);
    server.stop().await;
}

#[tokio::test]
async fn who_was_let_in_before_is_not_locked_out_by_a_neighbour() {
    let (builder, clock) = builder(|rate, _| rate.failures_per_minute = 2);
    let server = Server::with(builder).await;
    let make = async || {
        let body = json!({ "name": "n", "scopes": ["runs:read"] });
        let made = server.post("/v1/keys", A, &body).await.json();
        made["key"].as_str().expect("a key").to_owned()
    };
    let (known, fresh) = (make().await, make().await);
    assert_eq!(server.get("/v1/me", &known).await.status, 200);
    for _ in 0..2 {
        assert_eq!(server.get("/v1/me", "wrong").await.status, 401);
    }
    clock.advance(Duration::from_secs(10));
    limited(&server.get("/v1/me", "wrong").await);
    limited(&server.get("/v1/me", &fresh).await);
    assert_eq!(server.get("/v1/me", &known).await.status, 200);
    server.stop().await;
}

/// 74. By a proxy: each address by itself, an IPv6 line as one, and what stands further left is not believed.
#[tokio::test]
async fn addresses_behind_a_proxy_are_counted_each() {
    let (builder, _) = builder(|rate, access| {
        rate.failures_per_minute = 2;
        by_proxy(access);
    });
    let server = Server::with(builder).await;
    for forwarded in ["1.1.1.1", "2.2.2.2, 1.1.1.1"] {
        assert_eq!(
            from(&server, forwarded, "/v1/me", "wrong").await.status,
            401
        );
    }
    for forwarded in [
        "1.1.1.1",
        "9.9.9.9, 8.8.8.8, 1.1.1.1",
        "::ffff:1.1.1.1",
        "1.1.1.1:4711",
    ] {
        limited(&from(&server, forwarded, "/v1/me", "wrong").await);
    }
    assert_eq!(
        from(&server, "2.2.2.2", "/v1/me", "wrong").await.status,
        401
    );
    for n in 0..2 {
        let forwarded = format!("2001:db8:0:7:{n}::1");
        assert_eq!(
            from(&server, &forwarded, "/v1/me", "wrong").await.status,
            401
        );
    }
    for n in 0..20 {
        limited(
            &from(
                &server,
                &format!("2001:db8:0:7:ffff:{n:x}::"),
                "/v1/me",
                "wrong",
            )
            .await,
        );
    }
    assert_eq!(
        from(&server, "2001:db8:0:8::1", "/v1/me", "wrong")
            .await
            .status,
        401
    );
    server.stop().await;
}

#[tokio::test]
async fn what_needs_no_token_is_counted_by_address() {
    let (builder, clock) = builder(|rate, access| {
        (rate.address_requests_per_second, rate.address_burst) = (1, 3);
        by_proxy(access);
    });
    let server = Server::with(builder).await;
    let open = async |forwarded: &str, path: &str| {
        let request = client().get(format!("{}{path}", server.url));
        Answer::of(request.header("x-forwarded-for", forwarded)).await
    };
    for left in ["2", "1", "0"] {
        let answer = open("1.1.1.1", "/v1/version").await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (200, left)
        );
        assert!(answer.header("ratelimit-policy").starts_with("\"address\""));
    }
    limited(&open("1.1.1.1", "/openapi.json").await);
    limited(&open("1.1.1.1", "/v1/graphs").await);
    assert_eq!(open("2.2.2.2", "/v1/version").await.status, 200);
    assert_eq!(open("2.2.2.2", "/v1/graphs").await.status, 401);
    for _ in 0..10 {
        let health = open("1.1.1.1", "/health").await;
        assert_eq!(
            (health.status, health.header("x-ratelimit-limit")),
            (200, "")
        );
    }
    clock.advance(Duration::from_secs(1));
    assert_eq!(open("1.1.1.1", "/v1/version").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn without_limits_nothing_is_counted() {
    let (builder, _) = builder(|rate, _| {
        (rate.requests_per_second, rate.burst) = (0, 1);
        (rate.address_requests_per_second, rate.address_burst) = (0, 1);
        rate.failures_per_minute = 0;
    });
    let server = Server::with(builder).await;
    for _ in 0..5 {
        let answer = server.get("/v1/me", A).await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit")),
            (200, "")
        );
        assert_eq!(server.get("/v1/me", "wrong").await.status, 401);
        assert_eq!(server.get("/v1/version", A).await.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn only_addresses_that_are_allowed_are_answered() {
    let (builder, _) = builder(|_, access| {
        by_proxy(access);
        access.allow_addresses = vec![
            "192.0.2.0/24".parse().expect("a network"),
            "2001:db8::/32".parse().expect("a network"),
        ];
    });
    let server = Server::with(builder).await;
    for allowed in [
        "192.0.2.7",
        "2001:db8::7",
        "6.6.6.6, 192.0.2.7",
        "::ffff:192.0.2.7",
    ] {
        assert_eq!(
            from(&server, allowed, "/v1/me", A).await.status,
            200,
            "{allowed}"
        );
    }
    for other in [
        "192.0.3.7",
        "192.0.2.7, 6.6.6.6",
        "127.0.0.1",
        "2001:db9::1",
        "rubbish",
        "",
    ] {
        for path in ["/v1/me", "/health", "/nothing"] {
            let answer = from(&server, other, path, A).await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (403, "AUTH_ADDRESS"),
                "{other} {path}"
            );
        }
    }
    server.stop().await;
}

async fn preflight(server: &Server, origin: &str, path: &str) -> Answer {
    let request = client().request(Method::OPTIONS, format!("{}{path}", server.url));
    let request = request
        .header("origin", origin)
        .header("access-control-request-method", "POST");
    Answer::of(request.header("access-control-request-headers", "authorization")).await
}

fn allows(answer: &Answer) -> Vec<&str> {
    let names = answer
        .headers
        .keys()
        .map(reqwest::header::HeaderName::as_str);
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

/// 80. Pages of other origins get nothing, whatever they call themselves.
#[tokio::test]
async fn no_page_is_allowed_anything_by_itself() {
    let server = Server::start().await;
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "*",
        &server.url,
    ] {
        for path in [
            "/v1/graphs",
            "/v1/keys",
            "/health",
            "/openapi.json",
            "/nothing",
        ] {
            let answer = preflight(&server, origin, path).await;
            assert!(answer.status >= 400, "{origin} {path}");
            assert_eq!(allows(&answer), [""; 0], "{origin} {path}");
            let request = server.ask(Method::GET, path, A).header("origin", origin);
            assert_eq!(
                allows(&Answer::of(request).await),
                [""; 0],
                "{origin} {path}"
            );
        }
    }
    server.stop().await;
}

/// 80. Only the origins that the settings name, exactly.
#[tokio::test]
async fn pages_of_named_origins_are_allowed() {
    let (builder, _) = builder(|_, access| {
        access.cors_origins = vec!["https://app.example.com".parse().expect("an origin")];
    });
    let server = Server::with(builder).await;
    let answer = preflight(&server, "https://app.example.com", "/v1/graphs").await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    for token in [A, "wrong"] {
        let request = server
            .ask(Method::GET, "/v1/me", token)
            .header("origin", "https://app.example.com");
        let answer = Answer::of(request).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://app.example.com"
        );
        assert_eq!(answer.header("vary"), "origin");
    }
    for origin in [
        "null",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "https://app.example.com:444",
        "https://APP.example.com",
        "https://evil.example",
    ] {
        assert_eq!(
            allows(&preflight(&server, origin, "/v1/graphs").await),
            [""; 0],
            "{origin}"
        );
        let request = server
            .ask(Method::GET, "/v1/me", A)
            .header("origin", origin);
        let answer = Answer::of(request).await;
        assert_eq!(
            (answer.status, allows(&answer), answer.header("vary")),
            (200, vec![], "origin"),
            "{origin}"
        );
    }
    server.stop().await;
}
