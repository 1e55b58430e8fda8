//! Tokens of an issuer: JSON Web Tokens (RFC 7519) that are signed (RFC 7515), read as RFC 8725 advises.
//!
//! Which key and so which algorithm is right is told by the settings; a token names at most which of those keys, and has to
//! agree. Only a token whose signature holds is read any further.
//!
//! | file | what it is for |
//! |---|---|
//! | `compact` | a token in its three parts, and its head |
//! | `key` | keys and what they verify; `pem` and `set` are how they are written |
//! | `fetch` | keys that the issuer publishes |
//! | `claims` | what a token says, as a principal |
//! | `settings` | all of it, as the settings have it |

mod claims;
mod compact;
mod fetch;
mod key;
mod pem;
mod set;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{Clock, Http};

use self::claims::Claims;
use self::compact::Compact;
use self::fetch::Fetched;
use self::key::Key;
use self::set::KeySet;
use super::{Refused, TokenHash};
use crate::brief::Brief;
use crate::principal::{Principal, Role, Scopes};

pub(crate) use settings::of as of_settings;

/// A key that tokens cannot be verified with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct KeyError {
    /// What is wrong with it. Never what it is.
    pub message: String,
}

impl KeyError {
    fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message }
    }
}

/// What tokens are signed with, and so by which algorithm.
#[derive(Debug)]
pub struct JwtKeys(Source);

#[derive(Debug)]
enum Source {
    One(Key),
    Set(KeySet),
    Fetched(Box<Fetched>),
}

impl JwtKeys {
    /// Tokens are signed with this secret, which the issuer shares: HS256.
    ///
    /// # Errors
    /// Where it has fewer than 32 bytes.
    pub fn secret(secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self(Source::One(Key::secret(secret)?)))
    }

    /// Tokens are signed for this public key (PEM, `PUBLIC KEY`): RS256 for RSA of 2,048 to 8,192 bits, ES256 for P-256,
    /// EdDSA for Ed25519.
    ///
    /// # Errors
    /// Where it is no such key; a private key is none.
    pub fn public_pem(pem: &str) -> Result<Self, KeyError> {
        Ok(Self(Source::One(pem::read(pem)?)))
    }

    /// Tokens are signed for one of these public keys (JWKS, RFC 7517); keys of other kinds are passed over.
    ///
    /// # Errors
    /// Where it is no such document, or has no key that can be used.
    pub fn set(json: &[u8]) -> Result<Self, KeyError> {
        Ok(Self(Source::Set(KeySet::read(json)?)))
    }

    /// Tokens are signed for one of the public keys that are published here (JWKS). They are fetched when the first token
    /// comes, again after `max_age`, and, once a minute at most, when a token names a key that is not among them.
    #[must_use]
    pub fn published(url: impl Into<Text>, http: Arc<dyn Http>, max_age: Duration) -> Self {
        Self(Source::Fetched(Box::new(Fetched::new(
            url.into(),
            http,
            max_age,
        ))))
    }

    /// Returns the key of this name: where there is only one, a token need not name it.
    async fn find(&self, id: Option<&str>, clock: &dyn Clock) -> Result<Key, Refused> {
        let found = match &self.0 {
            Source::One(key) => Some(key.clone()),
            Source::Set(set) => set.find(id),
            Source::Fetched(fetched) => fetched.find(id, clock).await?,
        };
        found.ok_or(Refused::Invalid("it names no key that is known here"))
    }
}

/// Verifies tokens of one issuer.
#[must_use]
pub struct Jwt {
    keys: JwtKeys,
    claims: Claims,
    /// Verifying takes as long as a small answer: who asks often is verified seldom.
    known: Brief<TokenHash, Principal>,
}

/// How long a token is known to be good; a key that its issuer has taken back is good for as much longer.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// How many are known.
const KNOWN: usize = 10_000;

impl Jwt {
    /// Takes tokens of this issuer for this audience.
    pub fn new(keys: JwtKeys, issuer: impl Into<Text>, audience: impl Into<Text>) -> Self {
        Self {
            keys,
            known: Brief::new(KNOWN_FOR, KNOWN),
            claims: Claims {
                issuer: issuer.into(),
                audience: audience.into(),
                leeway: Duration::from_secs(30),
                tenant: Text::from("sub"),
                most: Role::Owner.scopes(),
            },
        }
    }

    /// Sets how far the clocks of issuer and server may be apart. Default 30 s.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.claims.leeway = leeway;
        self
    }

    /// Sets which claim names the tenant. Default `sub`.
    pub fn tenant_claim(mut self, name: impl Into<Text>) -> Self {
        self.claims.tenant = name.into();
        self
    }

    /// Sets what tokens give at most, whatever they say. Default: all but `admin`.
    pub fn max_scopes(mut self, scopes: Scopes) -> Self {
        self.claims.most = scopes;
        self
    }

    /// Returns whose token this is, of which this is the hash.
    pub(super) async fn principal(
        &self,
        token: &str,
        hash: &TokenHash,
        clock: &dyn Clock,
    ) -> Result<Principal, Refused> {
        let asked = match self.known.get(hash, clock.elapsed()) {
            Ok(known) if self.claims.is_over(&known, clock.now()) => return Err(Refused::Expired),
            Ok(known) => return Ok(known),
            Err(asked) => asked,
        };
        let compact = Compact::read(token)?;
        let key = self.keys.find(compact.key_id(), clock).await?;
        let payload = compact.verified(&key)?;
        let who = self.claims.principal(&payload, clock.now())?;
        self.known.keep(*hash, who.clone(), asked, clock.elapsed());
        Ok(who)
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("keys", &self.keys)
            .field("claims", &self.claims)
            .finish()
    }
}
