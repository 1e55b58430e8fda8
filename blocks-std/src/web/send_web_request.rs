//! `autogpt.send_web_request`: a web request as AutoGPT sends it.

use std::collections::BTreeMap;

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Capability, Category, Effect, Example, Text};
use schemars::JsonSchema;
use serde::Deserialize;

use super::address;
use super::legacy::{self, Output, Sending};
use super::request::Method;

/// Sends a web request.
pub(super) struct SendWebRequest;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address, `http` or `https`.
    url: Text,
    /// The method.
    #[serde(default)]
    method: Method,
    /// Header lines by name.
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
}

fn yes() -> bool {
    true
}

fn file() -> Text {
    Text::from("file")
}

impl Block for SendWebRequest {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.send_web_request",
        1,
        "Sends a web request as AutoGPT does, and sorts the answers by status.",
    )
    .details(
        "Unlike `http.request`: a status of failure is no error but comes out on a pin of its own, without headers and \
         status; there is no query, credential or limit to set. An answer may have 32 MiB.",
    )
    .category(Category::Web)
    .native("http.request")
    .effect(Effect::AtMostOnce)
    .capabilities(&[Capability::Http])
    .autogpt("6595ae1f-b924-42cb-9a41-551a0611c4b4", "SendWebRequestBlock")
    .examples(&[
        Example::new(
            "JSON",
            r#"{"url": "https://api.example.com/echo", "body": {"name": "Ada"}}"#,
            r#"[["response", {"method": "POST", "query": {}, "body": {"name": "Ada"}}]]"#,
        ),
        Example::new(
            "not found",
            r#"{"url": "https://api.example.com/nothing", "method": "GET"}"#,
            r#"[["client_error", {"detail": "there is nothing here"}]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        address::host_need(literals, "url")
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let sending = Sending {
            url: input.url,
            method: input.method,
            headers: input.headers,
            json_format: input.json_format,
            body: input.body,
            files_name: input.files_name,
            files: input.files,
        };
        legacy::send(cx, sending.request(cx)?, out).await
    }
}
