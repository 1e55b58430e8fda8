//! Credentials: written, used by runs of their tenant, and never seen again.

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::host::{Clock, Credential, HostSet, MemoryCredentials, Secret, SystemClock};
use graphloom_backends::credentials::{Key, Keys};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};
use graphloom_server::records::SqliteRecords;
use graphloom_server::trace::{Span, SpanSink};
use graphloom_server::{App, AppBuilder, Vault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Folder, Server, json as body};
use crate::stub::{Stub, engine};
use crate::timed::until;

/// Fits into a header line, and reads differently in every form that is looked for.
pub(crate) const CANARY: &str = "cA/n4+ry-s3cr3t<&>%41\\~='x?\"";

/// Returns a vault in a folder.
pub(crate) fn vault(folder: &Path, clock: Arc<dyn Clock>) -> Vault {
    let keys = Keys::new(Key::generate().expect("random bytes"), []);
    Vault::new(folder.join("credentials"), keys, clock)
}

fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    let quoted = json!(secret).to_string();
    let quoted = quoted[1..quoted.len() - 1].to_owned();
    let mut forms = vec![secret.to_owned(), quoted, hex, percent];
    for before in ["", "x", "xx"] {
        let coded = STANDARD.encode(format!("{before}{secret}"));
        forms.push(coded[4..coded.len() - 4].to_owned());
    }
    forms
}

/// Looks for a secret in every form.
pub(crate) fn check_hidden(what: &str, seen: &[u8], secret: &str) {
    for form in forms(secret) {
        let found = seen.windows(form.len()).any(|part| part == form.as_bytes());
        assert!(!found, "{what} holds {form:?}");
    }
}

fn check_files(folder: &Path, secret: &str) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            check_files(&path, secret);
        } else {
            let bytes = std::fs::read(&path).expect("it can be read");
            check_hidden(&path.display().to_string(), &bytes, secret);
        }
    }
}

/// Keeps a credential.
pub(crate) async fn put(server: &Server, token: &str, name: &str, content: &Value) -> Answer {
    let request = server.ask(Method::PUT, &format!("/v1/credentials/{name}"), token);
    Answer::of(body(request, content)).await
}

/// A graph that shows a credential to a machine and gives out what that says.
pub(crate) fn shows(url: &str, name: &str) -> Value {
    json!({
        "format": 1,
        "nodes": {
            "ask": { "block": "http.request", "inputs": { "url": url, "method": "GET", "credential": name } },
            "out": { "block": "io.output", "inputs": { "name": "answer" } }
        },
        "links": [{ "from": "ask.response", "to": "out.value" }]
    })
}

/// Says what it was shown, in several forms.
async fn echo() -> Stub {
    let all = |sent: &crate::stub::Sent| {
        let mut shown = format!("{} {}", sent.header("authorization"), sent.header("x-own"));
        let coded = STANDARD.encode(shown.trim());
        shown = format!("{shown} {coded} {}", sent.path);
        (200, "text/plain", shown)
    };
    Stub::start(all).await
}

fn api_key(stub: &Stub, secret: &str) -> Value {
    json!({ "kind": "api_key", "provider": "own", "hosts": [stub.host], "secret": secret })
}

/// The spans that have ended.
#[derive(Default)]
struct Spans(Mutex<Vec<Span>>);

impl SpanSink for Spans {
    fn ended(&self, span: Span) {
        self.0.lock().expect("nobody panicked").push(span);
    }
}

/// What is written down while it lives, by this thread.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut all = self.0.lock().expect("nobody panicked");
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// 56. A secret that a machine sends back in every form is nowhere: not in outputs, events, answers, problems, logs, nor in
/// anything on the disk.
#[tokio::test]
async fn a_secret_is_seen_by_nobody() {
    let (folder, stub) = (Folder::new(), echo().await);
    let written = Written::default();
    let log = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .finish();
    let listening = tracing::subscriber::set_default(subscriber);
    tracing::info!("what is logged is seen");
    let store = SqliteStore::open(folder.path(), SqliteOptions::new()).expect("it opens");
    let records = SqliteRecords::open(folder.path().join("server.db")).expect("it opens");
    let spans = Arc::new(Spans::default());
    let builder = App::builder(engine(&[&stub]))
        .vault(vault(folder.path(), Arc::new(SystemClock::default())))
        .store(Arc::new(store))
        .records(Arc::new(records))
        .spans(Arc::clone(&spans) as _);
    let server = Server::with(builder).await;
    let kept = put(&server, A, "own", &api_key(&stub, CANARY)).await;
    assert_eq!(kept.status, 201, "{}", kept.text);

    let graph = server.keep(A, &shows(&stub.url("/who"), "own")).await;
    let callback = json!({ "callback": { "url": "https://callbacks.invalid/" } });
    let run = server.run(A, &graph, &callback).await;
    assert_eq!(run["status"], "completed", "{run}");
    assert_eq!(
        stub.sent()[0].header("authorization"),
        format!("Bearer {CANARY}")
    );
    let answer = run["result"]["outputs"]["answer"][0]["body"]
        .as_str()
        .expect("a body");
    assert!(answer.contains("[redacted]"), "{answer}");

    check_hidden("the answer to keeping it", kept.text.as_bytes(), CANARY);
    check_hidden("the answer to the run", run.to_string().as_bytes(), CANARY);
    let run = run["run_id"].as_str().expect("an id");
    let told = until("what a callback tells", async || {
        let listed = server.get("/v1/deliveries", A).await.json();
        let id = listed["items"][0]["id"].as_str()?.to_owned();
        Some(format!("/v1/deliveries/{id}"))
    });
    for path in [
        told.await,
        "/v1/deliveries".to_owned(),
        "/metrics".to_owned(),
        "/v1/export".to_owned(),
        format!("/v1/runs/{run}/why?of=out"),
        format!("/v1/runs/{run}/artifacts"),
        format!("/v1/runs/{run}"),
        format!("/v1/runs/{run}/events"),
        format!("/v1/runs/{run}/export"),
        "/v1/credentials".to_owned(),
        "/v1/credentials/own".to_owned(),
        format!("/v1/graphs/{graph}"),
    ] {
        let answer = server.get(&path, A).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        check_hidden(&path, answer.text.as_bytes(), CANARY);
    }
    // What is wrong is told by its place.
    for wrong in [
        json!({ "kind": CANARY, "secret": CANARY }),
        json!({ "kind": "api_key", "secret": [CANARY] }),
        json!({ "kind": "api_key", "secret": { "a": CANARY } }),
        json!({ "kind": "api_key", "secret": CANARY, "provider": [CANARY] }),
        json!({ "kind": "api_key", "secret": CANARY, "hosts": [CANARY] }),
        json!({ "kind": "api_key", "secret": CANARY, "provider": CANARY }),
        json!({ "kind": "api_key", "secret": CANARY, "user": CANARY }),
        json!({ "kind": "host_scoped", "headers": { "x-own": [CANARY] }, "hosts": ["a.example"] }),
        json!({ "kind": "host_scoped", "headers": { "x-own": format!("{CANARY}\r\nx: y") }, "hosts": ["a.example"] }),
    ] {
        let answer = put(&server, A, "wrong", &wrong).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (422, "HTTP_BODY"),
            "{wrong}"
        );
        check_hidden("a problem", answer.text.as_bytes(), CANARY);
    }
    let request = server.ask(Method::PUT, "/v1/credentials/wrong", A);
    let unquoted = format!("{{\"kind\": \"api_key\", \"secret\": {CANARY}}}");
    let request = request
        .header("content-type", "application/json")
        .body(unquoted);
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    check_hidden("a problem", answer.text.as_bytes(), "n4+ry-s3cr3t");
    server.stop().await;
    drop(listening);
    let ended = format!("{:?}", spans.0.lock().expect("nobody panicked"));
    assert!(ended.contains("run"), "{ended}");
    check_hidden("the traces", ended.as_bytes(), CANARY);
    let logs = written.0.lock().expect("nobody panicked").clone();
    assert!(String::from_utf8_lossy(&logs).contains("what is logged is seen"));
    check_hidden("the logs", &logs, CANARY);
    check_files(folder.path(), CANARY);
}

async fn with(builder: AppBuilder) -> (Folder, Server) {
    let folder = Folder::new();
    let vault = vault(folder.path(), Arc::new(SystemClock::default()));
    let server = Server::with(builder.vault(vault)).await;
    (folder, server)
}

/// 63. A run has the credentials of its tenant and nobody else's, and nobody sees another's.
#[tokio::test]
async fn credentials_are_their_tenants() {
    let stub = echo().await;
    let (_folder, server) = with(App::builder(engine(&[&stub]))).await;
    put(&server, A, "own", &api_key(&stub, "secret-of-a")).await;
    let graph = shows(&stub.url("/"), "own");
    let (of_a, of_b) = (server.keep(A, &graph).await, server.keep(B, &graph).await);
    let run = server.run(B, &of_b, &json!({})).await;
    assert_eq!(run["status"], "failed", "{run}");
    assert_eq!(
        run["result"]["failure"]["code"], "BLOCK_CREDENTIAL",
        "{run}"
    );
    assert_eq!(stub.sent().len(), 0);
    assert_eq!(server.get("/v1/credentials/own", B).await.status, 404);
    assert_eq!(
        server.get("/v1/credentials", B).await.json()["items"],
        json!([])
    );
    let gone = server.ask(Method::DELETE, "/v1/credentials/own", B);
    assert_eq!(Answer::of(gone).await.status, 404);

    // One of the same name is another one.
    put(&server, B, "own", &api_key(&stub, "secret-of-b")).await;
    for (token, graph, secret) in [(A, &of_a, "secret-of-a"), (B, &of_b, "secret-of-b")] {
        let run = server.run(token, graph, &json!({})).await;
        assert_eq!(run["status"], "completed", "{run}");
        let sent = stub.sent();
        let last = sent.last().expect("it was asked");
        assert_eq!(last.header("authorization"), format!("Bearer {secret}"));
    }
    let gone = server.ask(Method::DELETE, "/v1/credentials/own", B);
    assert_eq!(Answer::of(gone).await.status, 204);
    let run = server.run(B, &of_b, &json!({})).await;
    assert_eq!(run["status"], "failed", "{run}");
    let run = server.run(A, &of_a, &json!({})).await;
    assert_eq!(run["status"], "completed", "{run}");
    server.stop().await;
}

#[tokio::test]
async fn what_is_lent_to_all_gives_way_to_ones_own() {
    let stub = echo().await;
    let hosts = HostSet::parse([&stub.host]).expect("a host");
    let lent = Credential::api_key("own", Secret::new("lent-to-all")).for_hosts(&hosts);
    let lent = MemoryCredentials::new().with(lent);
    let builder = App::builder(engine(&[&stub])).lend(Arc::new(lent));
    let (_folder, server) = with(builder).await;
    let graph = shows(&stub.url("/"), "own");
    put(&server, A, "own", &api_key(&stub, "secret-of-a")).await;
    for (token, secret) in [(A, "secret-of-a"), (B, "lent-to-all")] {
        let graph = server.keep(token, &graph).await;
        let run = server.run(token, &graph, &json!({})).await;
        assert_eq!(run["status"], "completed", "{run}");
        let sent = stub.sent();
        let last = sent.last().expect("it was asked");
        assert_eq!(last.header("authorization"), format!("Bearer {secret}"));
    }
    // It is used and not seen.
    assert_eq!(
        server.get("/v1/credentials", B).await.json()["items"],
        json!([])
    );
    server.stop().await;
}

#[tokio::test]
async fn each_kind_is_shown_as_it_is() {
    let stub = echo().await;
    let (_folder, server) = with(App::builder(engine(&[&stub]))).await;
    let password = json!({ "kind": "user_password", "user": "ada", "secret": "pässword", "hosts": [stub.host] });
    let headers = json!({ "kind": "host_scoped", "headers": { "X-Own": "of-a-header" }, "hosts": [stub.host] });
    for (content, header, value) in [
        (
            &password,
            "authorization",
            format!("Basic {}", STANDARD.encode("ada:pässword")),
        ),
        (&headers, "x-own", "of-a-header".to_owned()),
    ] {
        let kept = put(&server, A, "some", content).await;
        assert!([200, 201].contains(&kept.status), "{}", kept.text);
        assert_eq!(kept.json()["kind"], content["kind"]);
        let graph = server.keep(A, &shows(&stub.url("/"), "some")).await;
        let run = server.run(A, &graph, &json!({})).await;
        assert_eq!(run["status"], "completed", "{run}");
        let sent = stub.sent();
        assert_eq!(sent.last().expect("it was asked").header(header), value);
    }
    server.stop().await;
}

#[tokio::test]
async fn credentials_are_listed_replaced_and_forgotten() {
    let stub = echo().await;
    let (_folder, server) = with(App::builder(engine(&[&stub]))).await;
    for name in ["c", "a", "b"] {
        let kept = put(
            &server,
            A,
            name,
            &json!({ "kind": "api_key", "provider": "openai", "secret": "first" }),
        )
        .await;
        assert_eq!(kept.status, 201, "{}", kept.text);
        assert_eq!(kept.header("location"), format!("/v1/credentials/{name}"));
        assert_eq!(kept.json()["hosts"], json!(["api.openai.com"]));
    }
    let first = server.get("/v1/credentials?limit=2", A).await;
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items");
        items
            .iter()
            .map(|item| item["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names(&first.json()), ["a", "b"]);
    let next = first.json()["next_cursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    let second = server
        .get(&format!("/v1/credentials?limit=2&cursor={next}"), A)
        .await;
    assert_eq!(names(&second.json()), ["c"]);
    assert_eq!(second.json()["next_cursor"], Value::Null);

    let again = put(&server, A, "a", &api_key(&stub, "second")).await;
    assert_eq!(
        (again.status, &again.json()["hosts"]),
        (200, &json!([stub.host]))
    );
    assert_eq!(
        again.json()["created_at"],
        first.json()["items"][0]["created_at"]
    );
    let gone = |name: &str| server.ask(Method::DELETE, &format!("/v1/credentials/{name}"), A);
    assert_eq!(Answer::of(gone("a")).await.status, 204);
    assert_eq!(Answer::of(gone("a")).await.status, 404);
    server.stop().await;
}

/// 39. Names are names: what is none is not there, and nothing of it becomes a path.
#[tokio::test]
async fn what_is_no_name_is_not_there() {
    let stub = echo().await;
    let (folder, server) = with(App::builder(engine(&[&stub]))).await;
    for name in [
        "%2e%2e%2f%2e%2e%2fx",
        "a%2Fb",
        "a%5Cb",
        "a%00",
        "%C3%A9",
        "-a",
        &"x".repeat(300),
    ] {
        let kept = put(&server, A, name, &api_key(&stub, "s")).await;
        assert_eq!(kept.status, 404, "{name}: {}", kept.text);
        assert_eq!(
            server
                .get(&format!("/v1/credentials/{name}"), A)
                .await
                .status,
            404
        );
    }
    for name in ["CON", "a..b", "A.json"] {
        assert_eq!(
            put(&server, A, name, &api_key(&stub, "s")).await.status,
            201,
            "{name}"
        );
    }
    let files = std::fs::read_dir(folder.path().join("credentials")).expect("a folder");
    for file in files {
        let name = file.expect("a file").file_name();
        let name = name.to_str().expect("text");
        let hash = name.split('.').next().expect("a name");
        assert!(
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
            "{name}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn bodies_that_do_not_fit_are_told() {
    let stub = echo().await;
    let (_folder, server) = with(App::builder(engine(&[&stub]))).await;
    let long = "x".repeat((64 << 10) + 1);
    for (content, place) in [
        (
            json!({ "kind": "oauth2", "provider": "openai", "secret": "s" }),
            "/kind",
        ),
        (json!({ "kind": "api_key" }), "/hosts"),
        (
            json!({ "kind": "api_key", "provider": "openai" }),
            "/secret",
        ),
        (
            json!({ "kind": "api_key", "provider": "openai", "secret": " \n" }),
            "/secret",
        ),
        (
            json!({ "kind": "api_key", "provider": "openai", "secret": long }),
            "/secret",
        ),
        (
            json!({ "kind": "api_key", "provider": "openai", "secret": "a\0b" }),
            "/secret",
        ),
        (
            json!({ "kind": "api_key", "provider": "openai", "secret": null }),
            "/secret",
        ),
        (
            json!({ "kind": "api_key", "provider": "a b", "secret": "s" }),
            "/provider",
        ),
        (
            json!({ "kind": "api_key", "hosts": [], "secret": "s" }),
            "/hosts",
        ),
        (
            json!({ "kind": "api_key", "hosts": ["https://a"], "secret": "s" }),
            "/hosts/0",
        ),
        (
            json!({ "kind": "api_key", "hosts": vec!["a"; 101], "secret": "s" }),
            "/hosts",
        ),
        (
            json!({ "kind": "user_password", "provider": "openai", "secret": "s" }),
            "/user",
        ),
        (
            json!({ "kind": "user_password", "provider": "openai", "user": "a\nb", "secret": "s" }),
            "/user",
        ),
        (
            json!({ "kind": "host_scoped", "provider": "openai", "headers": {} }),
            "/headers",
        ),
        (
            json!({ "kind": "host_scoped", "provider": "openai", "headers": { "a b": "s" } }),
            "/headers",
        ),
        (
            json!({ "kind": "host_scoped", "provider": "openai", "headers": { "a": "s", "A": "s" } }),
            "/headers",
        ),
        (
            json!({ "kind": "host_scoped", "provider": "openai", "headers": { "a": "s\r\nb: c" } }),
            "/headers",
        ),
        (json!({ "kind": "api_key", "secrte": "s" }), ""),
    ] {
        let answer = put(&server, A, "openai-2", &content).await;
        answer.refuses(place);
    }
    server.stop().await;
}

#[tokio::test]
async fn there_is_a_limit_and_without_a_vault_there_is_none() {
    let folder = Folder::new();
    let vault = vault(folder.path(), Arc::new(SystemClock::default())).max_credentials(2);
    let server = Server::with(App::builder(crate::harness::engine()).vault(vault)).await;
    let content = json!({ "kind": "api_key", "provider": "openai", "secret": "s" });
    for (name, status) in [("a", 201), ("b", 201), ("c", 429), ("b", 200)] {
        let answer = put(&server, A, name, &content).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
    }
    assert_eq!(put(&server, B, "c", &content).await.status, 201);
    server.stop().await;

    let server = Server::start().await;
    let answer = put(&server, A, "a", &content).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (503, "HTTP_UNAVAILABLE")
    );
    server.stop().await;
}
