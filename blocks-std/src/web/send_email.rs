//! `email.send`: a message by mail.

use graphloom::block::{Literals, Needs};
use graphloom::host::{CredentialKind, Mail};
use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recipients::{MAX_RECIPIENTS, Recipients, one_line};
use crate::credential::CredentialPin;

/// Whose a credential is that the graph does not say more of.
pub(super) const PROVIDER: &str = "smtp";

/// Subject and text may have this many bytes together.
const MAX_BYTES: usize = 10 << 20;

/// Sends a message by mail.
pub(super) struct SendEmail;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Who gets it: an address, several with commas between them, or a list of them.
    to: Recipients,
    /// Who gets a copy that all see.
    #[serde(default)]
    cc: Recipients,
    /// Who gets a copy that nobody sees.
    #[serde(default)]
    bcc: Recipients,
    /// What it is about.
    subject: Text,
    /// The message.
    text: Text,
    /// The same as HTML, for readers that show it.
    html: Option<Text>,
    /// Who sends it: an address. The name in the credential, if it is not given.
    from: Option<Text>,
    /// The server that takes it (SMTP).
    server: Text,
    /// Its port: 465 speaks TLS at once, every other changes to it.
    #[serde(default = "submission")]
    port: u16,
    /// The credential for the server: its name. A user name and password.
    credential: Option<CredentialPin>,
}

const fn submission() -> u16 {
    587
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What the server said when it took the message.
    Reply(Text),
}

impl Block for SendEmail {
    const INFO: BlockInfo = BlockInfo::new("email.send", 1, "Sends a message by mail (SMTP).")
        .details(
            "A message that may have been taken is not sent again by itself. All attempts at a firing have one `Message-ID`. \
             A message goes to 100 addresses at most.",
        )
        .category(Category::Web)
        .effect(Effect::AtMostOnce)
        .capabilities(&[Capability::Mail, Capability::Credential]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let port = literals
            .get("port")
            .map_or(Some(u64::from(submission())), |port| port.as_u64());
        let needs = Needs::default().host(server_need(literals.text("server"), port));
        let pin = CredentialPin::literal(literals, "credential");
        match pin.is_given() {
            true => needs.credential(pin.need(PROVIDER)),
            false => needs,
        }
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let login = match &input.credential {
            Some(pin) => Some(pin.get(cx, PROVIDER).await?),
            None => None,
        };
        let (user, password) = match login.map(|login| (login.kind, login.name)) {
            Some((CredentialKind::UserPassword { user, password }, _)) => {
                (Some(user), Some(password))
            }
            Some((_, name)) => {
                return Err(BlockError::Credential {
                    name: name.to_string(),
                    message:
                        "mail takes a user name and a password; expected the kind user_password"
                            .to_owned(),
                });
            }
            None => (None, None),
        };
        let from = input.from.or_else(|| user.clone()).ok_or_else(|| {
            BlockError::input("nobody sends this message: give \"from\", or a credential whose name is an address")
        })?;
        let mut mail = Mail::new(input.server, input.port, from);
        (mail.user, mail.password) = (user, password);
        (mail.to, mail.cc, mail.bcc) = (input.to.read(), input.cc.read(), input.bcc.read());
        (mail.subject, mail.text, mail.html) = (input.subject, input.text, input.html);
        let reply = send(cx, mail).await?;
        out.emit(Output::Reply(reply)).await?;
        Ok(())
    }
}

/// Returns a mail server as a pattern of hosts is written; `*` where what arrives decides.
pub(super) fn server_need(server: Option<&str>, port: Option<u64>) -> Text {
    let pattern = server
        .zip(port)
        .map(|(server, port)| format!("{server}:{port}"));
    let known = pattern.filter(|pattern| graphloom::host::HostPattern::parse(pattern).is_ok());
    known.map_or_else(|| Text::from("*"), Text::from)
}

/// Sends a message, unless something in it cannot be sent.
pub(super) async fn send(cx: &Context, mut mail: Mail) -> Result<Text, BlockError> {
    let recipients = mail.to.len() + mail.cc.len() + mail.bcc.len();
    if recipients == 0 {
        return Err(BlockError::input(
            "nobody gets this message: give at least one address",
        ));
    }
    if recipients > MAX_RECIPIENTS {
        return Err(BlockError::input(format!(
            "a message goes to {MAX_RECIPIENTS} addresses at most, and this one to {recipients}"
        )));
    }
    let bytes =
        mail.subject.len() + mail.text.len() + mail.html.as_ref().map_or(0, |html| html.len());
    if bytes > MAX_BYTES {
        return Err(BlockError::input(format!(
            "a message may have {MAX_BYTES} bytes, and this one has {bytes}"
        )));
    }
    one_line("the subject", &mail.subject)?;
    for address in mail
        .to
        .iter()
        .chain(&mail.cc)
        .chain(&mail.bcc)
        .chain([&mail.from])
    {
        one_line("an address", address)?;
    }
    mail.key = Some(Text::from(cx.info().idempotency_key()));
    cx.mail()?.send(mail).await
}
