//! Credentials of one tenant that the settings lend to all, by name.

use std::sync::Arc;

use graphloom::Text;
use graphloom::host::{BoxFuture, Credential, CredentialError, Credentials};

/// Some credentials of a store and no others. It seals nothing: what a run seals is its own tenant's.
pub(crate) struct Named {
    store: Arc<dyn Credentials>,
    names: Vec<Text>,
}

impl Named {
    pub(crate) fn new(store: Arc<dyn Credentials>, names: Vec<Text>) -> Self {
        Self { store, names }
    }
}

impl Credentials for Named {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        if self.names.iter().any(|own| own == name) {
            return self.store.get(name);
        }
        Box::pin(std::future::ready(Err(CredentialError::Unknown)))
    }
}
