//! Several stores as one.

use std::fmt;
use std::sync::Arc;

use graphloom::host::{BoxFuture, Credential, CredentialError, Credentials};
use graphloom::value::Sealed;

/// Stores in a row: the first that knows a credential gives it, or says why it cannot; the first that has a key seals.
#[derive(Clone, Default)]
pub struct LayeredCredentials(Vec<Arc<dyn Credentials>>);

impl LayeredCredentials {
    /// Returns a row of no stores.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a store behind the others.
    #[must_use]
    pub fn then(mut self, store: Arc<dyn Credentials>) -> Self {
        self.0.push(store);
        self
    }
}

impl Credentials for LayeredCredentials {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        Box::pin(async move {
            for store in &self.0 {
                match store.get(name).await {
                    Err(CredentialError::Unknown) => {}
                    found => return found,
                }
            }
            Err(CredentialError::Unknown)
        })
    }

    fn seal(&self, plain: &[u8]) -> Result<Sealed, CredentialError> {
        first_with_key(self.0.iter().map(|store| store.seal(plain)))
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        first_with_key(self.0.iter().map(|store| store.unseal(sealed)))
    }
}

fn first_with_key<T>(
    answers: impl Iterator<Item = Result<T, CredentialError>>,
) -> Result<T, CredentialError> {
    let mut refusal = CredentialError::NoKey {
        message: "no store that was given has one".to_owned(),
    };
    for answer in answers {
        match answer {
            Err(error @ CredentialError::NoKey { .. }) => refusal = error,
            answer => return answer,
        }
    }
    Err(refusal)
}

impl fmt::Debug for LayeredCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayeredCredentials")
            .field("stores", &self.0.len())
            .finish()
    }
}
