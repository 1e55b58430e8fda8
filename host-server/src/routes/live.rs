//! Live events of many runs over one connection.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::ask::Who;
use crate::live::ws;
use crate::principal::Scope;
use crate::problem::Problem;

/// Returns the route, and its description: OpenAPI has words for how it is opened, and none for what is said then.
pub(super) fn routes() -> (Router<App>, OpenApi) {
    OpenApiRouter::new().routes(routes!(open)).split_for_parts()
}

/// Open a WebSocket for live events of many runs. What is said over it: docs/guides/server-live.md.
#[utoipa::path(get, path = "/v1/ws", tag = "live",
    responses((status = 101, description = "It is open"),
        (status = 426, description = "The request does not ask for a WebSocket")))]
async fn open(State(app): State<App>, who: Who, request: Request) -> Result<Response, Problem> {
    who.may(Scope::RunsRead)?;
    ws::accept(&app, &who.0, request)
}
