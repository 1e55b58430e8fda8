//! `webhook.send`: tells another service of something, signed.

use std::fmt::Write as _;
use std::time::Duration;

use super::{address, answer, repeat};
use crate::base64::{Alphabet, decode, encode};
use crate::credential::CredentialPin;
use crate::plain::refuse_secrets;
use graphloom::block::{Literals, Needs};
use graphloom::host::{HttpRequest, Secret};
use graphloom::json::to_json;
use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Retry, Text, Value};
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Whose a credential is that the graph does not say more of.
const PROVIDER: &str = "webhook";

/// How long a receiver may take, in milliseconds.
const TIMEOUT_MS: u64 = 15_000;

/// The status of a receiver that is no longer there: nothing is to be sent to it again.
const GONE: u16 = 410;

/// Sends a signed webhook.
pub(super) struct SendWebhook;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Where it is sent, `http` or `https`.
    url: Text,
    /// What is told; sent as JSON. By convention a map with `type` (`invoice.paid`), `timestamp` and `data`.
    payload: Value,
    /// The credential that it is signed with: its name. `webhook` if it is not given.
    credential: Option<CredentialPin>,
    /// How long the receiver may take, in milliseconds.
    #[serde(default = "usual_timeout")]
    timeout_ms: u64,
}

const fn usual_timeout() -> u64 {
    TIMEOUT_MS
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The id by which the receiver knows the message, the same for each attempt.
    Id(Text),
    /// The status of its answer, 200 to 299.
    Status(u16),
}

impl Block for SendWebhook {
    const INFO: BlockInfo = BlockInfo::new("webhook.send", 1, "Tells another service of something, signed.")
        .details(
            "By the [Standard Webhooks](https://www.standardwebhooks.com) specification: `webhook-id` is the same for each \
             attempt, so that a receiver can tell what it knows already; `webhook-timestamp` is the time of the attempt in \
             seconds; `webhook-signature` is `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`. The key is \
             what stands in base64 behind `whsec_` in the credential, or the credential itself where it does not begin so. \
             Any status but 200 to 299 is an error, and may be sent again; 410 never.",
        )
        .category(Category::Web)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Http, Capability::Credential, Capability::Clock]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let pin = CredentialPin::literal(literals, "credential");
        address::host_need(literals, "url").credential(pin.need(PROVIDER))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        refuse_secrets(&input.payload)?;
        let credential = input
            .credential
            .unwrap_or_default()
            .get(cx, PROVIDER)
            .await?;
        let key = credential.token().map_err(|error| BlockError::Credential {
            name: credential.name.to_string(),
            message: error.to_string(),
        })?;
        let id = message_id(&cx.info().idempotency_key());
        let seconds = cx.now_micros()?.div_euclid(1_000_000);
        let body = to_json(&input.payload);
        let mut request = HttpRequest::new("POST", input.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id.as_str())
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature(key, &id, seconds, &body))
            .bytes(body);
        request.timeout = Some(Duration::from_millis(input.timeout_ms.max(1)));
        request.redirects = Some(0);
        let answer = cx.http()?.send(request).await?;
        let status = answer.status;
        if !answer.is_success() {
            let retry = match repeat::of_status(&answer) {
                // Whatever it says, it does not know the message yet.
                Retry::Never if status != GONE => Retry::Maybe,
                other => other,
            };
            return Err(answer::failure("POST", &input.url, answer, retry).await);
        }
        out.emit(Output::Id(Text::from(id))).await?;
        out.emit(Output::Status(status)).await?;
        Ok(())
    }
}

/// Returns the name of a message: the same for each attempt at a firing, and without the dots that would blur what is
/// signed.
fn message_id(key: &str) -> String {
    let mut id = "msg_".to_owned();
    for byte in Sha256::digest(key).iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// Returns the header line that signs a message. Whoever has the key can tell it from it, so it goes where the key may.
fn signature(key: &Secret, id: &str, seconds: i64, body: &str) -> Secret {
    key.derive(|key| {
        let decoded = key
            .strip_prefix("whsec_")
            .and_then(|key| decode(key, Alphabet::Standard));
        let bytes = decoded.unwrap_or_else(|| key.as_bytes().to_vec());
        // A key of any length will do, so that this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&bytes) else {
            return String::new();
        };
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!(
            "v1,{}",
            encode(&mac.finalize().into_bytes(), Alphabet::Standard)
        )
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test looks at what it made")]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        let key = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(
            signed.expose(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_key_without_a_prefix_is_taken_as_it_is() {
        let signed = signature(&Secret::new("Jefe"), "a", 1, "b");
        // Worked out by another implementation of HMAC.
        assert_eq!(
            signed.expose(),
            "v1,0b+Q6TcYoRmqqnbg3vIwMFStb5NeqHhB3kprRCCJED0="
        );
    }

    #[test]
    fn messages_have_names_of_their_own() {
        assert_eq!(message_id("r:0:n:0"), message_id("r:0:n:0"));
        assert_ne!(message_id("r:0:n:0"), message_id("r:0:n:1"));
        assert!(!message_id("a.b").contains('.'));
    }
}
