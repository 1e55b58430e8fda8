//! One request to the server, and what comes back: an answer, or a problem of this program.
//!
//! The client is the guarded one of the backends, with a policy that has the server's host and port and nothing else, no
//! redirects and no proxy; a token goes to another machine by https only.

use std::time::Duration;

use graphloom::Value;
use graphloom::host::{
    Body, EgressError, HostPattern, HostSet, Http, HttpRequest, HttpResponse, Secret,
};
use graphloom::json::{Limits, read_value};
use graphloom_backends::egress::EgressPolicy;
use graphloom_backends::http::{GuardedHttp, HttpLimits, HttpOptions};
use url::Url;

use super::refused;
use super::token::token;
use crate::args::ServerArgs;
use crate::problem::{HostCode, HostError, Origin, Problem};

/// How large an answer may be that is read as a whole: 256 MiB. Events and exports come in pieces and have no limit.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

/// How long the whole of an answer may take that is read as a whole.
const MAX_TIME: Duration = Duration::from_mins(5);

/// How long nothing may come in the middle of an answer: four of the server's signs of life in a stream.
const MAX_SILENCE: Duration = Duration::from_mins(1);

/// How long a stream may go on.
const MAX_STREAM: Duration = Duration::from_hours(30 * 24);

/// A server, and how it is asked.
pub(super) struct Client {
    http: GuardedHttp,
    base: Url,
    token: Option<Secret>,
    hosts: HostSet,
}

impl Client {
    /// Returns the client of the server that the command line names. Nothing is connected to.
    ///
    /// # Errors
    /// An address that will not do; a token that cannot be had.
    pub(super) fn new(address: &str, args: &ServerArgs) -> Result<Self, Problem> {
        let (base, hosts) = base(address)?;
        let token = token(args, &hosts)?;
        let limits = HttpLimits::default()
            .total(MAX_STREAM)
            .idle(MAX_SILENCE)
            .headers(MAX_TIME)
            .max_answer_bytes(u64::MAX)
            // Whoever waits for a server to come back asks again and again.
            .breaker_failures(0);
        let policy = EgressPolicy::new()
            .allow_hosts(hosts.clone())
            .only_hosts(hosts.clone());
        let options = HttpOptions::new()
            .policy(policy)
            .limits(limits)
            .user_agent(concat!("graphloom-cli/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            http: GuardedHttp::new(options),
            base,
            token,
            hosts,
        })
    }

    /// Returns the server as the command line names it, for advice.
    pub(super) fn flag(&self) -> String {
        format!("--server {}", self.base.as_str().trim_end_matches('/'))
    }

    /// Begins a request to `/v1/` and this path.
    pub(super) fn ask(&self, method: &'static str, path: &[&str]) -> Asking<'_> {
        self.at(method, &[&["v1"], path].concat())
    }

    fn at(&self, method: &'static str, path: &[&str]) -> Asking<'_> {
        let mut url = self.base.clone();
        // An address of the web has a path, so that there is always one to add to.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut request = HttpRequest::new(method, url.as_str())
            .header("accept", "application/json, application/problem+json");
        request.redirects = Some(0);
        request.timeout = Some(MAX_TIME);
        request.max_bytes = Some(MAX_ANSWER_BYTES);
        if let Some(token) = &self.token {
            request = request.header("authorization", token.prefixed("Bearer "));
        }
        Asking {
            client: self,
            request,
            origin: None,
        }
    }

    /// Returns a page of text, which stands beside `/v1/`.
    ///
    /// # Errors
    /// As [`Asking::value`].
    pub(super) async fn page(&self, path: &[&str]) -> Result<String, Problem> {
        let asking = self.at("GET", path).header("accept", "text/markdown, */*");
        let body = asking.open().await?.body;
        body.text().await.map_err(|error| unanswered(&error))
    }

    pub(super) fn get(&self, path: &[&str]) -> Asking<'_> {
        self.ask("GET", path)
    }

    pub(super) fn post(&self, path: &[&str]) -> Asking<'_> {
        self.ask("POST", path)
    }
}

/// A request on its way to be sent.
#[must_use]
pub(super) struct Asking<'c> {
    client: &'c Client,
    request: HttpRequest,
    origin: Option<Origin>,
}

impl Asking<'_> {
    /// Adds a parameter.
    pub(super) fn query(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.request = self.request.query(name, format!("{value}"));
        self
    }

    /// Adds a header line.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request.headers.retain(|(own, _)| own != name);
        self.request = self.request.header(name, value.into());
        self
    }

    /// Sends this value.
    pub(super) fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// Sends a document as it stands: what is wrong with it is told with its lines.
    pub(super) fn document(mut self, origin: &Origin) -> Self {
        let request = self.request.header("content-type", "application/json");
        self.request = request.bytes(origin.source.clone());
        self.origin = Some(origin.clone());
        self
    }

    /// Sends this JSON, which has a secret in it.
    pub(super) fn secret(mut self, body: String) -> Self {
        let body = Secret::new(body).for_hosts(self.client.hosts.clone());
        self.request = self.request.header("content-type", "application/json");
        self.request.body = Body::Secret(body);
        self
    }

    /// Sends it and waits for the head of an answer, whose body has no limit.
    ///
    /// # Errors
    /// The server's, as problems of this program.
    pub(super) async fn stream(mut self) -> Result<HttpResponse, Problem> {
        self.request.timeout = None;
        self.request.max_bytes = None;
        self.open().await
    }

    /// Sends it and waits for the head of an answer.
    async fn open(self) -> Result<HttpResponse, Problem> {
        let has_token = self.client.token.is_some();
        let sent = self.client.http.send(self.request).await;
        let response = sent.map_err(|error| unanswered(&error))?;
        if response.is_success() {
            return Ok(response);
        }
        Err(refused::problem(response, self.origin, has_token).await)
    }

    /// Sends it and waits for all of the answer, of JSON. One without a body is null.
    ///
    /// # Errors
    /// The server's, as problems of this program; an answer that is no JSON.
    pub(super) async fn value(self) -> Result<Answer, Problem> {
        let response = self.open().await?;
        let etag = response
            .header("etag")
            .map(|tag| tag.trim_matches('"').to_owned());
        let status = response.status;
        let bytes = response.body.bytes().await.map_err(|e| unanswered(&e))?;
        let body = match bytes.as_slice() {
            [] => Value::Null,
            json => read_value(json, &Limits::unlimited())
                .map_err(|_| foreign(status, "an answer that is no JSON"))?,
        };
        Ok(Answer { body, etag })
    }
}

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Value,
    /// The entity tag, without quotes.
    pub(super) etag: Option<String>,
}

/// Returns the problem that there is no answer.
pub(super) fn unanswered(error: &EgressError) -> Problem {
    let told = |code| HostError::new(code, error.to_string());
    match error {
        EgressError::Request { message } => HostError::new(HostCode::Usage, message.clone()),
        EgressError::Refused { .. } => told(HostCode::ServerAddress),
        EgressError::Busy { message, after } => {
            let seconds = after.as_secs().max(1);
            HostError::new(HostCode::ServerBusy, message.clone())
                .help(format!("ask again in {seconds} s"))
        }
        EgressError::TooLarge { .. } => told(HostCode::ServerAnswer),
        EgressError::Connect { .. } => told(HostCode::Unreachable).help(
            "is the address right, and does the server run? `graphloom-server` starts one at http://127.0.0.1:7331",
        ),
        _ => told(HostCode::ServerSilent),
    }
    .into()
}

/// Returns the problem that something else than a server of Graphloom answered.
pub(super) fn foreign(status: u16, what: &str) -> Problem {
    let message = format!("the server gave {what}, with the status {status}");
    HostError::new(HostCode::ServerAnswer, message)
        .help("look what answers there: `curl URL/v1/version`")
        .into()
}

/// Reads the address of a server.
fn base(address: &str) -> Result<(Url, HostSet), Problem> {
    let wrong = |why: String| {
        // Without the address: there may be a secret in it.
        HostError::new(HostCode::Usage, format!("--server: {why}"))
            .expected("an address as https://graphloom.example.com or http://127.0.0.1:7331")
    };
    let url = Url::parse(address).map_err(|error| wrong(format!("this is no address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("\"{}:\" is no address of the web", url.scheme())).into());
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(wrong("the address names no host".to_owned()).into());
    };
    if !url.username().is_empty() || url.password().is_some() {
        let why = "a name or a password does not belong into an address; the token comes from GRAPHLOOM_TOKEN or --token-file";
        return Err(wrong(why.to_owned()).into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("the address has something behind its path".to_owned()).into());
    }
    let pattern = HostPattern::parse(&format!("{host}:{port}"));
    let pattern = pattern.map_err(|error| wrong(error.to_string()))?;
    Ok((url, [pattern].into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_the_web_and_without_secrets() {
        for (address, fits) in [
            ("http://127.0.0.1:7331", true),
            ("http://[::1]:7331/", true),
            ("https://graphloom.example.com", true),
            ("https://example.com/graphs", true),
            ("graphloom.example.com", false),
            ("localhost:7331", false),
            ("ftp://example.com", false),
            ("http://user:s3cret@example.com", false),
            ("http://example.com/?token=x", false),
            ("http://example.com/#x", false),
            ("", false),
        ] {
            let told = base(address);
            assert_eq!(told.is_ok(), fits, "{address}");
            if let Err(Problem::Host(error)) = told {
                assert!(!error.message.contains("s3cret"), "{}", error.message);
            }
        }
    }

    #[test]
    fn paths_are_added_to_the_address_and_escaped() {
        let args = ServerArgs::default();
        let check = |address: &str, path: &[&str], expected: &str| {
            let client = Client::new(address, &args).unwrap_or_else(|_| panic!("{address}"));
            assert_eq!(client.get(path).request.url.as_str(), expected);
        };
        check(
            "http://a:1",
            &["graphs:validate"],
            "http://a:1/v1/graphs:validate",
        );
        check(
            "http://a:1/",
            &["runs", "x/../y?z#"],
            "http://a:1/v1/runs/x%2F..%2Fy%3Fz%23",
        );
        check("https://a/b/", &["runs"], "https://a/b/v1/runs");
    }
}
