//! The description of the interface (OpenAPI 3.1), made from the handlers.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa::openapi::security::SecurityRequirement;

use crate::App;

/// Joins what the routes say of themselves, and says how to ask.
pub(crate) fn describe(guarded: OpenApi, open: OpenApi) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Graphloom")
        .version("1")
        .description(Some("Graphs of typed blocks, run over HTTP."))
        .build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = ComponentsBuilder::new().security_scheme("token", bearer).build();
    let mut all = OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", [""; 0])]))
        .build();
    all.merge(guarded);
    all.merge(open);
    all
}

/// Returns the route that serves it.
pub(crate) fn route(description: &OpenApi) -> Router<App> {
    let json = description.to_json().unwrap_or_default();
    let answer = move || {
        let json = json.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], json) }
    };
    Router::new().route("/openapi.json", get(answer))
}
