//! A person's way through a service's page: the address to show, and what comes back from it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphloom::Text;
use graphloom::host::{Clock, Http, Secret};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::encode::{pairs, read_pairs, shown};
use super::error::OAuthError;
use super::services::OAuthProvider;
use super::token::{OAuthClient, Tokens};

/// A login that was begun here. It is finished once, and not later than its time.
pub struct Login {
    url: String,
    client: OAuthClient,
    redirect_uri: Text,
    clock: Arc<dyn Clock>,
    until: Duration,
    open: Mutex<Option<Open>>,
}

/// What nobody else knows of it.
struct Open {
    state: Zeroizing<String>,
    verifier: Zeroizing<String>,
}

/// What a login asks for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoginOptions {
    /// Where the service sends the person back to.
    pub redirect_uri: Text,
    /// What is asked for; the service's usual where empty.
    pub scopes: Vec<Text>,
    /// How long it may take: 10 minutes where nothing else is said.
    pub time: Duration,
}

impl LoginOptions {
    /// Returns a login that comes back to this address.
    #[must_use]
    pub fn new(redirect_uri: impl Into<Text>) -> Self {
        Self {
            redirect_uri: redirect_uri.into(),
            scopes: Vec::new(),
            time: Duration::from_secs(600),
        }
    }

    /// Says what is asked for.
    #[must_use]
    pub fn scopes<S: Into<Text>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Says how long it may take.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }
}

/// What a service said when it sent a person back: the query of the address.
#[non_exhaustive]
pub struct Redirected {
    /// What tells which login it belongs to.
    pub state: String,
    /// What tokens are had for.
    pub code: Secret,
}

impl fmt::Debug for Redirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirected").finish_non_exhaustive()
    }
}

impl Redirected {
    /// Returns what tells which login the query of the address that a person was sent back to belongs to, whatever else the
    /// service says.
    #[must_use]
    pub fn state_of(query: &str) -> Option<String> {
        let mut pairs = read_pairs(query);
        pairs.find_map(|(name, value)| (name == "state").then_some(value))
    }

    /// Reads the query of the address that the person was sent back to, or the whole address.
    ///
    /// # Errors
    /// [`OAuthError::Refused`] where the service, or the person, said no; [`OAuthError::Request`] where it is no such query.
    pub fn read(address: &str) -> Result<Self, OAuthError> {
        let query = address.split_once('?').map_or(address, |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let (mut state, mut code, mut error) = (None, None, None);
        for (name, value) in read_pairs(query) {
            match name.as_str() {
                "state" => state = Some(value),
                "code" => code = Some(Secret::new(value)),
                "error" => error = Some(value),
                _ => {}
            }
        }
        if let Some(code) = error {
            return Err(OAuthError::Refused {
                host: "the service".to_owned(),
                code: shown(&code).into_owned(),
                description: String::new(),
            });
        }
        match (state, code) {
            (Some(state), Some(code)) => Ok(Self { state, code }),
            _ => Err(OAuthError::Request {
                message: "the address that the service sends back to has a code and a state behind its ?, and this has not".to_owned(),
            }),
        }
    }
}

impl Login {
    /// Begins a login: show [`Login::url`] to the person.
    ///
    /// # Errors
    /// [`OAuthError::Request`] where the system gives no random bytes.
    pub fn begin(
        service: &OAuthProvider<'_>,
        client: OAuthClient,
        options: LoginOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OAuthError> {
        let (state, verifier) = (random()?, random()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let usual = service.scopes.iter().map(|scope| Text::from(*scope));
        let scopes: Vec<Text> = match options.scopes.is_empty() {
            true => usual.collect(),
            false => options.scopes,
        };
        let scopes = scopes
            .iter()
            .map(Text::as_str)
            .collect::<Vec<_>>()
            .join(service.separator);
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", client.id.as_str()),
            ("redirect_uri", options.redirect_uri.as_str()),
            ("state", state.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        if !scopes.is_empty() {
            query.push(("scope", &scopes));
        }
        query.extend(service.extra.iter().copied());
        Ok(Self {
            url: format!("{}?{}", service.authorize_url, pairs(query)),
            client,
            redirect_uri: options.redirect_uri,
            until: clock.elapsed().saturating_add(options.time),
            clock,
            open: Mutex::new(Some(Open { state, verifier })),
        })
    }

    /// Returns the address of the service's page, to be opened by the person who logs in.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns what the service sends back with the person, by which a host that has begun several logins finds this one.
    /// `None`: it is over.
    #[must_use]
    pub fn state(&self) -> Option<Zeroizing<String>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map(|open| open.state.clone())
    }

    /// Exchanges what came back for tokens. It can be tried once: a code that was sent twice is not to be trusted. What
    /// does not belong to this login changes nothing.
    ///
    /// # Errors
    /// [`OAuthError::State`] for what belongs to another login, [`OAuthError::Over`] for what comes twice or too late, and
    /// what the service says.
    pub async fn finish(
        &self,
        http: &Arc<dyn Http>,
        back: &Redirected,
    ) -> Result<Tokens, OAuthError> {
        let verifier = self.take(&back.state)?;
        let asked = [
            ("grant_type", "authorization_code"),
            ("code", back.code.expose()),
            ("redirect_uri", &*self.redirect_uri),
            ("code_verifier", &**verifier),
        ];
        self.client.ask(http, &self.clock, &asked).await
    }

    fn take(&self, state: &str) -> Result<Zeroizing<String>, OAuthError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.as_ref().ok_or(OAuthError::Over)?;
        // In the same time wherever they differ: how much of it was right must not be told.
        if !bool::from(own.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err(OAuthError::State);
        }
        let own = open.take().ok_or(OAuthError::Over)?;
        if self.clock.elapsed() > self.until {
            return Err(OAuthError::Over);
        }
        Ok(own.verifier)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("client", &self.client.id)
            .finish_non_exhaustive()
    }
}

/// Returns 43 characters that nobody can guess.
fn random() -> Result<Zeroizing<String>, OAuthError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| OAuthError::Request {
        message: format!("the system gives no random bytes: {error}"),
    })?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
}
