//! Web requests, through the host's client and its policy.

use crate::value::Text;

use super::BoxFuture;

/// A request. What a host's client lets through is the host's policy.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// Method, upper-case.
    pub method: Text,
    /// The whole address.
    pub url: Text,
    /// Header lines.
    pub headers: Vec<(Text, Text)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// Returns a request without headers and body.
    #[must_use]
    pub fn new(method: impl Into<Text>, url: impl Into<Text>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HttpResponse {
    /// Status, e.g. 200.
    pub status: u16,
    /// Header lines.
    pub headers: Vec<(Text, Text)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Returns an answer without headers.
    #[must_use]
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }
}

/// Why a request had no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The host's policy does not let it through.
    #[error("refused: {message}")]
    Refused {
        /// Which rule.
        message: String,
    },
    /// There was no connection, or it broke.
    #[error("no answer: {message}")]
    Transport {
        /// What happened.
        message: String,
    },
}

/// Sends web requests.
pub trait Http: Send + Sync {
    /// Sends one request and returns the whole answer. Dropping the future gives up the connection.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>>;
}
