//! Mail, through the host's client and its policy.

use crate::value::Text;

use super::{BoxFuture, EgressError, Grants, Secret};

/// A message, and the server that is to take it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Mail {
    /// The server that takes it (SMTP).
    pub server: Text,
    /// Its port: 465 speaks TLS at once, every other changes to it (STARTTLS) or is refused.
    pub port: u16,
    /// The name at the server, if it asks for one.
    pub user: Option<Text>,
    /// The password there.
    pub password: Option<Secret>,
    /// Who sends: `ada@example.com` or `Ada <ada@example.com>`.
    pub from: Text,
    /// Who gets it, in the same form.
    pub to: Vec<Text>,
    /// Who gets a copy that all see.
    pub cc: Vec<Text>,
    /// Who gets a copy that nobody sees.
    pub bcc: Vec<Text>,
    /// What it is about.
    pub subject: Text,
    /// The message.
    pub text: Text,
    /// The same as a page, for readers that show one.
    pub html: Option<Text>,
    /// What makes the same message known when it comes again: becomes its `Message-ID`.
    pub key: Option<Text>,
    grants: Grants,
}

impl Mail {
    /// Returns a message without a subject and text, and to nobody.
    #[must_use]
    pub fn new(server: impl Into<Text>, port: u16, from: impl Into<Text>) -> Self {
        Self {
            server: server.into(),
            port,
            user: None,
            password: None,
            from: from.into(),
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: Text::from(""),
            text: Text::from(""),
            html: None,
            key: None,
            grants: Grants::all(),
        }
    }

    /// Says which grants it is sent under; [`Context::mail`](crate::Context::mail) says those of the run.
    #[must_use]
    pub fn granted(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Returns the grants under which it is sent.
    #[must_use]
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }
}

/// Sends mail. What holds for [`Http`](super::Http) holds here.
pub trait Mailer: Send + Sync {
    /// Hands the message to its server, and returns what the server said.
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<Text, EgressError>>;
}
