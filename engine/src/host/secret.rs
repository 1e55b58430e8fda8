//! Secrets: texts that are used without being seen.

use std::fmt;
use std::sync::Arc;

use super::HostSet;

/// A secret. It has no `Serialize` and no `Display`, printing it for debugging shows nothing of it, and it knows where it
/// may go: a web client sends it nowhere else, not even after a redirect.
#[derive(Clone)]
pub struct Secret {
    text: Arc<str>,
    hosts: HostSet,
}

impl Secret {
    /// Wraps a secret that may go nowhere yet: see [`Secret::for_hosts`].
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            text: secret.into().into(),
            hosts: HostSet::default(),
        }
    }

    /// Says where it may go, in place of what was said before.
    #[must_use]
    pub fn for_hosts(mut self, hosts: HostSet) -> Self {
        self.hosts = hosts;
        self
    }

    /// Returns the machines that it may go to.
    #[must_use]
    pub const fn hosts(&self) -> &HostSet {
        &self.hosts
    }

    /// Returns the secret with a text before it, as `Bearer `.
    #[must_use]
    pub fn prefixed(&self, prefix: &str) -> Self {
        self.derive(|secret| format!("{prefix}{secret}"))
    }

    /// Returns the header value of HTTP's basic authentication (RFC 7617), with this as the password.
    #[must_use]
    pub fn basic(&self, user: &str) -> Self {
        self.derive(|password| {
            format!(
                "Basic {}",
                super::redact::base64(format!("{user}:{password}").as_bytes())
            )
        })
    }

    /// Returns what `make` makes of the secret, which is as secret and may go to the same machines.
    #[must_use]
    pub fn derive(&self, make: impl FnOnce(&str) -> String) -> Self {
        Self {
            text: make(&self.text).into(),
            hosts: self.hosts.clone(),
        }
    }

    /// Returns the secret itself, for a host that hands it on. A block that needs to see one asks
    /// [`Context::expose`](crate::Context::expose), which seals what it emits from there on.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
