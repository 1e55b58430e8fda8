//! Problem documents (RFC 9457), and the one place where an error becomes a status code.

mod code;
mod engine;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graphloom::Value;
use graphloom::json::to_json;
use graphloom::value::Map;

pub use code::ServerCode;
pub use engine::status_of;

/// Why a request has no other answer: becomes an `application/problem+json` document.
///
/// Never has what is secret in it, nor what only the operator should see: that goes to the log.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: &'static str,
    title: &'static str,
    status: StatusCode,
    detail: String,
    errors: Vec<Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    more: Map,
}

impl Problem {
    /// Returns a problem of the server's own.
    #[must_use]
    pub fn new(code: ServerCode, detail: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(code.status());
        Self(Box::new(Inner {
            code: code.as_str(),
            title: code.title(),
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            more: Map::new(),
        }))
    }

    /// Returns the one for what is not there, or belongs to someone else.
    #[must_use]
    pub fn not_found(what: &str, id: &str) -> Self {
        // What was asked for may be anything: it is shown as text within bounds.
        let shown: String = id.chars().take(80).collect();
        Self::new(
            ServerCode::NotFound,
            format!("there is no {what} {shown:?}"),
        )
    }

    /// Returns the one for a fault of the server; `what` goes to the log and not to who asked.
    #[must_use]
    pub fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!(%what, "a request failed");
        Self::new(
            ServerCode::Internal,
            "the server could not do this; its log says why",
        )
    }

    /// Adds error objects, in the form that the command line prints them.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Value>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Says of each error object with a place where that is in the request.
    #[must_use]
    pub(crate) fn placed(mut self, place: impl Fn(&str) -> String) -> Self {
        for error in &mut self.0.errors {
            let found = error.get("pointer").and_then(Value::as_str).map(&place);
            if let (Value::Map(map), Some(pointer)) = (error, found) {
                map.insert("pointer", pointer);
            }
        }
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says after how many seconds to ask again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Adds a member to the document.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.more.insert(name, value);
        self
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns what is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Returns the document.
    #[must_use]
    pub fn to_value(&self, instance: &str, trace_id: &str) -> Value {
        let inner = &*self.0;
        let mut map = Map::new();
        map.insert("type", format!("/errors/{}", inner.code));
        map.insert("title", inner.title);
        map.insert("status", u64::from(inner.status.as_u16()));
        map.insert("detail", inner.detail.as_str());
        map.insert("code", inner.code);
        if !instance.is_empty() {
            map.insert("instance", instance);
        }
        if !trace_id.is_empty() {
            map.insert("trace_id", trace_id);
        }
        map.insert("errors", inner.errors.iter().cloned().collect::<Value>());
        map.extend(inner.more.clone());
        map.into()
    }

    /// Returns the answer, for a request to this path and of this id.
    #[must_use]
    pub fn to_response(&self, instance: &str, trace_id: &str) -> Response {
        let body = to_json(&self.to_value(instance, trace_id));
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"graphloom\""),
            );
        }
        for (name, value) in &self.0.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }
}

impl IntoResponse for Problem {
    /// The layer around the handlers (`layers`) finds the problem in the answer's extensions, and adds what only it knows.
    fn into_response(self) -> Response {
        let mut response = self.to_response("", "");
        response.extensions_mut().insert(self);
        response
    }
}
