//! Logins at services (OAuth 2) that were begun here and are not finished: for ten minutes, once, by whoever comes back with
//! the state that only the service's page was given.
//!
//! They are in memory: a login that was begun before the server was started anew is begun once more. A state is 256 random
//! bits and kept as its hash; what it stands for (tenant, principal, name of the credential, proof key) never leaves the
//! process.

mod services;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::host::{Clock, HostSet, Http, Secret};
use graphloom::{Text, Timestamp};
use graphloom_backends::credentials::oauth::{
    Login, LoginOptions, OAuthClient, OAuthError, Redirected,
};
use sha2::{Digest, Sha256};

use crate::locked::lock;
use crate::principal::{Principal, Tenant};
use crate::problem::{Problem, ServerCode};
use crate::vault::Vault;

pub use services::OAuthServices;
pub(crate) use services::Service;

/// How long a login may take: ten minutes.
const TIME: Duration = Duration::from_secs(600);
/// How many a tenant may have begun at a time.
const MAX_OPEN: usize = 100;
/// How many all tenants may have begun at a time.
const MAX_ALL: usize = 10_000;

/// Logins of all tenants.
pub(crate) struct Logins {
    pub(crate) services: OAuthServices,
    /// Where services send people back to.
    redirect: Option<Text>,
    http: Option<Arc<dyn Http>>,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<[u8; 32], Open>>,
}

/// A login that was begun.
struct Open {
    login: Login,
    client: OAuthClient,
    whose: Whose,
    until: Timestamp,
}

/// For whom a login is, and what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    pub(crate) tenant: Tenant,
    /// Who has begun it; what it gives is not kept once they may do nothing here any more.
    pub(crate) principal: Principal,
    /// What the credential will be called.
    pub(crate) name: Text,
    pub(crate) provider: Text,
    pub(crate) hosts: HostSet,
}

/// What is told of a login that was begun.
pub(crate) struct Begun {
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) until: Timestamp,
}

impl Logins {
    /// `public_url` is where people reach this server.
    pub(crate) fn new(
        services: OAuthServices,
        public_url: Option<&str>,
        http: Option<Arc<dyn Http>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let redirect = public_url.map(|url| {
            let url = url.trim_end_matches('/');
            Text::from(format!("{url}/oauth/callback"))
        });
        Self {
            services,
            redirect,
            http,
            clock,
            open: Mutex::default(),
        }
    }

    /// Begins a login.
    ///
    /// # Errors
    /// `HTTP_UNAVAILABLE` where people could not come back; `HTTP_TOO_MANY`.
    pub(crate) fn begin(
        &self,
        service: &Service,
        client: (Text, Option<Secret>),
        scopes: Vec<Text>,
        whose: Whose,
    ) -> Result<Begun, Problem> {
        let missing = |what: &str| Problem::new(ServerCode::Unavailable, what.to_owned());
        let redirect = self.redirect.clone().ok_or_else(|| {
            missing("the server does not know where people reach it: set `public_url`")
        })?;
        if self.http.is_none() {
            return Err(missing("the server has no web client"));
        }
        let options = LoginOptions::new(redirect).scopes(scopes).time(TIME);
        let begun = service.begin(client, options, Arc::clone(&self.clock));
        let (login, client) = begun.map_err(Problem::internal)?;
        let state = login
            .state()
            .ok_or_else(|| Problem::internal("a login is over at once"))?;
        let now = self.clock.now();
        let until = Timestamp(now.as_millis() + TIME.as_millis() as i64);
        let begun = Begun {
            url: login.url().to_owned(),
            state: (*state).clone(),
            until,
        };
        let mut open = lock(&self.open);
        open.retain(|_, one| one.until > now);
        let own = open.values().filter(|one| one.whose.tenant == whose.tenant);
        if own.count() >= MAX_OPEN || open.len() >= MAX_ALL {
            let detail = format!("at most {MAX_OPEN} logins can be begun at a time");
            return Err(Problem::new(ServerCode::TooMany, detail).retry_after(TIME.as_secs()));
        }
        let one = Open {
            login,
            client,
            whose,
            until,
        };
        open.insert(hash(&state), one);
        Ok(begun)
    }

    /// Finishes the login that someone comes back from, and keeps what it gave. Whatever comes of it, it is over.
    ///
    /// # Errors
    /// `OAUTH_STATE` for one that was not begun here, is over, or whose principal is; `OAUTH_DENIED` where the person or the
    /// service sends back no code; `OAUTH_SERVICE` where the service gives no token.
    pub(crate) async fn finish(&self, vault: &Vault, query: &str) -> Result<Whose, Problem> {
        let state = Redirected::state_of(query).ok_or_else(unknown)?;
        let one = self.take(&state).ok_or_else(unknown)?;
        let Some(http) = &self.http else {
            return Err(unknown());
        };
        // What the person comes back with is theirs or the service's word, without anybody having been asked.
        let back = Redirected::read(query).map_err(|error| {
            noted(&one.whose, &error);
            Problem::new(ServerCode::OAuthDenied, error.to_string())
        })?;
        let tokens = one.login.finish(http, &back).await;
        let tokens = tokens.map_err(|error| told(&one.whose, &error))?;
        let whose = one.whose;
        let names = (whose.name.as_str(), whose.provider.as_str());
        vault
            .put_tokens(
                &whose.tenant,
                names,
                whose.hosts.clone(),
                one.client,
                tokens,
            )
            .await?;
        tracing::info!(tenant = %whose.tenant, subject = %whose.principal.subject, name = %whose.name,
            provider = %whose.provider, "a login was finished");
        Ok(whose)
    }

    fn take(&self, state: &str) -> Option<Open> {
        let now = self.clock.now();
        let mut open = lock(&self.open);
        let one = open.remove(&hash(state))?;
        let ends = one.whose.principal.expires;
        (one.until > now && ends.is_none_or(|ends| ends > now)).then_some(one)
    }
}

fn hash(state: &str) -> [u8; 32] {
    Sha256::digest(state.as_bytes()).into()
}

fn unknown() -> Problem {
    let detail = "this login was not begun here, or is over: begin another";
    Problem::new(ServerCode::OAuthState, detail)
}

fn noted(whose: &Whose, error: &OAuthError) {
    tracing::info!(tenant = %whose.tenant, subject = %whose.principal.subject, name = %whose.name,
        provider = %whose.provider, %error, "a login failed");
}

fn told(whose: &Whose, error: &OAuthError) -> Problem {
    noted(whose, error);
    match error {
        OAuthError::State | OAuthError::Over => unknown(),
        _ => Problem::new(ServerCode::OAuthService, error.to_string()),
    }
}
