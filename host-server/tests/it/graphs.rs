//! Graphs: preconditions, patches, versions, tags, limits.

use graphloom::host::MemoryStore;
use graphloom_server::records::SqliteRecords;
use graphloom_server::{App, Quotas};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::harness::{A, Answer, B, Folder, Server, engine, greet};

const JSON: &str = "application/json";
const PATCH: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";

/// A graph of another content for each number.
fn named(n: usize) -> Value {
    let mut graph = greet();
    graph["name"] = json!(format!("v{n}"));
    graph
}

async fn send(
    server: &Server,
    (method, path): (Method, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = server.ask(method, path, A);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.body(body.to_owned())).await
}

fn etag(answer: &Answer) -> String {
    answer.header("etag").to_owned()
}

#[tokio::test]
async fn a_graph_is_patched_as_a_whole_or_not_at_all() {
    let server = Server::start().await;
    let path = format!("/v1/graphs/{}", server.keep(A, &greet()).await);
    let before = server.get(&path, A).await;
    let tag = etag(&before);
    let cases: &[(&str, &str, u16, &str, &str)] = &[
        (PATCH, "{}", 400, "PATCH_SYNTAX", ""),
        (PATCH, "[", 400, "JSON_SYNTAX", "/0"),
        (
            PATCH,
            r#"[{"op":"change","path":"/name","value":1}]"#,
            400,
            "PATCH_SYNTAX",
            "/0/op",
        ),
        (
            PATCH,
            r#"[{"op":"remove","path":"/nodes/fil"}]"#,
            422,
            "PATCH_PATH",
            "/0/path",
        ),
        (
            PATCH,
            r#"[{"op":"replace","path":"/name","value":"x"},{"op":"test","path":"/name","value":"y"}]"#,
            422,
            "PATCH_TEST",
            "/1/value",
        ),
        (
            PATCH,
            r#"[{"op":"replace","path":"/nodes/fill/block","value":"text.fil_template"}]"#,
            422,
            "GRAPH_UNKNOWN_BLOCK",
            "/nodes/fill/block",
        ),
        (
            PATCH,
            r#"[{"op":"remove","path":"/nodes/who"}]"#,
            422,
            "GRAPH_UNKNOWN_NODE",
            "/links/0/from",
        ),
        (
            PATCH,
            r#"[{"op":"replace","path":"","value":[]}]"#,
            422,
            "GRAPH_SHAPE",
            "",
        ),
        (MERGE, "[]", 422, "GRAPH_SHAPE", ""),
        (
            MERGE,
            r#"{"nodes":{"who":null}}"#,
            422,
            "GRAPH_UNKNOWN_NODE",
            "/links/0/from",
        ),
        (
            MERGE,
            r#"{"nodes":{"who":{"block":"no.such"}}}"#,
            422,
            "GRAPH_UNKNOWN_BLOCK",
            "/nodes/who/block",
        ),
        (MERGE, r#"{"a":1,"a":2}"#, 400, "JSON_DUPLICATE_KEY", "/a"),
    ];
    for (media, patch, status, code, pointer) in cases {
        let headers = [("content-type", *media), ("if-match", tag.as_str())];
        let answer = send(&server, (Method::PATCH, &path), &headers, patch).await;
        let problem = answer.problem();
        assert_eq!(
            (answer.status, problem.as_str()),
            (*status, *code),
            "{patch}\n{}",
            answer.text
        );
        let first = &answer.json()["errors"][0];
        assert_eq!(first["pointer"], *pointer, "{patch}\n{}", answer.text);
        let is_patch = code.starts_with("PATCH_") || code.starts_with("JSON_");
        assert_eq!(
            first.get("line").is_some(),
            is_patch,
            "{patch}\n{}",
            answer.text
        );
    }
    assert_eq!(server.get(&path, A).await.text, before.text);

    let headers = [("content-type", PATCH), ("if-match", tag.as_str())];
    let patch = json!([
        { "op": "test", "path": "/name", "value": "greet" },
        { "op": "add", "path": "/x-list", "value": [1] },
        { "op": "add", "path": "/x-list/-", "value": 2 },
        { "op": "copy", "from": "/name", "path": "/x-was" },
        { "op": "move", "from": "/x-was", "path": "/x-name" },
        { "op": "remove", "path": "/x-list/0" },
        { "op": "replace", "path": "/nodes/fill/inputs/format", "value": "Hey {{name}}!" }
    ]);
    let patched = send(
        &server,
        (Method::PATCH, &path),
        &headers,
        &patch.to_string(),
    )
    .await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    assert_eq!(patched.json()["version"], 2);
    let graph = server.get(&path, A).await.json()["graph"].clone();
    assert_eq!(
        (&graph["x-list"], &graph["x-name"], graph.get("x-was")),
        (&json!([2]), &json!("greet"), None)
    );
    let headers = [("content-type", MERGE), ("if-match", "*")];
    let merge =
        r#"{"name":"hello","x-name":null,"nodes":{"fill":{"inputs":{"format":"Hi {{name}}!"}}}}"#;
    let merged = send(&server, (Method::PATCH, &path), &headers, merge).await;
    assert_eq!(merged.json()["version"], 3, "{}", merged.text);
    let now = server.get(&path, A).await;
    assert_eq!(etag(&now), etag(&merged));
    let graph = &now.json()["graph"];
    assert_eq!(
        (&graph["name"], graph.get("x-name")),
        (&json!("hello"), None)
    );
    assert_eq!(graph["nodes"]["fill"]["inputs"]["format"], "Hi {{name}}!");
    // What changes nothing makes no version.
    let same = send(&server, (Method::PATCH, &path), &headers, "{}").await;
    assert_eq!((same.status, etag(&same)), (200, etag(&now)));
    server.stop().await;
}

/// 68. What is not of a type that is taken is not read, and the answer says which types are.
#[tokio::test]
async fn bodies_are_of_the_type_that_they_say() {
    let server = Server::start().await;
    let path = format!("/v1/graphs/{}", server.keep(A, &greet()).await);
    for media in [
        "",
        "application/json",
        "text/plain",
        "application/json-patch+json; charset=utf-16",
        "multipart/form-data",
    ] {
        let mut headers = vec![("if-match", "*")];
        headers.extend((!media.is_empty()).then_some(("content-type", media)));
        let answer = send(&server, (Method::PATCH, &path), &headers, "{}").await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (415, "HTTP_MEDIA_TYPE"),
            "{media}"
        );
        assert_eq!(
            answer.header("accept-patch"),
            format!("{PATCH}, {MERGE}"),
            "{media}"
        );
    }
    for (method, path) in [
        (Method::POST, "/v1/graphs"),
        (Method::PUT, path.as_str()),
        (Method::POST, "/v1/graphs:validate"),
        (Method::POST, "/v1/graphs:plan"),
        (Method::POST, "/v1/runs"),
        (Method::POST, "/v1/presets"),
    ] {
        for media in [
            "",
            "text/plain",
            "multipart/form-data",
            "application/json; charset=utf-7",
            PATCH,
        ] {
            let mut headers = vec![("if-match", "*")];
            headers.extend((!media.is_empty()).then_some(("content-type", media)));
            let answer = send(
                &server,
                (method.clone(), path),
                &headers,
                &greet().to_string(),
            )
            .await;
            assert_eq!(answer.status, 415, "{method} {path} {media}");
        }
    }
    server.stop().await;
}

/// 76. Who takes a graph to be as it was is told what has changed.
#[tokio::test]
async fn a_stale_writer_gets_the_difference() {
    let server = Server::start().await;
    let path = format!("/v1/graphs/{}", server.keep(A, &named(1)).await);
    let first = server.get(&path, A).await;
    let put = |n: usize| (Method::PUT, path.clone(), named(n).to_string());
    let (method, at, body) = put(2);
    let headers = [("content-type", JSON), ("if-match", &etag(&first))];
    let second = send(&server, (method, &at), &headers, &body).await;
    assert_eq!(
        (second.status, second.json()["version"].clone()),
        (200, json!(2))
    );
    for method in [Method::PUT, Method::DELETE] {
        let answer = send(&server, (method, &path), &headers, &named(3).to_string()).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (412, "HTTP_PRECONDITION")
        );
        let told = answer.json();
        assert_eq!(told["etag"], etag(&second), "{told}");
        assert_eq!(told["diff_from"], 1);
        assert_eq!(
            told["diff"],
            json!([{ "op": "replace", "path": "/name", "value": "v2" }])
        );
    }
    // The difference leads from what the writer had to what is there.
    let diff = json!([{ "op": "replace", "path": "/name", "value": "v2" }]).to_string();
    let copy = format!("/v1/graphs/{}", server.keep(A, &named(1)).await);
    let headers = [("content-type", PATCH), ("if-match", "*")];
    let copy = send(&server, (Method::PATCH, &copy), &headers, &diff).await;
    let hash = |answer: &Answer| etag(answer).split('.').next().map(str::to_owned);
    assert_eq!(hash(&copy), hash(&second));
    // A tag that is none of ours, and weak ones, mean nothing that is there.
    for tag in ["\"sha256:0\"", &format!("W/{}", etag(&second)), "\"\""] {
        let headers = [("content-type", JSON), ("if-match", tag)];
        let answer = send(
            &server,
            (Method::PUT, &path),
            &headers,
            &named(3).to_string(),
        )
        .await;
        assert_eq!(answer.status, 412, "{tag}");
        assert_eq!(answer.json().get("diff"), None, "{tag}");
    }
    for (headers, status) in [
        (vec![], 428),
        (vec![("if-match", "v1")], 400),
        (vec![("if-none-match", "\"x\"")], 400),
        (vec![("if-none-match", "*")], 412),
        (vec![("if-match", "*"), ("if-none-match", "*")], 400),
    ] {
        let mut headers = headers.clone();
        headers.push(("content-type", JSON));
        let answer = send(
            &server,
            (Method::PUT, &path),
            &headers,
            &named(3).to_string(),
        )
        .await;
        assert_eq!(answer.status, status, "{headers:?} {}", answer.text);
    }
    // Tags are no part of the document: who did not see them writes all the same, and loses none.
    let tags = json!({ "tags": ["x"] });
    let tagged = send(
        &server,
        (Method::PUT, &format!("{path}/tags")),
        &[("content-type", JSON)],
        &tags.to_string(),
    )
    .await;
    assert_ne!(etag(&tagged), etag(&second));
    let headers = [("content-type", JSON), ("if-match", &etag(&second))];
    let third = send(
        &server,
        (Method::PUT, &path),
        &headers,
        &named(3).to_string(),
    )
    .await;
    assert_eq!((third.status, &third.json()["tags"]), (200, &json!(["x"])));
    server.stop().await;
}

/// 76. Of writers that all saw the same version one wins, and what takes any version loses nothing.
#[tokio::test]
async fn of_two_writers_one_wins() {
    let folder = Folder::new();
    let records = SqliteRecords::open(folder.path().join("server.db")).expect("it opens");
    let app = App::builder(engine()).records(Arc::new(records));
    let server = Server::with(app.store(Arc::new(MemoryStore::default()))).await;
    let path = format!("/v1/graphs/{}", server.keep(A, &named(0)).await);
    let tag = etag(&server.get(&path, A).await);
    let headers = [("content-type", JSON), ("if-match", tag.as_str())];
    let mut writes = tokio::task::JoinSet::new();
    for n in 1..=8 {
        let request = server.ask(Method::PUT, &path, A).body(named(n).to_string());
        let request = headers
            .iter()
            .fold(request, |r, (name, value)| r.header(*name, *value));
        writes.spawn(Answer::of(request));
    }
    let statuses = writes
        .join_all()
        .await
        .into_iter()
        .map(|answer| answer.status);
    let mut statuses: Vec<u16> = statuses.collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(server.get(&path, A).await.json()["version"], 2);

    let mut writes = tokio::task::JoinSet::new();
    for n in 0..8 {
        let request = server.ask(Method::PATCH, &path, A).header("if-match", "*");
        let request = request.header("content-type", MERGE);
        writes.spawn(Answer::of(request.body(format!(r#"{{"x-{n}":{n}}}"#))));
    }
    for answer in writes.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let now = server.get(&path, A).await.json();
    for n in 0..8 {
        assert_eq!(now["graph"][format!("x-{n}")], n, "{now}");
    }
    assert_eq!(now["version"], 10);

    let mut writes = tokio::task::JoinSet::new();
    for n in 0..8 {
        let request = server.ask(Method::PUT, "/v1/graphs/chosen", A);
        let request = request
            .header("if-none-match", "*")
            .header("content-type", JSON);
        writes.spawn(Answer::of(request.body(named(n).to_string())));
    }
    let statuses = writes
        .join_all()
        .await
        .into_iter()
        .map(|answer| answer.status);
    assert_eq!(statuses.filter(|status| *status == 201).count(), 1);
    server.stop().await;
}

/// The same request with the same key makes one graph, also where it comes twice at once.
#[tokio::test]
async fn a_key_makes_one_graph() {
    let server = Server::start().await;
    let create = |n: usize| {
        let request = server.ask(Method::POST, "/v1/graphs", A);
        let request = request
            .header("idempotency-key", "k")
            .header("content-type", JSON);
        Answer::of(request.body(named(n).to_string()))
    };
    let answers = tokio::join!(create(1), create(1), create(1));
    let answers = [answers.0, answers.1, answers.2];
    let id = answers[0].json()["id"].clone();
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.json()["id"]),
            (201, &id),
            "{}",
            answer.text
        );
    }
    let replayed = |answer: &&Answer| answer.header("idempotency-replayed") == "true";
    assert_eq!(answers.iter().filter(replayed).count(), 2);
    let other = create(2).await;
    assert_eq!(
        (other.status, other.problem().as_str()),
        (422, "HTTP_IDEMPOTENCY")
    );
    let listed = server.get("/v1/graphs", A).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    // What is refused uses up no key.
    let wrong = server
        .ask(Method::POST, "/v1/graphs", A)
        .header("idempotency-key", "l");
    let wrong = Answer::of(wrong.header("content-type", JSON).body("{}")).await;
    assert_eq!(wrong.status, 422);
    let right = server
        .ask(Method::POST, "/v1/graphs", A)
        .header("idempotency-key", "l");
    let right = right
        .header("content-type", JSON)
        .body(named(3).to_string());
    assert_eq!(Answer::of(right).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn versions_are_told_and_the_oldest_are_forgotten() {
    let mut quotas = Quotas::default();
    quotas.max_versions = 3;
    let server = Server::with(App::builder(engine()).quotas(quotas)).await;
    let id = server.keep(A, &named(1)).await;
    let path = format!("/v1/graphs/{id}");
    for n in 2..=5 {
        let headers = [("content-type", JSON), ("if-match", "*")];
        let answer = send(
            &server,
            (Method::PUT, &path),
            &headers,
            &named(n).to_string(),
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let page = server
        .get(&format!("{path}/versions?limit=2"), A)
        .await
        .json();
    let numbers = |page: &Value| -> Vec<Value> {
        let items = page["items"].as_array().expect("a list");
        assert!(items.iter().all(|item| item.get("graph").is_none()));
        items.iter().map(|item| item["version"].clone()).collect()
    };
    assert_eq!(numbers(&page), [5, 4]);
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let page = server
        .get(&format!("{path}/versions?limit=2&cursor={cursor}"), A)
        .await
        .json();
    assert_eq!(
        (numbers(&page), &page["next_cursor"]),
        (vec![json!(3)], &Value::Null)
    );
    let version = server.get(&format!("{path}/versions/4"), A).await;
    assert_eq!(version.json()["graph"], named(4));
    let headers = [("if-none-match", version.header("etag"))];
    let known = send(
        &server,
        (Method::GET, &format!("{path}/versions/4")),
        &headers,
        "",
    )
    .await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    for gone in ["0", "1", "2", "6", "x", "-1", "18446744073709551616"] {
        let answer = server.get(&format!("{path}/versions/{gone}"), A).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "HTTP_NOT_FOUND"),
            "{gone}"
        );
    }
    let old = server
        .post(&format!("{path}/runs"), A, &json!({ "version": 2 }))
        .await;
    assert_eq!(old.status, 404);
    assert!(
        old.json()["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("latest 3")),
        "{}",
        old.text
    );
    let kept = server
        .post(
            &format!("{path}/runs?wait_ms=60000"),
            A,
            &json!({ "version": 3 }),
        )
        .await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    server.stop().await;
}

#[tokio::test]
async fn a_tenant_has_so_many_graphs_and_presets() {
    let mut quotas = Quotas::default();
    (quotas.max_graphs, quotas.max_presets) = (2, 1);
    let server = Server::with(App::builder(engine()).quotas(quotas)).await;
    let graph = server.keep(A, &named(1)).await;
    server.keep(A, &named(2)).await;
    let full = server.post("/v1/graphs", A, &named(3)).await;
    assert_eq!(
        (full.status, full.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    let headers = [("content-type", JSON), ("if-none-match", "*")];
    let full = send(
        &server,
        (Method::PUT, "/v1/graphs/third"),
        &headers,
        &named(3).to_string(),
    )
    .await;
    assert_eq!(full.problem(), "HTTP_TOO_MANY");
    let headers = [("content-type", JSON), ("if-match", "*")];
    let changed = send(
        &server,
        (Method::PUT, &format!("/v1/graphs/{graph}")),
        &headers,
        &named(3).to_string(),
    )
    .await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    server.keep(B, &named(1)).await;
    let preset = json!({ "name": "p", "graph_id": graph });
    assert_eq!(server.post("/v1/presets", A, &preset).await.status, 201);
    assert_eq!(
        server.post("/v1/presets", A, &preset).await.problem(),
        "HTTP_TOO_MANY"
    );
    server.stop().await;
}

#[tokio::test]
async fn graphs_are_found_by_words_and_tags() {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for (name, tags) in [
        ("Blue whale", vec!["Sea", "big"]),
        ("blue bird", vec!["air"]),
        ("red fish", vec!["sea"]),
    ] {
        let mut graph = greet();
        graph["name"] = json!(name);
        let id = server.keep(A, &graph).await;
        let body = json!({ "tags": tags }).to_string();
        let tagged = send(
            &server,
            (Method::PUT, &format!("/v1/graphs/{id}/tags")),
            &[("content-type", JSON)],
            &body,
        )
        .await;
        assert_eq!(tagged.status, 200, "{}", tagged.text);
        ids.push(id);
    }
    let found = async |query: &str| -> Vec<usize> {
        let listed = server.get(&format!("/v1/graphs?{query}"), A).await;
        assert_eq!(listed.status, 200, "{query} {}", listed.text);
        let listed = listed.json();
        let at = |item: &Value| ids.iter().position(|id| item["id"] == *id).expect("ours");
        listed["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(at)
            .collect()
    };
    assert_eq!(found("q=blue").await, [1, 0]);
    assert_eq!(found("q=WHALE%20blue").await, [0]);
    assert_eq!(found("q=big").await, [0]);
    assert_eq!(found("tag=sea").await, [2, 0]);
    assert_eq!(found("tag=se").await, [0; 0]);
    assert_eq!(found("tag=sea&q=fish").await, [2]);
    assert_eq!(found("q=").await, [2, 1, 0]);
    let tags = server.get("/v1/tags", A).await.json();
    let counted = |tag: &str| json!({ "tag": tag, "graphs": 1 });
    assert_eq!(
        tags["items"],
        json!([
            counted("Sea"),
            counted("air"),
            counted("big"),
            counted("sea")
        ])
    );
    let page = server.get("/v1/tags?limit=3", A).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let rest = server
        .get(&format!("/v1/tags?limit=3&cursor={cursor}"), A)
        .await
        .json();
    assert_eq!(rest["items"], json!([counted("sea")]));
    assert_eq!(server.get("/v1/tags", B).await.json()["items"], json!([]));
    for junk in [
        "/v1/graphs?name=x",
        "/v1/graphs?limit=0",
        "/v1/tags?q=x",
        "/v1/graphs?cursor=x",
    ] {
        assert_eq!(server.get(junk, A).await.status, 400, "{junk}");
    }
    server.stop().await;
}

/// 63. Another tenant's graph is not there, whatever is done to it.
#[tokio::test]
async fn graphs_of_another_are_not_there() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let preset = json!({ "name": "p", "graph_id": graph });
    let preset = server.post("/v1/presets", A, &preset).await.json();
    let preset = preset["id"].as_str().expect("an id");
    let (graph, preset) = (
        format!("/v1/graphs/{graph}"),
        format!("/v1/presets/{preset}"),
    );
    let body = greet().to_string();
    let theirs = json!({ "name": "p", "graph_id": graph.rsplit('/').next() });
    let cases = [
        (Method::GET, graph.clone(), "", JSON),
        (Method::PUT, graph.clone(), body.as_str(), JSON),
        (Method::PATCH, graph.clone(), "{}", MERGE),
        (Method::DELETE, graph.clone(), "", JSON),
        (Method::GET, format!("{graph}/versions"), "", JSON),
        (Method::GET, format!("{graph}/versions/1"), "", JSON),
        (Method::PUT, format!("{graph}/tags"), r#"{"tags":[]}"#, JSON),
        (Method::POST, format!("{graph}/runs"), "{}", JSON),
        (Method::GET, preset.clone(), "", JSON),
        (Method::PUT, preset.clone(), &theirs.to_string(), JSON),
        (Method::PATCH, preset.clone(), "{}", MERGE),
        (Method::DELETE, preset.clone(), "", JSON),
        (Method::POST, format!("{preset}/runs"), "{}", JSON),
    ]
    .map(|(method, path, body, media)| (method, path, body.to_owned(), media));
    for (method, path, body, media) in cases {
        let request = server.ask(method.clone(), &path, B).header("if-match", "*");
        let request = request.header("content-type", media).body(body);
        let answer = Answer::of(request).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "HTTP_NOT_FOUND"),
            "{method} {path}"
        );
    }
    // A graph of another is none that a preset could name, and its id is free.
    let answer = server.post("/v1/presets", B, &theirs).await;
    assert_eq!(
        (answer.status, &answer.json()["errors"][0]["pointer"]),
        (422, &json!("/graph_id"))
    );
    for list in ["/v1/graphs?q=greet", "/v1/presets?q=p"] {
        assert_eq!(
            server.get(list, B).await.json()["items"],
            json!([]),
            "{list}"
        );
    }
    let request = server
        .ask(Method::PUT, &graph, B)
        .header("if-none-match", "*");
    let request = request
        .header("content-type", JSON)
        .body(named(7).to_string());
    assert_eq!(Answer::of(request).await.status, 201);
    assert_eq!(server.get(&graph, A).await.json()["name"], "greet");
    server.stop().await;
}

#[tokio::test]
async fn documents_are_looked_at_and_nothing_is_kept() {
    let server = Server::start().await;
    let check = async |document: &Value| server.post("/v1/graphs:validate", A, document).await;
    let good = check(&greet()).await;
    assert_eq!(
        (good.status, good.json()),
        (200, json!({ "valid": true, "faults": [], "advice": [] }))
    );
    let bad = check(&json!({ "format": 1, "nodes": { "a": { "block": "no.such" } } })).await;
    let told = bad.json();
    assert_eq!((bad.status, &told["valid"]), (200, &json!(false)));
    assert_eq!(told["faults"][0]["code"], "GRAPH_UNKNOWN_BLOCK", "{told}");
    assert!(told["faults"][0]["line"].is_u64(), "{told}");
    let plan = server.post("/v1/graphs:plan", A, &greet()).await;
    let told = plan.json();
    assert_eq!((plan.status, &told["name"]), (200, &json!("greet")));
    assert_eq!(told["inputs"][0]["name"], "who");
    assert_eq!(told["nodes"].as_array().map(Vec::len), Some(3));
    let bad = server
        .post("/v1/graphs:plan", A, &json!({ "format": 2 }))
        .await;
    assert_eq!(
        (bad.status, bad.problem().as_str()),
        (422, "GRAPH_FORMAT"),
        "{}",
        bad.text
    );
    for list in ["/v1/graphs", "/v1/runs"] {
        assert_eq!(
            server.get(list, A).await.json()["items"],
            json!([]),
            "{list}"
        );
    }
    server.stop().await;
}

/// What a step of the model does to a graph.
#[derive(Debug, Clone)]
enum Do {
    Put(usize),
    Merge(usize),
    Patch(usize),
    Delete,
    Tag(usize),
}

/// What a step takes the graph to be.
#[derive(Debug, Clone)]
enum Takes {
    Nothing,
    Any,
    Absent,
    /// One of the versions seen so far, and whether the tag is sent whole or only the hash.
    Seen(usize, bool),
    Weak(usize),
    Unknown,
}

fn steps() -> impl Strategy<Value = Vec<(Do, Takes)>> {
    let what = prop_oneof![
        3 => (0_usize..4).prop_map(Do::Put),
        2 => (0_usize..4).prop_map(Do::Merge),
        2 => (0_usize..4).prop_map(Do::Patch),
        1 => Just(Do::Delete),
        1 => (0_usize..3).prop_map(Do::Tag),
    ];
    let takes = prop_oneof![
        1 => Just(Takes::Nothing),
        3 => Just(Takes::Any),
        3 => Just(Takes::Absent),
        5 => (0_usize..8, any::<bool>()).prop_map(|(n, whole)| Takes::Seen(n, whole)),
        1 => (0_usize..8).prop_map(Takes::Weak),
        1 => Just(Takes::Unknown),
    ];
    proptest::collection::vec((what, takes), 1..14)
}

/// A graph as the model has it.
#[derive(Debug, Clone, Default)]
struct Model {
    /// The content and the version.
    now: Option<(usize, u64)>,
    /// The entity tags of contents.
    seen: Vec<(usize, String)>,
}

impl Model {
    /// Returns the status that a step is answered with.
    fn step(&mut self, what: &Do, takes: &Takes) -> u16 {
        if let Do::Tag(_) = what {
            return if self.now.is_some() { 200 } else { 404 };
        }
        let seen = |n: &usize| self.seen.get(n % self.seen.len().max(1));
        let fits = match takes {
            Takes::Nothing => return 428,
            Takes::Absent if !matches!(what, Do::Put(_)) => return 400,
            Takes::Absent if self.now.is_some() => return 412,
            Takes::Absent => true,
            _ if self.now.is_none() => return 404,
            Takes::Any => true,
            Takes::Seen(n, _) => seen(n).map(|(content, _)| *content) == self.now.map(|now| now.0),
            Takes::Weak(_) | Takes::Unknown => false,
        };
        if !fits {
            return 412;
        }
        match what {
            Do::Delete => {
                self.now = None;
                204
            }
            Do::Put(n) | Do::Merge(n) | Do::Patch(n) => {
                let made = self.now.is_none();
                self.now = Some(match self.now {
                    Some((content, version)) if content == *n => (content, version),
                    Some((_, version)) => (*n, version + 1),
                    None => (*n, 1),
                });
                if made { 201 } else { 200 }
            }
            Do::Tag(_) => 200,
        }
    }
}

async fn hold(server: &Server, path: &str, steps: &[(Do, Takes)]) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    for (what, takes) in steps {
        let seen = |n: &usize| model.seen.get(n % model.seen.len().max(1));
        let tag =
            |n: &usize| seen(n).map_or_else(|| "\"sha256:none\"".into(), |(_, tag)| tag.clone());
        let hash = |tag: String| match tag.split_once('.') {
            Some((hash, _)) => format!("{hash}\""),
            None => tag,
        };
        let precondition = match takes {
            Takes::Nothing => None,
            Takes::Any => Some(("if-match", "*".to_owned())),
            Takes::Absent => Some(("if-none-match", "*".to_owned())),
            Takes::Seen(n, true) => Some(("if-match", tag(n))),
            Takes::Seen(n, false) => Some(("if-match", hash(tag(n)))),
            Takes::Weak(n) => Some(("if-match", format!("W/{}", tag(n)))),
            Takes::Unknown => Some(("if-match", "\"sha256:0.1\"".to_owned())),
        };
        let (method, at, media, body) = match what {
            Do::Put(n) => (Method::PUT, path.to_owned(), JSON, named(*n).to_string()),
            Do::Merge(n) => (
                Method::PATCH,
                path.to_owned(),
                MERGE,
                json!({ "name": format!("v{n}") }).to_string(),
            ),
            Do::Patch(n) => {
                let patch = json!([{ "op": "replace", "path": "/name", "value": format!("v{n}") }]);
                (Method::PATCH, path.to_owned(), PATCH, patch.to_string())
            }
            Do::Delete => (Method::DELETE, path.to_owned(), JSON, String::new()),
            Do::Tag(n) => (
                Method::PUT,
                format!("{path}/tags"),
                JSON,
                json!({ "tags": [format!("t{n}")] }).to_string(),
            ),
        };
        let mut headers = vec![("content-type", media)];
        headers.extend(
            precondition
                .as_ref()
                .map(|(name, value)| (*name, value.as_str())),
        );
        let answer = send(server, (method, &at), &headers, &body).await;
        let expected = model.step(what, takes);
        prop_assert_eq!(
            answer.status,
            expected,
            "{:?} {:?}: {}",
            what,
            takes,
            answer.text
        );
        let shown = server.get(path, A).await;
        match model.now {
            None => prop_assert_eq!(shown.status, 404),
            Some((content, version)) => {
                let told = shown.json();
                prop_assert_eq!(&told["graph"], &named(content));
                prop_assert_eq!(&told["version"], version);
                let pair = (content, etag(&shown));
                if !model.seen.contains(&pair) {
                    model.seen.push(pair);
                }
            }
        }
    }
    Ok(())
}

/// Whatever is written under whatever precondition, the graph is as the model has it.
#[test]
fn any_writes_agree_with_a_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let server = runtime.block_on(Server::start());
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let next = std::cell::Cell::new(0);
    let held = TestRunner::new(config).run(&steps(), |steps| {
        next.set(next.get() + 1);
        let path = format!("/v1/graphs/model-{}", next.get());
        runtime.block_on(hold(&server, &path, &steps))
    });
    runtime.block_on(server.stop());
    held.expect("it agrees");
}
