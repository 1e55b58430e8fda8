//! The description of the interface and what the server does are the same. What random data finds stands beside it, in
//! `tests/contract`; here is what was found.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::json as with_body;
use crate::harness::{A, Answer, Server, greet};

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

async fn description(server: &Server) -> Value {
    server.get("/openapi.json", A).await.json()
}

/// Returns every operation: method, path and what is said of it.
fn operations(description: &Value) -> Vec<(Method, String, Value)> {
    let paths = description["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let found = METHODS.iter().filter_map(|method| {
            let operation = item.get(method)?.clone();
            let method = method.to_uppercase().parse().expect("a method");
            Some((method, path.clone(), operation))
        });
        found.collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Calls `look` with every value of the description, and where it stands.
fn walk(value: &Value, at: &str, look: &mut impl FnMut(&str, &Value)) {
    look(at, value);
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| walk(value, &format!("{at}/{key}"), look)),
        Value::Array(list) => list
            .iter()
            .for_each(|value| walk(value, &format!("{at}/-"), look)),
        _ => {}
    }
}

/// Whoever asks with `OPTIONS` is told what the description says of the path.
#[tokio::test]
async fn every_path_tells_its_methods() {
    let server = Server::start().await;
    let all = description(&server).await;
    let paths = all["paths"].as_object().expect("paths");
    for (path, item) in paths {
        let place = path.replace(['{', '}'], "");
        let answer = Answer::of(server.ask(Method::OPTIONS, &place, A)).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        let allowed = answer.header("allow").split(',').map(str::trim);
        let mut allowed: Vec<String> = allowed.map(str::to_lowercase).collect();
        allowed.retain(|method| method != "head");
        allowed.sort_unstable();
        let mut described: Vec<&str> = METHODS.to_vec();
        described.retain(|method| item.get(method).is_some());
        described.sort_unstable();
        assert_eq!(allowed, described, "{path}");
    }
    let nothing = Answer::of(server.ask(Method::OPTIONS, "/v1/nothing", A)).await;
    assert_eq!(nothing.status, 404);
    let nobody = Answer::of(server.ask(Method::OPTIONS, "/v1/graphs", "nobody")).await;
    assert_eq!(nobody.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn the_description_is_whole() {
    let server = Server::start().await;
    let all = description(&server).await;
    let mut ids = Vec::new();
    for (method, path, operation) in operations(&all) {
        let what = format!("{method} {path}");
        ids.push(operation["operationId"].as_str().expect("an id").to_owned());
        let responses = operation["responses"].as_object().expect("responses");
        // Where anything may be answered, nothing is said.
        assert!(!responses.contains_key("default"), "{what}");
        // What the layers around all of them answer.
        for status in ["400", "403", "429", "431", "5XX"] {
            assert!(responses.contains_key(status), "{what}: {status}");
        }
        let parameters = operation["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            let name = &parameter["name"];
            let types = &parameter["schema"]["type"];
            assert!(!types.is_array(), "{what} {name}: {types}");
            if parameter["in"] == "path" {
                assert!(path.contains(&format!("{{{}}}", name.as_str().expect("a name"))));
            }
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    walk(&all, "", &mut |at, value| {
        if value["format"] == "int64" {
            let maximum = value["maximum"].as_u64();
            assert!(
                maximum.is_some_and(|it| it <= i64::MAX as u64),
                "{at}: {value}"
            );
        }
        if let Some(place) = value["$ref"].as_str() {
            let place = place.strip_prefix('#').expect("a place here");
            assert!(all.pointer(place).is_some(), "{at}: {place}");
        }
        if let Some(id) = value["operationId"].as_str() {
            assert!(ids.iter().any(|known| known == id), "{at}: {id}");
        }
    });
    server.stop().await;
}

#[tokio::test]
async fn bodies_to_begin_with_do_something() {
    let server = Server::start().await;
    let all = description(&server).await;
    let path = "/v1/graphs/greet";
    let put = with_body(server.ask(Method::PUT, path, A), &greet());
    assert_eq!(
        Answer::of(put.header("if-none-match", "*")).await.status,
        201
    );
    let example = &all["paths"]["/v1/webhooks"]["post"]["requestBody"]["content"];
    let example = &example["application/json"]["example"];
    let put = with_body(server.ask(Method::PUT, "/v1/webhooks/pushes", A), example);
    assert_eq!(
        Answer::of(put.header("if-none-match", "*")).await.status,
        201
    );
    let named = |path: &str| {
        let path = path.replace("{graph}", "greet");
        let path = path.replace("{webhook}", "pushes");
        path.replace("{block}", "text.fill_template")
    };
    let mut begun = 0;
    for (method, path, operation) in operations(&all) {
        let path = named(&path);
        let content = operation["requestBody"]["content"].as_object();
        for (media, form) in content.into_iter().flatten() {
            let Some(example) = form.get("example").filter(|_| !path.contains('{')) else {
                continue;
            };
            // Keys are kept where the server asks for tokens of its own.
            if path.contains("keys") {
                continue;
            }
            let asked = server.ask(method.clone(), &path, A).header("if-match", "*");
            let asked = asked
                .header("content-type", media)
                .body(example.to_string());
            let answer = Answer::of(asked).await;
            assert!(
                (200..300).contains(&answer.status),
                "{method} {path}: {}",
                answer.text
            );
            begun += 1;
        }
    }
    assert!(begun >= 15, "{begun}");
    server.stop().await;
}

/// What the patterns of the description say of headers.
#[tokio::test]
async fn headers_are_taken_as_they_are_described() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let path = format!("/v1/graphs/{graph}");
    for (line, status) in [
        ("*", 200),
        ("\"other\"", 412),
        ("W/\"other\"", 412),
        ("\"a,b\", \"c\"", 412),
        ("\"\"", 412),
        ("other", 400),
        ("\"two words\"", 400),
        ("\"open", 400),
        ("*, \"other\"", 400),
        ("", 400),
    ] {
        let asked = server.ask(Method::PATCH, &path, A).header("if-match", line);
        let asked = asked.header("content-type", "application/merge-patch+json");
        let answer = Answer::of(asked.body(json!({ "doc": "changed" }).to_string())).await;
        assert_eq!(answer.status, status, "{line}: {}", answer.text);
    }
    let long = "k".repeat(255);
    for (key, status) in [
        ("k", 202),
        ("a key\twith space", 202),
        (long.as_str(), 202),
        ("", 400),
        (" ", 400),
        ("schl\u{fc}ssel", 400),
        (&format!("{long}k"), 400),
    ] {
        let asked = server.ask(Method::POST, &format!("{path}/runs"), A);
        let asked = with_body(asked, &json!({})).header("idempotency-key", key.as_bytes());
        let answer = Answer::of(asked).await;
        assert_eq!(answer.status, status, "{key:?}: {}", answer.text);
    }
    server.stop().await;
}

#[tokio::test]
async fn numbers_of_events_are_signed_and_looked_at_in_each_form() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let run = server.run(A, &graph, &json!({})).await;
    let path = format!("/v1/runs/{}/events", run["run_id"].as_str().expect("an id"));
    let most = i64::MAX.to_string();
    let more = (i64::MAX as u64 + 1).to_string();
    for media in ["application/json", "application/jsonl", "text/event-stream"] {
        for (number, status) in [
            ("0", 200),
            (&most, 200),
            (&more, 400),
            ("-1", 400),
            ("x", 400),
        ] {
            let asked = server.ask(Method::GET, &path, A).header("accept", media);
            let answer = Answer::of(asked.header("last-event-id", number)).await;
            assert_eq!(answer.status, status, "{media} {number}: {}", answer.text);
            let path = format!("{path}?after={number}");
            let asked = server.ask(Method::GET, &path, A).header("accept", media);
            let answer = Answer::of(asked).await;
            assert_eq!(answer.status, status, "{media} {number}: {}", answer.text);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn numbers_of_a_start_are_within_what_is_described() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let run = format!("/v1/graphs/{graph}/runs");
    let described = description(&server).await;
    for (form, path, name, done) in [
        ("RunStart", run.as_str(), "timeout_ms", 202),
        ("RunStart", &run, "max_parallel", 202),
        ("RunStart", &run, "seed", 202),
        ("BlockRunBody", "/v1/blocks/id.new/run", "timeout_ms", 200),
        ("BlockRunBody", "/v1/blocks/id.new/run", "seed", 200),
    ] {
        let of = &described["components"]["schemas"][form]["properties"][name];
        let least = of["minimum"].as_i64().expect("a minimum");
        let most = of["maximum"].as_u64().expect("a maximum");
        // What no number of JSON is here cannot be read.
        let refused = if most == u64::MAX { 400 } else { 422 };
        for (number, status) in [
            ((least - 1).to_string(), 422),
            (least.to_string(), done),
            (most.to_string(), done),
            ((u128::from(most) + 1).to_string(), refused),
        ] {
            let body = format!("{{\"{name}\":{number}}}");
            let asked = server.ask(Method::POST, path, A);
            let asked = asked.header("content-type", "application/json").body(body);
            let answer = Answer::of(asked).await;
            assert_eq!(answer.status, status, "{name} {number}: {}", answer.text);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn what_may_be_left_out_of_a_start_is_described_so() {
    let server = Server::start().await;
    let graph = server.keep(A, &greet()).await;
    let described = description(&server).await;
    let mut optional = 0;
    for (method, path, operation) in operations(&described) {
        let body = &operation["requestBody"];
        if body["required"] == false {
            assert!(method == Method::POST, "{method} {path}");
            optional += 1;
        }
    }
    assert_eq!(optional, 4);
    let begun = server.ask(Method::POST, &format!("/v1/graphs/{graph}/runs"), A);
    assert_eq!(Answer::of(begun).await.status, 202);
    let ran = server.ask(Method::POST, "/v1/blocks/id.new/run", A);
    let ran = Answer::of(ran).await;
    assert_eq!(ran.status, 200, "{}", ran.text);
    let open = json!({
        "name": "open",
        "target": { "graph_id": graph },
        "provider": { "kind": "unsigned" },
        "payload_to": { "input": "who" }
    });
    let hook = server.post("/v1/webhooks", A, &open).await.json();
    let hook = hook["path"].as_str().expect("a path");
    let called = server.ask(Method::POST, hook, A);
    assert_eq!(Answer::of(called).await.status, 202);
    server.stop().await;
}

#[tokio::test]
async fn any_json_can_be_looked_at() {
    let server = Server::start().await;
    for document in [json!([null, null]), json!("x"), json!({}), json!(1)] {
        let answer = server.post("/v1/graphs:validate", A, &document).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["valid"], false);
    }
    let described = description(&server).await;
    let body = &described["paths"]["/v1/graphs:validate"]["post"]["requestBody"];
    assert!(
        body["content"]["application/json"]["schema"]["type"].is_null(),
        "{body}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_websocket_is_described_by_how_it_is_opened() {
    let server = Server::start().await;
    let described = description(&server).await;
    let responses = &described["paths"]["/v1/ws"]["get"]["responses"];
    assert!(
        responses["101"].is_object() && responses["426"].is_object(),
        "{responses}"
    );
    let answer = server.get("/v1/ws", A).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (426, "HTTP_UPGRADE")
    );
    server.stop().await;
}
