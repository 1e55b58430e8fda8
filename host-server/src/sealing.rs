//! Secrets that the server keeps for its tenants: what webhooks are checked with, what callbacks are signed with.
//!
//! They are sealed with the keys of the server's folder before they become part of a record. What one is for is sealed
//! along, so that it opens in its own place only.

use graphloom::Text;
use graphloom::host::{Credentials, Secret};
use graphloom::value::Sealed;
use graphloom_backends::credentials::Keys;
use serde::{Deserialize, Serialize};

use crate::principal::Tenant;
use crate::problem::Problem;

/// A secret at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSecret {
    /// The name of the key that opens it.
    key: Text,
    /// The ciphertext.
    sealed: Text,
}

/// What a secret is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    /// Whose it is.
    pub(crate) tenant: &'a Tenant,
    /// What the record that has it is, and its id.
    pub(crate) of: &'a str,
    pub(crate) id: &'a str,
}

impl About<'_> {
    fn head(&self) -> String {
        let Self { tenant, of, id } = self;
        format!("graphloom-server-secret/1\0{tenant}\0{of}\0{id}\0")
    }
}

/// Seals and opens.
#[derive(Debug, Clone)]
pub(crate) struct Sealer(Keys);

impl Sealer {
    pub(crate) fn new(keys: Keys) -> Self {
        Self(keys)
    }

    pub(crate) fn seal(&self, about: About<'_>, secret: &Secret) -> Result<SealedSecret, Problem> {
        let plain = secret.derive(|secret| about.head() + secret);
        let sealed = self.0.seal(plain.expose().as_bytes());
        let sealed = sealed.map_err(Problem::internal)?;
        Ok(SealedSecret {
            key: sealed.key_id().clone(),
            sealed: Text::from(sealed.ciphertext()),
        })
    }

    /// # Errors
    /// `HTTP_INTERNAL` where the key is gone, or the record was tampered with.
    pub(crate) fn open(&self, about: About<'_>, sealed: &SealedSecret) -> Result<Secret, Problem> {
        let sealed = Sealed::new(sealed.key.clone(), sealed.sealed.clone());
        let plain = self.0.unseal(&sealed).map_err(Problem::internal)?;
        let plain = String::from_utf8(plain);
        let plain = plain.map_err(|_| Problem::internal("a sealed secret is no text"))?;
        let head = about.head();
        let secret = plain.strip_prefix(head.as_str());
        secret
            .map(Secret::new)
            .ok_or_else(|| Problem::internal("a sealed secret stands in another's place"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graphloom_backends::credentials::Key;

    #[test]
    fn a_secret_opens_in_its_own_place_only() {
        let key = || Key::generate().expect("random numbers");
        let sealer = Sealer::new(Keys::new(key(), []));
        let (a, b) = (Tenant::of_kept("a"), Tenant::of_kept("b"));
        let about = |tenant, of, id| About { tenant, of, id };
        let sealed = sealer.seal(about(&a, "webhook", "1"), &Secret::new("word"));
        let sealed = sealed.expect("it is sealed");
        let open = |about| sealer.open(about, &sealed).map(|s| s.expose().to_owned());
        assert_eq!(
            open(about(&a, "webhook", "1")).ok().as_deref(),
            Some("word")
        );
        for elsewhere in [
            about(&b, "webhook", "1"),
            about(&a, "callback", "1"),
            about(&a, "webhook", "2"),
            about(&a, "webhook", ""),
        ] {
            assert_eq!(open(elsewhere).map_err(|p| p.code()), Err("HTTP_INTERNAL"));
        }
        let other = Sealer::new(Keys::new(key(), []));
        assert!(other.open(about(&a, "webhook", "1"), &sealed).is_err());
        assert!(!format!("{sealed:?}").contains("word"));
    }
}
