//! `http.request`: a web request of any method.

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Capability, Category, Effect, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{MAX_BYTES, ReadAs, Response};
use super::attach::Auth;
use super::call::{self, Call};
use super::outgoing::WriteAs;
use crate::credential::CredentialPin;

/// Sends a web request.
pub(super) struct Request;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address, `http` or `https`.
    url: Text,
    /// The method.
    #[serde(default)]
    method: Method,
    /// Header lines by name; a value may be a secret.
    #[serde(default)]
    headers: Map,
    /// What is added to the address by name, escaped; a list gives its name several times.
    #[serde(default)]
    query: Map,
    /// What is sent: a map or list as JSON, a text as it stands, a blob as its bytes.
    #[serde(default)]
    body: Value,
    /// As what the body is written.
    #[serde(default)]
    body_as: WriteAs,
    /// The credential to show: its name.
    credential: Option<CredentialPin>,
    /// How the credential is shown.
    #[serde(default)]
    auth: Auth,
    /// The name of the header, or in the query, that the credential stands under.
    auth_name: Option<Text>,
    /// How long it may take, in milliseconds; the host's limit holds too.
    timeout_ms: Option<u64>,
    /// How many bytes the answer may have.
    #[serde(default = "usual_bytes")]
    max_bytes: u64,
    /// Whether redirects are followed, as far as the host does.
    #[serde(default = "yes")]
    follow_redirects: bool,
    /// As what the answer is read.
    #[serde(default)]
    read_as: ReadAs,
    /// Whether an answer of any status will do; else one that is not of success is an error.
    #[serde(default)]
    any_status: bool,
    /// Sends a header `Idempotency-Key`, the same for all attempts at a firing. Only for a service that knows it, and acts
    /// once for each key: the request is repeated then where it would not be otherwise.
    #[serde(default)]
    idempotency: bool,
}

/// What a request asks to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub(super) enum Method {
    Get,
    Head,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

fn yes() -> bool {
    true
}

fn usual_bytes() -> u64 {
    MAX_BYTES
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The answer.
    Response(Response),
}

impl Block for Request {
    const INFO: BlockInfo = BlockInfo::new("http.request", 1, "Sends a web request of any method.")
        .details(
            "A request that may have been acted upon is not sent again by itself: after a crash the run waits for a decision. \
             With `retry`, the node sends one again that did not get there (no connection, 429), and, where twice is as good \
             as once (GET, HEAD, OPTIONS, PUT, DELETE, or `idempotency`), one that failed in another way that may pass. To \
             get something, `http.get` is the better choice: it is repeated after a crash too.",
        )
        .category(Category::Web)
        .effect(Effect::AtMostOnce)
        .capabilities(&[Capability::Http, Capability::Credential, Capability::Blobs])
        .examples(&[
            Example::new(
                "JSON",
                r#"{"url": "https://api.example.com/echo", "body": {"name": "Ada"}}"#,
                r#"[["response", {"status": 200, "headers": {"content-type": "application/json"},
                    "body": {"method": "POST", "query": {}, "body": {"name": "Ada"}},
                    "url": "https://api.example.com/echo"}]]"#,
            ),
            Example::new(
                "not found",
                r#"{"url": "https://api.example.com/nothing", "method": "DELETE"}"#,
                r#"[["error", "status 404"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        call::needs(literals)
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let call = Call {
            method: input.method.as_str(),
            url: input.url,
            headers: input.headers,
            query: input.query,
            body: input.body,
            body_as: input.body_as,
            credential: input.credential,
            auth: input.auth,
            auth_name: input.auth_name,
            timeout_ms: input.timeout_ms,
            max_bytes: input.max_bytes,
            follow_redirects: input.follow_redirects,
            read_as: input.read_as,
            any_status: input.any_status,
            idempotency: input.idempotency,
        };
        out.emit(Output::Response(call.answer(cx).await?)).await?;
        Ok(())
    }
}
