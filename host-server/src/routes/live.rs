//! Live events of many runs over one connection.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;

use crate::ask::Who;
use crate::live::ws;
use crate::principal::Scope;
use crate::problem::Problem;
use crate::{App, audit, auth};

/// Returns the route. It is not in the description of the interface: OpenAPI has no words for what is said over a WebSocket.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/v1/ws", get(open))
        .layer(from_fn_with_state(app.clone(), audit::risk_layer))
        .layer(from_fn_with_state(app.clone(), auth::layer))
        .layer(from_fn(ws::token_of_protocol))
}

async fn open(State(app): State<App>, who: Who, request: Request) -> Result<Response, Problem> {
    who.may(Scope::RunsRead)?;
    ws::accept(&app, &who.0, request)
}
