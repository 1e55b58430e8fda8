//! Who asks: from a token to a [`Principal`], before anything of a body is read.
//!
//! A token is one that the settings name ([`Auth::token`]), a key of this server (`keys`), or one of an issuer (`jwt`). What
//! does not look like a key costs no look-up, and what an issuer has not signed is not read.
//!
//! | file | what it is for |
//! |---|---|
//! | `token` | the one token of a request |
//! | `keys` | keys of this server: made, listed, revoked, looked up |
//! | `jwt` | tokens of an issuer |
//! | `layer` | the layer around the handlers |

mod jwt;
mod keys;
mod layer;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use graphloom::host::{Clock, SystemClock};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::brief::Brief;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};
use crate::records::Records;

pub use jwt::{Jwt, JwtKeys, KeyError};

pub(crate) use jwt::of_settings;
pub(crate) use keys::{KeyDraft, KeyKept, Keys};
pub(crate) use layer::layer;
pub(crate) use token::{KEY_PREFIX, draw};

use token::TokenHash;

/// Which tokens are taken.
pub struct Auth {
    /// Tokens that the settings name, by their hashes.
    fixed: Vec<(TokenHash, Principal)>,
    jwt: Option<Jwt>,
    /// Keys of this server; `None` until the application is built.
    keys: Option<Keys>,
    max_keys: usize,
    good: Brief<TokenHash, ()>,
    clock: Arc<dyn Clock>,
}

/// How many keys a tenant may have where nothing else is said.
const MAX_KEYS: usize = 100;
/// How long it is remembered that a token was good.
const GOOD_FOR: Duration = Duration::from_mins(10);
/// Of how many tokens.
const GOOD: usize = 10_000;

impl Default for Auth {
    fn default() -> Self {
        Self {
            fixed: Vec::new(),
            jwt: None,
            keys: None,
            max_keys: MAX_KEYS,
            good: Brief::new(GOOD_FOR, GOOD),
            clock: Arc::new(SystemClock::default()),
        }
    }
}

impl Auth {
    /// Returns one that takes keys of the server and no other token.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes this token, for this principal. Only its hash is kept.
    #[must_use]
    pub fn token(mut self, token: &str, principal: Principal) -> Self {
        self.fixed.push((hash(token), principal));
        self
    }

    /// Takes tokens of an issuer.
    #[must_use]
    pub fn jwt(mut self, jwt: Jwt) -> Self {
        self.jwt = Some(jwt);
        self
    }

    /// Sets how many keys a tenant may have. Default 100.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }

    /// Gives it what the application has.
    pub(crate) fn within(mut self, records: &Arc<dyn Records>, clock: &Arc<dyn Clock>) -> Self {
        self.keys = Some(Keys::new(records, clock, self.max_keys));
        self.clock = Arc::clone(clock);
        self
    }

    /// Returns who shows a token.
    ///
    /// # Errors
    /// `AUTH_MISSING` where there is none, or more than one; `AUTH_INVALID`, `AUTH_EXPIRED`; `HTTP_INTERNAL` where keys
    /// cannot be looked up.
    pub async fn principal(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        let token = token::of(headers)?;
        self.identify(&token, &hash(&token)).await
    }

    /// Returns whose token it is that the settings name.
    fn of_settings(&self, hash: &TokenHash) -> Option<&Principal> {
        // All are compared, so that the time tells nothing.
        let mut found = None;
        for (known, principal) in &self.fixed {
            if bool::from(known[..].ct_eq(&hash[..])) {
                found = Some(principal);
            }
        }
        found
    }

    /// Says whether a token was good a while ago, and so may be looked at again whoever else is at the same address. This
    /// lets nobody in.
    fn was_good(&self, hash: &TokenHash) -> bool {
        self.good.get(hash, self.clock.elapsed()).is_ok() || self.of_settings(hash).is_some()
    }

    /// Remembers that a token was good.
    fn note_good(&self, hash: &TokenHash) {
        self.good.renew(*hash, (), self.clock.elapsed());
    }

    /// Returns whose token this is, of which this is the hash.
    async fn identify(&self, token: &str, hash: &TokenHash) -> Result<Principal, Problem> {
        let mut found = self.of_settings(hash).cloned();
        if found.is_none() && token::is_key(token) {
            found = match &self.keys {
                Some(keys) => keys.principal(hash).await?,
                None => None,
            };
        }
        match (found, &self.jwt) {
            (Some(found), _) => match found.expires {
                Some(at) if at <= self.clock.now() => Err(Refused::Expired.into()),
                _ => Ok(found),
            },
            (None, Some(jwt)) => Ok(jwt.principal(token, hash, &*self.clock).await?),
            (None, None) => Err(Refused::Invalid("it is no key of this server").into()),
        }
    }

    /// Says whether a principal still may what it could: it has not ended, and its key is there and gives the same. What is
    /// kept is asked for anew; where that fails, it does not hold. For connections that outlast a request.
    pub async fn still_holds(&self, who: &Principal) -> bool {
        if who.expires.is_some_and(|at| at <= self.clock.now()) {
            return false;
        }
        match (&who.key, &self.keys) {
            (None, _) => true,
            (Some(key), Some(keys)) => keys.still_gives(who, key).await,
            (Some(_), None) => false,
        }
    }

    /// Returns the keys of this server.
    pub(crate) fn keys(&self) -> Result<&Keys, Problem> {
        let missing = || Problem::internal("keys were asked for before the application was built");
        self.keys.as_ref().ok_or_else(missing)
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone)]
enum Refused {
    /// For the log; whoever has shown it is told nothing, and nothing of the token is in it.
    Invalid(&'static str),
    /// It was good, and its time is over.
    Expired,
    /// The keys of its issuer cannot be had.
    Unavailable,
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid(why) => {
                tracing::info!(why, "a token was refused");
                invalid()
            }
            Refused::Expired => Self::new(ServerCode::AuthExpired, "the token has ended"),
            Refused::Unavailable => {
                let detail = "the keys that tokens are signed with cannot be had at the moment";
                Self::new(ServerCode::Unavailable, detail).retry_after(5)
            }
        }
    }
}

/// Returns what a token is known by.
fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// Returns the one answer to all tokens that are not taken: why is for the log.
fn invalid() -> Problem {
    Problem::new(
        ServerCode::AuthInvalid,
        "the token is not one that this server takes",
    )
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fixed: Vec<&Principal> = self.fixed.iter().map(|(_, who)| who).collect();
        f.debug_struct("Auth")
            .field("fixed", &fixed)
            .finish_non_exhaustive()
    }
}
