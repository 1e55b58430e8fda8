//! Credentials that stand in variables of the environment, each of them named.

use graphloom::host::{
    BoxFuture, Credential, CredentialError, Credentials, HostSet, MemoryCredentials, Secret,
};

/// Credentials out of variables. Each pair of a credential and its variable is named by the host; nothing else of the
/// environment is looked at, and each variable is read once, when it is added.
#[derive(Debug, Clone, Default)]
pub struct EnvCredentials(MemoryCredentials);

/// Why a variable gives no credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable {variable} gives no credential \"{credential}\": it is {what}")]
#[non_exhaustive]
pub struct VariableError {
    /// The credential that it would be.
    pub credential: String,
    /// The variable.
    pub variable: String,
    what: &'static str,
}

impl EnvCredentials {
    /// Returns a store without credentials.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a credential that consists of one secret: what `read` returns for the variable of this name. It belongs to the
    /// provider and may go to these hosts; one of the same name is replaced. White space around the secret is taken off.
    ///
    /// # Errors
    /// [`VariableError`] where there is no such variable, or nothing in it.
    pub fn with(
        self,
        credential: &str,
        variable: &str,
        provider: &str,
        hosts: &HostSet,
        read: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Self, VariableError> {
        let wrong = |what| VariableError {
            credential: credential.to_owned(),
            variable: variable.to_owned(),
            what,
        };
        let secret = read(variable).ok_or_else(|| wrong("not set"))?;
        let secret = secret.trim();
        if secret.is_empty() {
            return Err(wrong("empty"));
        }
        let found = Credential::api_key(credential, Secret::new(secret))
            .of(provider)
            .for_hosts(hosts);
        Ok(Self(self.0.with(found)))
    }
}

impl Credentials for EnvCredentials {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        self.0.get(name)
    }
}
