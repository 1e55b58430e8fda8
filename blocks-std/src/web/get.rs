//! `http.get`: what stands at an address.

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

/// Gets what stands at an address.
pub(super) struct Get;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address, `http` or `https`.
    url: Text,
    /// Header lines by name; a value may be a secret.
    #[serde(default)]
    headers: Map,
    /// What is added to the address by name, escaped; a list gives its name several times.
    #[serde(default)]
    query: Map,
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

impl Block for Get {
    const INFO: BlockInfo = BlockInfo::new("http.get", 1, "Gets what stands at an address (GET).")
        .details(
            "May be repeated: nothing changes by it. A status that is not of success (200 to 299) is an error; with `retry`, \
             the node asks again after 408, 425, 429, 500, 502, 503 and 504, not before the time that the server names, \
             and not where that is more than an hour. For other methods, and to send something: `http.request`.",
        )
        .category(Category::Web)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Http, Capability::Credential, Capability::Blobs])
        .examples(&[Example::new(
            "JSON",
            r#"{"url": "https://api.example.com/echo", "query": {"page": 2}}"#,
            r#"[["response", {"status": 200, "headers": {"content-type": "application/json"},
                "body": {"method": "GET", "query": {"page": "2"}}, "url": "https://api.example.com/echo"}]]"#,
        )]);
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
            method: "GET",
            url: input.url,
            headers: input.headers,
            query: input.query,
            body: Value::Null,
            body_as: WriteAs::Auto,
            credential: input.credential,
            auth: input.auth,
            auth_name: input.auth_name,
            timeout_ms: input.timeout_ms,
            max_bytes: input.max_bytes,
            follow_redirects: input.follow_redirects,
            read_as: input.read_as,
            any_status: input.any_status,
            idempotency: false,
        };
        out.emit(Output::Response(call.answer(cx).await?)).await?;
        Ok(())
    }
}
