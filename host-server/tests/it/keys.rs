//! Keys: made, used, revoked, ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use graphloom::Timestamp;
use graphloom::host::ManualClock;
use graphloom_server::records::{Change, Entry, Kind, MemoryRecords, Query, Records};
use graphloom_server::serve::Limits;
use graphloom_server::{App, Principal, Role, Scope, Tenant};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{A, Answer, B, Server, auth, client, engine, greet, key_of};
use crate::records::{Handed, hand_on};

/// Makes a key; returns its id and the key.
async fn make(server: &Server, token: &str, scopes: Value) -> (String, String) {
    let body = json!({ "name": "n", "scopes": scopes });
    let answer = server.post("/v1/keys", token, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.json();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("location"), format!("/v1/keys/{id}"));
    (id, made["key"].as_str().expect("a key").to_owned())
}

#[tokio::test]
async fn a_key_may_what_it_was_given_until_it_is_revoked() {
    let server = Server::start().await;
    let (id, key) = make(&server, A, json!(["graphs:read", "graphs:write"])).await;
    assert_eq!((key.len(), key.starts_with("glk_")), (47, true));
    let graph = server.keep(&key, &greet()).await;
    let path = format!("/v1/graphs/{graph}");
    assert_eq!(server.get(&path, &key).await.status, 200);
    assert_eq!(
        server.get(&path, A).await.status,
        200,
        "it is the same tenant's"
    );
    assert_eq!(server.get(&path, B).await.status, 404);
    let refused = server.get("/v1/runs", &key).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "AUTH_SCOPE")
    );
    let by_header = client()
        .get(format!("{}{path}", server.url))
        .header("x-api-key", &key);
    assert_eq!(Answer::of(by_header).await.status, 200);
    let me = server.get("/v1/me", &key).await.json();
    assert_eq!(
        (me["tenant"].as_str(), me["subject"].as_str()),
        (Some("a"), Some("tests"))
    );

    let revoked = Answer::of(server.ask(Method::DELETE, &format!("/v1/keys/{id}"), A)).await;
    assert_eq!(revoked.status, 204);
    let refused = server.get(&path, &key).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (401, "AUTH_INVALID")
    );
    let again = Answer::of(server.ask(Method::DELETE, &format!("/v1/keys/{id}"), A)).await;
    assert_eq!(again.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let records = Arc::new(MemoryRecords::default());
    let kept: Arc<dyn Records> = Arc::clone(&records) as _;
    let server = Server::with(App::builder(engine()).records(kept)).await;
    let (id, key) = make(&server, A, json!(["graphs:read"])).await;
    for path in ["/v1/keys".to_owned(), format!("/v1/keys/{id}")] {
        let shown = server.get(&path, A).await;
        assert_eq!(shown.status, 200);
        assert!(!shown.text.contains(&key), "{}", shown.text);
        assert!(
            shown.text.contains(&key[..8]) && shown.text.contains(&key[43..]),
            "{}",
            shown.text
        );
    }
    let who = Principal::new("a", "tests").scopes(Role::Admin.scopes());
    let tenant: &Tenant = who.may(Scope::KeysWrite).expect("it may");
    let entries = records
        .list(tenant, Query::of(Kind::ApiKey, 10))
        .await
        .expect("records");
    assert_eq!(entries.len(), 1);
    assert!(!format!("{entries:?}").contains(&key[8..43]));
    server.stop().await;
}

/// 63. Another tenant's key is not there.
#[tokio::test]
async fn keys_of_others_are_not_there() {
    let server = Server::start().await;
    let (id, key) = make(&server, A, json!(["graphs:read"])).await;
    let path = format!("/v1/keys/{id}");
    for method in [Method::GET, Method::DELETE] {
        let answer = Answer::of(server.ask(method, &path, B)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "HTTP_NOT_FOUND")
        );
    }
    assert_eq!(server.get("/v1/keys", B).await.json()["items"], json!([]));
    assert_eq!(
        server.get("/v1/graphs", &key).await.status,
        200,
        "it was not revoked"
    );
    server.stop().await;
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let server = Server::start().await;
    let post = |token: String, body: Value| {
        let server = &server;
        async move { server.post("/v1/keys", &token, &body).await }
    };
    // B is no administrator of the server.
    let refused = post(
        B.to_owned(),
        json!({ "name": "n", "scopes": ["runs:read", "admin"] }),
    )
    .await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "AUTH_SCOPE")
    );
    // A key without `keys:write` makes none.
    let (_, key) = make(&server, A, json!(["runs:read"])).await;
    let refused = post(key, json!({ "name": "n", "scopes": ["runs:read"] })).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "AUTH_SCOPE")
    );
    // One with it makes no more than it may itself.
    let (_, key) = make(&server, A, json!(["keys:write", "runs:read"])).await;
    let refused = post(
        key.clone(),
        json!({ "name": "n", "scopes": ["runs:write"] }),
    )
    .await;
    assert_eq!(refused.status, 403);
    make(&server, &key, json!(["runs:read"])).await;
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_key_is_told_with_its_place() {
    let server = Server::start().await;
    for (body, place) in [
        (json!({ "name": "", "scopes": ["runs:read"] }), "/name"),
        (
            json!({ "name": "a\u{7}", "scopes": ["runs:read"] }),
            "/name",
        ),
        (
            json!({ "name": "a".repeat(101), "scopes": ["runs:read"] }),
            "/name",
        ),
        (json!({ "name": "n", "scopes": [] }), "/scopes"),
        (
            json!({ "name": "n", "scopes": ["runs:read", "runs:raed"] }),
            "/scopes/1",
        ),
        (
            json!({ "name": "n", "scopes": ["runs:read"], "expires_at": "soon" }),
            "/expires_at",
        ),
        (
            json!({ "name": "n", "scopes": ["runs:read"], "expires_at": "2001-01-01T00:00:00Z" }),
            "/expires_at",
        ),
        (
            json!({ "name": "n", "scopes": ["runs:read"], "tenant": "b" }),
            "",
        ),
    ] {
        let answer = server.post("/v1/keys", A, &body).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (422, "HTTP_BODY"),
            "{body}"
        );
        let found = answer.json();
        assert!(
            found["errors"][0]["pointer"]
                .as_str()
                .is_some_and(|p| p.starts_with(place)),
            "{found}"
        );
    }
    let answer = server
        .post(
            "/v1/keys",
            A,
            &json!({ "name": "n", "scopes": ["runs:raed"] }),
        )
        .await;
    assert!(answer.text.contains("runs:read"), "{}", answer.text);
    server.stop().await;
}

#[tokio::test]
async fn a_tenant_has_so_many_keys() {
    let app = App::builder(engine())
        .auth(auth().max_keys(2))
        .build()
        .expect("an application");
    let server = Server::of(&app, Limits::default()).await;
    let (id, _) = make(&server, A, json!(["runs:read"])).await;
    make(&server, A, json!(["runs:read"])).await;
    let body = json!({ "name": "n", "scopes": ["runs:read"] });
    let full = server.post("/v1/keys", A, &body).await;
    assert_eq!(
        (full.status, full.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    assert_eq!(
        server.post("/v1/keys", B, &body).await.status,
        201,
        "others have their own"
    );
    let revoked = Answer::of(server.ask(Method::DELETE, &format!("/v1/keys/{id}"), A)).await;
    assert_eq!(revoked.status, 204);
    make(&server, A, json!(["runs:read"])).await;
    server.stop().await;
}

/// Records that count what is asked of them.
#[derive(Default)]
struct Counted {
    inner: MemoryRecords,
    finds: AtomicU64,
    writes: AtomicU64,
}

impl Records for Counted {
    hand_on!(inner: get list due usage rest);

    fn write(&self, changes: Vec<Change>, now: Timestamp) -> Handed<'_, Vec<u64>> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.inner.write(changes, now)
    }

    fn find<'a>(&'a self, kind: Kind, unique: &'a str) -> Handed<'a, Option<Entry>> {
        self.finds.fetch_add(1, Ordering::Relaxed);
        self.inner.find(kind, unique)
    }
}

#[tokio::test]
async fn looking_up_is_remembered_for_a_while_and_writes_nothing() {
    let records = Arc::new(Counted::default());
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(1_800_000_000));
    let builder = App::builder(engine()).clock(Arc::new(clock.clone()));
    let server = Server::with(builder.records(Arc::clone(&records) as _)).await;
    let (_, key) = make(&server, A, json!(["graphs:read"])).await;
    let finds = || records.finds.load(Ordering::Relaxed);
    let writes = records.writes.load(Ordering::Relaxed);
    let unknown = key_of("A");
    for _ in 0..3 {
        assert_eq!(server.get("/v1/graphs", &key).await.status, 200);
        assert_eq!(server.get("/v1/graphs", &unknown).await.status, 401);
    }
    assert_eq!(finds(), 2, "each was looked up once");
    clock.advance(Duration::from_secs(6));
    assert_eq!(server.get("/v1/graphs", &key).await.status, 200);
    assert_eq!(finds(), 3);
    for strange in ["glk_short", "no-key-at-all", &"A".repeat(47)] {
        assert_eq!(server.get("/v1/graphs", strange).await.status, 401);
    }
    assert_eq!(finds(), 3, "what is no key is not looked up");
    assert_eq!(records.writes.load(Ordering::Relaxed), writes);
    server.stop().await;
}

/// 64. What a long connection stands on: it ends with the key, with its time, and with its scopes.
#[tokio::test]
async fn a_principal_holds_as_long_as_its_key() {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(1_800_000_000));
    let app = App::builder(engine())
        .clock(Arc::new(clock.clone()))
        .auth(auth())
        .build();
    let app = app.expect("an application");
    let server = Server::of(&app, Limits::default()).await;
    let body =
        json!({ "name": "n", "scopes": ["runs:read"], "expires_at": "2027-01-15T09:00:00Z" });
    let made = server.post("/v1/keys", A, &body).await.json();
    let (id, key) = (
        made["id"].as_str().expect("an id"),
        made["key"].as_str().expect("a key"),
    );
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("x-api-key", key.parse().expect("a header"));
    let who = app.auth().principal(&headers).await.expect("a principal");
    assert!(app.auth().still_holds(&who).await);

    let more = who.clone().scopes(Role::Viewer.scopes());
    assert!(
        !app.auth().still_holds(&more).await,
        "its scopes were changed"
    );
    let other = Principal::new("b", "tests").scopes(who.scopes).key(id);
    assert!(
        !app.auth().still_holds(&other).await,
        "the key is another tenant's"
    );

    clock.advance(Duration::from_secs(3_599));
    assert!(app.auth().still_holds(&who).await);
    clock.advance(Duration::from_secs(1));
    assert!(!app.auth().still_holds(&who).await, "its time is over");
    let over = server.get("/v1/runs", key).await;
    assert_eq!(
        (over.status, over.problem().as_str()),
        (401, "AUTH_EXPIRED")
    );

    let (id, key) = make(&server, A, json!(["runs:read"])).await;
    headers.insert("x-api-key", key.parse().expect("a header"));
    let who = app.auth().principal(&headers).await.expect("a principal");
    assert!(app.auth().still_holds(&who).await);
    let revoked = Answer::of(server.ask(Method::DELETE, &format!("/v1/keys/{id}"), A)).await;
    assert_eq!(revoked.status, 204);
    assert!(!app.auth().still_holds(&who).await);
    server.stop().await;
}

/// 65. A key with NUL, cut off, or with more behind it lets nobody in.
#[tokio::test]
async fn what_is_nearly_a_key_is_none() {
    let server = Server::start().await;
    let (_, key) = make(&server, A, json!(["graphs:read"])).await;
    let place = server.url.strip_prefix("http://").expect("a place");
    for bad in [
        format!("{key}\0"),
        format!("\0{key}"),
        key.replace("glk_", "glk_\0"),
        key[..46].to_owned(),
        format!("{key}A"),
        format!("{key} "),
        key.to_uppercase(),
        key.replacen("glk_", "GLK_", 1),
        format!("{key},{key}"),
    ] {
        let mut socket = tokio::net::TcpStream::connect(place)
            .await
            .expect("a connection");
        let head = format!(
            "GET /v1/graphs HTTP/1.1\r\nHost: x\r\nX-API-Key: {bad}\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.expect("it is sent");
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        // Space around a value is none of it (RFC 9110, 5.5).
        let expected: &[&str] = if bad.ends_with(' ') {
            &["200"]
        } else {
            &["400", "401"]
        };
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(expected.contains(&status), "{bad:?}: {answer}");
    }
    server.stop().await;
}
