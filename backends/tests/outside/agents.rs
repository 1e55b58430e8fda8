//! An agent whose model and tool are on real sockets: a cancelled run ends within its grace time and leaves no connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphloom::host::Extensions;
use graphloom::{Engine, Registry, RunHandle, RunLimits, RunOptions, Status, value};
use graphloom_backends::http::HttpLimits;
use graphloom_blocks::llm::Models;

use crate::harness::{is_left, limited};
use crate::stub::{Request, Response, Server};

const GRACE: Duration = Duration::from_secs(2);

/// A model that first calls the tool with the address, then begins to answer and does not go on; and the tool's page, which
/// hangs if it is to.
fn server(page_hangs: bool) -> Arc<Server> {
    let address = Arc::new(std::sync::OnceLock::<String>::new());
    let own = Arc::clone(&address);
    let server = Server::start(move |request: &Request| match request.target.as_str() {
        "/page" if page_hangs => Response::new(200, "a part").hangs(),
        "/page" => Response::new(200, "all of it"),
        _ if request.text().contains("all of it") => {
            stream(r#"{"choices": [{"delta": {"content": "It says"}}]}"#).hangs()
        }
        _ => {
            let arguments = value!({ "url": format!("{}/page", own.get().unwrap()) }).to_string();
            let call = value!({"index": 0, "id": "c1", "function": {"name": "read", "arguments": arguments}});
            stream(&value!({"choices": [{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}).to_string())
        }
    });
    address.set(server.url("")).unwrap();
    Arc::new(server)
}

fn stream(event: &str) -> Response {
    Response::new(200, format!("data: {event}\n\n")).header("content-type", "text/event-stream")
}

async fn started(server: &Server) -> RunHandle {
    let models = value!({
        "format": 1,
        "providers": {
            "house": {"protocol": "openai_chat", "base_url": server.url("/v1"), "needs_credential": false},
        },
    });
    let models = Models::from_json(models.to_string().as_bytes()).unwrap();
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let engine = Engine::builder(registry)
        .http(Arc::new(limited(&["127.0.0.1:*"], HttpLimits::default())))
        .extensions(Extensions::new().with(models))
        .build();
    let graph = value!({
        "format": 1,
        "nodes": {
            "agent": {"block": "llm.agent", "inputs": {"prompt": "What does it say?", "model": "house/any"}},
            "read": {"block": "http.get"},
            "out": {"block": "io.output", "inputs": {"name": "answer"}},
        },
        "links": [
            {"from": "agent.tools", "to": "read.url"},
            {"from": "agent.answer", "to": "out.value"},
        ],
    });
    let plan = engine.load(graph.to_string().as_bytes()).unwrap();
    let mut limits = RunLimits::default();
    limits.grace = GRACE;
    engine
        .start(&plan, RunOptions::new().limits(limits))
        .unwrap()
}

/// Cancels the run once so many requests have come, and looks at what is left of it.
async fn cancelled_at(server: &Server, requests: usize, done: &[&str]) {
    let handle = started(server).await;
    while server.requests().len() < requests || server.open() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // What the server has sent by now is on its way; the client is at work with it.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    handle.cancel();
    let outcome = handle.outcome().await;
    assert!(begun.elapsed() < GRACE, "{:?}", begun.elapsed());
    assert_eq!(outcome.status, Status::Cancelled);
    let receipt = outcome.cancelled.unwrap();
    assert_eq!(receipt.done, done, "{receipt:?}");
    assert!(
        receipt.aborted.is_empty() && receipt.abandoned.is_empty() && receipt.in_doubt.is_empty(),
        "{receipt:?}"
    );
    assert_eq!(
        server.requests().len(),
        requests,
        "nothing is sent after that"
    );
    assert!(
        is_left(server).await,
        "{} connections are left",
        server.open()
    );
}

#[tokio::test]
async fn cancelled_in_the_middle_of_an_answer() {
    cancelled_at(&server(false), 3, &["agent:0"]).await;
}

#[tokio::test]
async fn cancelled_in_the_middle_of_a_tool() {
    cancelled_at(&server(true), 2, &["agent:0", "read:0"]).await;
}
