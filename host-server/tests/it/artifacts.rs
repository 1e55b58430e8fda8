//! Blobs of runs: listed, downloaded, kept as long as somebody has them, there after a restart.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{ManualClock, MemoryStore, Store};
use graphloom_server::records::MemoryRecords;
use graphloom_server::{App, FileLimits};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, Folder, Server};
use crate::program::Program;
use crate::stub::{self, Stub};

/// The hash of the bytes `abc` (FIPS 180-4).
const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A graph that fetches something and gives it as bytes.
fn fetches(stub: &Stub) -> Value {
    json!({
        "format": 1,
        "nodes": {
            "get": { "block": "http.get", "inputs": { "url": stub.url("/picture"), "read_as": "blob" } },
            "out": { "block": "io.output", "inputs": { "name": "picture" } }
        },
        "links": [{ "from": "get.response.body", "to": "out.value" }]
    })
}

async fn picture() -> Stub {
    Stub::start(|_| (200, "image/png", "abc".to_owned())).await
}

async fn start(server: &Server, asked: &Value) -> (String, Value) {
    let answer = server.post("/v1/runs?wait_ms=60000", A, asked).await;
    let run = answer.json();
    assert_eq!(run["status"], "completed", "{run}");
    let path = format!("/v1/runs/{}", run["run_id"].as_str().expect("an id"));
    (path, run)
}

async fn delete(server: &Server, path: &str) {
    let request = server.ask(Method::DELETE, path, A).header("if-match", "*");
    assert_eq!(Answer::of(request).await.status, 204, "{path}");
}

#[tokio::test]
async fn what_a_run_keeps_is_listed_and_downloaded() {
    let stub = picture().await;
    let folder = Folder::new();
    let builder = App::builder(stub::engine(&[&stub])).files(folder.path());
    let server = Server::with(builder).await;
    let (run, view) = start(&server, &json!({ "graph": fetches(&stub) })).await;
    let blob = json!({ "$blob": ABC, "bytes": 3, "media_type": "image/png" });
    assert_eq!(view["result"]["outputs"]["picture"], json!([blob]));
    let list = server.get(&format!("{run}/artifacts"), A).await.json();
    let one = &list["items"][0];
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(one["hash"], ABC);
    assert_eq!(
        (&one["bytes"], &one["media_type"]),
        (&json!(3), &json!("image/png"))
    );
    assert_eq!(one["outputs"], json!(["picture"]));
    let place = &one["places"][0];
    assert_eq!(
        (&place["node"], &place["pin"]),
        (&json!("get"), &json!("response")),
        "{one}"
    );
    let found = server
        .get(one["href"].as_str().expect("an address"), A)
        .await;
    assert_eq!((found.status, found.text.as_str()), (200, "abc"));
    assert_eq!(found.header("content-type"), "image/png");
    assert_eq!(found.header("etag"), format!("\"{ABC}\""));
    for path in [
        "sha256:00",
        "..%2F..%2Fetc%2Fpasswd",
        &ABC.replace('b', "c"),
        "x",
    ] {
        let answer = server.get(&format!("{run}/artifacts/{path}"), A).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    delete(&server, &run).await;
    assert_eq!(
        server
            .get(&format!("{run}/artifacts/{ABC}"), A)
            .await
            .status,
        404
    );
    server.stop().await;
}

/// Bytes stay as long as one has them who has put, got or been given them.
#[tokio::test]
async fn bytes_go_with_the_last_one_who_has_them() {
    let stub = picture().await;
    let folder = Folder::new();
    let builder = App::builder(stub::engine(&[&stub])).files(folder.path());
    let server = Server::with(builder).await;
    let has = async |run: &str| {
        let answer = server.get(&format!("{run}/artifacts/{ABC}"), A).await;
        answer.status == 200
    };
    let graph = fetches(&stub);
    let (first, view) = start(&server, &json!({ "graph": graph })).await;
    let (second, _) = start(&server, &json!({ "graph": graph })).await;
    let asked = json!({ "graph": graph, "reuse": view["run_id"] });
    let (reuses, _) = start(&server, &asked).await;
    // It hands on what it is given, and looks into nothing.
    let hands_on = json!({
        "format": 1,
        "nodes": {
            "in": { "block": "io.input", "inputs": { "name": "file" } },
            "out": { "block": "io.output", "inputs": { "name": "out" } }
        },
        "links": [{ "from": "in.result", "to": "out.value" }]
    });
    let blob = view["result"]["outputs"]["picture"][0].clone();
    let asked = json!({ "graph": hands_on, "inputs": { "file": [{ "deep": blob }] } });
    let (given, _) = start(&server, &asked).await;
    let request = server.ask(Method::POST, "/v1/files?name=abc", A);
    let request = request.header("content-type", "image/png").body("abc");
    let file = Answer::of(request).await;
    assert_eq!(file.status, 201, "{}", file.text);
    let file = file.json()["href"].as_str().expect("an address").to_owned();
    let all = [first, second, reuses, given];
    for (nth, run) in all.iter().enumerate() {
        for left in &all[nth..] {
            assert!(has(left).await, "{nth} {left}");
        }
        delete(&server, run).await;
    }
    assert_eq!(server.get(&file, A).await.text, "abc");
    delete(&server, &file).await;
    let mut left = std::fs::read_dir(folder.path()).expect("a folder");
    let tenant = left.next().expect("a tenant").expect("a folder").path();
    assert_eq!(std::fs::read_dir(tenant).expect("a folder").count(), 0);
    server.stop().await;
}

/// What a block by itself keeps is a file, since there is no run that has it.
#[tokio::test]
async fn what_a_block_by_itself_keeps_is_a_file() {
    let stub = picture().await;
    let server = Server::with(App::builder(stub::engine(&[&stub]))).await;
    let asked = json!({ "inputs": { "url": stub.url("/"), "read_as": "blob" } });
    let ran = server
        .post("/v1/blocks/http.get/run", A, &asked)
        .await
        .json();
    assert_eq!(ran["outputs"][0][1]["body"]["$blob"], ABC, "{ran}");
    let files = server.get("/v1/files", A).await.json();
    let file = &files["items"][0];
    assert_eq!(
        (&file["name"], &file["etag"]),
        (&json!("http.get"), &json!(ABC))
    );
    server.stop().await;
}

#[tokio::test]
async fn files_and_artifacts_are_there_after_a_restart() {
    let stub = picture().await;
    let folder = Folder::new();
    let args = ["--egress-allow-hosts", &stub.host];
    let program = Program::start(&folder, &args);
    let asked = json!({ "graph": fetches(&stub) });
    let run = program.post("/v1/runs?wait_ms=60000", &asked).await.json();
    assert_eq!(run["status"], "completed", "{run}");
    let request = program.ask(Method::POST, "/v1/files?name=x.txt");
    let request = request.header("content-type", "text/plain").body("kept");
    let file = Answer::of(request).await.json();
    program.signal(rustix::process::Signal::TERM);
    program.ended();

    let program = Program::start(&folder, &args);
    let path = format!(
        "/v1/runs/{}/artifacts/{ABC}",
        run["run_id"].as_str().expect("an id")
    );
    assert_eq!(program.get(&path).await.text, "abc");
    let href = file["href"].as_str().expect("an address");
    assert_eq!(program.get(href).await.text, "kept");
}

/// What a run may keep is what its tenant may.
#[tokio::test]
async fn a_run_keeps_no_more_than_its_tenant_may() {
    let stub = picture().await;
    // A blob takes 4 KiB beside its bytes.
    for (one, all, told) in [
        (2, u64::MAX, "at most 2 will do"),
        (100, 4_098, "may have 4098 bytes in all"),
    ] {
        let mut limits = FileLimits::default();
        (limits.max_file_bytes, limits.max_bytes) = (one, all);
        let builder = App::builder(stub::engine(&[&stub])).file_limits(limits);
        let server = Server::with(builder).await;
        let asked = json!({ "graph": fetches(&stub) });
        let run = server.post("/v1/runs?wait_ms=60000", A, &asked).await;
        let failure = run.json()["result"]["failure"].clone();
        assert_eq!(failure["code"], "BLOCK_FAILED", "{}", run.text);
        let message = failure["message"].as_str().expect("a message");
        assert!(message.contains(told), "{message}");
        server.stop().await;
    }
}

/// What a killed process has left is found when the next one looks.
#[tokio::test]
async fn what_nobody_has_goes_when_the_next_process_looks() {
    let stub = picture().await;
    let folder = Folder::new();
    let (store, records) = (
        Arc::new(MemoryStore::default()),
        Arc::new(MemoryRecords::default()),
    );
    let clock = Arc::new(ManualClock::new());
    let open = || {
        App::builder(stub::engine(&[&stub]))
            .files(folder.path())
            .store(store.clone())
            .records(records.clone())
            .clock(clock.clone())
    };
    let server = Server::with(open()).await;
    let (kept, _) = start(&server, &json!({ "graph": fetches(&stub) })).await;
    server.stop().await;
    let tenant = std::fs::read_dir(folder.path()).expect("a folder").next();
    let tenant = tenant.expect("a tenant").expect("a folder").path();
    let names = || -> Vec<_> {
        let all = std::fs::read_dir(&tenant).expect("a folder");
        all.map(|entry| entry.expect("an entry").path()).collect()
    };
    let stray = tenant.join("0".repeat(64));
    std::fs::write(&stray, "nobody has noted this").expect("it is written");
    let written = std::fs::metadata(&stray).expect("it is there");
    let earlier = written.modified().expect("a time") - Duration::from_hours(2);
    let age = || {
        for file in names() {
            let file = std::fs::File::options()
                .write(true)
                .open(file)
                .expect("a file");
            file.set_modified(earlier).expect("it has a time");
        }
    };
    age();
    let look = async || {
        let server = Server::with(open()).await;
        let status = server
            .get(&format!("{kept}/artifacts/{ABC}"), A)
            .await
            .status;
        server.stop().await;
        status
    };
    assert_eq!(look().await, 200);
    assert!(!stray.exists());

    // The run was deleted, and what it had was not.
    let run = Text::from(kept.rsplit('/').next().expect("an id"));
    let entry = store.entry(&run).await.expect("it is there");
    store.delete(&run, entry.updated).await.expect("it is over");
    assert_eq!((look().await, names().len()), (404, 2));
    clock.advance(Duration::from_hours(2));
    // Its address leads nowhere; that somebody uploads has the space opened.
    let server = Server::with(open()).await;
    let request = server.ask(Method::POST, "/v1/files?name=x", A);
    let request = request.header("content-type", "text/plain").body("x");
    assert_eq!(Answer::of(request).await.status, 201);
    assert!(!tenant.join(ABC.trim_start_matches("sha256:")).exists());
    server.stop().await;
}
