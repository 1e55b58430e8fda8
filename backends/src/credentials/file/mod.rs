//! Credentials in one file, encrypted at rest.
//!
//! Names, providers, kinds, hosts and times stand in the clear, so that a person can look; secrets are sealed, and what is
//! in the clear cannot be changed without the key. The file is read anew each time, so what another process writes is seen;
//! it is written as a whole, under a lock.

mod document;
mod error;
mod renew;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::host::{BoxFuture, Clock, Credential, CredentialError, Credentials, HostSet, Http};
use graphloom::value::Sealed;
use graphloom::{Text, Timestamp};
use zeroize::Zeroizing;

use self::document::{About, Client, Document, FORMAT, Kept, Kind, OAuth, Secrets, Shut, Unread};
use self::renew::Renewals;
use super::disk;
use super::keys::Keys;
use super::oauth::{OAuthClient, Tokens};

pub use error::CredentialFileError;

/// Credentials in a file. Cheap to clone; clones renew each token once for all who ask.
#[derive(Clone)]
pub struct FileCredentials {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    keys: Keys,
    clock: Arc<dyn Clock>,
    http: Option<Arc<dyn Http>>,
    max_bytes: u64,
    renewals: Renewals,
}

/// What may be seen of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub provider: Text,
    /// `api_key`, `user_password`, `host_scoped` or `oauth2`.
    pub kind: &'static str,
    /// Where its secrets may go.
    pub hosts: HostSet,
    /// The name that goes with a password.
    pub user: Option<Text>,
    /// What a token is good for.
    pub scopes: Vec<Text>,
    /// When a token ends.
    pub expires_at: Option<Timestamp>,
    /// When it came into the file.
    pub created_at: Timestamp,
    /// When its secrets were last changed.
    pub updated_at: Timestamp,
    /// The key that sealed it.
    pub key: Text,
}

impl FileCredentials {
    /// How large a file may be where nothing else is said: 4 MiB.
    pub const DEFAULT_MAX_BYTES: u64 = 4 << 20;

    /// Returns the credentials of a file, which is not looked at before one is asked for; where there is none, there are
    /// no credentials.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner {
            path: path.into(),
            keys,
            clock,
            http: None,
            max_bytes: Self::DEFAULT_MAX_BYTES,
            renewals: Renewals::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Says by which web client tokens are renewed; none are without.
    #[must_use]
    pub fn renewing_by(self, http: Arc<dyn Http>) -> Self {
        self.with(|inner| inner.http = Some(http))
    }

    /// Says how large the file may be.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.with(|inner| inner.max_bytes = bytes)
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let old = &*self.inner;
        let mut inner = Inner {
            path: old.path.clone(),
            keys: old.keys.clone(),
            clock: Arc::clone(&old.clock),
            http: old.http.clone(),
            max_bytes: old.max_bytes,
            renewals: Renewals::default(),
        };
        change(&mut inner);
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Returns what may be seen of the credentials, by name. Needs no key. Waits for the disk.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn list(&self) -> Result<Vec<Entry>, CredentialFileError> {
        let document = self.inner.read()?;
        Ok(document.credentials.into_iter().map(Entry::of).collect())
    }

    /// Adds a credential. Where its secrets may go is what its first one says. Waits for the disk, and for other writers.
    ///
    /// # Errors
    /// [`CredentialFileError::Exists`], and what is wrong with the name, the file or the key.
    pub fn add(&self, credential: &Credential) -> Result<(), CredentialFileError> {
        self.inner.keep(credential, false)
    }

    /// Adds a credential in place of one of the same name, if there is one.
    ///
    /// # Errors
    /// As [`FileCredentials::add`].
    pub fn put(&self, credential: &Credential) -> Result<(), CredentialFileError> {
        self.inner.keep(credential, true)
    }

    /// Adds what an OAuth 2 server gave, in place of a credential of the same name: it is renewed as this client.
    ///
    /// # Errors
    /// As [`FileCredentials::add`].
    pub fn put_tokens(
        &self,
        name: &str,
        provider: &str,
        hosts: &HostSet,
        client: &OAuthClient,
        tokens: &Tokens,
    ) -> Result<(), CredentialFileError> {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let about = About {
            provider: Text::from(provider),
            kind: Kind::Oauth2,
            hosts: hosts.clone(),
            user: None,
            oauth: Some(OAuth {
                scopes: tokens.scopes.clone().unwrap_or_default(),
                expires_at: tokens.expires_at,
                client: Some(Client::of(client)),
            }),
            created_at: now,
            updated_at: now,
        };
        let client_secret = client.secret.as_ref();
        let secrets = Secrets::Tokens {
            access: Zeroizing::new(tokens.access.expose().to_owned()),
            refresh: tokens
                .refresh
                .as_ref()
                .map(|own| Zeroizing::new(own.expose().to_owned())),
            client_secret: client_secret.map(|own| Zeroizing::new(own.expose().to_owned())),
        };
        inner.change(|document| inner.insert(document, name, about, &secrets, true))
    }

    /// Removes a credential. Says whether there was one. Needs no key.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn remove(&self, name: &str) -> Result<bool, CredentialFileError> {
        self.inner.change_if(|document| {
            let found = document.credentials.remove(name).is_some();
            Ok((found, found))
        })
    }

    /// Seals everything anew with the newest key, so that older ones are no longer needed for it. Returns how many
    /// credentials there are. All of them are changed, or none.
    ///
    /// # Errors
    /// What is wrong with the file, or with one of the credentials.
    pub fn reseal(&self) -> Result<usize, CredentialFileError> {
        let inner = &*self.inner;
        inner.change(|document| {
            for (name, kept) in &mut document.credentials {
                let secrets = inner.open(name, kept)?;
                *kept = inner.seal(name, kept.about.clone(), &secrets)?;
            }
            Ok(document.credentials.len())
        })
    }
}

impl Entry {
    fn of((name, kept): (String, Kept)) -> Self {
        let key = kept.key().clone();
        let about = kept.about;
        let (scopes, expires_at) = match about.oauth {
            Some(oauth) => (oauth.scopes, oauth.expires_at),
            None => (Vec::new(), None),
        };
        Self {
            name,
            provider: about.provider,
            kind: match about.kind {
                Kind::ApiKey => "api_key",
                Kind::UserPassword => "user_password",
                Kind::HostScoped => "host_scoped",
                Kind::Oauth2 => "oauth2",
            },
            hosts: about.hosts,
            user: about.user,
            scopes,
            expires_at,
            created_at: about.created_at,
            updated_at: about.updated_at,
            key,
        }
    }
}

impl Inner {
    fn failed(&self, error: &io::Error) -> CredentialFileError {
        CredentialFileError::File {
            path: self.path.clone(),
            message: error.to_string(),
        }
    }

    fn damaged(&self, message: String) -> CredentialFileError {
        CredentialFileError::Damaged {
            path: self.path.clone(),
            message,
        }
    }

    fn read(&self) -> Result<Document, CredentialFileError> {
        let bytes = disk::read(&self.path, self.max_bytes).map_err(|error| self.failed(&error))?;
        let Some(bytes) = bytes else {
            return Ok(Document::new());
        };
        let path = self.path.clone();
        if bytes.len() as u64 > self.max_bytes {
            let limit = self.max_bytes;
            return Err(CredentialFileError::TooLarge { path, limit });
        }
        Document::read(&bytes).map_err(|unread| match unread {
            Unread::Foreign => CredentialFileError::Foreign { path },
            Unread::Newer(found) => CredentialFileError::Newer {
                path,
                found,
                known: FORMAT,
            },
            Unread::Damaged(message) => CredentialFileError::Damaged { path, message },
        })
    }

    fn write(&self, document: &Document) -> Result<(), CredentialFileError> {
        let text = document.write().map_err(|message| self.damaged(message))?;
        if text.len() as u64 > self.max_bytes {
            // It could be written, but never read again.
            return Err(CredentialFileError::TooLarge {
                path: self.path.clone(),
                limit: self.max_bytes,
            });
        }
        disk::replace(&self.path, text.as_bytes()).map_err(|error| self.failed(&error))
    }

    /// Reads, changes and writes with nobody between.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Document) -> Result<T, CredentialFileError>,
    ) -> Result<T, CredentialFileError> {
        self.change_if(|document| Ok((true, change(document)?)))
    }

    /// The same, where the change says whether there was one.
    fn change_if<T>(
        &self,
        change: impl FnOnce(&mut Document) -> Result<(bool, T), CredentialFileError>,
    ) -> Result<T, CredentialFileError> {
        let _lock = disk::lock(&self.path, "").map_err(|error| self.failed(&error))?;
        let mut document = self.read()?;
        let (changed, done) = change(&mut document)?;
        if changed {
            self.write(&document)?;
        }
        Ok(done)
    }

    fn keep(&self, credential: &Credential, replaces: bool) -> Result<(), CredentialFileError> {
        let (about, secrets) = document::parts(credential, self.clock.now());
        self.change(|document| self.insert(document, &credential.name, about, &secrets, replaces))
    }

    fn insert(
        &self,
        document: &mut Document,
        name: &str,
        mut about: About,
        secrets: &Secrets,
        replaces: bool,
    ) -> Result<(), CredentialFileError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        if !(1..=128).contains(&name.len()) || !name.chars().all(fits) {
            let name = name.to_owned();
            return Err(CredentialFileError::Name { name });
        }
        if let Some(known) = document.credentials.get(name) {
            if !replaces {
                let name = name.to_owned();
                return Err(CredentialFileError::Exists { name });
            }
            about.created_at = known.about.created_at;
        }
        let kept = self.seal(name, about, secrets)?;
        document.credentials.insert(name.to_owned(), kept);
        Ok(())
    }

    fn seal(
        &self,
        name: &str,
        about: About,
        secrets: &Secrets,
    ) -> Result<Kept, CredentialFileError> {
        let none = || super::KeyError::Empty {
            origin: "what was given".to_owned(),
        };
        let key = self.keys.newest().ok_or_else(none)?;
        Ok(Kept::seal(name, about, secrets, key)?)
    }

    fn open(&self, name: &str, kept: &Kept) -> Result<Secrets, CredentialFileError> {
        kept.open(name, &self.keys).map_err(|shut| match shut {
            Shut::NoKey(key) => CredentialFileError::NoKey {
                name: name.to_owned(),
                key: key.to_string(),
            },
            Shut::Broken => self.damaged(format!(
                "credential \"{name}\" is not as it was sealed: it was changed, or belongs elsewhere"
            )),
        })
    }

    /// Finds and opens a credential.
    fn find(&self, name: &str) -> Result<Option<(About, Secrets)>, CredentialFileError> {
        let document = self.read()?;
        let Some(kept) = document.credentials.get(name) else {
            return Ok(None);
        };
        let secrets = self.open(name, kept)?;
        Ok(Some((kept.about.clone(), secrets)))
    }

    fn whole(
        &self,
        name: &str,
        about: &About,
        secrets: &Secrets,
    ) -> Result<Credential, CredentialFileError> {
        document::whole(name, about, secrets).ok_or_else(|| {
            self.damaged(format!(
                "credential \"{name}\" does not hold what its kind does"
            ))
        })
    }
}

/// Does something on a thread that may wait.
async fn apart<T: Send + 'static>(
    inner: &Arc<Inner>,
    work: impl FnOnce(&Inner) -> Result<T, CredentialFileError> + Send + 'static,
) -> Result<T, CredentialError> {
    let inner = Arc::clone(inner);
    let done = tokio::task::spawn_blocking(move || work(&inner)).await;
    match done {
        Ok(done) => Ok(done?),
        Err(error) => Err(CredentialError::Store {
            message: error.to_string(),
        }),
    }
}

impl Credentials for FileCredentials {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        Box::pin(async move {
            let own = name.to_owned();
            let found = apart(&self.inner, move |inner| inner.find(&own)).await?;
            let (about, secrets) = found.ok_or(CredentialError::Unknown)?;
            let due = renew::due(&about, self.inner.clock.now());
            let whole = || self.inner.whole(name, &about, &secrets);
            if due == renew::Due::No {
                return Ok(whole()?);
            }
            match renew::renewed(&self.inner, name).await {
                // It is good for a little while yet, and the next who asks tries again.
                Err(CredentialError::Store { .. }) if due == renew::Due::Soon => Ok(whole()?),
                renewed => renewed,
            }
        })
    }

    fn seal(&self, plain: &[u8]) -> Result<Sealed, CredentialError> {
        self.inner.keys.seal(plain)
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        self.inner.keys.unseal(sealed)
    }
}

impl fmt::Debug for FileCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCredentials")
            .field("path", &self.inner.path)
            .field("keys", &self.inner.keys)
            .finish_non_exhaustive()
    }
}
