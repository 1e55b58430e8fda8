//! Credentials, by name.

use std::collections::HashMap;

use crate::value::{Sealed, Text};

use super::{BoxFuture, HostSet, Secret};

/// What a service knows a caller by, and where it may be shown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Credential {
    /// What it is called here.
    pub name: Text,
    /// Whose it is: `openai`, `github`. A service that is written as a preset has its own.
    pub provider: Text,
    /// What it consists of.
    pub kind: CredentialKind,
}

/// What a credential consists of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CredentialKind {
    /// One secret.
    ApiKey(Secret),
    /// A name and a password.
    UserPassword {
        /// The name; no secret.
        user: Text,
        /// The password.
        password: Secret,
    },
    /// Header lines for some machines.
    HostScoped(Vec<(Text, Secret)>),
    /// What an OAuth 2 server gave (RFC 6749), good for a while from now.
    OAuth2 {
        /// The access token.
        access_token: Secret,
        /// What it is good for.
        scopes: Vec<Text>,
    },
}

impl Credential {
    /// Returns a credential that consists of one secret.
    #[must_use]
    pub fn api_key(name: impl Into<Text>, key: Secret) -> Self {
        Self::new(name, CredentialKind::ApiKey(key))
    }

    /// Returns a credential of this kind, whose provider is called as it is.
    #[must_use]
    pub fn new(name: impl Into<Text>, kind: CredentialKind) -> Self {
        let name = name.into();
        Self {
            provider: name.clone(),
            name,
            kind,
        }
    }

    /// Says whose it is.
    #[must_use]
    pub fn of(mut self, provider: impl Into<Text>) -> Self {
        self.provider = provider.into();
        self
    }

    /// Says where its secrets may go; nowhere without this.
    #[must_use]
    pub fn for_hosts(mut self, hosts: &HostSet) -> Self {
        for secret in self.secrets_mut() {
            *secret = secret.clone().for_hosts(hosts.clone());
        }
        self
    }

    /// Returns the word for its kind: `api_key`, `user_password`, `host_scoped` or `oauth2`.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            CredentialKind::ApiKey(_) => "api_key",
            CredentialKind::UserPassword { .. } => "user_password",
            CredentialKind::HostScoped(_) => "host_scoped",
            CredentialKind::OAuth2 { .. } => "oauth2",
        }
    }

    /// Returns what is secret about it.
    #[must_use]
    pub fn secrets(&self) -> Vec<&Secret> {
        match &self.kind {
            CredentialKind::ApiKey(secret)
            | CredentialKind::UserPassword {
                password: secret, ..
            }
            | CredentialKind::OAuth2 {
                access_token: secret,
                ..
            } => vec![secret],
            CredentialKind::HostScoped(headers) => headers.iter().map(|(_, value)| value).collect(),
        }
    }

    fn secrets_mut(&mut self) -> Vec<&mut Secret> {
        match &mut self.kind {
            CredentialKind::ApiKey(secret)
            | CredentialKind::UserPassword {
                password: secret, ..
            }
            | CredentialKind::OAuth2 {
                access_token: secret,
                ..
            } => vec![secret],
            CredentialKind::HostScoped(headers) => {
                headers.iter_mut().map(|(_, value)| value).collect()
            }
        }
    }

    /// Returns its one secret, as most services take it: the key, the access token, the password.
    ///
    /// # Errors
    /// [`CredentialError::Kind`] for one that consists of header lines.
    pub fn token(&self) -> Result<&Secret, CredentialError> {
        match &self.kind {
            CredentialKind::ApiKey(secret)
            | CredentialKind::UserPassword {
                password: secret, ..
            }
            | CredentialKind::OAuth2 {
                access_token: secret,
                ..
            } => Ok(secret),
            CredentialKind::HostScoped(_) => Err(CredentialError::Kind {
                found: self.kind_name(),
                expected: "api_key or oauth2",
            }),
        }
    }
}

/// Why a credential could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// There is none of this name.
    #[error("there is none of this name")]
    Unknown,
    /// It is of a kind that will not do.
    #[error("it is of the kind {found}; expected {expected}")]
    Kind {
        /// What it is.
        found: &'static str,
        /// What would do.
        expected: &'static str,
    },
    /// It was good once: whoever gave it no longer takes it, and a person has to ask for it again.
    #[error("it is no longer good: {message}")]
    Expired {
        /// What happened, without anything secret.
        message: String,
    },
    /// The store failed.
    #[error("the credential store failed: {message}")]
    Store {
        /// What happened, without anything secret.
        message: String,
    },
    /// The store has no key to seal with, or not the one that something was sealed with.
    #[error("there is no key: {message}")]
    NoKey {
        /// Which, and what would do.
        message: String,
    },
}

/// Gives credentials by name, and seals what must not be seen.
///
/// Several firings may ask for one credential at once, and none waits for another: what is good for one is good for all.
/// A store that has to renew one does so once for all who ask.
pub trait Credentials: Send + Sync {
    /// Returns the credential of this name, good for use now.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>>;

    /// Returns these bytes as a ciphertext that only this store can open.
    ///
    /// # Errors
    /// [`CredentialError::NoKey`], as from a store that does not seal.
    fn seal(&self, plain: &[u8]) -> Result<Sealed, CredentialError> {
        let _ = plain;
        Err(CredentialError::NoKey {
            message: "this store does not seal".to_owned(),
        })
    }

    /// Returns the bytes that were sealed.
    ///
    /// # Errors
    /// [`CredentialError::NoKey`] without the key, [`CredentialError::Store`] where the ciphertext is damaged.
    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        Err(CredentialError::NoKey {
            message: format!("this store does not have the key \"{}\"", sealed.key_id()),
        })
    }
}

/// Credentials held in memory. They do not seal.
#[derive(Debug, Clone, Default)]
pub struct MemoryCredentials(HashMap<Text, Credential>);

impl MemoryCredentials {
    /// Returns a store without credentials.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a credential; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, credential: Credential) -> Self {
        self.0.insert(credential.name.clone(), credential);
        self
    }
}

impl Credentials for MemoryCredentials {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        let found = self.0.get(name).cloned().ok_or(CredentialError::Unknown);
        Box::pin(std::future::ready(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_does_not_print() {
        let secret = || Secret::new("hunter2");
        let user = Text::from("ada");
        for kind in [
            CredentialKind::ApiKey(secret()),
            CredentialKind::UserPassword {
                user,
                password: secret(),
            },
            CredentialKind::HostScoped(vec![(Text::from("x-key"), secret())]),
        ] {
            let store = MemoryCredentials::new().with(Credential::new("k", kind));
            assert!(!format!("{store:?}").contains("hunter2"));
        }
    }

    #[test]
    fn hosts_are_those_of_every_secret() {
        let hosts = HostSet::parse(["a.example"]).unwrap();
        let headers = vec![
            (Text::from("a"), Secret::new("1")),
            (Text::from("b"), Secret::new("2")),
        ];
        let credential =
            Credential::new("k", CredentialKind::HostScoped(headers)).for_hosts(&hosts);
        assert!(
            credential
                .secrets()
                .iter()
                .all(|secret| secret.hosts() == &hosts)
        );
        assert!(credential.token().is_err());
    }
}
