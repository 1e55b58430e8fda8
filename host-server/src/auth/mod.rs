//! Who asks: from a token to a [`Principal`], before anything of a body is read.
//!
//! A token is one that the settings name ([`Auth::token`]), or a key of this server (`keys`). What a token gives is looked up
//! and never read out of it, and what does not look like one of ours costs no look-up at all.
//!
//! | file | what it is for |
//! |---|---|
//! | `token` | the one token of a request |
//! | `keys` | keys of this server: made, listed, revoked, looked up |
//! | `brief` | what was looked up a moment ago |
//! | `layer` | the layer around the handlers |

mod brief;
mod keys;
mod layer;
mod token;

use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use graphloom::host::{Clock, SystemClock};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};
use crate::records::Records;

pub(crate) use keys::{KeyDraft, KeyKept, Keys};
pub(crate) use layer::layer;
use token::TokenHash;

/// Which tokens are taken.
pub struct Auth {
    /// Tokens that the settings name, by their hashes.
    fixed: Vec<(TokenHash, Principal)>,
    /// Keys of this server; `None` until the application is built.
    keys: Option<Keys>,
    max_keys: usize,
    clock: Arc<dyn Clock>,
}

/// How many keys a tenant may have where nothing else is said.
const MAX_KEYS: usize = 100;

impl Default for Auth {
    fn default() -> Self {
        Self {
            fixed: Vec::new(),
            keys: None,
            max_keys: MAX_KEYS,
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
        self.identify(&token::of(headers)?).await
    }

    /// Returns whose token this is.
    async fn identify(&self, token: &str) -> Result<Principal, Problem> {
        let hash = hash(token);
        // All are compared, so that the time tells nothing.
        let mut found = None;
        for (known, principal) in &self.fixed {
            if bool::from(known[..].ct_eq(&hash[..])) {
                found = Some(principal.clone());
            }
        }
        if let (None, Some(keys), true) = (&found, &self.keys, token::is_key(token)) {
            found = keys.principal(&hash).await?;
        }
        let principal = found.ok_or_else(invalid)?;
        match principal.expires {
            Some(at) if at <= self.clock.now() => {
                Err(Problem::new(ServerCode::AuthExpired, "the token has ended"))
            }
            _ => Ok(principal),
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
