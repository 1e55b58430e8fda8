//! Secrets, by name.

use std::collections::HashMap;
use std::fmt;

use super::BoxFuture;

/// A secret. It has no `Serialize` and no `Display`; printing it for debugging shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Returns the secret itself. What is made of it must not reach an output, an event or a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a credential could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// There is none of this name.
    #[error("there is none of this name")]
    Unknown,
    /// The store failed.
    #[error("the credential store failed: {message}")]
    Store {
        /// What happened, without anything secret.
        message: String,
    },
}

/// Gives secrets by name.
pub trait Credentials: Send + Sync {
    /// Returns the secret of this name.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, CredentialError>>;
}

/// Secrets held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryCredentials(HashMap<String, Secret>);

impl MemoryCredentials {
    /// Returns a store without secrets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.0.insert(name.into(), secret);
        self
    }
}

impl Credentials for MemoryCredentials {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret, CredentialError>> {
        let found = self.0.get(name).cloned().ok_or(CredentialError::Unknown);
        Box::pin(std::future::ready(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
        assert!(
            !format!(
                "{:?}",
                MemoryCredentials::new().with("k", Secret::new("hunter2"))
            )
            .contains("hunter2")
        );
    }
}
