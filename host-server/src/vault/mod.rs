//! Credentials at rest: for each tenant a file of its own, sealed with keys of its own.
//!
//! The server has one key file. The keys of a tenant follow from it and the tenant's name, so that neither a file that was
//! put in another's place opens, nor what a run of one tenant has sealed in a run of another.

mod keep;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::host::{Clock, Http};
use graphloom::value::CanonicalHasher;
use graphloom_backends::credentials::{FileCredentials, Keys};

use crate::principal::Tenant;

pub(crate) use keep::is_name;

/// A folder of credentials. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    folder: PathBuf,
    keys: Keys,
    clock: Arc<dyn Clock>,
    http: Option<Arc<dyn Http>>,
    max: u64,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Returns the credentials that are kept in this folder, which is made with the first of them, sealed with these keys.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder: folder.into(),
            keys,
            clock,
            http: None,
            max: 1_000,
        }
    }

    /// Says how many a tenant may have. Default 1,000.
    #[must_use]
    pub fn max_credentials(mut self, count: u64) -> Self {
        self.max = count;
        self
    }

    /// Says by which web client tokens are renewed.
    #[must_use]
    pub fn renewing_by(mut self, http: Arc<dyn Http>) -> Self {
        self.http = Some(http);
        self
    }

    /// Says whether there are credentials of anybody in a folder; one that cannot be looked into may have some. Waits for the
    /// disk.
    #[must_use]
    pub fn has_any(folder: &Path) -> bool {
        match std::fs::read_dir(folder) {
            Ok(entries) => entries.flatten().any(|entry| {
                let path = entry.path();
                path.extension().is_some_and(|ending| ending == "json")
            }),
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }

    /// Returns the credentials of a tenant.
    #[must_use]
    pub fn of(&self, tenant: &Tenant) -> FileCredentials {
        let name = CanonicalHasher::new("graphloom.server.credentials")
            .text(tenant.as_text())
            .finish();
        // A hash begins with how it was made, which is no part of a file's name.
        let name = name.to_string();
        let name = name.rsplit(':').next().unwrap_or_default();
        let file = self.folder.join(format!("{name}.json"));
        let keys = self.keys.for_purpose(tenant.as_text());
        let kept = FileCredentials::new(file, keys, Arc::clone(&self.clock));
        match &self.http {
            Some(http) => kept.renewing_by(Arc::clone(http)),
            None => kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use graphloom::host::{Credential, Credentials, ManualClock, Secret};
    use graphloom_backends::credentials::Key;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("graphloom-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    fn vault(folder: &Path) -> Vault {
        let keys = Keys::new(Key::generate().expect("random bytes"), []);
        Vault::new(folder, keys, Arc::new(ManualClock::new()))
    }

    #[tokio::test]
    async fn what_is_of_one_tenant_opens_in_no_other() {
        let folder = folder("vault");
        let vault = vault(&folder);
        let (a, b) = (Tenant::of_kept("a"), Tenant::of_kept("../../b"));
        let (of_a, of_b) = (vault.of(&a), vault.of(&b));
        let key = Credential::api_key("k", Secret::new("s3cret"));
        of_a.put(&key).expect("it is kept");
        assert!(of_a.get("k").await.is_ok());
        assert!(of_b.get("k").await.is_err());
        assert_eq!(of_b.path().parent(), Some(&*folder));

        // Whoever may write files puts the one in the other's place.
        std::fs::copy(of_a.path(), of_b.path()).expect("it is copied");
        assert!(of_b.get("k").await.is_err());
        let sealed = of_a.seal(b"s3cret").expect("it is sealed");
        assert_eq!(of_a.unseal(&sealed).expect("it opens"), b"s3cret");
        assert!(of_b.unseal(&sealed).is_err());
        std::fs::remove_dir_all(&folder).expect("it is removed");
    }
}
