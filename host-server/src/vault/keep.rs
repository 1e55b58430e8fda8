//! Credentials of a tenant as handlers ask for them: away from the runtime's threads, refusals as problems.

use std::io;
use std::path::Path;

use graphloom::host::{Credential, HostSet};
use graphloom_backends::credentials::oauth::{OAuthClient, Tokens};
use graphloom_backends::credentials::{CredentialFileError, Entry, FileCredentials};

use super::Vault;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};

/// Says whether a text can be the name of a credential here: `[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}`. All else is never looked up.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_.:-".contains(&b);
    (1..=128).contains(&text.len())
        && text.bytes().all(fits)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

impl Vault {
    /// Returns what may be seen of a tenant's credentials, by name.
    pub(crate) async fn list(&self, tenant: &Tenant) -> Result<Vec<Entry>, Problem> {
        self.apart(tenant, |kept, _| kept.list()).await
    }

    /// Keeps a credential, in place of one of the same name. Says whether there was none.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    pub(crate) async fn put(
        &self,
        tenant: &Tenant,
        credential: Credential,
    ) -> Result<bool, Problem> {
        let kept = self.apart(tenant, move |kept, max| {
            let is_new = room(kept, &credential.name, max)?;
            kept.put(&credential)?;
            Ok(is_new)
        });
        kept.await
    }

    /// Keeps what a login gave, in place of a credential of the same name.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    pub(crate) async fn put_tokens(
        &self,
        tenant: &Tenant,
        (name, provider): (&str, &str),
        hosts: HostSet,
        client: OAuthClient,
        tokens: Tokens,
    ) -> Result<(), Problem> {
        let (name, provider) = (name.to_owned(), provider.to_owned());
        let kept = self.apart(tenant, move |kept, max| {
            room(kept, &name, max)?;
            kept.put_tokens(&name, &provider, &hosts, &client, &tokens)
        });
        kept.await
    }

    /// Removes a credential. Says whether there was one.
    pub(crate) async fn remove(&self, tenant: &Tenant, name: &str) -> Result<bool, Problem> {
        let name = name.to_owned();
        self.apart(tenant, move |kept, _| kept.remove(&name)).await
    }

    /// Forgets all credentials of a tenant, and the file that had them. Says how many there were.
    pub(crate) async fn erase(&self, tenant: &Tenant) -> Result<u64, Problem> {
        let kept = self.of(tenant);
        let count = self.list(tenant).await?.len() as u64;
        let gone = tokio::task::spawn_blocking(move || files_of(kept.path()));
        let gone = gone.await.map_err(Problem::internal)?;
        gone.map_err(Problem::internal)?;
        Ok(count)
    }

    async fn apart<T: Send + 'static>(
        &self,
        tenant: &Tenant,
        work: impl FnOnce(&FileCredentials, u64) -> Result<T, CredentialFileError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (kept, max) = (self.of(tenant), self.max);
        let done = tokio::task::spawn_blocking(move || work(&kept, max)).await;
        done.map_err(Problem::internal)?
            .map_err(|e| refused(&e, max))
    }
}

/// Removes a file and what lies beside it under its name: locks, what was being written.
fn files_of(path: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_stem()) else {
        return Ok(());
    };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let name = name.to_string_lossy();
    for entry in entries {
        let entry = entry?;
        let found = entry.file_name();
        let found = found.to_string_lossy();
        if found.trim_start_matches('.').starts_with(&*name) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Says whether there is none of this name yet; refuses it where there is no room for another one. Of two that come at the
/// same moment both may be the last.
fn room(kept: &FileCredentials, name: &str, max: u64) -> Result<bool, CredentialFileError> {
    let known = kept.list()?;
    let is_new = known.iter().all(|entry| entry.name != name);
    if is_new && known.len() as u64 >= max {
        let path = kept.path().to_owned();
        return Err(CredentialFileError::TooLarge { path, limit: max });
    }
    Ok(is_new)
}

/// What is wrong with the file is for the log: it is the operator's.
fn refused(error: &CredentialFileError, max: u64) -> Problem {
    match error {
        CredentialFileError::TooLarge { .. } => {
            let detail = format!("a tenant has at most {max} credentials, and not too large ones");
            Problem::new(ServerCode::TooMany, detail)
        }
        _ => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_is_none() {
        for good in ["openai", "a", "Work:mail-2.x_y", &"x".repeat(128)] {
            assert!(is_name(good), "{good:?}");
        }
        for bad in [
            "",
            ".",
            "..",
            "-a",
            "a/b",
            "a b",
            "a\\b",
            "a\0",
            "é",
            "a\r\nb",
            &"x".repeat(129),
        ] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
