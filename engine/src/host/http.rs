//! Web requests, through the host's client and its policy.

use std::fmt;
use std::time::Duration;

use crate::value::Text;

use super::{BoxFuture, EgressError, Grants, Secret};

/// What stands in the path of an address for the secret of [`HttpRequest::secret_in_path`]. Nothing else can be taken for
/// it: in an address, braces are escaped.
pub const SECRET_IN_PATH: &str = "{secret}";

/// A request. What a host's client lets through is the host's policy, narrowed by the grants of the run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// Method, upper-case.
    pub method: Text,
    /// The whole address, `http` or `https`.
    pub url: Text,
    /// Pairs that are added to the address, encoded.
    pub query: Vec<(Text, Part)>,
    /// Header lines.
    pub headers: Vec<(Text, Part)>,
    /// The body.
    pub body: Body,
    /// What [`SECRET_IN_PATH`] stands for in the address.
    pub path_secret: Option<Secret>,
    /// How many bytes of answer will do, unpacked; the host's limit holds too.
    pub max_bytes: Option<u64>,
    /// How long all of it may take, to the last byte of the answer; the host's limit holds too.
    pub timeout: Option<Duration>,
    /// How many redirects are followed; the host's limit holds too.
    pub redirects: Option<u8>,
    grants: Grants,
}

/// A part of a request: seen or secret. A secret goes only where it may ([`Secret::hosts`]), and not over an unencrypted
/// connection to another machine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Part {
    /// As it stands.
    Text(Text),
    /// Put in by the client.
    Secret(Secret),
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<Text> for Part {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Secret> for Part {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

/// The body of a request.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// A text that is secret as a whole, or in part.
    Secret(Secret),
}

impl HttpRequest {
    /// Returns a request without headers and body.
    #[must_use]
    pub fn new(method: impl Into<Text>, url: impl Into<Text>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            path_secret: None,
            max_bytes: None,
            timeout: None,
            redirects: None,
            grants: Grants::all(),
        }
    }

    /// Adds a header line.
    #[must_use]
    pub fn header(mut self, name: impl Into<Text>, value: impl Into<Part>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a pair to the address.
    #[must_use]
    pub fn query(mut self, name: impl Into<Text>, value: impl Into<Part>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Puts a secret into the path of the address, where [`SECRET_IN_PATH`] stands: some services want it there. The
    /// client puts it in, percent-encoded, once it has judged the address; it shows the address without it.
    #[must_use]
    pub fn secret_in_path(mut self, secret: Secret) -> Self {
        self.path_secret = Some(secret);
        self
    }

    /// Sets the body to these bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// Sets the body to a JSON text, and says so in a header line.
    #[must_use]
    pub fn json(self, body: &crate::value::Value) -> Self {
        self.header("content-type", "application/json")
            .bytes(crate::json::to_json(body))
    }

    /// Says which grants the request is sent under; [`Context::http`](crate::Context::http) says those of the run.
    #[must_use]
    pub fn granted(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Returns the grants under which it is sent: a client asks [`Grants::allows_host`] of every machine on the way.
    #[must_use]
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Returns what is secret in it.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let parts = self.query.iter().chain(&self.headers);
        let parts = parts.filter_map(|(_, part)| match part {
            Part::Secret(secret) => Some(secret),
            Part::Text(_) => None,
        });
        let parts = parts.chain(&self.path_secret);
        parts.chain(match &self.body {
            Body::Secret(secret) => Some(secret),
            Body::Empty | Body::Bytes(_) => None,
        })
    }
}

/// An answer, whose body is still to come.
#[derive(Debug)]
#[non_exhaustive]
pub struct HttpResponse {
    /// Status, e.g. 200.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: Vec<(Text, Text)>,
    /// Where it came from in the end.
    pub url: Text,
    /// The body.
    pub body: HttpBody,
}

impl HttpResponse {
    /// Returns an answer without headers.
    #[must_use]
    pub fn new(status: u16, url: impl Into<Text>, body: HttpBody) -> Self {
        Self {
            status,
            headers: Vec::new(),
            url: url.into(),
            body,
        }
    }

    /// Returns the first header line of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.as_str().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Says whether the status is one of success, 200 to 299.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// The body of an answer, which comes in pieces. Dropping it gives up the connection.
pub struct HttpBody(Box<dyn Pieces>);

/// Where the pieces of a body come from.
pub trait Pieces: Send {
    /// Waits for the next piece; `None` at the end. Cancel safe.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, EgressError>>;
}

impl HttpBody {
    /// Returns a body of these pieces.
    #[must_use]
    pub fn new(pieces: impl Pieces + 'static) -> Self {
        Self(Box::new(pieces))
    }

    /// Returns a body that is there already.
    #[must_use]
    pub fn of(bytes: impl Into<Vec<u8>>) -> Self {
        struct Whole(Option<Vec<u8>>);
        impl Pieces for Whole {
            fn next(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, EgressError>> {
                Box::pin(std::future::ready(Ok(self.0.take())))
            }
        }
        Self::new(Whole(Some(bytes.into())))
    }

    /// Waits for the next piece; `None` at the end. Cancel safe.
    ///
    /// # Errors
    /// What the client says: the connection broke, it took too long, it is too much.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, EgressError> {
        self.0.next().await
    }

    /// Waits for all of it.
    ///
    /// # Errors
    /// As [`HttpBody::next`].
    pub async fn bytes(mut self) -> Result<Vec<u8>, EgressError> {
        let mut all = self.next().await?.unwrap_or_default();
        while let Some(piece) = self.next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    /// Waits for all of it as a text; what is not UTF-8 becomes the replacement character.
    ///
    /// # Errors
    /// As [`HttpBody::next`].
    pub async fn text(self) -> Result<String, EgressError> {
        let bytes = self.bytes().await?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBody").finish_non_exhaustive()
    }
}

/// Sends web requests.
///
/// A client owes: to judge every address on the way, redirects too, by what it is connected to; to ask
/// [`HttpRequest::grants`]; to send a secret only where it may go; to show no secret in an error.
pub trait Http: Send + Sync {
    /// Sends one request and returns when the head of the answer is there. Dropping the future, or the body of the
    /// answer, gives up the connection.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, EgressError>>;
}
