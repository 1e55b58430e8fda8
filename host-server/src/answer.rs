//! Answers: JSON with a status and headers.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graphloom::json::encode;
use serde::Serialize;

use crate::etag::is_known;
use crate::once::REPLAYED;
use crate::problem::Problem;

/// An answer of JSON. Values of runs keep their wire form.
pub(crate) struct Answer {
    status: StatusCode,
    body: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// Returns an answer with this body.
    pub(crate) fn new<T: Serialize + ?Sized>(
        status: StatusCode,
        body: &T,
    ) -> Result<Self, Problem> {
        Ok(Self {
            status,
            body: encode(body).map_err(Problem::internal)?,
            headers: Vec::new(),
        })
    }

    /// Returns a `200` with this body.
    pub(crate) fn ok<T: Serialize + ?Sized>(body: &T) -> Result<Self, Problem> {
        Self::new(StatusCode::OK, body)
    }

    /// Adds a header; a value that no header can have is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Returns a `304`, if whoever reads has the version with this entity tag already.
    pub(crate) fn not_modified(headers: &HeaderMap, tag: &str) -> Option<Response> {
        if !is_known(headers, tag) {
            return None;
        }
        let tag = HeaderValue::from_str(&format!("\"{tag}\"")).ok();
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response
            .headers_mut()
            .extend(tag.map(|tag| (header::ETAG, tag)));
        Some(response)
    }

    /// Adds the strong entity tag.
    pub(crate) fn etag(self, tag: &str) -> Self {
        let tag = format!("\"{tag}\"");
        self.header(header::ETAG, &tag)
    }

    /// Says where the resource is.
    pub(crate) fn location(self, path: &str) -> Self {
        self.header(header::LOCATION, path)
    }

    /// Says where the resource is among those of `list`, if it was made just now.
    pub(crate) fn made_at(self, list: &str, id: &str) -> Self {
        match self.status {
            StatusCode::CREATED => self.location(&format!("{list}/{id}")),
            _ => self,
        }
    }

    /// Says of what is not new that an earlier request did it.
    pub(crate) fn replayed(self, is_new: bool) -> Self {
        if is_new {
            return self;
        }
        self.header(REPLAYED, "true")
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}

/// Returns a moment as RFC 3339 has it, in UTC with milliseconds.
pub(crate) fn moment(at: graphloom::Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.as_millis()) {
        Ok(moment) => format!("{moment:.3}"),
        Err(_) => at.as_millis().to_string(),
    }
}
