//! The description of the interface (OpenAPI 3.1), made from the handlers.
//!
//! A handler says what it takes and gives when all goes well, and the refusals that are its own. What every route may
//! answer, since the layers around it do (who asks, limits, a body that cannot be read), is added here, once.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::App;

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
struct ProblemDocument {
    /// Where the page of the code is.
    r#type: String,
    /// What the code means.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong here.
    detail: String,
    /// The stable code.
    code: String,
    /// The path that was asked for.
    instance: Option<String>,
    /// The id of the request, which the log of the server has too.
    trace_id: Option<String>,
    /// Each fault by itself: code, message, pointer, line, expected, actual, suggestions, fix (a JSON Patch).
    #[schema(value_type = Vec<Object>)]
    errors: Vec<()>,
}

/// Joins what the routes say of themselves, and says how to ask.
pub(crate) fn describe(guarded: OpenApi, open: OpenApi) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Graphloom")
        .version("1")
        .description(Some("Graphs of typed blocks, run over HTTP."))
        .build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = ComponentsBuilder::new()
        .security_scheme("token", bearer)
        .schema("Problem", ProblemDocument::schema())
        .build();
    let mut all = OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", [""; 0])]))
        .build();
    all.merge(guarded);
    all.merge(open);
    for item in all.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            refusals(operation);
        }
    }
    all
}

/// Adds what any route may answer with, and the form of every refusal: a problem document.
fn refusals(operation: &mut Operation) {
    let problem = || {
        let form = Ref::from_schema_name("Problem");
        ContentBuilder::new().schema(Some(form)).build()
    };
    let mut common = vec![
        ("400", "It cannot be read"),
        ("429", "Too many requests: see Retry-After"),
        ("default", "Anything else that was refused"),
    ];
    // An operation that is open says so by a list of its own.
    if operation.security.is_none() {
        common.push(("401", "It does not say who asks"));
        common.push(("403", "The token does not allow this"));
    }
    if operation.request_body.is_some() {
        common.push(("413", "The body is too large"));
        common.push(("415", "The body is of another type"));
        common.push(("422", "The body can be read, and does not fit"));
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in common {
        let known = responses.entry(status.to_owned());
        known.or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
    }
    for (status, response) in responses.iter_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        let refused = status.starts_with(['4', '5', 'd']);
        if refused && response.content.is_empty() {
            response
                .content
                .insert("application/problem+json".to_owned(), RefOr::T(problem()));
        }
    }
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
