//! Tokens of an issuer: which are taken, and all those that are not.

use std::sync::Arc;
use std::time::Duration;

use graphloom::CancelToken;
use graphloom::host::ManualClock;
use graphloom_server::auth::{Auth, Jwt, JwtKeys};
use graphloom_server::serve::Limits;
use graphloom_server::{App, AppBuilder};
use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Answer, Server, client, engine, greet};
use crate::signer::{Signer, decoded, encoded};

const NOW: u64 = 1_800_000_000;

fn claims() -> Value {
    json!({
        "iss": "https://issuer", "aud": "graphloom", "sub": "ada", "iat": NOW, "exp": NOW + 600, "roles": ["editor"]
    })
}

fn with(changes: &Value) -> Value {
    let mut all = claims();
    for (name, value) in changes.as_object().expect("a map") {
        all[name] = value.clone();
    }
    all
}

/// Returns an application whose clock shows [`NOW`].
fn builder() -> (AppBuilder, ManualClock) {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(NOW));
    (App::builder(engine()).clock(Arc::new(clock.clone())), clock)
}

fn app(keys: JwtKeys) -> (App, ManualClock) {
    let (builder, clock) = builder();
    let jwt = Jwt::new(keys, "https://issuer", "graphloom");
    let app = builder.auth(Auth::new().jwt(jwt)).build();
    (app.expect("an application"), clock)
}

async fn server(keys: JwtKeys) -> (Server, ManualClock) {
    let (app, clock) = app(keys);
    (Server::of(&app, Limits::default()).await, clock)
}

fn set(keys: &[Value]) -> JwtKeys {
    JwtKeys::set(json!({ "keys": keys }).to_string().as_bytes()).expect("keys")
}

async fn refused(server: &Server, token: &str, case: &str) {
    let answer = server.get("/v1/graphs", token).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (401, "AUTH_INVALID"),
        "{case}"
    );
    assert!(!answer.text.contains(token), "{case}: {}", answer.text);
}

#[tokio::test]
async fn each_algorithm_opens_its_own_door_and_no_other() {
    let signers = [
        Signer::hmac(),
        Signer::rsa(),
        Signer::p256(),
        Signer::ed25519(),
    ];
    for signer in &signers {
        let mut all = Vec::new();
        match signer {
            Signer::Hmac(secret) => all.push(JwtKeys::secret(secret).expect("a key")),
            public => {
                all.push(JwtKeys::public_pem(&public.pem()).expect("a key"));
                all.push(set(&[public.jwk("k")]));
            }
        }
        for keys in all {
            let (server, _) = server(keys).await;
            let graph = server.keep(&signer.token(&claims()), &greet()).await;
            let path = format!("/v1/graphs/{graph}");
            assert_eq!(
                server.get(&path, &signer.token(&claims())).await.status,
                200
            );
            let bob = signer.token(&with(&json!({ "sub": "bob" })));
            assert_eq!(server.get(&path, &bob).await.status, 404, "another's");
            let me = server.get("/v1/me", &bob).await.json();
            assert_eq!(
                (me["tenant"].as_str(), me["expires_at"].as_str()),
                (Some("bob"), Some("2027-01-15T08:10:00.000Z"))
            );
            for other in &signers {
                if other.algorithm() != signer.algorithm() {
                    refused(&server, &other.token(&claims()), other.algorithm()).await;
                }
            }
            server.stop().await;
        }
    }
}

/// 60. A head that says how the token wants to be verified is not listened to.
#[tokio::test]
async fn a_head_that_wants_it_otherwise_is_refused() {
    let rsa = Signer::rsa();
    let (server, _) = server(set(&[rsa.jwk("k")])).await;
    let good = || json!({ "alg": "RS256", "typ": "JWT", "kid": "k" });
    assert_eq!(
        server
            .get("/v1/graphs", &rsa.with_head(&good(), &claims()))
            .await
            .status,
        200
    );
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("nOnE")),
        ("alg", json!("")),
        ("alg", json!("rs256")),
        ("alg", json!("RS512")),
        ("alg", json!("PS256")),
        ("alg", json!("HS256")),
        ("alg", json!(["RS256"])),
        ("alg", Value::Null),
        ("kid", json!("unknown")),
        ("kid", json!("../../dev/null")),
        ("kid", json!("k' OR 1=1 --")),
        ("kid", json!("")),
        ("kid", json!(7)),
        ("kid", Value::Null),
        ("kid", json!("k".repeat(300))),
        ("kid", json!("/etc/passwd")),
        ("kid", json!("k\0")),
        ("jku", json!("https://evil.example/keys")),
        ("jku", json!("http://127.0.0.1:9/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("jwk", rsa.jwk("k")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(["https://issuer.example/unknown"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("typ", json!("logout+jwt")),
        ("typ", json!(7)),
    ] {
        let mut head = good();
        head[name] = value;
        refused(&server, &rsa.with_head(&head, &claims()), &head.to_string()).await;
    }
    for head in [
        "",
        "{}",
        "[]",
        "null",
        "\"RS256\"",
        "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"k\"}",
        "{\"alg\":\"RS256\",\"kid\":\"k\"} x",
        "\u{feff}{\"alg\":\"RS256\",\"kid\":\"k\"}",
        "{\"alg\":\"RS256\",\"kid\":\"k\"",
    ] {
        refused(&server, &rsa.raw(head, &claims().to_string()), head).await;
    }
    // `none` with no signature, with an empty one, and with that of the key.
    for alg in ["none", "None", "nOnE", "NONE"] {
        let head = encoded(json!({ "alg": alg, "kid": "k" }).to_string());
        let body = encoded(claims().to_string());
        for token in [
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            format!("{head}.{body}.AAAA"),
        ] {
            refused(&server, &token, alg).await;
        }
    }
    // The public key, in each of its forms, as the secret of HS256.
    let modulus = decoded(rsa.jwk("k")["n"].as_str().expect("a number"));
    for secret in [
        rsa.pem().into_bytes(),
        rsa.pem().trim().as_bytes().to_vec(),
        rsa.jwk("k").to_string().into_bytes(),
        modulus,
    ] {
        let forger = Signer::Hmac(secret);
        refused(
            &server,
            &forger.with_head(&json!({ "alg": "HS256", "kid": "k" }), &claims()),
            "HS256",
        )
        .await;
        refused(
            &server,
            &forger.with_head(&good(), &claims()),
            "RS256 by HMAC",
        )
        .await;
    }
    server.stop().await;
}

/// 61. Claims, on the way through the server.
#[tokio::test]
async fn claims_that_do_not_hold_let_nobody_in() {
    let signer = Signer::p256();
    let (server, clock) = server(JwtKeys::public_pem(&signer.pem()).expect("a key")).await;
    for changes in [
        json!({ "nbf": NOW + 31 }),
        json!({ "iat": NOW + 1_000_000 }),
        json!({ "exp": null }),
        json!({ "exp": "9999999999" }),
        json!({ "aud": "someone else" }),
        json!({ "aud": ["someone", "else"] }),
        json!({ "aud": [] }),
        json!({ "aud": "graphloom " }),
        json!({ "iss": "https://issuer.evil.example" }),
        json!({ "sub": null }),
        json!({ "sub": "local" }),
    ] {
        refused(
            &server,
            &signer.token(&with(&changes)),
            &changes.to_string(),
        )
        .await;
    }
    for missing in ["exp", "aud", "iss", "sub"] {
        let mut few = claims();
        few.as_object_mut().expect("a map").remove(missing);
        refused(&server, &signer.token(&few), &format!("no {missing}")).await;
    }
    let expired = server
        .get(
            "/v1/graphs",
            &signer.token(&with(&json!({ "exp": NOW - 31 }))),
        )
        .await;
    assert_eq!(
        (expired.status, expired.problem().as_str()),
        (401, "AUTH_EXPIRED")
    );
    let listed = signer.token(&with(&json!({ "aud": ["other", "graphloom"] })));
    assert_eq!(
        server.get("/v1/graphs", &listed).await.status,
        200,
        "one of several audiences (RFC 7519, 4.1.3)"
    );
    // A key that stands twice is nobody's.
    let twice = claims().to_string().replacen('{', "{\"sub\":\"bob\",", 1);
    refused(&server, &signer.raw("{\"alg\":\"ES256\"}", &twice), "twice").await;
    // Nothing that it may: a token without scope and role, or with a role that is none.
    for nothing in [
        json!({ "roles": [] }),
        json!({ "roles": ["god"] }),
        json!({ "roles": null, "scope": "" }),
    ] {
        let token = signer.token(&with(&nothing));
        if nothing["roles"].is_null() {
            refused(&server, &token, "null is no list").await;
            continue;
        }
        for path in ["/v1/graphs", "/v1/runs", "/v1/blocks", "/v1/keys"] {
            let answer = server.get(path, &token).await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (403, "AUTH_SCOPE"),
                "{path}"
            );
        }
    }
    // Nobody administers the server by a role of the issuer's.
    let me = server
        .get(
            "/v1/me",
            &signer.token(&with(&json!({ "roles": ["admin"] }))),
        )
        .await
        .json();
    assert!(
        !me["scopes"]
            .as_array()
            .expect("a list")
            .contains(&json!("admin")),
        "{me}"
    );
    // Time passes: what was good is over.
    let token = signer.token(&claims());
    clock.advance(Duration::from_secs(629));
    assert_eq!(
        server.get("/v1/graphs", &token).await.status,
        200,
        "clocks differ"
    );
    clock.advance(Duration::from_secs(1));
    let over = server.get("/v1/graphs", &token).await;
    assert_eq!(
        (over.status, over.problem().as_str()),
        (401, "AUTH_EXPIRED")
    );
    server.stop().await;
}

/// 61. The form of a token, and where it stands.
#[tokio::test]
async fn a_token_is_whole_alone_and_in_its_header() {
    let signer = Signer::ed25519();
    let (server, _) = server(JwtKeys::public_pem(&signer.pem()).expect("a key")).await;
    let token = signer.token(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("three parts")
    };
    for bad in [
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{head}.{body}.{signature}."),
        format!("{head}.{body}.{signature}.{signature}"),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{head}.{body}.{}", &signature[..signature.len() - 1]),
        format!("{head}.{body}.{signature}="),
        format!("{head}.{body}.{signature}AA"),
        format!("{head}.{}.{signature}", &body[..body.len() - 4]),
        "..".to_owned(),
        ".".to_owned(),
        "x".repeat(16_385),
        format!("{head}.{}.{signature}", "A".repeat(20_000)),
    ] {
        refused(&server, &bad, &bad[..bad.len().min(60)]).await;
    }
    let ask = |authorization: Vec<String>| {
        let mut request = client().get(format!("{}/v1/graphs", server.url));
        for line in authorization {
            request = request.header("authorization", line);
        }
        Answer::of(request)
    };
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(
            ask(vec![format!("{scheme} {token}")]).await.status,
            200,
            "{scheme}"
        );
    }
    for lines in [
        vec![format!("Bearer {token}"), format!("Bearer {token}")],
        vec![format!("Bearer {token}"), "Basic YTpi".to_owned()],
        vec![format!("Token {token}")],
        vec![token.clone()],
        vec![],
    ] {
        let answer = ask(lines).await;
        assert_eq!(answer.status, 401);
        assert!(["AUTH_MISSING", "AUTH_INVALID"].contains(&answer.problem().as_str()));
    }
    for query in ["access_token", "token", "authorization", "api_key", "jwt"] {
        let url = format!("{}/v1/graphs?{query}={token}", server.url);
        let answer = Answer::of(client().get(url)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "AUTH_MISSING"),
            "{query}"
        );
        assert!(!answer.text.contains(&token));
    }
    // A megabyte of token does not get as far as this.
    let mut socket = tokio::net::TcpStream::connect(&server.url["http://".len()..])
        .await
        .expect("a connection");
    let head = format!(
        "GET /v1/graphs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        "A".repeat(1 << 20)
    );
    // It may be cut off before all of it is sent.
    let _ = socket.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    server.stop().await;
}

/// Serves this text to all who ask; says how often.
async fn issuer(document: String) -> (String, Arc<std::sync::atomic::AtomicU32>, CancelToken) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
    let (asked, stop) = (
        Arc::new(std::sync::atomic::AtomicU32::new(0)),
        CancelToken::new(),
    );
    let (count, until) = (Arc::clone(&asked), stop.clone());
    let app = axum::Router::new().route(
        "/keys",
        axum::routing::get(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            std::future::ready(document.clone())
        }),
    );
    let serving = async move {
        graphloom_server::serve::serve(listener, app, Limits::default(), until).await
    };
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(serving);
    tasks.detach_all();
    (url, asked, stop)
}

#[tokio::test]
async fn keys_are_fetched_from_the_issuer_by_the_guarded_client() {
    use graphloom::host::{HostPattern, HostSet};
    use graphloom_backends::http::{EgressPolicy, GuardedHttp, HttpOptions};

    let signer = Signer::p256();
    let (url, asked, stop) = issuer(json!({ "keys": [signer.jwk("k")] }).to_string()).await;
    let place =
        HostPattern::parse(url["http://".len()..].trim_end_matches("/keys")).expect("a place");
    let policy = EgressPolicy::new().allow_hosts(HostSet::from_iter([place]));
    let http = Arc::new(GuardedHttp::new(HttpOptions::new().policy(policy)));
    let (server, _) = server(JwtKeys::published(
        url.clone(),
        http,
        Duration::from_secs(3_600),
    ))
    .await;
    let head = json!({ "alg": "ES256", "kid": "k" });
    for _ in 0..3 {
        assert_eq!(
            server
                .get("/v1/graphs", &signer.with_head(&head, &claims()))
                .await
                .status,
            200
        );
    }
    for made_up in ["a", "b", "c"] {
        let head = json!({ "alg": "ES256", "kid": made_up });
        refused(&server, &signer.with_head(&head, &claims()), made_up).await;
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1);
    server.stop().await;
    stop.cancel();
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_is_told() {
    use graphloom_backends::http::{GuardedHttp, HttpOptions};

    // The policy of the client does not let it go there.
    let http = Arc::new(GuardedHttp::new(HttpOptions::new()));
    let keys = JwtKeys::published("http://127.0.0.1:9/keys", http, Duration::from_secs(3_600));
    let (server, _) = server(keys).await;
    let answer = server
        .get("/v1/graphs", &Signer::p256().token(&claims()))
        .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (503, "HTTP_UNAVAILABLE")
    );
    assert!(!answer.header("retry-after").is_empty());
    server.stop().await;
}

/// One change of a token.
fn mutated(token: &str, kind: u8, at: usize, byte: u8) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/";
    if token.len() < 2 {
        // Other changes have left nothing to change.
        return token.to_owned();
    }
    let mut bytes = token.as_bytes().to_vec();
    let at = at % bytes.len();
    let letter = LETTERS[usize::from(byte) % LETTERS.len()];
    match kind {
        0 => bytes[at] = letter,
        1 => bytes.insert(at, letter),
        2 if bytes.len() > 1 => drop(bytes.remove(at)),
        3 => bytes.truncate(at.max(1)),
        4 => bytes.rotate_left(at),
        _ => {
            let other = usize::from(byte) % bytes.len();
            bytes.swap(at, other);
        }
    }
    String::from_utf8(bytes).expect("ASCII")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_token_that_was_changed_is_not_taken(
        which in 0_usize..4,
        changes in prop::collection::vec((0_u8..6, any::<usize>(), any::<u8>()), 1..4),
    ) {
        thread_local! {
            static ALL: Vec<(Signer, App, String)> = [Signer::hmac(), Signer::rsa(), Signer::p256(), Signer::ed25519()]
                .into_iter()
                .map(|signer| {
                    let keys = match &signer {
                        Signer::Hmac(secret) => JwtKeys::secret(secret),
                        public => JwtKeys::public_pem(&public.pem()),
                    };
                    let _runtime = RUNTIME.with(|runtime| runtime.enter());
                    let (app, _) = app(keys.expect("a key"));
                    let token = signer.token(&claims());
                    (signer, app, token)
                })
                .collect();
            static RUNTIME: &'static tokio::runtime::Runtime = Box::leak(Box::new(
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
            ));
        }
        let outcome = ALL.with(|all| {
            let (_, app, token) = &all[which];
            let changed = changes.iter().fold(token.clone(), |token, (kind, at, byte)| mutated(&token, *kind, *at, *byte));
            let taken = |token: &str| {
                let mut headers = HeaderMap::new();
                let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("a header");
                headers.insert("authorization", value);
                RUNTIME.with(|runtime| runtime.block_on(app.auth().principal(&headers))).is_ok()
            };
            (taken(token), changed == *token || !taken(&changed), changed)
        });
        prop_assert!(outcome.0, "the token itself is taken");
        prop_assert!(outcome.1, "{} is taken", outcome.2);
    }
}
