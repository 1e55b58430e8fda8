//! Files: uploaded, listed, downloaded whole and in parts, given to runs, forgotten.

use std::convert::Infallible;

use bytes::Bytes;
use graphloom_server::{App, FileLimits};
use http_body_util::StreamBody;
use hyper::body::Frame;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Folder, Server, engine};
use crate::stub::{self, Stub};

/// The hash of the bytes `abc` (FIPS 180-4).
const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn sent(server: &Server, path: &str, kind: &str, bytes: impl Into<Vec<u8>>) -> RequestBuilder {
    let request = server.ask(Method::POST, path, A);
    request.header("content-type", kind).body(bytes.into())
}

async fn upload(server: &Server, name: &str, kind: &str, bytes: impl Into<Vec<u8>>) -> Value {
    let path = format!("/v1/files?name={name}");
    let answer = Answer::of(sent(server, &path, kind, bytes)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn limited(change: impl FnOnce(&mut FileLimits)) -> FileLimits {
    let mut limits = FileLimits::default();
    change(&mut limits);
    limits
}

fn href(file: &Value) -> String {
    file["href"].as_str().expect("an address").to_owned()
}

#[tokio::test]
async fn a_file_is_kept_and_given_back() {
    for folder in [None, Some(Folder::new())] {
        let builder = App::builder(engine());
        let builder = match &folder {
            Some(folder) => builder.files(folder.path().join("files")),
            None => builder,
        };
        let server = Server::with(builder).await;
        let request = sent(&server, "/v1/files", "Text/Plain; charset=utf-8", "abc");
        let disposition = "attachment; filename=\"x\"; filename*=UTF-8''%E2%82%AC.txt";
        let answer = Answer::of(request.header("content-disposition", disposition)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let file = answer.json();
        assert_eq!(answer.header("location"), href(&file));
        assert_eq!(answer.header("etag"), format!("\"{ABC}\""));
        assert_eq!(file["name"], "€.txt");
        assert_eq!((&file["bytes"], &file["etag"]), (&json!(3), &json!(ABC)));
        let blob = json!({ "$blob": ABC, "bytes": 3, "media_type": "text/plain; charset=utf-8" });
        assert_eq!(file["value"], blob);

        let found = server.get(&href(&file), A).await;
        assert_eq!((found.status, found.text.as_str()), (200, "abc"));
        for (name, value) in [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", "3"),
            (
                "content-disposition",
                "attachment; filename=\"_.txt\"; filename*=UTF-8''%E2%82%AC.txt",
            ),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "private, max-age=31536000, immutable"),
            ("accept-ranges", "bytes"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'; sandbox",
            ),
        ] {
            assert_eq!(found.header(name), value, "{name}");
        }
        let etag = found.header("etag").to_owned();
        assert_eq!(etag, format!("\"{ABC}\""));
        let head = Answer::of(server.ask(Method::HEAD, &href(&file), A)).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        assert_eq!(
            (head.header("content-length"), head.header("etag")),
            ("3", etag.as_str())
        );
        let known = server.ask(Method::GET, &href(&file), A);
        let known = Answer::of(known.header("if-none-match", &etag)).await;
        assert_eq!((known.status, known.text.as_str()), (304, ""));
        assert_eq!(known.header("etag"), etag);

        let delete = |etag: Option<&str>| {
            let request = server.ask(Method::DELETE, &href(&file), A);
            match etag {
                Some(etag) => request.header("if-match", etag),
                None => request,
            }
        };
        assert_eq!(Answer::of(delete(None)).await.status, 428);
        assert_eq!(Answer::of(delete(Some("\"sha256:0\""))).await.status, 412);
        assert_eq!(Answer::of(delete(Some(&etag))).await.status, 204);
        assert_eq!(server.get(&href(&file), A).await.status, 404);
        assert_eq!(server.get("/v1/files", A).await.json()["items"], json!([]));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_part_is_sent_of_a_large_file() {
    let folder = Folder::new();
    let server = Server::with(App::builder(engine()).files(folder.path())).await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|nth| (nth % 251) as u8).collect();
    let file = upload(
        &server,
        "large.bin",
        "application/octet-stream",
        bytes.clone(),
    )
    .await;
    let ask = async |range: &str| {
        let request = server.ask(Method::GET, &href(&file), A);
        let response = request
            .header("range", range)
            .send()
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        let said = response.headers().get("content-range").cloned();
        let said = said.map(|said| said.to_str().expect("text").to_owned());
        (
            status,
            said,
            response.bytes().await.expect("all of it").to_vec(),
        )
    };
    let whole = server
        .ask(Method::GET, &href(&file), A)
        .send()
        .await
        .expect("an answer");
    assert_eq!(whole.bytes().await.expect("all of it").to_vec(), bytes);
    let (status, said, part) = ask("bytes=1000000-2499999").await;
    assert_eq!(
        (status, said.as_deref()),
        (206, Some("bytes 1000000-2499999/3000000"))
    );
    assert_eq!(part, bytes[1_000_000..2_500_000]);
    let (status, _, part) = ask("bytes=-7").await;
    assert_eq!((status, &part[..]), (206, &bytes[2_999_993..]));
    let (status, said, _) = ask("bytes=3000000-").await;
    assert_eq!((status, said.as_deref()), (416, Some("bytes */3000000")));
    let (status, _, part) = ask("bytes=0-1,5-6").await;
    assert_eq!((status, part.len()), (200, bytes.len()));
    server.stop().await;
}

/// Who has a hash has nothing: neither by the routes nor by a run.
#[tokio::test]
async fn what_is_of_another_is_not_there() {
    let stub = Stub::start(|_| (200, "text/plain", String::new())).await;
    let folder = Folder::new();
    let builder = App::builder(stub::engine(&[&stub])).files(folder.path());
    let server = Server::with(builder).await;
    let file = upload(&server, "abc", "text/plain", "abc").await;
    for method in [Method::GET, Method::HEAD] {
        let answer = Answer::of(server.ask(method, &href(&file), B)).await;
        assert_eq!(answer.status, 404);
    }
    let gone = server
        .ask(Method::DELETE, &href(&file), B)
        .header("if-match", "*");
    assert_eq!(Answer::of(gone).await.status, 404);
    assert_eq!(server.get("/v1/files", B).await.json()["items"], json!([]));
    assert_eq!(
        server.get("/v1/files?q=abc", B).await.json()["items"],
        json!([])
    );

    let asked = json!({ "graph": posts(&stub), "inputs": { "file": file["value"] } });
    let start = "/v1/runs?wait_ms=60000";
    let theirs = server.post(start, B, &asked).await.json();
    assert_eq!(theirs["status"], "failed", "{theirs}");
    assert!(stub.sent().is_empty());
    let path = format!(
        "/v1/runs/{}/artifacts/{ABC}",
        theirs["run_id"].as_str().expect("an id")
    );
    assert_eq!(server.get(&path, B).await.status, 404);
    let named = format!("workspace://{}", file["id"].as_str().expect("an id"));
    let named = json!({ "graph": posts(&stub), "inputs": { "file": named } });
    let answer = server.post(start, B, &named).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "HTTP_BODY")
    );
    assert_eq!(answer.json()["errors"][0]["pointer"], "/inputs/file");

    // Its own run reads it, and what it has is not there for another either.
    let ours = server.post(start, A, &asked).await.json();
    assert_eq!(ours["status"], "completed", "{ours}");
    assert_eq!(stub.sent()[0].body, "abc");
    let path = format!(
        "/v1/runs/{}/artifacts",
        ours["run_id"].as_str().expect("an id")
    );
    for path in [path.clone(), format!("{path}/{ABC}")] {
        assert_eq!(server.get(&path, A).await.status, 200, "{path}");
        assert_eq!(server.get(&path, B).await.status, 404, "{path}");
    }
    server.stop().await;
}

/// A graph that sends its input to another machine.
fn posts(stub: &Stub) -> Value {
    json!({
        "format": 1,
        "nodes": {
            "file": { "block": "io.input", "inputs": { "name": "file" } },
            "post": { "block": "http.request", "inputs": { "url": stub.url("/take"), "method": "POST" } }
        },
        "links": [{ "from": "file.result", "to": "post.body" }]
    })
}

#[tokio::test]
async fn a_file_is_given_to_a_run_as_a_text() {
    let server = Server::start().await;
    let file = upload(&server, "hi.txt", "text/plain", "hi").await;
    let graph = json!({
        "format": 1,
        "nodes": {
            "file": { "block": "autogpt.input_file", "inputs": { "name": "file" } },
            "out": { "block": "io.output", "inputs": { "name": "out" } }
        },
        "links": [{ "from": "file.result", "to": "out.value" }]
    });
    let id = file["id"].as_str().expect("an id");
    for named in [
        format!("workspace://{id}"),
        format!("workspace://{id}#text/plain"),
    ] {
        let asked = json!({ "graph": graph, "inputs": { "file": named } });
        let run = server
            .post("/v1/runs?wait_ms=60000", A, &asked)
            .await
            .json();
        assert_eq!(
            run["result"]["outputs"]["out"],
            json!(["data:text/plain;base64,aGk="]),
            "{run}"
        );
    }
    let large = upload(&server, "large", "text/plain", vec![b'x'; (5 << 20) + 1]).await;
    let named = format!("workspace://{}", large["id"].as_str().expect("an id"));
    let asked = json!({ "graph": graph, "inputs": { "file": named } });
    let answer = server.post("/v1/runs", A, &asked).await;
    assert_eq!(answer.problem(), "HTTP_BODY");
    server.stop().await;
}

/// Cases 67 and 68: what is too large, of no type, a form, or JSON that names files on this machine.
#[tokio::test]
async fn what_is_no_upload_is_refused() {
    let limits = limited(|limits| limits.max_file_bytes = 100_000);
    let server = Server::with(App::builder(engine()).file_limits(limits)).await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/etc/passwd\"\r\n\r\nroot\r\n--x--\r\n";
    let posing = json!({ "files": { "filepath": "/etc/passwd", "name": "passwd" } }).to_string();
    for (path, kind, bytes, status, code) in [
        (
            "/v1/files?name=a",
            "multipart/form-data; boundary=x",
            form,
            415,
            "HTTP_MEDIA_TYPE",
        ),
        (
            "/v1/files?name=a",
            "application/x-www-form-urlencoded",
            "a=b",
            415,
            "HTTP_MEDIA_TYPE",
        ),
        ("/v1/files?name=a", "text", "a", 415, "HTTP_MEDIA_TYPE"),
        (
            "/v1/files",
            "application/json",
            &posing,
            415,
            "HTTP_MEDIA_TYPE",
        ),
        ("/v1/files", "text/plain", "a", 400, "HTTP_PARAMETER"),
        (
            "/v1/files?name=..",
            "text/plain",
            "a",
            400,
            "HTTP_PARAMETER",
        ),
        (
            "/v1/files?name=..%2F..%2Fx",
            "text/plain",
            "a",
            400,
            "HTTP_PARAMETER",
        ),
        (
            "/v1/files?name=a%00b",
            "text/plain",
            "a",
            400,
            "HTTP_PARAMETER",
        ),
        (
            "/v1/files?name=a%0Ab",
            "text/plain",
            "a",
            400,
            "HTTP_PARAMETER",
        ),
        (
            "/v1/files?name=a&path=/etc/passwd",
            "text/plain",
            "a",
            400,
            "HTTP_PARAMETER",
        ),
        (
            &format!("/v1/files?name={}", "x".repeat(256)),
            "text/plain",
            "a",
            400,
            "HTTP_PARAMETER",
        ),
    ] {
        let answer = Answer::of(sent(&server, path, kind, bytes)).await;
        let found = (answer.status, answer.problem());
        assert_eq!(found, (status, code.to_owned()), "{path} {kind}");
    }
    let untyped = server.ask(Method::POST, "/v1/files?name=a", A).body("a");
    assert_eq!(Answer::of(untyped).await.status, 415);
    for disposition in [
        "attachment; filename=\"../x\"",
        "attachment; filename*=UTF-8''%0a",
        "attachment",
    ] {
        let request = sent(&server, "/v1/files", "text/plain", "a");
        let answer = Answer::of(request.header("content-disposition", disposition)).await;
        assert_eq!(answer.status, 400, "{disposition}");
    }
    let encoded = sent(&server, "/v1/files?name=a", "text/plain", "a");
    let answer = Answer::of(encoded.header("content-encoding", "gzip")).await;
    assert_eq!(answer.status, 415);
    // With its length said, and without.
    let large = vec![0; 100_001];
    let answer = Answer::of(sent(
        &server,
        "/v1/files?name=a",
        "image/png",
        large.clone(),
    ))
    .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (413, "HTTP_BODY_SIZE")
    );
    let pieces = large
        .chunks(10_000)
        .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece))));
    let pieces: Vec<_> = pieces.collect();
    let chunked = reqwest::Body::wrap(StreamBody::new(futures_util::stream::iter(pieces)));
    let request = server.ask(Method::POST, "/v1/files?name=a", A);
    let answer = Answer::of(request.header("content-type", "image/png").body(chunked)).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (413, "HTTP_BODY_SIZE")
    );
    assert_eq!(server.get("/v1/files", A).await.json()["items"], json!([]));

    // JSON that is meant as a file is one, and what it says is only bytes.
    let file = upload(&server, "posing.json", "application/json", posing.clone()).await;
    assert_eq!(server.get(&href(&file), A).await.text, posing);
    server.stop().await;
}

#[tokio::test]
async fn what_a_browser_would_run_is_only_bytes() {
    let server = Server::start().await;
    for kind in [
        "text/html; charset=utf-8",
        "image/svg+xml",
        "application/javascript",
        "text/xml",
    ] {
        let file = upload(&server, "x", kind, "<script>alert(1)</script>").await;
        assert_eq!(file["media_type"], kind);
        let found = server.get(&href(&file), A).await;
        assert_eq!(
            found.header("content-type"),
            "application/octet-stream",
            "{kind}"
        );
        assert!(
            found
                .header("content-disposition")
                .starts_with("attachment;")
        );
        assert_eq!(found.header("x-content-type-options"), "nosniff");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_tenant_has_so_many_files_and_bytes_and_the_same_bytes_once() {
    let folder = Folder::new();
    let limits = limited(|limits| {
        limits.max_files = 4;
        // Each takes 4 KiB beside its bytes, on its way too.
        limits.max_bytes = 3 * 4_096 + 250_000;
    });
    let builder = App::builder(engine())
        .files(folder.path())
        .file_limits(limits);
    let server = Server::with(builder).await;
    let large = vec![1; 200_000];
    let first = upload(&server, "first", "image/png", large.clone()).await;
    let one_more = async |byte: u8| {
        let bytes = vec![byte; 100_000];
        Answer::of(sent(&server, "/v1/files?name=more", "image/png", bytes)).await
    };
    let answer = one_more(2).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    assert_eq!(
        Answer::of(
            server
                .ask(Method::DELETE, &href(&first), A)
                .header("if-match", "*")
        )
        .await
        .status,
        204
    );
    let second = one_more(2).await;
    assert_eq!(second.status, 201, "{}", second.text);
    for _ in 0..3 {
        assert_eq!(one_more(2).await.status, 201);
    }
    let answer = one_more(2).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    // The bytes go with the last file that has them.
    let files = server.get("/v1/files", A).await.json();
    for (left, file) in files["items"].as_array().expect("files").iter().enumerate() {
        assert_eq!(blobs(&folder), 1, "{left}");
        let delete = server.ask(Method::DELETE, &href(file), A);
        assert_eq!(Answer::of(delete.header("if-match", "*")).await.status, 204);
    }
    assert_eq!(blobs(&folder), 0);
    server.stop().await;
}

/// How many blobs there are in a folder of tenants.
fn blobs(folder: &Folder) -> usize {
    let list = |path: &std::path::Path| {
        let entries = std::fs::read_dir(path).expect("a folder");
        let entries = entries.map(|entry| entry.expect("an entry").path());
        entries.collect::<Vec<_>>()
    };
    let tenants = list(folder.path());
    let files = tenants.iter().flat_map(|tenant| list(tenant));
    files.filter(|file| file.extension().is_none()).count()
}

#[tokio::test]
async fn files_are_listed_by_pages_and_made_once_for_a_key() {
    let server = Server::start().await;
    for nth in 0..3 {
        upload(
            &server,
            &format!("Page-{nth}.txt"),
            "text/plain",
            format!("{nth}"),
        )
        .await;
    }
    let page = server.get("/v1/files?limit=2", A).await.json();
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("a page");
        items
            .iter()
            .map(|file| file["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names(&page), ["Page-2.txt", "Page-1.txt"]);
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let rest = server
        .get(&format!("/v1/files?limit=2&cursor={cursor}"), A)
        .await
        .json();
    assert_eq!(names(&rest), ["Page-0.txt"]);
    assert_eq!(
        names(&server.get("/v1/files?q=page-1", A).await.json()),
        ["Page-1.txt"]
    );
    let foreign = server
        .get(&format!("/v1/files?limit=2&cursor={cursor}"), B)
        .await;
    assert_eq!(foreign.problem(), "HTTP_CURSOR");

    let keyed = async |bytes: &'static str| {
        let request = sent(&server, "/v1/files?name=once", "text/plain", bytes);
        Answer::of(request.header("idempotency-key", "k")).await
    };
    let (first, again) = (keyed("x").await, keyed("x").await);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(keyed("y").await.problem(), "HTTP_IDEMPOTENCY");
    server.stop().await;
}
