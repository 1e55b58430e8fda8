//! Who asks: from a token to a [`Principal`], before anything of a body is read.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::App;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};

/// Which tokens are taken.
#[derive(Debug, Default)]
pub struct Auth {
    /// Tokens that the settings name, by their hashes.
    fixed: Vec<(Hash, Principal)>,
}

type Hash = [u8; 32];

impl Auth {
    /// Returns one that takes no token.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes this token, for this principal. Only its hash is kept.
    #[must_use]
    pub fn token(mut self, token: &str, principal: Principal) -> Self {
        self.fixed
            .push((Sha256::digest(token.as_bytes()).into(), principal));
        self
    }

    /// Returns who shows a token.
    ///
    /// # Errors
    /// `AUTH_MISSING` where there is none, or more than one; `AUTH_INVALID`, `AUTH_EXPIRED`.
    pub fn principal(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        let token = token(headers)?;
        let hash: Hash = Sha256::digest(token.as_bytes()).into();
        // All are compared, so that the time tells nothing.
        let mut found = None;
        for (known, principal) in &self.fixed {
            if bool::from(known[..].ct_eq(&hash[..])) {
                found = Some(principal.clone());
            }
        }
        found.ok_or_else(|| {
            Problem::new(
                ServerCode::AuthInvalid,
                "the token is not one that this server takes",
            )
        })
    }
}

/// Returns the one token of a request: `Authorization: Bearer TOKEN`, or `X-API-Key: KEY`.
fn token(headers: &HeaderMap) -> Result<Text, Problem> {
    let bearer = headers.get_all(header::AUTHORIZATION).iter();
    let key = headers.get_all("x-api-key").iter();
    let mut all = bearer.map(|v| (true, v)).chain(key.map(|v| (false, v)));
    let missing = |why: &str| Problem::new(ServerCode::AuthMissing, why.to_owned());
    let (Some((is_bearer, only)), None) = (all.next(), all.next()) else {
        return Err(missing("send one token, by `Authorization: Bearer TOKEN`"));
    };
    let invalid = || Problem::new(ServerCode::AuthInvalid, "the token cannot be read");
    let only = only.to_str().map_err(|_| invalid())?;
    let token = if is_bearer {
        let (scheme, token) = only.split_once(' ').ok_or_else(invalid)?;
        // The scheme is written in any case (RFC 9110, 11.1).
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(invalid());
        }
        token
    } else {
        only
    };
    if token.is_empty() || token.len() > MAX_TOKEN || token.contains(' ') {
        return Err(invalid());
    }
    Ok(Text::from(token))
}

/// How long a token may be.
const MAX_TOKEN: usize = 16 << 10;

/// The layer: finds out who asks. A principal that is there already, from whoever embeds the router, is left.
pub(crate) async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Principal>().is_none() {
        match app.auth().principal(request.headers()) {
            Ok(principal) => drop(request.extensions_mut().insert(principal)),
            Err(problem) => return problem.into_response(),
        }
    }
    next.run(request).await
}
