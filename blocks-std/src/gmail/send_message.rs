//! `gmail.send_message`: a message from the credential's own address.

use graphloom::block::{Literals, Needs};
use graphloom::host::HttpRequest;
use graphloom::json::{Limits, read_value};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Capability, Category, Effect, Example, Text, Value, value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::message::Message;
use crate::base64::{Alphabet, encode};
use crate::credential::CredentialPin;
use crate::data_uri::File;
use crate::web::refusal;

const PROVIDER: &str = "google";
const HOST: &str = "gmail.googleapis.com";
const URL: &str = "https://gmail.googleapis.com/gmail/v1/users/me/messages/send";

/// Gmail takes no more of a message (35 MB with everything).
const MAX_BYTES: usize = 35 << 20;

/// Sends a message by Gmail.
pub(super) struct SendMessage;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Who gets it: `ada@example.com` or `Ada <ada@example.com>`.
    to: Vec<Text>,
    /// What it is about.
    subject: Text,
    /// The message.
    body: Text,
    /// Who gets a copy that all see.
    #[serde(default)]
    cc: Vec<Text>,
    /// Who gets a copy that nobody sees.
    #[serde(default)]
    bcc: Vec<Text>,
    /// What the message is: `plain`, `html`, or `auto`: a page where there is an end tag or a line break of HTML in it.
    #[serde(default)]
    content_type: Option<ContentType>,
    /// Files to send along, each as a `data:` URI.
    #[serde(default)]
    attachments: Vec<String>,
    /// The credential to use, one that may send mail (`https://www.googleapis.com/auth/gmail.send`); `google` if none is named.
    #[serde(default)]
    credential: CredentialPin,
}

#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum ContentType {
    Auto,
    Plain,
    Html,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What Gmail calls the message (`id`), and that it is sent (`status`).
    Result(Map),
}

impl Block for SendMessage {
    const INFO: BlockInfo = BlockInfo::new(
        "gmail.send_message",
        1,
        "Sends a message from one's own Gmail address.",
    )
    .details("By <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send>.")
    .category(Category::Web)
    .effect(Effect::AtMostOnce)
    .capabilities(&[Capability::Http, Capability::Credential])
    .examples(&[Example::new(
        "a greeting",
        r#"{"to": ["ada@example.com"], "subject": "Hello", "body": "How are you?"}"#,
        r#"[["result", {"id": "18c0ffee00000001", "status": "sent"}]]"#,
    )])
    .autogpt("6c27abc2-e51d-499e-a85f-5a0041ba94f0", "GmailSendBlock")
    .autogpt_pins(&[("credentials", "credential")]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let pin = CredentialPin::literal(literals, "credential");
        Needs::default().host(HOST).credential(pin.need(PROVIDER))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        if input.to.len() + input.cc.len() + input.bcc.len() == 0 {
            return Err(BlockError::input(
                "nobody is named who gets the message: \"to\" is empty",
            ));
        }
        let attachments: Result<Vec<File>, _> = input
            .attachments
            .iter()
            .map(|uri| File::read(uri))
            .collect();
        let message = Message {
            to: &input.to,
            cc: &input.cc,
            bcc: &input.bcc,
            subject: &input.subject,
            body: &input.body,
            is_html: is_html(input.content_type, &input.body),
            attachments: attachments?,
        };
        let message = message.write()?;
        if message.len() > MAX_BYTES {
            return Err(BlockError::input(format!(
                "the message has {} bytes; Gmail takes {MAX_BYTES}",
                message.len()
            )));
        }
        let credential = input.credential.get(cx, PROVIDER).await?;
        let token = credential.token().map_err(|error| BlockError::Credential {
            name: credential.name.to_string(),
            message: error.to_string(),
        })?;
        let raw = encode(message.as_bytes(), Alphabet::Url);
        let request = HttpRequest::new("POST", URL)
            .header("authorization", token.prefixed("Bearer "))
            .json(&value!({ "raw": raw }));
        let answer = cx.http()?.send(request).await?;
        if !answer.is_success() {
            return Err(refusal("POST", URL, answer).await);
        }
        let body = answer.body.bytes().await?;
        let sent = read_value(&body, &Limits::default()).ok();
        let Some(id) = sent
            .as_ref()
            .and_then(|sent| sent.get("id"))
            .and_then(Value::as_text)
        else {
            return Err(BlockError::failed(
                "Gmail took the message, and does not say what it calls it",
            ));
        };
        let mut result = Map::new();
        result.insert("id", id.clone());
        result.insert("status", Value::from("sent"));
        out.emit(Output::Result(result)).await?;
        Ok(())
    }
}

fn is_html(kind: Option<ContentType>, body: &str) -> bool {
    match kind {
        Some(ContentType::Html) => true,
        Some(ContentType::Plain) => false,
        Some(ContentType::Auto) | None => {
            let body = body.to_ascii_lowercase();
            body.contains("<br") || body.contains("</") && body.contains('>')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_a_text() {
        for (body, expected) in [
            ("a < b and c > d", false),
            ("one<BR>two", true),
            ("<p>Hello</p>", true),
            ("</", false),
        ] {
            assert_eq!(is_html(None, body), expected, "{body}");
            assert!(
                is_html(Some(ContentType::Html), body) && !is_html(Some(ContentType::Plain), body)
            );
        }
    }
}
