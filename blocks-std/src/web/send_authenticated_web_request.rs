//! `autogpt.send_authenticated_web_request`: a web request with the headers of a credential, as AutoGPT sends it.

use std::collections::BTreeMap;

use graphloom::block::{Literals, Needs};
use graphloom::host::{Credential, CredentialKind, HttpRequest};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Capability, Category, Effect, Text};
use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, Address};
use super::headers;
use super::legacy::{self, Output, Sending};
use super::request::Method;
use crate::credential::CredentialPin;

/// Whose the credential is.
const PROVIDER: &str = "http";

/// Sends a web request with the header lines of a credential.
pub(super) struct SendAuthenticatedWebRequest;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address, `http` or `https`.
    url: Text,
    /// The method.
    #[serde(default)]
    method: Method,
    /// Header lines by name; they go before those of the credential.
    #[serde(default)]
    headers: BTreeMap<Text, Text>,
    /// Sends the body as JSON, else as a form.
    #[serde(default = "yes")]
    json_format: bool,
    /// What is sent.
    body: Option<Map>,
    /// The field of the form that the files are in.
    #[serde(default = "file")]
    files_name: Text,
    /// Files to send, each as a `data:` URI; only in a form.
    #[serde(default)]
    files: Vec<Text>,
    /// The credential, of the kind `host_scoped`; `http` if it is not given.
    credentials: Option<CredentialPin>,
}

fn yes() -> bool {
    true
}

fn file() -> Text {
    Text::from("file")
}

impl Block for SendAuthenticatedWebRequest {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.send_authenticated_web_request",
        1,
        "Sends a web request with the headers of a credential as AutoGPT does, and sorts the answers by status.",
    )
    .details(
        "Unlike `http.request`: as `autogpt.send_web_request`; and where the credential is for other machines than that of \
         the address, the request is sent without it.",
    )
    .category(Category::Web)
    .native("http.request")
    .effect(Effect::AtMostOnce)
    .capabilities(&[Capability::Http, Capability::Credential])
    .autogpt("fff86bcd-e001-4bad-a7f6-2eae4720c8dc", "SendAuthenticatedWebRequestBlock");
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let pin = CredentialPin::literal(literals, "credentials");
        address::host_need(literals, "url").credential(pin.need(PROVIDER))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let credential = input
            .credentials
            .unwrap_or_default()
            .get(cx, PROVIDER)
            .await?;
        let url = input.url.clone();
        let sending = Sending {
            url: input.url,
            method: input.method,
            headers: input.headers,
            json_format: input.json_format,
            body: input.body,
            files_name: input.files_name,
            files: input.files,
        };
        let request = with_lines(sending.request(cx)?, &url, &credential)?;
        legacy::send(cx, request, out).await
    }
}

/// Adds the lines of the credential that may go to the machine of the address, and that the graph has not set itself.
fn with_lines(
    mut request: HttpRequest,
    url: &str,
    credential: &Credential,
) -> Result<HttpRequest, BlockError> {
    let CredentialKind::HostScoped(lines) = &credential.kind else {
        return Err(BlockError::Credential {
            name: credential.name.to_string(),
            message: format!(
                "it is of the kind {}; expected host_scoped",
                credential.kind_name()
            ),
        });
    };
    let Some(address) = Address::read(url) else {
        return Ok(request);
    };
    for (name, value) in lines {
        let fits = value.hosts().matches(address.host, address.port);
        if fits && !headers::has(&request, name) {
            request = request.header(headers::name(name)?, value.clone());
        }
    }
    Ok(request)
}
