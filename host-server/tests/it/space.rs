//! Bytes and what is noted of them stay together, whoever goes away in between, fails, or is forgotten.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;
use graphloom::Timestamp;
use graphloom_server::records::{Change, Draft, Expect, Kind, Records};
use graphloom_server::{App, FileLimits, Principal, Scope, Scopes};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::doors::Doors;
use crate::harness::{A, B, Folder, auth, engine};
use crate::timed::until;

/// The digits of the hash of the bytes `abc` (FIPS 180-4).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
/// How long what never comes is waited for.
const NEVER: Duration = Duration::from_secs(60);

fn app(folder: &Folder, records: &Arc<Doors>) -> App {
    let mut limits = FileLimits::default();
    // Each takes 4 KiB beside its bytes, on its way too.
    limits.max_bytes = 3 * 4_096 + 250_000;
    let app = App::builder(engine())
        .records(Arc::clone(records) as _)
        .files(folder.path())
        .file_limits(limits)
        .auth(auth());
    app.build().expect("an application")
}

fn request(method: &str, path: &str, token: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "text/plain")
        .header("if-match", "*")
        .body(body.into())
        .expect("a request")
}

fn sent(token: &str, body: impl Into<Body>) -> Request<Body> {
    request("POST", "/v1/files?name=f", token, body)
}

async fn ask(app: &App, request: Request<Body>) -> Response<Body> {
    let answer = app.router().oneshot(request);
    let answer = tokio::time::timeout(NEVER, answer).await;
    answer.expect("an answer").expect("an answer")
}

async fn json_of(answer: Response<Body>) -> Value {
    let body = answer.into_body().collect().await.expect("all of it");
    serde_json::from_slice(&body.to_bytes()).expect("JSON")
}

/// Uploads; returns the address of the file.
async fn upload(app: &App, token: &str, bytes: Vec<u8>) -> Result<String, StatusCode> {
    let answer = ask(app, sent(token, bytes)).await;
    if answer.status() != 201 {
        return Err(answer.status());
    }
    let file = json_of(answer).await;
    Ok(file["href"].as_str().expect("an address").to_owned())
}

async fn delete(app: &App, path: &str) {
    let answer = ask(app, request("DELETE", path, A, "")).await;
    assert_eq!(answer.status(), 204);
}

/// Asks, and goes away when this has come.
async fn leave(app: &App, request: Request<Body>, when: impl Future<Output = ()>) {
    let mut answer = pin!(app.router().oneshot(request));
    tokio::select! {
        biased;
        _ = &mut answer => panic!("it is answered"),
        () = when => {}
    }
}

/// The folder of the only tenant.
fn own(folder: &Folder) -> PathBuf {
    let mut all = fs::read_dir(folder.path()).expect("a folder");
    let own = all.next().expect("a tenant").expect("an entry").path();
    assert!(all.next().is_none());
    own
}

/// How many bytes with a name there are of the only tenant.
fn blobs(folder: &Folder) -> usize {
    let all = fs::read_dir(own(folder)).expect("a folder");
    let names = all.map(|entry| entry.expect("an entry").file_name());
    names.filter(|name| name.len() == 64).count()
}

/// All of the quota is there but what one file of 100,000 bytes takes.
async fn only_one_is_counted(app: &App, file: &str) {
    // More than is left; as much as 44,096 bytes that are counted twice, or not at all, would make a difference.
    let refused = upload(app, A, vec![9; 160_000]).await;
    assert_eq!(refused, Err(StatusCode::TOO_MANY_REQUESTS));
    let fits = upload(app, A, vec![9; 150_000]).await;
    delete(app, &fits.expect("there is room")).await;
    delete(app, file).await;
}

#[tokio::test]
async fn an_upload_that_nobody_waits_for_any_more_is_kept_and_counted() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let app = app(&folder, &records);
    let one = upload(&app, A, vec![1; 100_000]).await.expect("kept");

    records.writes.close();
    leave(
        &app,
        sent(A, vec![2; 40_000]),
        records.writes.someone_waits(),
    )
    .await;
    records.writes.open();
    let noted = tokio::time::timeout(NEVER, records.writes.someone_is_done()).await;
    noted.expect("it is noted");

    let listed = json_of(ask(&app, request("GET", "/v1/files", A, "")).await).await;
    let files = listed["items"].as_array().expect("a page");
    assert_eq!((files.len(), blobs(&folder)), (2, 2));
    assert_eq!(files[0]["bytes"], 40_000);
    let again = upload(&app, A, vec![2; 40_000]).await.expect("kept");
    delete(&app, &again).await;
    assert_eq!(blobs(&folder), 2);
    delete(&app, files[0]["href"].as_str().expect("an address")).await;
    assert_eq!(blobs(&folder), 1);
    only_one_is_counted(&app, &one).await;
}

#[tokio::test]
async fn a_deletion_that_nobody_waits_for_any_more_takes_the_bytes_along() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let app = app(&folder, &records);
    let gone = upload(&app, A, vec![2; 40_000]).await.expect("kept");
    records.lists.close();
    // The record is gone, and it is asked whether anybody else has the bytes.
    leave(
        &app,
        request("DELETE", &gone, A, ""),
        records.lists.someone_waits(),
    )
    .await;
    records.lists.open();
    // Whoever begins waits for those who forget.
    let one = upload(&app, A, vec![1; 100_000]).await.expect("kept");
    assert_eq!(blobs(&folder), 1);
    only_one_is_counted(&app, &one).await;
}

/// The same for a run, of which its blobs are forgotten behind it.
#[tokio::test]
async fn a_run_whose_deletion_nobody_waits_for_any_more_takes_its_bytes_along() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let app = app(&folder, &records);
    let given = json_of(ask(&app, sent(A, vec![2; 40_000])).await).await;
    let graph = json!({
        "format": 1,
        "nodes": {
            "file": { "block": "io.input", "inputs": { "name": "file" } },
            "out": { "block": "io.output", "inputs": { "name": "out" } }
        },
        "links": [{ "from": "file.result", "to": "out.value" }]
    });
    let start = json!({ "graph": graph, "inputs": { "file": given["value"] } });
    let mut start = request("POST", "/v1/runs?wait_ms=60000", A, start.to_string());
    let json = HeaderValue::from_static("application/json");
    start.headers_mut().insert(header::CONTENT_TYPE, json);
    let run = json_of(ask(&app, start).await).await;
    assert_eq!(run["status"], "completed", "{run}");
    delete(&app, given["href"].as_str().expect("an address")).await;
    assert_eq!(blobs(&folder), 1);

    records.lists.close();
    let run = format!("/v1/runs/{}", run["run_id"].as_str().expect("an id"));
    let gone = request("DELETE", &run, A, "");
    leave(&app, gone, records.lists.someone_waits()).await;
    records.lists.open();
    until("the end of its bytes", async || {
        (blobs(&folder) == 0).then_some(())
    })
    .await;
    let one = upload(&app, A, vec![1; 100_000]).await.expect("kept");
    only_one_is_counted(&app, &one).await;
}

#[tokio::test]
async fn what_fails_when_the_bytes_are_there_is_counted_while_they_are() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let app = app(&folder, &records);
    let one = upload(&app, A, vec![1; 100_000]).await.expect("kept");
    let abc = upload(&app, A, b"abc".to_vec()).await.expect("kept");
    delete(&app, &abc).await;
    // Their type cannot be written then, nor can it be removed.
    let in_the_way = own(&folder).join(format!("{ABC}.type"));
    fs::create_dir(&in_the_way).expect("a folder");
    let failed = upload(&app, A, b"abc".to_vec()).await;
    assert_eq!(failed, Err(StatusCode::INTERNAL_SERVER_ERROR));
    // Three bytes, and the 4 KiB beside them.
    assert_eq!(blobs(&folder), 2);
    let refused = upload(&app, A, vec![9; 150_000]).await;
    assert_eq!(refused, Err(StatusCode::TOO_MANY_REQUESTS));
    fs::remove_dir(&in_the_way).expect("it is empty");
    let abc = upload(&app, A, b"abc".to_vec()).await.expect("kept");
    delete(&app, &abc).await;
    assert_eq!(blobs(&folder), 1);
    only_one_is_counted(&app, &one).await;
}

fn make_old(file: &Path) {
    let then = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
    let file = File::options().write(true).open(file).expect("a file");
    file.set_times(then).expect("a time");
}

/// It is opened while nobody can be asked who has what, and what somebody gets meanwhile stays.
#[tokio::test]
async fn a_space_is_opened_without_asking_who_has_what() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let kept = upload(&app(&folder, &records), A, vec![1; 3])
        .await
        .expect("kept");
    for nth in 0..20 {
        let name = format!("{nth:064x}");
        fs::write(own(&folder).join(name), "nobody's").expect("written");
    }
    fs::write(own(&folder).join(ABC), "abc").expect("written");
    for entry in fs::read_dir(own(&folder)).expect("a folder") {
        make_old(&entry.expect("an entry").path());
    }

    let app = app(&folder, &records);
    records.lists.close();
    let abc = upload(&app, A, b"abc".to_vec()).await.expect("kept");
    let read = ask(&app, request("GET", &kept, A, "")).await;
    assert_eq!(read.status(), 200);
    // 22 that take 4 KiB each: all that lies there is counted.
    let refused = upload(&app, A, vec![9; 180_000]).await;
    assert_eq!(refused, Err(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(blobs(&folder), 22);
    records.lists.open();
    until("the sweep", async || (blobs(&folder) == 2).then_some(())).await;
    for file in [kept, abc] {
        let read = ask(&app, request("GET", &file, A, "")).await;
        assert_eq!(read.status(), 200);
    }
    assert!(upload(&app, A, vec![9; 180_000]).await.is_ok());
}

/// Two thousand files have their bytes and three of nobody lie beside: who has what is asked by pages, and not for each.
#[tokio::test]
async fn whose_bytes_are_is_asked_for_many_at_a_time() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let app = || {
        let app = App::builder(engine())
            .records(Arc::clone(&records) as _)
            .files(folder.path())
            .auth(auth());
        app.build().expect("an application")
    };
    let kept = upload(&app(), A, b"abc".to_vec()).await.expect("kept");
    let who = Principal::new("a", "tests").scopes(Scopes::all());
    let tenant = who.may(Scope::FilesRead).expect("they may");
    let body = json!({ "name": "f", "bytes": 1, "media_type": "text/plain" });
    let mut changes = Vec::new();
    for nth in 0..2_003 {
        let name = format!("{nth:064x}");
        fs::write(own(&folder).join(&name), "x").expect("written");
        make_old(&own(&folder).join(&name));
        if nth < 2_000 {
            let file = Draft::new(tenant, Kind::File, name.clone(), &body).expect("a record");
            let file = file.parent(format!("sha256:{name}"));
            changes.push(Change::Put(file, Expect::Absent));
        }
    }
    let written = records.write(changes, Timestamp(1)).await;
    written.expect("written");
    let (app, before) = (app(), records.lists.came());
    let read = ask(&app, request("GET", &kept, A, "")).await;
    assert_eq!(read.status(), 200);
    until("the sweep", async || {
        (blobs(&folder) == 2_001).then_some(())
    })
    .await;
    // Eight pages of files and one behind them, one of runs for each of two questions, and two for each that is nobody's.
    let asked = records.lists.came() - before;
    assert!(asked <= 8 + 1 + 2 + 3 * 2, "{asked}");
}

/// A body whose first part comes; the rest does once somebody says so. Says when the rest is waited for.
fn slow() -> (Body, oneshot::Receiver<()>, oneshot::Sender<()>) {
    let (asks, asked) = oneshot::channel();
    let (go, goes) = oneshot::channel::<()>();
    let parts = stream::unfold(Some((asks, goes, 0)), async |state| {
        let (asks, goes, part) = state?;
        let bytes = Ok::<_, std::io::Error>(Bytes::from(vec![part; 300_000]));
        if part == 0 {
            return Some((bytes, Some((asks, goes, 1))));
        }
        asks.send(()).expect("somebody waits");
        goes.await.expect("somebody says so");
        Some((bytes, None))
    });
    (Body::from_stream(parts), asked, go)
}

const ERASE: &str = "/v1/admin/tenants/b?confirm=b";

#[tokio::test]
async fn of_a_tenant_that_is_forgotten_no_file_is_left_or_comes() {
    let folder = Folder::new();
    let app = App::builder(engine()).files(folder.path()).auth(auth());
    let app = app.build().expect("an application");
    upload(&app, B, b"abc".to_vec()).await.expect("kept");
    let own = own(&folder);
    for left in ["draft-1-0", &format!("{}.type", "0".repeat(64))] {
        fs::write(own.join(left), "left").expect("written");
    }
    let (body, asked, go) = slow();
    let mut going = JoinSet::new();
    going.spawn({
        let app = app.clone();
        async move { ask(&app, sent(B, body)).await }
    });
    asked.await.expect("it is being written");
    let erased = ask(&app, request("DELETE", ERASE, A, "")).await;
    assert_eq!(erased.status(), 200);
    assert!(!own.exists());

    go.send(()).expect("it goes on");
    let refused = going.join_next().await.expect("it was begun");
    let refused = refused.expect("an answer");
    assert_eq!(refused.status(), 503);
    assert_eq!(json_of(refused).await["code"], "HTTP_UNAVAILABLE");
    assert!(!own.exists());
    let listed = ask(&app, request("GET", "/v1/files", B, "")).await;
    assert_eq!(json_of(listed).await["items"], json!([]));

    // It begins anew, in what is counted anew.
    let anew = upload(&app, B, b"abc".to_vec()).await.expect("kept");
    let read = ask(&app, request("GET", &anew, B, "")).await;
    assert_eq!(read.status(), 200);
    assert_eq!(blobs(&folder), 1);
}

/// What is being noted when everything is forgotten is forgotten, too.
#[tokio::test]
async fn a_tenant_is_forgotten_with_what_is_being_noted() {
    let (folder, records) = (Folder::new(), Arc::<Doors>::default());
    let app = app(&folder, &records);
    records.writes.close();
    let mut going = JoinSet::new();
    for request in [sent(B, "abc"), request("DELETE", ERASE, A, "")] {
        let app = app.clone();
        let is_upload = request.method() == "POST";
        going.spawn(async move { drop(ask(&app, request).await) });
        if is_upload {
            records.writes.someone_waits().await;
        }
    }
    records.writes.open();
    while let Some(done) = going.join_next().await {
        done.expect("an answer");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let listed = ask(&app, request("GET", "/v1/files", B, "")).await;
    assert_eq!(json_of(listed).await["items"], json!([]));
}
