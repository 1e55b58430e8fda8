//! Which pages of other origins may read answers in a browser: none, unless the settings name them.

use std::fmt;
use std::str::FromStr;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::App;

/// The origin of a page, as a browser sends it: `https://app.example.com`, `http://localhost:5173`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin, as https://app.example.com")]
pub struct OriginError;

impl Origin {
    /// Returns it as a browser sends it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Takes scheme, host and perhaps a port and nothing else; `*` and `null` would be everyone.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let place = rest.filter(|place| !place.is_empty()).ok_or(OriginError)?;
        let fits = |b: u8| {
            b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
        };
        if !place.bytes().all(fits) {
            return Err(OriginError);
        }
        // A browser leaves the port out where it is the scheme's own: such an entry would never match.
        let own = if text.starts_with("https:") {
            ":443"
        } else {
            ":80"
        };
        if place.ends_with(own) && !place.ends_with(']') {
            return Err(OriginError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a page may ask with, beyond what every page may.
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer, \
    traceparent, x-api-key, x-request-id";
/// What a page may see of an answer's head, beyond what every page may.
const EXPOSED: &str = "etag, location, link, retry-after, x-request-id, idempotency-replayed, ratelimit, \
    ratelimit-policy, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset";
/// How long a browser may remember what it was told, in seconds.
const MAX_AGE: &str = "600";

/// The layer: answers browsers that ask first, and lets pages of the origins that the settings name read answers. To all
/// others nothing is said, which is a no. There are no cookies, so credentials are never allowed.
pub(crate) async fn layer<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let origins = &app.access().cors_origins;
    if origins.is_empty() {
        return next(request).await;
    }
    let said = request.headers().get(header::ORIGIN).cloned();
    let is_ours = |said: &HeaderValue| origins.iter().any(|own| said == own.as_str());
    let allowed = said.filter(is_ours);
    let asks_first = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &allowed {
        Some(_) if asks_first => {
            let told = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
                (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
            ];
            (StatusCode::NO_CONTENT, told).into_response()
        }
        _ => next(request).await,
    };
    let headers = response.headers_mut();
    // What is answered depends on who asks, also where it is a no: a cache must not mix them up.
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_sends_is_an_origin() {
        for good in [
            "https://app.example.com",
            "http://localhost:5173",
            "http://[::1]:8080",
        ] {
            assert_eq!(
                good.parse::<Origin>().map(|o| o.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "*",
            "null",
            "app.example.com",
            "https://",
            "https://a/",
            "https://A.example",
            "https://a.example:443",
            "http://a.example:80",
            "https://*.example.com",
            "ftp://a.example",
            "https://a.example b",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(OriginError), "{bad}");
        }
    }
}
