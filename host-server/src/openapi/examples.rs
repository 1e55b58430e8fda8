//! Bodies to begin with: each does something when it is sent as it is, where there is a graph `greet`.

use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

/// Adds an example to the body of an operation that has one here.
pub(super) fn add(operation: &mut Operation, method: &str, path: &str) {
    if method == "PATCH" {
        return add_to_patch(operation);
    }
    let Some(example) = example(method, path) else {
        return;
    };
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    if let Some(RefOr::T(content)) = body.content.get_mut("application/json") {
        content.example = Some(example);
    }
}

/// Adds an example to each form of a patch: all that can be changed has a name.
fn add_to_patch(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let operations = json!([{ "op": "replace", "path": "/name", "value": "renamed" }]);
    for (media, example) in [
        ("application/json-patch+json", operations),
        ("application/merge-patch+json", json!({ "name": "renamed" })),
    ] {
        if let Some(RefOr::T(content)) = body.content.get_mut(media) {
            content.example = Some(example);
        }
    }
}

fn example(method: &str, path: &str) -> Option<Value> {
    Some(match (method, path) {
        ("POST", "/v1/graphs" | "/v1/graphs:validate" | "/v1/graphs:plan")
        | ("PUT", "/v1/graphs/{graph}") => greet(),
        ("POST", "/v1/graphs/{graph}/runs") => json!({ "inputs": { "who": "Ada" } }),
        ("POST", "/v1/runs") => json!({ "graph": greet(), "inputs": { "who": "Ada" } }),
        ("POST", "/v1/presets/{preset}/runs") => json!({ "inputs": { "who": "Bob" } }),
        ("POST", "/v1/presets") | ("PUT", "/v1/presets/{preset}") => json!({
            "name": "for Ada",
            "graph_id": "greet",
            "run": { "inputs": { "who": "Ada" } }
        }),
        ("POST", "/v1/runs/{run}/answers") => json!({
            "node": "ask",
            "value": { "approved": true, "data": 1 }
        }),
        ("PUT", "/v1/graphs/{graph}/tags") => json!({ "tags": ["demo"] }),
        ("PUT", "/v1/credentials/{name}") => {
            json!({ "kind": "api_key", "provider": "openai", "secret": "the key" })
        }
        ("POST", "/v1/credentials/{name}/authorize") => {
            json!({ "provider": "github", "client": { "id": "the-id-of-the-app" } })
        }
        ("PUT", "/v1/admin/drain") => json!({ "draining": false }),
        ("POST", "/v1/keys") => json!({ "name": "dashboard", "scopes": ["runs:read"] }),
        ("POST", "/v1/schedules") | ("PUT", "/v1/schedules/{schedule}") => json!({
            "name": "every morning",
            "target": { "graph_id": "greet" },
            "inputs": { "who": "Ada" },
            "cron": "30 6 * * MON-FRI",
            "time_zone": "Europe/Paris"
        }),
        ("POST", "/v1/webhooks") | ("PUT", "/v1/webhooks/{webhook}") => json!({
            "name": "pushes",
            "target": { "graph_id": "greet" },
            "provider": { "kind": "github" },
            "events": ["push"],
            "payload_to": { "input": "who" }
        }),
        ("POST", "/v1/webhooks/{webhook}/trial") => {
            json!({ "payload": { "ref": "refs/heads/main" } })
        }
        ("POST", "/v1/webhooks/{webhook}/rotate") => json!({}),
        ("POST", "/hooks/{hook}") => json!({ "who": "Ada" }),
        ("POST", "/v1/blocks/{block}/run") => json!({
            "inputs": { "format": "Hello {{name}}!", "values": { "name": "Ada" } }
        }),
        _ => return None,
    })
}

/// A graph of three nodes.
fn greet() -> Value {
    serde_json::from_str(include_str!("greet.json")).unwrap_or_default()
}
