//! A graph behind a web handler. It asks itself once and ends, so that it can run anywhere.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use graphloom::{CallError, Engine, GraphFn, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Serialize, Deserialize, JsonSchema)]
struct In {
    who: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Out {
    greeting: String,
}

/// Runs the graph. When the client goes away, axum drops the handler, and the run stops with it.
async fn greet(
    State(greet): State<GraphFn<In, Out>>,
    Json(input): Json<In>,
) -> Result<Json<Out>, (StatusCode, String)> {
    let status = |error: &CallError| match error {
        CallError::Input { .. } | CallError::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    match greet.call(input).await {
        Ok(out) => Ok(Json(out)),
        Err(error) => Err((status(&error), error.to_string())),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry)?;
    let engine = Engine::new(registry);
    let plan = engine.load(include_bytes!("../graphs/greet/graph.json"))?;
    let app = Router::new()
        .route("/greet", post(greet))
        .with_state(engine.typed::<In, Out>(&plan)?);

    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        answer = ask(client, r#"{"who": "Ada"}"#) => println!("{}", answer?),
    }
    Ok(())
}

/// A web client, as small as can be.
async fn ask(mut server: TcpStream, body: &str) -> std::io::Result<String> {
    let head = "POST /greet HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close";
    let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    server.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    server.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok(format!(
        "{} {body}",
        head.lines().next().unwrap_or_default()
    ))
}
