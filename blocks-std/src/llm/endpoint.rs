//! Where a provider is reached, and how: the part that all protocols share.

use std::time::Duration;

use graphloom::Text;
use graphloom::host::{Credential, CredentialKind, HttpRequest, Part};

/// An answer may take this long, to its last byte, unless [`Endpoint::timeout`] says otherwise.
const TIMEOUT: Duration = Duration::from_mins(10);

/// An answer may have this many bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Where a provider is reached, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Endpoint {
    /// The address that the paths of the protocol are put behind, without a slash at its end.
    pub base: Text,
    /// Header lines that go with every request; none of them secret.
    pub headers: Vec<(Text, Text)>,
    /// Answers come in piece by piece.
    pub streaming: bool,
    /// How long an answer may take; the host's own limit holds too.
    pub timeout: Duration,
}

impl Endpoint {
    /// Returns a place whose answers are streamed.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self {
            base: Text::from(base.trim_end_matches('/')),
            headers: Vec::new(),
            streaming: true,
            timeout: TIMEOUT,
        }
    }

    /// Adds a header line to every request.
    #[must_use]
    pub fn header(mut self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Says whether answers come in piece by piece.
    #[must_use]
    pub fn streaming(mut self, streaming: bool) -> Self {
        self.streaming = streaming;
        self
    }

    /// Says how long an answer may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns the machine, as [`HostPattern`](graphloom::host::HostPattern) reads it; `None` where the address is none.
    #[must_use]
    pub fn host(&self) -> Option<Text> {
        let rest = self
            .base
            .strip_prefix("https://")
            .or_else(|| self.base.strip_prefix("http://"))?;
        let machine = rest.split(['/', '?', '#']).next()?;
        let machine = machine.rsplit_once('@').map_or(machine, |(_, name)| name);
        (!machine.is_empty()).then(|| Text::from(machine))
    }

    /// Returns the request that all questions begin with. A redirect is not followed: whoever asks a model means this
    /// machine and no other.
    pub(super) fn request(&self, path: &str) -> HttpRequest {
        let url = format!("{}{path}", self.base);
        let mut request = HttpRequest::new("POST", url).header(
            "accept",
            match self.streaming {
                true => "text/event-stream, application/json",
                false => "application/json",
            },
        );
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value.clone());
        }
        request.max_bytes = Some(MAX_BYTES);
        request.timeout = Some(self.timeout);
        request.redirects = Some(0);
        request
    }
}

impl From<&str> for Endpoint {
    fn from(base: &str) -> Self {
        Self::new(base)
    }
}

impl From<String> for Endpoint {
    fn from(base: String) -> Self {
        Self::new(&base)
    }
}

/// Says who asks. `key` is the header line that takes a bare key; without one, and for what OAuth gave, it is
/// `Authorization: Bearer`.
pub(super) fn signed(
    request: HttpRequest,
    credential: Option<&Credential>,
    key: Option<&'static str>,
) -> HttpRequest {
    let Some(credential) = credential else {
        return request;
    };
    match (&credential.kind, key) {
        (CredentialKind::HostScoped(headers), _) => {
            let mut request = request;
            for (name, value) in headers {
                request = request.header(name.clone(), Part::Secret(value.clone()));
            }
            request
        }
        (CredentialKind::ApiKey(secret), Some(name)) => {
            request.header(name, Part::Secret(secret.clone()))
        }
        _ => match credential.token() {
            Ok(secret) => request.header("authorization", Part::Secret(secret.prefixed("Bearer "))),
            // A kind that has no one secret is none of those above.
            Err(_) => request,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_told_from_the_address() {
        for (base, expected) in [
            ("https://api.example.com/v1/", Some("api.example.com")),
            ("http://localhost:11434/v1", Some("localhost:11434")),
            ("http://[::1]:80", Some("[::1]:80")),
            ("https://me@api.example.com", Some("api.example.com")),
            ("ftp://x", None),
            ("https://", None),
        ] {
            assert_eq!(Endpoint::new(base).host().as_deref(), expected, "{base}");
        }
    }
}
