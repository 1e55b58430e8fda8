//! The description of the interface (OpenAPI 3.1), made from the handlers.
//!
//! A handler says what it takes and gives when all goes well, and the refusals that are its own. What every route may
//! answer, since the layers around it do (who asks, limits, a body that cannot be read), is added here, once; so are names
//! that a generated client can use, what parameters and patches look like that many resources take, examples, and which
//! answer has the id that another operation asks for.

mod examples;
mod links;
mod numbers;
mod parameters;
mod patches;
mod refusals;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
};

use crate::App;
use crate::wire::{BlockRunBody, RunStart};

/// Joins what the routes say of themselves, and says how to ask.
pub(crate) fn describe(parts: [OpenApi; 3]) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Graphloom")
        .version("1")
        .description(Some("Graphs of typed blocks, run over HTTP."))
        .build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = ComponentsBuilder::new()
        .security_scheme("token", bearer)
        .schema(refusals::NAME, refusals::form())
        .schema(patches::NAME, patches::form())
        .build();
    let mut all = OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", [""; 0])]))
        .build();
    for part in parts {
        all.merge(part);
    }
    for (path, item) in &mut all.paths.paths {
        for (method, operation) in operations(item) {
            name(operation);
            parameters::tell(operation, method, path);
            patches::name(operation);
            optional(operation, path);
            refusals::add(operation);
            examples::add(operation, method, path);
        }
    }
    links::add(&mut all);
    numbers::bound(&mut all);
    all
}

/// Returns the operations of a path, with their methods.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Handlers of several resources have the same name: `list`. An operation's name is that of one operation.
fn name(operation: &mut Operation) {
    let tag = operation.tags.as_ref().and_then(|tags| tags.first());
    if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
        operation.operation_id = Some(format!("{tag}_{id}"));
    }
}

/// A body that says how something is started may be left out: nothing is to be said then (`ask::Keyed`). So may what is said to
/// a webhook.
fn optional(operation: &mut Operation, path: &str) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let starts = [RunStart::name(), BlockRunBody::name()];
    let starts = starts.map(|name| RefOr::Ref(Ref::from_schema_name(name)));
    let says_start = |form: &RefOr<Content>| {
        let RefOr::T(form) = form else { return false };
        form.schema.as_ref().is_some_and(|it| starts.contains(it))
    };
    if path == "/hooks/{hook}" || body.content.values().any(says_start) {
        body.required = Some(Required::False);
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
