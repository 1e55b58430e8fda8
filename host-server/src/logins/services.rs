//! Services that people log in to, as the settings have them.

use std::collections::BTreeMap;
use std::sync::Arc;

use graphloom::Text;
use graphloom::host::{Clock, HostSet, Secret};
use graphloom::json::{Limits, read_value};
use graphloom::value::from_value;
use graphloom_backends::credentials::oauth::{
    ClientAuth, Login, LoginOptions, OAuthClient, OAuthError, OAuthProvider, SERVICES, TokenBody,
    service,
};
use graphloom_backends::credentials::providers;
use serde::Deserialize;

use crate::ask::hidden;

/// Services that people log in to (OAuth 2): those that come along, what the operator says of them, and others.
#[derive(Debug, Clone, Default)]
pub struct OAuthServices(BTreeMap<Text, Said>);

/// What the operator says of one. What is left out is as it is known.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Said {
    client_id: Option<Text>,
    #[serde(deserialize_with = "hidden::maybe_secret")]
    client_secret: Option<Secret>,
    authorize_url: Option<Text>,
    token_url: Option<Text>,
    scopes: Option<Vec<Text>>,
    separator: Option<Text>,
    extra: Option<BTreeMap<Text, Text>>,
    auth: Option<ClientAuth>,
    body: Option<TokenBody>,
    hosts: Option<HostSet>,
}

/// One that can be logged in to.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// Where its tokens may go; empty: that is not known.
    pub(crate) hosts: HostSet,
    /// What it knows this program by, where the operator says so.
    pub(crate) client: Option<(Text, Option<Secret>)>,
    authorize_url: Text,
    token_url: Text,
    scopes: Vec<Text>,
    separator: Text,
    extra: Vec<(Text, Text)>,
    auth: ClientAuth,
    body: TokenBody,
}

impl OAuthServices {
    /// Returns those that come along, for whoever brings a client.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads what the operator says: a JSON map by name (docs/guides/server-credentials.md).
    ///
    /// # Errors
    /// What is wrong with it, in a line without anything secret.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let value = read_value(bytes, &Limits::default()).map_err(|faults| {
            // Where, and not what: what stands there is not for the eye.
            let told = |fault: &graphloom::Fault| match fault.line {
                Some(line) => format!("{}, line {line}", fault.code),
                None => fault.code.to_string(),
            };
            faults.0.first().map_or_else(String::new, told)
        })?;
        let all: BTreeMap<Text, Said> = from_value(&value).map_err(|error| error.to_string())?;
        let services = Self(all);
        for (name, said) in &services.0 {
            if service(name).is_none() && (said.authorize_url.is_none() || said.token_url.is_none())
            {
                let message = "is none that comes along: it takes an authorize_url and a token_url";
                return Err(format!("{name:?} {message}"));
            }
            if said.client_secret.is_some() && said.client_id.is_none() {
                return Err(format!("{name:?} has a client_secret and no client_id"));
            }
            for url in [&said.authorize_url, &said.token_url].into_iter().flatten() {
                if !url.starts_with("https://") && !url.starts_with("http://") {
                    return Err(format!("{name:?}: {url:?} is no address of the web"));
                }
            }
        }
        Ok(services)
    }

    /// Returns a service.
    pub(crate) fn get(&self, name: &str) -> Option<Service> {
        let (said, known) = (self.0.get(name), service(name));
        if said.is_none() && known.is_none() {
            return None;
        }
        let said = said.cloned().unwrap_or_default();
        let text = |own: Option<Text>, usual: Option<&str>| {
            own.unwrap_or_else(|| Text::from(usual.unwrap_or_default()))
        };
        let usual = OAuthProvider::new(name, "", "");
        let known = known.unwrap_or(&usual);
        let pairs = |(name, value): &(&str, &str)| (Text::from(*name), Text::from(*value));
        let scopes = || {
            known
                .scopes
                .iter()
                .map(|scope| Text::from(*scope))
                .collect()
        };
        Some(Service {
            hosts: said.hosts.unwrap_or_else(|| providers::hosts(name)),
            client: said.client_id.map(|id| (id, said.client_secret)),
            authorize_url: text(said.authorize_url, Some(known.authorize_url)),
            token_url: text(said.token_url, Some(known.token_url)),
            scopes: said.scopes.unwrap_or_else(scopes),
            separator: text(said.separator, Some(known.separator)),
            extra: match said.extra {
                Some(extra) => extra.into_iter().collect(),
                None => known.extra.iter().map(pairs).collect(),
            },
            auth: said.auth.unwrap_or(known.auth),
            body: said.body.unwrap_or(known.body),
        })
    }

    /// Returns the names of all that can be logged in to.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.0.keys().map(Text::as_str);
        own.chain(SERVICES.iter().map(|service| service.name))
    }
}

impl Service {
    /// Begins a login as this client. Returns the client as well, with what it takes to renew what the login gives.
    pub(crate) fn begin(
        &self,
        (id, secret): (Text, Option<Secret>),
        options: LoginOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<(Login, OAuthClient), OAuthError> {
        let client = OAuthClient::new(id, self.token_url.clone())
            .with_secret(secret)
            .with_auth(self.auth)
            .with_body(self.body);
        let scopes: Vec<&str> = self.scopes.iter().map(Text::as_str).collect();
        let extra = self.extra.iter();
        let extra: Vec<(&str, &str)> = extra.map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let mut page = OAuthProvider::new("", &self.authorize_url, &self.token_url);
        page.scopes = &scopes;
        page.separator = &self.separator;
        page.extra = &extra;
        let login = Login::begin(&page, client.clone(), options, clock)?;
        Ok((login, client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_what_is_known() {
        let file = br#"{
            "google": { "client_id": "ours", "client_secret": "s3cret", "scopes": ["mail"] },
            "intranet": { "authorize_url": "https://login.example/a", "token_url": "https://login.example/t",
                "hosts": ["api.example"], "auth": "basic" }
        }"#;
        let services = OAuthServices::from_json(file).expect("it can be read");
        let google = services.get("google").expect("it is known");
        assert_eq!(google.token_url, "https://oauth2.googleapis.com/token");
        assert_eq!(google.scopes, ["mail"]);
        assert_eq!(google.extra.len(), 2);
        assert!(google.hosts.matches("www.googleapis.com", 443));
        assert_eq!(google.client.map(|(id, _)| id), Some("ours".into()));
        let own = services.get("intranet").expect("it is known");
        assert_eq!((own.separator.as_str(), own.auth), (" ", ClientAuth::Basic));
        assert!(own.hosts.matches("api.example", 443));
        assert!(services.get("github").is_some_and(|s| s.client.is_none()));
        assert!(services.get("nobody").is_none());
        assert!(!format!("{services:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_wrong_is_told_without_secrets() {
        for (file, expected) in [
            (r#"{"google": {"client_secret": s3cret}}"#, "line 1"),
            (
                r#"{"google": {"client_id": "a", "client_secret": 123456}}"#,
                "expected a text",
            ),
            (r#"{"google": {"client_secret": "s3cret"}}"#, "no client_id"),
            (r#"{"google": {"client": "a"}}"#, "unknown key"),
            (r#"{"mine": {"client_id": "a"}}"#, "takes an authorize_url"),
            (
                r#"{"mine": {"authorize_url": "javascript:1", "token_url": "https://a"}}"#,
                "no address",
            ),
        ] {
            let error = OAuthServices::from_json(file.as_bytes()).expect_err(file);
            assert!(error.contains(expected), "{file}: {error}");
            assert!(
                !error.contains("s3cret") && !error.contains("123456"),
                "{error}"
            );
        }
    }
}
