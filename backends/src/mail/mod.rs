//! Mail, behind [`graphloom::host::Mailer`].
//!
//! [`GuardedMail`] hands a message to a server (SMTP, RFC 5321) that an [`EgressPolicy`] lets it reach, at the address that
//! was judged. It speaks TLS, from the start at port 465 and after STARTTLS elsewhere; a server that does not is refused,
//! unless it is on this machine and was allowed. `message` writes the message, `session` talks to the server.

mod message;
mod options;
mod session;

use std::fmt;

use graphloom::Text;
use graphloom::host::{BoxFuture, EgressError, Mail, Mailer};

pub use crate::egress::{EgressPolicy, Resolver, SystemResolver};
pub use options::{MailLimits, MailOptions};

/// Sends mail where its policy lets it. Nothing is opened or read before the first message.
pub struct GuardedMail {
    options: MailOptions,
}

impl GuardedMail {
    /// Returns a client.
    #[must_use]
    pub fn new(options: MailOptions) -> Self {
        Self { options }
    }
}

impl Default for GuardedMail {
    fn default() -> Self {
        Self::new(MailOptions::default())
    }
}

impl fmt::Debug for GuardedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedMail")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Mailer for GuardedMail {
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<Text, EgressError>> {
        Box::pin(session::send(&self.options, mail))
    }
}
