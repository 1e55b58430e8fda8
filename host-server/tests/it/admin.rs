//! What whoever runs the server does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{Clock, NewRun, RunQuery, Store, SystemClock};
use graphloom_backends::credentials::{Key, Keys};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};
use graphloom_server::audit::Audit;
use graphloom_server::config::AuditFile;
use graphloom_server::records::SqliteRecords;
use graphloom_server::{App, AppBuilder, Vault};
use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Folder, Server, client, engine, greet, json as body};
use crate::held::Held;
use crate::timed::{review, until};

async fn ask(server: &Server, method: Method, path: &str, token: &str) -> Answer {
    Answer::of(server.ask(method, path, token)).await
}

async fn put(server: &Server, path: &str, token: &str, sent: &Value) -> Answer {
    Answer::of(body(server.ask(Method::PUT, path, token), sent)).await
}

/// A server on a folder.
pub(crate) async fn kept(folder: &Folder) -> Server {
    kept_as(folder, SqliteOptions::new()).await
}

async fn kept_as(folder: &Folder, options: SqliteOptions) -> Server {
    let path = folder.path();
    let store = SqliteStore::open(path, options).expect("a store");
    let records = SqliteRecords::open(path.join("server.db")).expect("records");
    let app = beside(folder)
        .store(Arc::new(store))
        .records(Arc::new(records));
    Server::with(app).await
}

/// All that a server has in a folder beside its runs and records.
pub(crate) fn beside(folder: &Folder) -> AppBuilder {
    let path = folder.path();
    let keys = Keys::new(Key::generate().expect("random bytes"), []);
    let clock = Arc::new(SystemClock::default());
    let vault = Vault::new(path.join("credentials"), keys.clone(), clock);
    let audit = Audit::open(&path.join("audit.jsonl"), &AuditFile::default()).expect("a log");
    App::builder(engine())
        .vault(vault)
        .keys(keys)
        .files(path.join("files"))
        .audit(audit)
}

#[tokio::test]
async fn only_whoever_runs_the_server_may() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::GET, "/v1/admin/drain"),
        (Method::GET, "/v1/admin/limits"),
        (Method::GET, "/v1/admin/tenants"),
        (Method::DELETE, "/v1/admin/tenants/a?confirm=a"),
        (Method::GET, "/v1/admin/tenants/b/export"),
        (Method::GET, "/v1/admin/tenants/b/keys"),
        (Method::DELETE, "/v1/admin/tenants/b/keys/k"),
    ] {
        let refused = ask(&server, method.clone(), path, B).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (403, "AUTH_SCOPE"),
            "{path}"
        );
        let nobody = client().request(method, format!("{}{path}", server.url));
        assert_eq!(Answer::of(nobody).await.status, 401, "{path}");
    }
    let drain = json!({ "draining": true });
    assert_eq!(put(&server, "/v1/admin/drain", B, &drain).await.status, 403);
    assert_eq!(server.get("/ready", A).await.status, 200);
}

#[tokio::test]
async fn it_drains_and_tells_its_limits() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let path = "/v1/admin/drain";
    let said = put(&server, path, A, &json!({ "draining": true })).await;
    assert_eq!(said.status, 200, "{}", said.text);
    let draining = json!({ "draining": true, "ending": false, "runs_active": 0 });
    assert_eq!(said.json(), draining);
    assert_eq!(server.get(path, A).await.json(), draining);
    let start = format!("/v1/graphs/{graph}/runs");
    assert_eq!(server.post(&start, A, &json!({})).await.status, 503);
    let said = put(&server, path, A, &json!({ "draining": false })).await;
    assert_eq!(said.json()["draining"], false);
    assert_eq!(server.post(&start, A, &json!({})).await.status, 202);
    assert_eq!(
        put(&server, path, A, &json!({ "drain": 1 })).await.status,
        422
    );

    let limits = server.get("/v1/admin/limits", A).await.json();
    assert_eq!(
        (
            &limits["max_graphs"],
            &limits["max_body_bytes"],
            &limits["requests_per_second"]
        ),
        (&json!(10_000), &json!(10 << 20), &json!(0))
    );
    server.app.end(std::time::Duration::from_secs(30)).await;
    let late = put(&server, path, A, &json!({ "draining": false })).await;
    assert_eq!(
        (late.status, late.problem().as_str()),
        (409, "HTTP_CONFLICT")
    );
}

#[tokio::test]
async fn tenants_and_their_keys_are_looked_at() {
    let server = Server::start().await;
    server.keep(A, &greet()).await;
    server.keep(B, &greet()).await;
    server.keep(B, &greet()).await;
    let key = json!({ "name": "of b", "scopes": ["graphs:read"] });
    let made = server.post("/v1/keys", B, &key).await.json();
    let key = made["key"].as_str().expect("a key");
    let all = server.get("/v1/admin/tenants", A).await.json();
    let short: Vec<(&Value, &Value, &Value)> = all["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|tenant| (&tenant["tenant"], &tenant["graphs"], &tenant["keys"]))
        .collect();
    assert_eq!(
        short,
        [
            (&json!("a"), &json!(1), &json!(0)),
            (&json!("b"), &json!(2), &json!(1))
        ]
    );
    let first = server.get("/v1/admin/tenants?limit=1", A).await.json();
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let next = server
        .get(&format!("/v1/admin/tenants?limit=1&cursor={cursor}"), A)
        .await;
    assert_eq!(next.json()["items"][0]["tenant"], "b");

    let keys = server.get("/v1/admin/tenants/b/keys", A).await;
    assert_eq!(keys.json()["items"][0]["id"], made["id"]);
    assert!(!keys.text.contains(key));
    assert_eq!(server.get("/v1/graphs", key).await.status, 200);
    let id = made["id"].as_str().expect("an id");
    let path = format!("/v1/admin/tenants/b/keys/{id}");
    let elsewhere = path.replace("/b/", "/a/");
    assert_eq!(
        ask(&server, Method::DELETE, &elsewhere, A).await.status,
        404
    );
    assert_eq!(ask(&server, Method::DELETE, &path, A).await.status, 204);
    assert_eq!(server.get("/v1/graphs", key).await.status, 401);
}

const CANARY: &str = "c4nary9f3b1e";

/// Keeps something of everything for a tenant; returns a run that waits and one that goes on.
async fn fill(server: &Server, token: &str, word: &str) -> [String; 2] {
    let mut graph = greet();
    graph["doc"] = json!(word);
    let id = server.keep(token, &graph).await;
    graph["doc"] = json!(format!("{word} once more"));
    let again = server.ask(Method::PUT, &format!("/v1/graphs/{id}"), token);
    let again = Answer::of(body(again.header("if-match", "*"), &graph)).await;
    assert_eq!(again.status, 200, "{}", again.text);
    let large = format!("{word} {}", "x".repeat(300_000));
    for who in [word, &large] {
        server
            .run(token, &id, &json!({ "inputs": { "who": who } }))
            .await;
    }
    let callback = json!({
        "url": format!("https://example.com/{word}"),
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    });
    for (path, sent) in [
        (
            "/v1/presets",
            json!({ "name": word, "graph_id": id, "run": { "inputs": { "who": word }, "callback": callback } }),
        ),
        (
            "/v1/schedules",
            json!({ "name": word, "target": { "graph_id": id }, "cron": "0 0 1 1 *", "callback": callback }),
        ),
        ("/v1/keys", json!({ "name": word, "scopes": ["runs:read"] })),
    ] {
        let made = server.post(path, token, &sent).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    let sent = server.ask(Method::POST, &format!("/v1/files?name={word}.txt"), token);
    let sent = sent.header("content-type", "text/plain");
    let sent = Answer::of(sent.body(word.to_owned())).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    let secret =
        json!({ "kind": "api_key", "provider": "openai", "secret": format!("s3cret-{word}") });
    let made = put(server, &format!("/v1/credentials/{word}"), token, &secret).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let keeps = json!({
        "format": 1,
        "nodes": { "keep": { "block": "kv.put", "inputs": { "key": word, "value": word } } }
    });
    let ran = server
        .post("/v1/runs?wait_ms=60000", token, &json!({ "graph": keeps }))
        .await;
    assert_eq!(ran.json()["status"], "completed", "{}", ran.text);
    let mut waits = review();
    waits["doc"] = json!(word);
    let goes = json!({
        "format": 1,
        "doc": word,
        "nodes": { "wait": { "block": "time.countdown", "inputs": { "seconds": 600, "input_message": word } } }
    });
    let mut left = Vec::new();
    for (graph, status) in [(waits, "waiting"), (goes, "running")] {
        let started = server
            .post("/v1/runs", token, &json!({ "graph": graph }))
            .await;
        let run = started.json()["run_id"].as_str().expect("an id").to_owned();
        until(status, async || {
            let shown = server.get(&format!("/v1/runs/{run}"), token).await.json();
            (shown["status"] == status).then_some(())
        })
        .await;
        left.push(run);
    }
    left.try_into().expect("two")
}

/// Returns the files below a folder that have this in them, the audit log apart.
fn with(folder: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "audit.jsonl") {
                let bytes = std::fs::read(&path).expect("a file");
                if bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes())
                {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn what_a_tenant_owns_is_taken_along_without_secrets() {
    let folder = Folder::new();
    let server = kept(&folder).await;
    let [waits, _] = fill(&server, B, CANARY).await;
    fill(&server, A, "another").await;
    let own = server.get("/v1/export", B).await;
    assert_eq!(
        (own.status, own.header("content-type")),
        (200, "application/jsonl")
    );
    let lines: Vec<Value> = own
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(
        (&lines[0]["schema"], &lines[0]["tenant"]),
        (&json!("tenant-export/1"), &json!("b"))
    );
    let typed = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!((typed("credential"), typed("run"), typed("end")), (1, 5, 1));
    let of_kind = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    for (kind, count) in [
        ("graph", 1),
        ("graph_version", 2),
        ("graph_document", 2),
        ("preset", 1),
        ("schedule", 1),
        ("api_key", 1),
        ("key_value", 1),
    ] {
        assert_eq!(of_kind(kind), count, "{kind}");
    }
    let last = lines.last().expect("a line");
    let counted = typed("record") + typed("credential") + typed("run");
    assert_eq!(
        (&last["type"], &last["lines"]),
        (&json!("end"), &json!(counted))
    );
    assert!(
        lines
            .iter()
            .any(|line| line["run"]["run_id"] == waits.as_str())
    );
    // Journals are there, and nothing that is secret or another's.
    let journals = lines
        .iter()
        .filter(|line| line["schema"] == "journal/1")
        .count();
    assert_eq!(journals, 5);
    for secret in ["s3cret-", "whsec_", "\"sealed\"", "another"] {
        assert!(!own.text.contains(secret), "{secret}");
    }
    let mut keys = lines.iter().filter(|line| line["kind"] == "api_key");
    assert!(
        keys.all(|line| line["body"].get("hash").is_none() && line["body"]["head"].is_string())
    );
    let admins = server.get("/v1/admin/tenants/b/export", A).await;
    assert_eq!(admins.text.lines().count(), own.text.lines().count());
    let key = json!({ "name": "few", "scopes": ["runs:read"] });
    let few = server.post("/v1/keys", B, &key).await.json();
    let refused = server
        .get("/v1/export", few["key"].as_str().expect("a key"))
        .await;
    assert_eq!(refused.status, 403);
}

/// Runs are deleted while it goes on, among them the one behind which it would: nothing else is lost, and nothing told twice.
#[tokio::test]
async fn what_is_taken_along_is_whole_whatever_is_deleted_meanwhile() {
    for doomed in [1, 3, 100] {
        let store = Arc::new(Held::open());
        let app = App::builder(engine()).store(Arc::clone(&store) as _);
        let server = Server::with(app).await;
        let graph = server.keep(A, &greet()).await;
        for _ in 0..103 {
            server.run(A, &graph, &json!({})).await;
        }
        let all = store.inner.entries(RunQuery::latest(200)).await;
        let all: Vec<String> = all
            .expect("a list")
            .iter()
            .map(|run| run.run.to_string())
            .collect();
        let last = all[100 - doomed..100]
            .iter()
            .map(|run| Text::from(run.as_str()));
        *store.doomed.lock().expect("no panic") = last.collect();
        let own = server.get("/v1/export", A).await.text;
        let lines = own
            .lines()
            .map(|line| serde_json::from_str(line).expect(line));
        let lines: Vec<Value> = lines.collect();
        let told = lines.iter().filter(|line| line["type"] == "run");
        let told: Vec<&str> = told
            .filter_map(|line| line["run"]["run_id"].as_str())
            .collect();
        assert_eq!(told, all, "{doomed}");
        assert_eq!(lines.last().expect("a line")["type"], "end");
        assert!(store.doomed.lock().expect("no panic").is_empty());
        server.stop().await;
    }
}

/// Another process goes on with the run behind which the list would, and it is deleted just then.
#[tokio::test]
async fn a_tenant_is_forgotten_whatever_is_deleted_meanwhile() {
    let store = Arc::new(Held::open());
    let app = App::builder(engine()).store(Arc::clone(&store) as _);
    let server = Server::with(app).await;
    let now = SystemClock::default().now();
    let held = NewRun::new("held", "{}", now).tenant("b");
    let held = held.claimed_by("another", Duration::from_secs(3_600));
    store.inner.create(held).await.expect("it is accepted");
    let graph = server.keep(B, &greet()).await;
    for _ in 0..199 {
        server.run(B, &graph, &json!({})).await;
    }
    store
        .doomed
        .lock()
        .expect("no panic")
        .push(Text::from("held"));
    let path = "/v1/admin/tenants/b?confirm=b";
    let erased = ask(&server, Method::DELETE, path, A).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    assert_eq!(erased.json()["runs"], 199);
    assert!(store.doomed.lock().expect("no panic").is_empty());
    server.stop().await;
}

/// Also one that has nothing but runs, by pages too.
#[tokio::test]
async fn whoever_has_runs_is_a_tenant() {
    let server = Server::start().await;
    let asked = json!({ "graph": greet() });
    for (token, wait) in [(B, "?wait_ms=60000"), (A, "?wait_ms=60000")] {
        let ran = server.post(&format!("/v1/runs{wait}"), token, &asked).await;
        assert_eq!(ran.status, 200, "{}", ran.text);
    }
    server.keep(A, &greet()).await;
    let list = "/v1/admin/tenants";
    let names = |page: &Value| {
        let items = page["items"].as_array().expect("a list").iter();
        items
            .map(|tenant| tenant["tenant"].clone())
            .collect::<Vec<_>>()
    };
    let all = server.get(list, A).await.json();
    assert_eq!(names(&all), ["a", "b"]);
    assert_eq!(all["items"][1]["records"], 0);
    let first = server.get(&format!("{list}?limit=1"), A).await.json();
    assert_eq!(names(&first), ["a"]);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let next = server
        .get(&format!("{list}?limit=1&cursor={cursor}"), A)
        .await;
    assert_eq!(names(&next.json()), ["b"]);
    assert_eq!(next.json()["next_cursor"], Value::Null);
    server.stop().await;
}

#[tokio::test]
async fn a_tenant_is_forgotten_to_the_last_byte() {
    let folder = Folder::new();
    let server = kept(&folder).await;
    let runs = fill(&server, B, CANARY).await;
    let others = fill(&server, A, "0ther7c21").await;
    assert!(!with(folder.path(), CANARY).is_empty());
    let path = "/v1/admin/tenants/b";
    for wrong in [path.to_owned(), format!("{path}?confirm=a")] {
        let refused = ask(&server, Method::DELETE, &wrong, A).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (428, "HTTP_PRECONDITION_REQUIRED")
        );
    }
    let path = format!("{path}?confirm=b");
    let erased = ask(&server, Method::DELETE, &path, A).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    let count = erased.json();
    assert_eq!(
        (&count["runs"], &count["credentials"]),
        (&json!(5), &json!(1))
    );
    assert!(
        count["records"]
            .as_u64()
            .is_some_and(|records| records >= 9),
        "{count}"
    );
    assert_eq!(with(folder.path(), CANARY), [""; 0]);
    for run in &runs {
        assert_eq!(server.get(&format!("/v1/runs/{run}"), B).await.status, 404);
    }
    for list in [
        "graphs",
        "runs",
        "presets",
        "schedules",
        "keys",
        "credentials",
    ] {
        let listed = server.get(&format!("/v1/{list}"), B).await.json();
        assert_eq!(listed["items"], json!([]), "{list}");
    }
    // Again: there is nothing left.
    let again = ask(&server, Method::DELETE, &path, A).await.json();
    assert_eq!(again, json!({ "records": 0, "runs": 0, "credentials": 0 }));
    // What others have stays, and goes on.
    let kept = server
        .get(&format!("/v1/runs/{}", others[1]), A)
        .await
        .json();
    assert_eq!(kept["status"], "running");
    assert!(!with(folder.path(), "0ther7c21").is_empty());
    let audit = std::fs::read_to_string(folder.path().join("audit.jsonl")).expect("the log");
    let line = audit
        .lines()
        .find(|line| line.contains("\"/v1/admin/tenants/{tenant}\""));
    assert!(
        line.is_some_and(|line| line.contains("\"sensitivity\":\"high\"")),
        "{audit}"
    );
    assert_eq!(server.app.end(std::time::Duration::ZERO).await, 0);
}

/// Somebody reads what of the runs is only in the log: that is told, and once they have read nothing is left.
#[tokio::test]
async fn what_is_left_in_the_log_of_runs_is_told() {
    let folder = Folder::new();
    // Whoever reads does not go away by waiting.
    let options = SqliteOptions::new().busy_timeout(Duration::from_millis(10));
    let server = kept_as(&folder, options).await;
    let mut graph = greet();
    graph["doc"] = json!(CANARY);
    let sent = json!({ "graph": graph });
    let ran = server.post("/v1/runs?wait_ms=60000", B, &sent).await;
    assert_eq!(ran.json()["status"], "completed", "{}", ran.text);
    let other = Connection::open(folder.path().join("graphloom.db")).expect("it opens");
    let read = other.execute_batch("BEGIN; SELECT * FROM barrier");
    read.expect("it reads");
    let path = "/v1/admin/tenants/b?confirm=b";
    let refused = ask(&server, Method::DELETE, path, A).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (503, "STORE_BUSY")
    );
    assert!(!with(folder.path(), CANARY).is_empty());
    other.execute_batch("ROLLBACK").expect("it has read");
    let erased = ask(&server, Method::DELETE, path, A).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    assert_eq!(with(folder.path(), CANARY), [""; 0]);
}
