//! 77. Every list takes the same limits and cursors, and no others.

use std::sync::Arc;

use graphloom::host::SystemClock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::credentials::vault;
use crate::harness::{A, Answer, B, Folder, Server, greet, json as body};
use crate::timed::World;

const DAY: u64 = 86_400;

/// The lists of a tenant that page by a cursor of their own, in each of which [`filled`] leaves two items.
const LISTS: &[&str] = &[
    "/v1/graphs",
    "/v1/runs",
    "/v1/presets",
    "/v1/schedules",
    "/v1/webhooks",
    "/v1/keys",
    "/v1/files",
    "/v1/credentials",
    "/v1/tags",
    "/v1/deliveries",
];

/// A server whose clock the test turns, with two of everything.
async fn filled(world: &World, folder: &Folder) -> Server {
    let vault = vault(folder.path(), Arc::new(SystemClock::default()));
    let server = Server::with(world.app().vault(vault)).await;
    for name in ["one", "two"] {
        let graph = server.keep(A, &greet()).await;
        let tags = json!({ "tags": [name] });
        let tag = server.ask(Method::PUT, &format!("/v1/graphs/{graph}/tags"), A);
        assert_eq!(Answer::of(body(tag, &tags)).await.status, 200);
        let target = json!({ "graph_id": graph });
        let callback = json!({ "url": "https://callbacks.invalid/" });
        server
            .run(A, &graph, &json!({ "callback": callback }))
            .await;
        let hook = json!({
            "name": name, "target": target, "payload_to": { "input": "who" }, "provider": { "kind": "github" }
        });
        for (path, sent) in [
            ("/v1/presets", json!({ "name": name, "graph_id": graph })),
            (
                "/v1/schedules",
                json!({ "name": name, "target": target, "cron": "0 0 1 1 *" }),
            ),
            ("/v1/webhooks", hook),
            ("/v1/keys", json!({ "name": name, "scopes": ["runs:read"] })),
        ] {
            let made = server.post(path, A, &sent).await;
            assert_eq!(made.status, 201, "{path}: {}", made.text);
        }
        let file = server.ask(Method::POST, &format!("/v1/files?name={name}"), A);
        let file = Answer::of(file.header("content-type", "text/plain").body(name)).await;
        assert_eq!(file.status, 201, "{}", file.text);
        let secret = json!({ "kind": "api_key", "provider": "openai", "secret": "of a" });
        let made = server.ask(Method::PUT, &format!("/v1/credentials/{name}"), A);
        assert_eq!(Answer::of(body(made, &secret)).await.status, 201);
    }
    server
}

fn problem(answer: &Answer) -> (u16, String) {
    (answer.status, answer.problem())
}

#[tokio::test]
async fn limits_are_numbers_of_items() {
    let world = World::at("2026-11-21T12:00:30Z");
    let folder = Folder::new();
    let server = filled(&world, &folder).await;
    for list in LISTS {
        for junk in [
            "0",
            "-1",
            "-0",
            "1.5",
            "",
            "x",
            "0x10",
            "1_0",
            "99999999999999999999",
            "1&limit=2",
        ] {
            let answer = server.get(&format!("{list}?limit={junk}"), A).await;
            let expected = (400, "HTTP_PARAMETER".to_owned());
            assert_eq!(problem(&answer), expected, "{list} {junk}");
        }
        // More than a page has is as many as a page has.
        for many in ["200", "201", "1000000000", "1e9"] {
            let answer = server.get(&format!("{list}?limit={many}"), A).await;
            if many == "1e9" {
                assert_eq!(
                    problem(&answer),
                    (400, "HTTP_PARAMETER".to_owned()),
                    "{list}"
                );
                continue;
            }
            assert_eq!(answer.status, 200, "{list} {many}: {}", answer.text);
            let page = answer.json();
            assert_eq!(page["items"].as_array().map(Vec::len), Some(2), "{list}");
            assert_eq!(page["next_cursor"], Value::Null, "{list}");
        }
    }
    server.stop().await;
}

/// A page has so many items however many are asked for.
#[tokio::test]
async fn a_page_has_no_more_than_a_page_may() {
    let server = Server::start().await;
    for at in 0..201 {
        let mut graph = greet();
        graph["name"] = json!(format!("g{at}"));
        server.keep(A, &graph).await;
    }
    let page = server.get("/v1/graphs?limit=1000000000", A).await;
    let page = page.json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(200));
    assert!(page["next_cursor"].is_string());
    server.stop().await;
}

#[tokio::test]
async fn cursors_are_of_their_list_their_tenant_and_their_day() {
    let world = World::at("2026-11-21T12:00:30Z");
    let folder = Folder::new();
    let server = filled(&world, &folder).await;
    let mut cursors = Vec::new();
    for list in LISTS {
        let page = server.get(&format!("{list}?limit=1"), A).await.json();
        let cursor = page["next_cursor"].as_str();
        let cursor = cursor
            .unwrap_or_else(|| panic!("{list}: {page}"))
            .to_owned();
        let next = server
            .get(&format!("{list}?limit=1&cursor={cursor}"), A)
            .await;
        assert_eq!(next.status, 200, "{list}: {}", next.text);
        let next = next.json();
        assert_eq!(next["items"].as_array().map(Vec::len), Some(1), "{list}");
        assert_ne!(next["items"], page["items"], "{list}");
        cursors.push((list, cursor));
    }
    let refused = async |list: &str, cursor: &str, token: &str, why: &str| {
        let answer = server
            .get(&format!("{list}?limit=1&cursor={cursor}"), token)
            .await;
        assert_eq!(
            problem(&answer),
            (400, "HTTP_CURSOR".to_owned()),
            "{list}: {why}"
        );
    };
    for (at, (list, cursor)) in cursors.iter().enumerate() {
        refused(list, cursor, B, "of another tenant").await;
        refused(
            list,
            &cursors[(at + 1) % cursors.len()].1,
            A,
            "of another list",
        )
        .await;
        let end = if cursor.ends_with('A') { "E" } else { "A" };
        refused(
            list,
            &format!("{}{end}", &cursor[..cursor.len() - 1]),
            A,
            "changed",
        )
        .await;
        let begin = if cursor.starts_with('A') { "B" } else { "A" };
        refused(list, &format!("{begin}{}", &cursor[1..]), A, "changed").await;
        refused(list, &cursor[..cursor.len() / 2], A, "cut off").await;
        refused(list, &format!("{cursor}AAAA"), A, "longer").await;
        refused(list, "", A, "empty").await;
        refused(list, "%00", A, "NUL").await;
        refused(list, &"A".repeat(8_000), A, "large").await;
    }
    world.clock.put(i64::try_from(DAY).expect("small") + 1);
    for (list, cursor) in &cursors {
        refused(list, cursor, A, "of yesterday").await;
    }
    server.stop().await;
}
