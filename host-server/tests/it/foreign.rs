//! 63. What belongs to another tenant is answered exactly as what never was: by its id, in bodies, and in filters of lists.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{beside, kept};
use crate::faulty::Faulty;
use crate::harness::{A, Answer, B, Folder, Server, greet, json as body};
use crate::held::Held;
use crate::timed::until;

const JSON: &str = "application/json";
const MERGE: &str = "application/merge-patch+json";

/// What the tenant `a` has, one of everything, and for each an id of the same form that nobody has.
struct Kept(Vec<(&'static str, String, String)>);

impl Kept {
    async fn of(server: &Server) -> Self {
        let graph = server.keep(A, &greet()).await;
        let callback = json!({ "url": "https://callbacks.invalid/" });
        let run = server
            .run(A, &graph, &json!({ "callback": callback }))
            .await;
        let mut all = vec![("graph", graph.clone()), ("run", text(&run, "run_id"))];
        for (kind, path, sent) in [
            (
                "preset",
                "/v1/presets",
                json!({ "name": "p", "graph_id": graph }),
            ),
            (
                "schedule",
                "/v1/schedules",
                json!({ "name": "s", "target": { "graph_id": graph }, "cron": "0 0 1 1 *" }),
            ),
            (
                "webhook",
                "/v1/webhooks",
                json!({
                    "name": "w", "target": { "graph_id": graph }, "payload_to": { "input": "who" },
                    "provider": { "kind": "github" }
                }),
            ),
            (
                "key",
                "/v1/keys",
                json!({ "name": "k", "scopes": ["runs:read"] }),
            ),
        ] {
            let made = server.post(path, A, &sent).await;
            assert_eq!(made.status, 201, "{path}: {}", made.text);
            all.push((kind, text(&made.json(), "id")));
        }
        let file = server.ask(Method::POST, "/v1/files?name=f.txt", A);
        let file = Answer::of(file.header("content-type", "text/plain").body("abc")).await;
        all.push(("file", text(&file.json(), "id")));
        let secret = json!({ "kind": "api_key", "provider": "openai", "secret": "of a" });
        let made = body(server.ask(Method::PUT, "/v1/credentials/mine", A), &secret);
        assert_eq!(Answer::of(made).await.status, 201);
        all.push(("credential", "mine".to_owned()));
        let delivery = until("a delivery", async || {
            let listed = server.get("/v1/deliveries", A).await.json();
            listed["items"].get(0).map(|first| text(first, "id"))
        });
        all.push(("delivery", delivery.await));
        let nobodys = |id: &str| {
            let last = if id.ends_with('0') { "1" } else { "0" };
            format!("{}{last}", &id[..id.len() - 1])
        };
        let all = all.into_iter().map(|(kind, id)| {
            let other = nobodys(&id);
            (kind, id, other)
        });
        Self(all.collect())
    }

    /// Names what is kept in a text, `{graph}` for the graph, or what nobody has.
    fn named(&self, text: &str, foreign: bool) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (kind, id, other)| {
                text.replace(&format!("{{{kind}}}"), if foreign { id } else { other })
            })
    }

    /// Takes the names out of a text.
    fn unnamed(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (kind, id, other)| {
                text.replace(id, kind).replace(other, kind)
            })
    }
}

fn text(value: &Value, member: &str) -> String {
    let text = value[member].as_str();
    text.unwrap_or_else(|| panic!("{member} in {value}"))
        .to_owned()
}

/// By id, and in bodies: the status, the names of the headers and the problem are the same, whether it is another's or nobody's.
#[tokio::test]
async fn what_is_anothers_is_as_what_never_was() {
    let folder = Folder::new();
    let server = kept(&folder).await;
    let kept = Kept::of(&server).await;
    let (get, put, patch) = (Method::GET, Method::PUT, Method::PATCH);
    let (post, delete) = (Method::POST, Method::DELETE);
    let graph = greet().to_string();
    let reuse = json!({ "graph": greet(), "reuse": "{run}", "from": "out" }).to_string();
    let hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let artifact = format!("/v1/runs/{{run}}/artifacts/{hash}");
    let preset = json!({ "name": "p", "graph_id": "{graph}" }).to_string();
    let target = json!({ "graph_id": "{graph}" });
    let schedule = json!({ "name": "s", "target": target, "cron": "0 0 1 1 *" }).to_string();
    let by_preset =
        json!({ "name": "s", "target": { "preset_id": "{preset}" }, "cron": "0 0 1 1 *" });
    let by_preset = by_preset.to_string();
    let webhook =
        json!({ "name": "w", "target": target, "provider": { "kind": "github" } }).to_string();
    let answer = r#"{"node":"ask","value":true}"#;
    let cases = [
        (&get, "/v1/graphs/{graph}", "", JSON, 404),
        (&put, "/v1/graphs/{graph}", &*graph, JSON, 404),
        (&patch, "/v1/graphs/{graph}", "{}", MERGE, 404),
        (&delete, "/v1/graphs/{graph}", "", JSON, 404),
        (&get, "/v1/graphs/{graph}/versions", "", JSON, 404),
        (&get, "/v1/graphs/{graph}/versions/1", "", JSON, 404),
        (&put, "/v1/graphs/{graph}/tags", r#"{"tags":[]}"#, JSON, 404),
        (&post, "/v1/graphs/{graph}/runs", "{}", JSON, 404),
        (&get, "/v1/presets/{preset}", "", JSON, 404),
        (&patch, "/v1/presets/{preset}", "{}", MERGE, 404),
        (&delete, "/v1/presets/{preset}", "", JSON, 404),
        (&post, "/v1/presets/{preset}/runs", "{}", JSON, 404),
        (&get, "/v1/runs/{run}", "", JSON, 404),
        (&get, "/v1/runs/{run}?at=0", "", JSON, 404),
        (&get, "/v1/runs/{run}/events", "", JSON, 404),
        (&get, "/v1/runs/{run}/export", "", JSON, 404),
        (&get, "/v1/runs/{run}/why?of=out", "", JSON, 404),
        (&get, "/v1/runs/{run}/diff/{run}", "", JSON, 404),
        (&get, "/v1/runs/{run}/artifacts", "", JSON, 404),
        (&get, &*artifact, "", JSON, 404),
        (&post, "/v1/runs/{run}/cancel", "{}", JSON, 404),
        (&post, "/v1/runs/{run}/resume", "{}", JSON, 404),
        (&post, "/v1/runs/{run}/answers", answer, JSON, 404),
        (&delete, "/v1/runs/{run}", "", JSON, 404),
        (&post, "/v1/runs", &*reuse, JSON, 404),
        (&get, "/v1/files/{file}", "", JSON, 404),
        (&delete, "/v1/files/{file}", "", JSON, 404),
        (&get, "/v1/schedules/{schedule}", "", JSON, 404),
        (&get, "/v1/schedules/{schedule}/next", "", JSON, 404),
        (&patch, "/v1/schedules/{schedule}", "{}", MERGE, 404),
        (&delete, "/v1/schedules/{schedule}", "", JSON, 404),
        (&get, "/v1/credentials/{credential}", "", JSON, 404),
        (&delete, "/v1/credentials/{credential}", "", JSON, 404),
        (&get, "/v1/webhooks/{webhook}", "", JSON, 404),
        (&get, "/v1/webhooks/{webhook}/deliveries", "", JSON, 404),
        (&patch, "/v1/webhooks/{webhook}", "{}", MERGE, 404),
        (&post, "/v1/webhooks/{webhook}/rotate", "{}", JSON, 404),
        (
            &post,
            "/v1/webhooks/{webhook}/trial",
            r#"{"payload":{}}"#,
            JSON,
            404,
        ),
        (&delete, "/v1/webhooks/{webhook}", "", JSON, 404),
        (&get, "/v1/deliveries/{delivery}", "", JSON, 404),
        (&post, "/v1/deliveries/{delivery}/retry", "{}", JSON, 404),
        (&get, "/v1/keys/{key}", "", JSON, 404),
        (&delete, "/v1/keys/{key}", "", JSON, 404),
        (&post, "/v1/presets", &*preset, JSON, 422),
        (&post, "/v1/schedules", &*schedule, JSON, 422),
        (&post, "/v1/schedules", &*by_preset, JSON, 422),
        (&post, "/v1/webhooks", &*webhook, JSON, 422),
    ];
    for (method, path, sent, media, status) in cases {
        let ask = async |foreign: bool| {
            let request = server.ask(method.clone(), &kept.named(path, foreign), B);
            let request = request
                .header("if-match", "*")
                .header("content-type", media);
            let answer = Answer::of(request.body(kept.named(sent, foreign))).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
            answer.problem();
            let mut problem = answer.json();
            problem["trace_id"] = Value::Null;
            let headers = answer.headers.keys().map(ToString::to_string);
            (
                headers.collect::<Vec<_>>(),
                kept.unnamed(&problem.to_string()),
            )
        };
        assert_eq!(ask(true).await, ask(false).await, "{method} {path}");
    }
    // Nothing of it was touched.
    for (method, path, ..) in &cases {
        if **method == Method::GET && !path.contains("why") && !path.contains("artifacts/") {
            let path = kept.named(path, true);
            let found = server.get(&path, A).await;
            assert_eq!(found.status, 200, "{path}: {}", found.text);
        }
    }
    server.stop().await;
}

/// In filters of lists it finds nothing, and does find it for whoever has it.
#[tokio::test]
async fn filters_find_nothing_of_another() {
    let folder = Folder::new();
    let server = kept(&folder).await;
    let kept = Kept::of(&server).await;
    for list in [
        "/v1/runs?graph={graph}",
        "/v1/presets?graph={graph}",
        "/v1/schedules?target={graph}",
        "/v1/webhooks?target={graph}",
        "/v1/deliveries?run={run}",
    ] {
        let items = async |token, foreign| {
            let answer = server.get(&kept.named(list, foreign), token).await;
            assert_eq!(answer.status, 200, "{list}: {}", answer.text);
            answer.json()["items"].as_array().map(Vec::len)
        };
        assert_eq!(items(A, true).await, Some(1), "{list}");
        assert_eq!(items(B, true).await, Some(0), "{list}");
        assert_eq!(items(B, false).await, Some(0), "{list}");
    }
    server.stop().await;
}

/// Nor does the time that it takes tell them apart: the same is looked up for either.
#[tokio::test]
async fn the_same_is_looked_up_as_for_what_never_was() {
    let folder = Folder::new();
    let (store, records) = (Arc::new(Held::open()), Arc::new(Faulty::sound()));
    let app = beside(&folder).store(Arc::clone(&store) as _);
    let server = Server::with(app.records(Arc::clone(&records) as _)).await;
    let kept = Kept::of(&server).await;
    // Credentials are in a folder of each tenant's own: nobody looks into another's.
    for path in [
        "/v1/graphs/{graph}",
        "/v1/graphs/{graph}/versions",
        "/v1/runs/{run}",
        "/v1/runs/{run}/events",
        "/v1/runs/{run}/artifacts",
        "/v1/presets/{preset}",
        "/v1/files/{file}",
        "/v1/schedules/{schedule}",
        "/v1/webhooks/{webhook}",
        "/v1/deliveries/{delivery}",
        "/v1/keys/{key}",
    ] {
        let looks = async |foreign: bool| {
            let take = || {
                let in_store = std::mem::take(&mut *store.looks.lock().expect("no panic"));
                (in_store, records.take_looks())
            };
            take();
            let answer = server.get(&kept.named(path, foreign), B).await;
            assert_eq!(answer.status, 404, "{path}");
            take()
        };
        let (foreign, nobodys) = (looks(true).await, looks(false).await);
        assert_eq!(foreign, nobodys, "{path}");
        assert!(!foreign.0.is_empty() || !foreign.1.is_empty(), "{path}");
    }
    server.stop().await;
}
