//! Logins at a service, from the address that a person opens to a token that a run shows.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphloom::host::ManualClock;
use graphloom_server::{App, OAuthServices};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::credentials::{CANARY, check_hidden, shows, vault};
use crate::harness::{A, Answer, B, Folder, Server, client};
use crate::stub::{Sent, Stub, engine, plain};

const PUBLIC: &str = "https://graphs.example.com";

/// A service that knows one code, and a machine that its tokens are for, on one socket.
async fn service() -> Stub {
    let answer = |sent: &Sent| {
        if !sent.path.starts_with("/token") {
            return (
                200,
                "text/plain",
                format!("hello {}", sent.header("authorization")),
            );
        }
        let told = match sent.field("code").as_str() {
            "good" => {
                json!({ "access_token": format!("token-{CANARY}"), "expires_in": 3600, "refresh_token": CANARY, "scope": "mail files" })
            }
            "echo" => {
                json!({ "error": "invalid_request", "error_description": format!("<b>{}</b> {}", sent.field("client_secret"), sent.field("code_verifier")) })
            }
            "html" => return (500, "text/html", "<html>".to_owned()),
            _ => json!({ "error": "invalid_grant" }),
        };
        let status = if told.get("error").is_some() {
            400
        } else {
            200
        };
        (status, "application/json", told.to_string())
    };
    Stub::start(answer).await
}

struct Setting {
    _folder: Folder,
    stub: Stub,
    clock: ManualClock,
    server: Server,
}

async fn setting() -> Setting {
    let (folder, stub) = (Folder::new(), service().await);
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(1_800_000_000));
    let own = json!({ "own": {
        "client_id": "ours", "client_secret": format!("client-{CANARY}"), "hosts": [stub.host], "scopes": ["usual"],
        "authorize_url": stub.url("/authorize"), "token_url": stub.url("/token")
    } });
    let services = OAuthServices::from_json(own.to_string().as_bytes()).expect("services");
    let builder = App::builder(engine(&[&stub]))
        .vault(vault(folder.path(), Arc::new(clock.clone())))
        .clock(Arc::new(clock.clone()))
        .oauth(services)
        .public_url(format!("{PUBLIC}/"));
    let server = Server::with(builder).await;
    Setting {
        _folder: folder,
        stub,
        clock,
        server,
    }
}

fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').expect("a query");
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(own, _)| *own == name);
    found.map_or_else(String::new, |(_, value)| plain(value))
}

async fn begin(server: &Server, token: &str, body: &Value) -> Answer {
    server
        .post("/v1/credentials/mail/authorize", token, body)
        .await
}

fn state(begun: &Answer) -> String {
    assert_eq!(begun.status, 200, "{}", begun.text);
    begun.json()["state"].as_str().expect("a state").to_owned()
}

/// Comes back from the service, without a token of this server.
async fn back(server: &Server, query: &str) -> Answer {
    Answer::of(client().get(format!("{}/oauth/callback?{query}", server.url))).await
}

/// 56. Nothing of a login is seen: not the client's secret, not the tokens, not the proof.
#[tokio::test]
async fn a_login_gives_a_credential_that_runs_use() {
    let setting = setting().await;
    let stub = &setting.stub;
    let server = &setting.server;

    let begun = begin(
        server,
        A,
        &json!({ "provider": "own", "scopes": ["mail", "files"] }),
    )
    .await;
    let state = state(&begun);
    let url = begun.json()["authorize_url"]
        .as_str()
        .expect("an address")
        .to_owned();
    assert!(url.starts_with(&stub.url("/authorize?")), "{url}");
    for (name, value) in [
        ("client_id", "ours"),
        ("state", &state),
        ("scope", "mail files"),
        ("redirect_uri", &format!("{PUBLIC}/oauth/callback")),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(&url, name), value, "{name}");
    }
    check_hidden("the beginning", begun.text.as_bytes(), CANARY);

    // Someone else's state leaves it open.
    let wrong = back(server, &format!("state={}x&code=good", &state[..42])).await;
    assert_eq!(
        (wrong.status, wrong.problem().as_str()),
        (404, "OAUTH_STATE")
    );
    let done = back(server, &format!("state={state}&code=good&iss=other")).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json(), json!({ "name": "mail", "provider": "own" }));
    let asked = stub.sent().remove(0);
    assert_eq!(asked.field("grant_type"), "authorization_code");
    assert_eq!(asked.field("client_secret"), format!("client-{CANARY}"));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.field("code_verifier")));
    assert_eq!(parameter(&url, "code_challenge"), challenge);

    // Once.
    let again = back(server, &format!("state={state}&code=good")).await;
    assert_eq!(
        (again.status, again.problem().as_str()),
        (404, "OAUTH_STATE")
    );
    assert_eq!(stub.sent().len(), 1);

    let kept = server.get("/v1/credentials/mail", A).await;
    let (shown, scopes) = (kept.json(), json!(["mail", "files"]));
    assert_eq!(
        (&shown["kind"], &shown["scopes"]),
        (&json!("oauth2"), &scopes)
    );
    assert_eq!(shown["hosts"], json!([stub.host]));
    check_hidden("what is kept", kept.text.as_bytes(), CANARY);
    assert_eq!(server.get("/v1/credentials/mail", B).await.status, 404);

    let graph = server.keep(A, &shows(&stub.url("/who"), "mail")).await;
    let run = server.run(A, &graph, &json!({})).await;
    assert_eq!(run["status"], "completed", "{run}");
    let sent = stub.sent();
    assert_eq!(
        sent[1].header("authorization"),
        format!("Bearer token-{CANARY}")
    );
    check_hidden("the run", run.to_string().as_bytes(), CANARY);
    setting.server.stop().await;
}

#[tokio::test]
async fn a_login_that_fails_is_told_and_over() {
    let setting = setting().await;
    let stub = &setting.stub;
    let server = &setting.server;

    for (given, status, code, message) in [
        ("error=access_denied", 403, "OAUTH_DENIED", "access_denied"),
        ("error=%3Cscript%3E", 403, "OAUTH_DENIED", "refuses"),
        ("code=bad", 409, "OAUTH_SERVICE", "invalid_grant"),
        ("code=html", 409, "OAUTH_SERVICE", "no JSON"),
        ("code=echo", 409, "OAUTH_SERVICE", "[redacted]"),
        ("", 403, "OAUTH_DENIED", "a code and a state"),
    ] {
        let state = state(&begin(server, A, &json!({ "provider": "own" })).await);
        let told = back(server, &format!("state={state}&{given}")).await;
        assert_eq!(
            (told.status, told.problem().as_str()),
            (status, code),
            "{given}"
        );
        assert!(told.text.contains(message), "{given}: {}", told.text);
        check_hidden(given, told.text.as_bytes(), CANARY);
        let again = back(server, &format!("state={state}&code=good")).await;
        assert_eq!(again.problem(), "OAUTH_STATE", "{given}");
    }
    assert_eq!(
        server.get("/v1/credentials", A).await.json()["items"],
        json!([])
    );
    for nothing in [
        "",
        "state=",
        "code=good",
        "state=a&state=b",
        "error=access_denied",
    ] {
        assert_eq!(
            back(server, nothing).await.problem(),
            "OAUTH_STATE",
            "{nothing}"
        );
    }
    assert_eq!(stub.sent().len(), 3);
    setting.server.stop().await;
}

#[tokio::test]
async fn people_get_a_page_without_scripts() {
    let setting = setting().await;
    let server = &setting.server;

    let page = async |query: String| {
        let url = format!("{}/oauth/callback?{query}", server.url);
        let request = client()
            .get(url)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        Answer::of(request).await
    };
    let began = state(&begin(server, A, &json!({ "provider": "own" })).await);
    let denied = page(format!(
        "state={began}&error=%3Cscript%3Ealert(1)%3C/script%3E"
    ))
    .await;
    assert_eq!(denied.status, 403);
    assert!(denied.header("content-type").starts_with("text/html"));
    assert!(
        denied
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(
        denied.text.contains("&lt;script&gt;") && !denied.text.contains("<script"),
        "{}",
        denied.text
    );
    let began = state(&begin(server, A, &json!({ "provider": "own" })).await);
    let done = page(format!("state={began}&code=good")).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("kept as mail"), "{}", done.text);
    check_hidden("the page", done.text.as_bytes(), CANARY);
    assert_eq!(done.header("cache-control"), "no-store");
    assert_eq!(done.header("referrer-policy"), "no-referrer");
    setting.server.stop().await;
}

#[tokio::test]
async fn a_login_has_ten_minutes_and_few_can_be_begun() {
    let setting = setting().await;
    let server = &setting.server;
    let clock = &setting.clock;

    let in_time = state(&begin(server, A, &json!({ "provider": "own" })).await);
    clock.advance(Duration::from_secs(599));
    assert_eq!(
        back(server, &format!("state={in_time}&code=good"))
            .await
            .status,
        200
    );
    let late = state(&begin(server, A, &json!({ "provider": "own" })).await);
    clock.advance(Duration::from_secs(601));
    assert_eq!(
        back(server, &format!("state={late}&code=good"))
            .await
            .problem(),
        "OAUTH_STATE"
    );

    for _ in 0..100 {
        state(&begin(server, A, &json!({ "provider": "own" })).await);
    }
    let more = begin(server, A, &json!({ "provider": "own" })).await;
    assert_eq!(
        (more.status, more.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    // Each tenant has its own, and time frees them.
    state(&begin(server, B, &json!({ "provider": "own" })).await);
    clock.advance(Duration::from_secs(601));
    state(&begin(server, A, &json!({ "provider": "own" })).await);
    setting.server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_logged_in_to_is_told() {
    let setting = setting().await;
    let server = &setting.server;
    let stub = &setting.stub;

    for (content, place) in [
        (json!({ "provider": "gogle" }), "/provider"),
        (json!({}), "/provider"),
        // Known, and nobody has said as whom to ask.
        (json!({ "provider": "google" }), "/client"),
        (
            json!({ "provider": "google", "client": { "id": "a b" } }),
            "/client/id",
        ),
        (
            json!({ "provider": "google", "client": { "id": "a", "secret": "" } }),
            "/client/secret",
        ),
        (json!({ "provider": "own", "scopes": ["a b"] }), "/scopes/0"),
        (
            json!({ "provider": "own", "scopes": vec!["a"; 101] }),
            "/scopes",
        ),
        (json!({ "provider": "own", "hosts": ["*x"] }), "/hosts/0"),
        (
            json!({ "provider": "todoist", "client": { "id": "a" }, "token_url": stub.url("/token") }),
            "",
        ),
    ] {
        let answer = begin(server, A, &content).await;
        answer.refuses(place);
    }
    // Whoever brings a client can log in to what is known.
    let begun = begin(
        server,
        A,
        &json!({ "provider": "google", "client": { "id": "mine" } }),
    )
    .await;
    let url = begun.json()["authorize_url"]
        .as_str()
        .expect("an address")
        .to_owned();
    assert!(url.starts_with("https://accounts.google.com/"), "{url}");
    setting.server.stop().await;

    let server = Server::start().await;
    let without = begin(&server, A, &json!({ "provider": "google" })).await;
    assert_eq!(without.status, 503);
    server.stop().await;
}
