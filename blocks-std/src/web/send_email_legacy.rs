//! `autogpt.send_email`: a message by mail, with AutoGPT's pins.

use graphloom::block::{Literals, Needs};
use graphloom::host::{CredentialKind, Mail};
use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recipients::Recipients;
use super::send_email::{PROVIDER, send, server_need};
use crate::credential::CredentialPin;

/// Sends a message by mail.
pub(super) struct SendEmailLegacy;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Who gets it: an address, or several with commas between them.
    to_email: Text,
    /// What it is about.
    subject: Text,
    /// The message.
    body: Text,
    /// The server that takes it.
    config: Config,
    /// The credential for the server, a user name and a password; `smtp` if it is not given. The name is who sends.
    credentials: Option<CredentialPin>,
}

/// A mail server.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Config {
    /// Its name.
    smtp_server: Text,
    /// Its port.
    #[serde(default = "relay")]
    smtp_port: u16,
}

const fn relay() -> u16 {
    25
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Says that the server took the message.
    Status(Text),
}

impl Block for SendEmailLegacy {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.send_email",
        1,
        "Sends a message by mail, with AutoGPT's pins.",
    )
    .details("Unlike `email.send`: a plain text from the name in the credential, by port 25 if none is said; no copies.")
    .category(Category::Web)
    .native("email.send")
    .effect(Effect::AtMostOnce)
    .capabilities(&[Capability::Mail, Capability::Credential])
    .autogpt("4335878a-394e-4e67-adf2-919877ff49ae", "SendEmailBlock");
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let config = |key: &str| literals.get("config").and_then(|config| config.get(key));
        let server = config("smtp_server").and_then(Value::as_str);
        let port = config("smtp_port").map_or(Some(u64::from(relay())), Value::as_u64);
        let pin = CredentialPin::literal(literals, "credentials");
        Needs::default()
            .host(server_need(server, port))
            .credential(pin.need(PROVIDER))
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
        let CredentialKind::UserPassword { user, password } = credential.kind else {
            return Err(BlockError::Credential {
                name: credential.name.to_string(),
                message: "mail takes a user name and a password; expected the kind user_password"
                    .to_owned(),
            });
        };
        let mut mail = Mail::new(
            input.config.smtp_server,
            input.config.smtp_port,
            user.clone(),
        );
        (mail.user, mail.password) = (Some(user), Some(password));
        mail.to = Recipients::Line(input.to_email).read();
        (mail.subject, mail.text) = (input.subject, input.body);
        send(cx, mail).await?;
        out.emit(Output::Status(Text::from("Email sent successfully")))
            .await?;
        Ok(())
    }
}
