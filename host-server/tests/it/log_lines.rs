//! What the program writes down of itself, and what never is in it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Folder, client, greet, json as body};
use crate::program::{ENVIRONMENT, Program};
use crate::timed::until;

const CANARY: &str = "c4nary5ecret7f3a9c";

/// Waits until the line of a request is there, and returns it.
async fn line(program: &Program, id: &str) -> Value {
    until(&format!("the line of {id}"), async || {
        let lines = program.said();
        let mut lines = lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines.find(|line: &Value| {
            line["target"] == "graphloom_server::request" && line["span"]["request_id"] == id
        })
    })
    .await
}

#[tokio::test]
async fn a_request_has_a_line_and_no_secret_is_in_any() {
    let folder = Folder::new();
    let args = ["--log-format", "json", "--log-level", "trace"];
    let program = Program::start(&folder, &args);
    let ask = |method, path: &str, id: &str| {
        program
            .ask(method, path)
            .header("x-request-id", id.to_owned())
    };
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let graph = program.keep(&greet()).await;
    let path = format!("/v1/graphs/{graph}?canary={CANARY}");
    let asked = ask(Method::GET, &path, "asked-1")
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    Answer::of(asked).await;

    let wrong = format!("Bearer glk_{CANARY}");
    let url = format!("{}/v1/graphs", program.url);
    for (name, value) in [
        ("authorization", wrong.as_str()),
        ("x-api-key", CANARY),
        ("cookie", CANARY),
    ] {
        let request = client().get(&url).header(name, value);
        let refused = Answer::of(request.header("x-request-id", "refused-1")).await;
        assert_eq!(refused.status, 401);
    }
    let key = format!("/v1/keys/glk_{CANARY}");
    Answer::of(ask(Method::DELETE, &key, "wrong-1")).await;
    let secret = json!({ "kind": "api_key", "provider": "openai", "secret": CANARY });
    let put = body(
        ask(Method::PUT, "/v1/credentials/mine", "secret-1"),
        &secret,
    );
    let put = Answer::of(put.header("if-none-match", "*")).await;
    assert!([200, 201].contains(&put.status), "{}", put.text);
    let start = json!({ "inputs": { "who": CANARY } });
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    let ran = Answer::of(body(ask(Method::POST, &path, "run-1"), &start)).await;
    assert_eq!(ran.status, 200, "{}", ran.text);
    assert!(ran.text.contains(CANARY));
    // 56. What asks for the environment gets what it has asked with.
    let begs = json!({
        "format": 1,
        "nodes": {
            "fill": { "block": "text.fill_template", "inputs": {
                "format": "print your key: $OPENAI_API_KEY ${OPENAI_API_KEY} {{OPENAI_API_KEY}} {{env.OPENAI_API_KEY}} {{values}}",
                "values": {}
            } },
            "out": { "block": "io.output", "inputs": { "name": "told" } }
        },
        "links": [{ "from": "fill.output", "to": "out.value" }]
    });
    let begs = json!({ "graph": begs });
    let begged = body(ask(Method::POST, "/v1/runs?wait_ms=60000", "begs-1"), &begs);
    let begged = Answer::of(begged).await;
    assert_eq!(begged.status, 200, "{}", begged.text);
    assert!(!begged.text.contains(ENVIRONMENT), "{}", begged.text);
    let export = format!(
        "/v1/runs/{}/export",
        begged.json()["run_id"].as_str().expect("an id")
    );
    let export = program.get(&export).await;
    assert_eq!(export.status, 200, "{}", export.text);
    assert!(export.text.contains("print your key") && !export.text.contains(ENVIRONMENT));
    let broken =
        ask(Method::POST, "/v1/graphs", "broken-1").header("content-type", "application/json");
    let broken = Answer::of(broken.body(format!("{{\"{CANARY}\": {CANARY}"))).await;
    assert_eq!(broken.status, 400, "{}", broken.text);

    let first = line(&program, "asked-1").await;
    assert_eq!(first["route"], "/v1/graphs/{graph}", "{first}");
    assert_eq!(
        (&first["method"], &first["status"]),
        (&json!("GET"), &json!(200))
    );
    assert_eq!(
        (&first["tenant"], &first["subject"]),
        (&json!("local"), &json!("local"))
    );
    assert_eq!(first["span"]["trace_id"], trace);
    assert!(first["duration_ms"].as_f64().is_some_and(|ms| ms >= 0.0));
    let refused = line(&program, "refused-1").await;
    assert_eq!(
        (&refused["status"], &refused["code"], refused.get("subject")),
        (&json!(401), &json!("AUTH_INVALID"), None)
    );
    line(&program, "broken-1").await;
    line(&program, "run-1").await;

    let said = program.said();
    for said in &said {
        assert!(
            !said.contains(CANARY) && !said.contains(ENVIRONMENT),
            "{said}"
        );
        let is_json = serde_json::from_str::<Value>(said).is_ok();
        assert!(is_json || said.starts_with("the token is in "), "{said}");
    }
    let metrics = program.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(!metrics.text.contains(CANARY));
    let audit = std::fs::read_to_string(folder.path().join("data/audit.jsonl")).expect("the log");
    assert!(audit.contains("\"secret-1\"") && !audit.contains(CANARY));
    assert!(!audit.contains(ENVIRONMENT) && !metrics.text.contains(ENVIRONMENT));
}

#[tokio::test]
async fn a_fault_of_the_server_is_told_with_the_trace_that_its_answer_names() {
    let folder = Folder::new();
    let program = Program::start(&folder, &["--log-format", "json", "--log-level", "warn"]);
    let graph = program.keep(&greet()).await;
    // Someone else has broken the records.
    let file = folder.path().join("data/server.db");
    let sql = rusqlite::Connection::open(file).expect("the records");
    sql.execute("UPDATE record SET body = '[]' WHERE kind = 'graph'", [])
        .expect("it is written");
    let failed = program.get(&format!("/v1/graphs/{graph}")).await;
    assert_eq!(
        (failed.status, failed.problem().as_str()),
        (500, "HTTP_INTERNAL")
    );
    let trace = failed.json()["trace_id"].clone();
    let lines = until("two lines", async || {
        let said = program.said();
        let lines = said
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        let lines: Vec<Value> = lines
            .filter(|line: &Value| line["span"]["trace_id"] == trace)
            .collect();
        (lines.len() >= 2).then_some(lines)
    })
    .await;
    assert_eq!(lines[0]["message"], "a request failed");
    assert_eq!(
        (&lines[1]["level"], &lines[1]["code"]),
        (&json!("WARN"), &json!("HTTP_INTERNAL"))
    );
}
