//! What any route may answer with, and the form of every refusal: a problem document.

use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What the description calls a problem document.
pub(super) const NAME: &str = "Problem";

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

/// Returns its schema.
pub(super) fn form() -> RefOr<Schema> {
    ProblemDocument::schema()
}

/// Adds the refusals of the layers to an operation, and their form to those that it has itself.
pub(super) fn add(operation: &mut Operation) {
    let mut common = vec![
        ("400", "It cannot be read"),
        ("403", "The token does not allow this, or not from there"),
        ("429", "Too many requests: see Retry-After"),
        ("431", "The head of the request is too large"),
        (
            "5XX",
            "The server cannot: `503` says with Retry-After when to ask again",
        ),
    ];
    // An operation that is open says so by a list of its own.
    if operation.security.is_none() {
        common.push(("401", "It does not say who asks"));
    }
    if operation.request_body.is_some() {
        common.push(("408", "The body takes too long to arrive"));
        common.push(("413", "The body is too large"));
        common.push(("415", "The body is of another type"));
        common.push(("422", "The body can be read, and does not fit"));
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in common {
        let response = || ResponseBuilder::new().description(description).build();
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(response()));
    }
    for (status, response) in responses.iter_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        let refused = status.starts_with(['4', '5']);
        if refused && response.content.is_empty() {
            let form = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name(NAME)))
                .build();
            response
                .content
                .insert("application/problem+json".to_owned(), RefOr::T(form));
        }
    }
}
