//! One request of the chain that redirects make, and what follows from its answer.

use bytes::Bytes;
use graphloom::host::{EgressError, Redactor, Secret};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use url::Url;

use super::sites::origin;

/// What is sent now.
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) url: Url,
    /// The same without what was put in as a secret.
    pub(super) shown_url: Url,
    pub(super) headers: Vec<Line>,
    pub(super) body: Option<Bytes>,
    pub(super) is_body_secret: bool,
    /// The secrets in it.
    pub(super) secrets: Vec<Secret>,
    /// Knows all secrets of the first request, also those that are not sent any more.
    pub(super) redactor: Redactor,
}

/// One header line.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
    pub(super) is_secret: bool,
}

impl Hop {
    /// Returns the address without what could be secret in it.
    pub(super) fn shown_url(&self) -> String {
        self.redactor.clean(self.shown_url.as_str()).into_owned()
    }

    /// Returns where an answer leads to, if it is a redirect (RFC 9110, section 15.4).
    pub(super) fn redirect(
        &self,
        status: u16,
        headers: &HeaderMap,
    ) -> Result<Option<Url>, EgressError> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let Some(location) = headers.get(LOCATION) else {
            return Ok(None);
        };
        let bad = || EgressError::Transport {
            message: format!(
                "{} leads to something that is no address",
                self.shown_host()
            ),
        };
        let text = std::str::from_utf8(location.as_bytes()).map_err(|_| bad())?;
        if text.chars().any(char::is_control) {
            return Err(bad());
        }
        let mut url = self.url.join(text).map_err(|_| bad())?;
        url.set_fragment(None);
        Ok(Some(url))
    }

    /// Returns the request that a redirect asks for.
    pub(super) fn to(mut self, status: u16, url: Url) -> Result<Self, EgressError> {
        let is_elsewhere = origin(&url) != origin(&self.url);
        let becomes_get = match status {
            303 => self.method != Method::HEAD,
            301 | 302 => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = None;
            self.is_body_secret = false;
            self.headers
                .retain(|line| !line.name.as_str().starts_with("content-"));
        }
        if is_elsewhere {
            let refused = |what: &str| {
                let (from, to) = (self.shown_host(), url.host_str().unwrap_or_default());
                let message = format!("{from} leads to {to}, where {what} does not go along");
                Err(EgressError::Refused { message })
            };
            if self.is_body_secret {
                return refused("a secret body");
            }
            // A server can say what it was told; we do not carry it.
            if self.redactor.clean(url.as_str()) != url.as_str() {
                return refused("a secret in the address");
            }
            self.headers
                .retain(|line| !line.is_secret && !is_telling(line.name.as_str()));
            self.secrets.clear();
        }
        self.shown_url = url.clone();
        self.url = url;
        Ok(self)
    }

    pub(super) fn shown_host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// Says whether a header line looks like one that is meant for one server only.
fn is_telling(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "auth",
        "cookie",
        "token",
        "key",
        "secret",
        "session",
        "password",
        "signature",
        "csrf",
    ];
    WORDS.iter().any(|word| name.contains(word))
}
