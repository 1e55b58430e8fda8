//! What is written down of requests, and what never is.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::host::{BoxFuture, ManualClock};
use graphloom_server::App;
use graphloom_server::audit::{Asked, Audit, RiskRule, Sensitivity, Verdict};
use graphloom_server::auth::{Auth, Jwt, JwtKeys};
use graphloom_server::config::{AuditFile, Rate};
use graphloom_server::serve::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Folder, Server, client, engine, greet, key_of};
use crate::logs::Logs;
use crate::signer::Signer;

struct Log {
    folder: Folder,
}

impl Log {
    fn new() -> Self {
        Self {
            folder: Folder::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    fn open(&self, change: impl FnOnce(&mut AuditFile)) -> Audit {
        let mut settings = AuditFile::default();
        change(&mut settings);
        Audit::open(&self.path(), &settings).expect("a log")
    }

    /// Returns what is in it once its thread has nothing more to write: lines on which little depends come a moment later.
    fn text(&self) -> String {
        let read = || std::fs::read_to_string(self.path()).expect("the log");
        let mut text = read();
        loop {
            std::thread::sleep(Duration::from_millis(10));
            let later = read();
            if later == text {
                return text;
            }
            text = later;
        }
    }

    fn lines(&self) -> Vec<Value> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

#[tokio::test]
async fn what_changes_something_or_is_refused_has_a_line() {
    let log = Log::new();
    let server = Server::with(App::builder(engine()).audit(log.open(|_| ()))).await;
    let graph = server.keep(A, &greet()).await;
    assert_eq!(
        server.get(&format!("/v1/graphs/{graph}"), A).await.status,
        200
    );
    assert_eq!(server.get("/v1/graphs", "wrong").await.status, 401);
    assert_eq!(server.get("/v1/graphs/none", A).await.status, 404);
    assert_eq!(
        server.post("/v1/graphs:validate", A, &greet()).await.status,
        200
    );
    let body = json!({ "name": "n", "scopes": ["graphs:read"] });
    let request = server
        .ask(Method::POST, "/v1/keys", A)
        .header("x-request-id", "mine-1");
    let made = Answer::of(crate::harness::json(request, &body))
        .await
        .json();
    let (id, key) = (
        made["id"].as_str().expect("an id"),
        made["key"].as_str().expect("a key"),
    );
    // What is highly sensitive is on the disk when it is answered.
    assert!(log.text().contains("mine-1"));
    assert_eq!(server.post("/v1/graphs", key, &greet()).await.status, 403);
    assert_eq!(server.get("/v1/keys", A).await.status, 200);
    server.stop().await;

    let lines = log.lines();
    let short: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "{} {} {} {}",
                line["method"], line["route"], line["status"], line["sensitivity"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        short,
        [
            "POST /v1/graphs 201 medium",
            "GET /v1/graphs 401 low",
            "POST /v1/keys 201 high",
            "POST /v1/graphs 403 medium",
            "GET /v1/keys 200 high",
        ]
    );
    let first = &lines[0];
    assert_eq!(
        (first["tenant"].as_str(), first["subject"].as_str()),
        (Some("a"), Some("tests"))
    );
    assert_eq!(
        (first["address"].as_str(), first["resource"].as_str()),
        (Some("127.0.0.1"), Some(graph.as_str()))
    );
    assert_eq!(first["bytes_in"], greet().to_string().len());
    assert!(first["bytes_out"].as_u64().is_some_and(|bytes| bytes > 100));
    assert!(
        first["time"]
            .as_str()
            .is_some_and(|time| time.ends_with('Z'))
    );
    assert!(first.get("code").is_none() && first.get("key").is_none());
    assert_eq!(
        (lines[1]["code"].as_str(), lines[1].get("tenant")),
        (Some("AUTH_INVALID"), None)
    );
    assert_eq!(
        (
            lines[2]["request_id"].as_str(),
            lines[2]["resource"].as_str()
        ),
        (Some("mine-1"), Some(id))
    );
    assert_eq!(
        (lines[3]["key"].as_str(), lines[3]["code"].as_str()),
        (Some(id), Some("AUTH_SCOPE"))
    );
    let mode = std::fs::metadata(log.path())
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn what_reads_has_a_line_where_the_settings_say_so() {
    let log = Log::new();
    let server =
        Server::with(App::builder(engine()).audit(log.open(|settings| settings.reads = true)))
            .await;
    assert_eq!(server.get("/v1/graphs?limit=7", A).await.status, 200);
    assert_eq!(server.get("/nothing/here?x=1", A).await.status, 404);
    server.stop().await;
    let lines = log.lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0]["route"].as_str(), lines[0].get("resource")),
        (Some("/v1/graphs"), None)
    );
    assert_eq!(
        (lines[1].get("route"), lines[1]["status"].as_u64()),
        (None, Some(404))
    );
    assert!(!log.text().contains("limit") && !log.text().contains("nothing"));
}

/// Whoever asks too often fills no log.
#[tokio::test]
async fn who_asks_too_often_is_noted_once_a_minute() {
    let log = Log::new();
    let clock = ManualClock::new();
    let mut rate = Rate::default();
    (rate.requests_per_second, rate.burst) = (1, 1);
    let builder = App::builder(engine())
        .clock(Arc::new(clock.clone()))
        .rate(rate);
    let server = Server::with(builder.audit(log.open(|_| ()))).await;
    for round in 1..=2 {
        for token in [A, B] {
            for _ in 0..10 {
                server.get("/v1/me", token).await;
            }
        }
        assert!(log.lines().len() <= round * 2);
        clock.advance(Duration::from_secs(60));
    }
    server.stop().await;
    let lines = log.lines();
    let whose: Vec<_> = lines
        .iter()
        .map(|line| line["tenant"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(whose, ["a", "b", "a", "b"]);
    assert!(lines.iter().all(|line| line["status"] == 429));
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_done() {
    let log = Log::new();
    let server = Server::with(App::builder(engine()).audit(log.open(|_| ()))).await;
    let graph = server.keep(A, &greet()).await;
    let body = json!({ "name": "n", "scopes": ["graphs:read"] });
    assert_eq!(server.post("/v1/keys", A, &body).await.status, 201);
    // No file can be made where a file is in place of the folder.
    let aside = log.folder.path().with_extension("aside");
    std::fs::rename(log.folder.path(), &aside).expect("it is moved");
    std::fs::write(log.folder.path(), "").expect("a file");
    // The first one finds out: its key is made, and its line waits.
    assert_eq!(server.post("/v1/keys", A, &body).await.status, 201);
    for (method, path) in [
        (Method::POST, "/v1/graphs".to_owned()),
        (Method::DELETE, format!("/v1/graphs/{graph}")),
        (Method::GET, "/v1/keys".to_owned()),
    ] {
        let answer = Answer::of(crate::harness::json(server.ask(method, &path, A), &greet())).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (503, "HTTP_UNAVAILABLE"),
            "{path}"
        );
        assert!(!answer.header("retry-after").is_empty());
    }
    assert_eq!(
        server.get(&format!("/v1/graphs/{graph}"), A).await.status,
        200,
        "reading goes on"
    );
    std::fs::remove_file(log.folder.path()).expect("it was there");
    std::fs::rename(&aside, log.folder.path()).expect("it is moved");
    // It is tried again soon.
    for _ in 0..200 {
        if server.post("/v1/graphs", A, &greet()).await.status == 201 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
    let lines = log.lines();
    let statuses: Vec<_> = lines
        .iter()
        .map(|line| line["status"].as_u64().unwrap_or_default())
        .collect();
    assert_eq!(
        statuses,
        [201, 201, 201, 201],
        "nothing that was done is missing"
    );
}

/// A rule that refuses whoever wants to delete, and notes who makes keys.
struct Careful(Mutex<Vec<String>>);

impl RiskRule for Careful {
    fn judge<'a>(&'a self, asked: &'a Asked) -> BoxFuture<'a, Verdict> {
        let who = asked
            .who
            .as_ref()
            .map_or("nobody", |who| who.tenant_name().as_str());
        let route = asked.route.as_deref().unwrap_or("nowhere");
        let seen = format!(
            "{who} {} {route} {:?} {}",
            asked.method, asked.resource, asked.sensitivity
        );
        self.0.lock().expect("no panic").push(seen);
        assert!(asked.address.is_some_and(|address| address.is_loopback()));
        assert!(!asked.request_id.is_empty());
        Box::pin(std::future::ready(match asked.method.as_str() {
            "DELETE" => Verdict::Refuse("nothing is deleted on a Sunday".into()),
            "POST" if asked.sensitivity == Sensitivity::High => {
                Verdict::Note("a key on a Sunday".into())
            }
            _ => Verdict::Pass,
        }))
    }
}

#[tokio::test]
async fn a_rule_sees_what_is_asked_for_and_may_refuse_it() {
    let log = Log::new();
    let rule = Arc::new(Careful(Mutex::default()));
    let builder = App::builder(engine())
        .audit(log.open(|_| ()))
        .risk_rule(Arc::clone(&rule) as _);
    let server = Server::with(builder).await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}");
    let refused = Answer::of(server.ask(Method::DELETE, &path, A)).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "AUTH_RISK")
    );
    assert!(!refused.text.contains("Sunday"), "why is for the log");
    assert_eq!(server.get(&path, A).await.status, 200, "it was not deleted");
    let body = json!({ "name": "n", "scopes": ["graphs:read"] });
    assert_eq!(server.post("/v1/keys", A, &body).await.status, 201);
    assert_eq!(server.get("/v1/version", A).await.status, 200);
    assert_eq!(server.get("/v1/graphs", "wrong").await.status, 401);
    server.stop().await;
    let seen = rule.0.lock().expect("no panic").clone();
    assert_eq!(
        seen,
        [
            "a POST /v1/graphs None medium".to_owned(),
            format!("a DELETE /v1/graphs/{{graph}} Some({graph:?}) medium"),
            format!("a GET /v1/graphs/{{graph}} Some({graph:?}) low"),
            "a POST /v1/keys None high".to_owned(),
            "nobody GET /v1/version None low".to_owned(),
        ],
        "who is not let in is not judged"
    );
    let lines = log.lines();
    let risks: Vec<_> = lines.iter().filter_map(|line| line.get("risk")).collect();
    assert_eq!(
        risks,
        [
            &json!(["nothing is deleted on a Sunday"]),
            &json!(["a key on a Sunday"])
        ]
    );
}

/// No token, good or bad, wherever somebody has put it, is in a log, in the audit log, or in a problem document.
#[tokio::test]
async fn a_token_is_written_nowhere() {
    let listened = Logs::of_this_thread();
    let log = Log::new();
    let signer = Signer::hmac();
    let Signer::Hmac(secret) = &signer else {
        panic!("a secret")
    };
    let jwt = Jwt::new(JwtKeys::secret(secret).expect("a key"), "i", "a");
    let app = App::builder(engine())
        .auth(crate::harness::auth().jwt(jwt))
        .audit(log.open(|settings| settings.reads = true))
        .build()
        .expect("an application");
    let server = Server::of(&app, Limits::default()).await;
    let body = json!({ "name": "n", "scopes": ["graphs:read"] });
    let made = server.post("/v1/keys", A, &body).await.json();
    let key = made["key"].as_str().expect("a key").to_owned();
    let claims = json!({ "iss": "i", "aud": "a", "sub": "canary-subject", "exp": 4_000_000_000_u64, "roles": ["viewer"] });
    let good = signer.token(&claims);
    let bad = signer.token(&json!({ "iss": "other" }));
    let unknown = key_of("canary0123");
    let all = [key.as_str(), &good, &bad, &unknown];
    let mut answers = String::new();
    for token in all {
        for path in ["/v1/me", "/v1/graphs/none", "/v1/runs"] {
            answers.push_str(&server.get(path, token).await.text);
        }
        for url in [
            format!("/v1/graphs?token={token}"),
            format!("/v1/graphs?limit=x&access_token={token}"),
        ] {
            answers.push_str(
                &Answer::of(client().get(format!("{}{url}", server.url)))
                    .await
                    .text,
            );
        }
        let body = json!({ "name": "n", "scopes": [] });
        answers.push_str(&server.post("/v1/keys", token, &body).await.text);
        // By mistake in the path: whoever asks is told what they have asked for, and nobody else.
        Answer::of(server.ask(Method::DELETE, &format!("/v1/keys/{token}"), A)).await;
        Answer::of(server.ask(Method::GET, &format!("/v1/graphs/{token}"), A)).await;
    }
    server.stop().await;
    let logs = listened.text();
    assert!(
        logs.contains("a token was refused"),
        "the log was listened to: {logs}"
    );
    assert_eq!(log.lines().len(), 1 + all.len() * 8);
    let secret = String::from_utf8(secret.clone()).expect("text");
    let parts = [good.as_str(), &bad].map(|token| token.rsplit('.').next().expect("a signature"));
    for hidden in all.iter().chain(&parts).chain([&secret.as_str(), &A]) {
        assert!(!logs.contains(hidden), "{hidden}: {logs}");
        assert!(!log.text().contains(hidden), "{hidden}");
        assert!(!answers.contains(hidden), "{hidden}: {answers}");
    }
    assert!(
        log.text().contains("canary-subject"),
        "who it was is written"
    );
}

/// Whoever goes away before the answer is noted all the same.
#[tokio::test]
async fn a_request_that_nobody_waits_for_has_a_line() {
    use tokio::io::AsyncWriteExt;

    let log = Log::new();
    let server = Server::with(App::builder(engine()).audit(log.open(|_| ()))).await;
    let mut socket = tokio::net::TcpStream::connect(&server.url["http://".len()..])
        .await
        .expect("a connection");
    // The rest of the body never comes.
    let head = format!(
        "POST /v1/graphs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {A}\r\nX-Request-Id: gone-1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    socket.write_all(head.as_bytes()).await.expect("it is sent");
    socket.flush().await.expect("it is sent");
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(socket);
    for _ in 0..600 {
        if log.text().contains("gone-1") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0]["request_id"].as_str(), lines[0]["route"].as_str()),
        (Some("gone-1"), Some("/v1/graphs"))
    );
}

#[tokio::test]
async fn an_embedder_has_no_log_unless_it_wants_one() {
    let app = App::builder(engine())
        .auth(Auth::new())
        .build()
        .expect("an application");
    let server = Server::of(&app, Limits::default()).await;
    assert_eq!(server.get("/v1/me", A).await.status, 401);
    server.stop().await;
}
