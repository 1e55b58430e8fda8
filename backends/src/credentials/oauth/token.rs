//! The token endpoint: a code, or a refresh token, for an access token.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::{Body, Clock, HostSet, Http, HttpRequest, Redactor, Secret};
use graphloom::json::{Limits, read_value, to_json};
use graphloom::value::Map;
use graphloom::{Text, Timestamp, Value};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::encode::{pairs, percent, shown};
use super::error::OAuthError;

/// How long a token endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How large its answer may be: 256 KiB.
const MAX_BYTES: u64 = 256 << 10;

/// How a client says who it is (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuth {
    /// In the body, beside what it asks for.
    #[default]
    Body,
    /// In a header line, as HTTP's basic authentication.
    Basic,
}

/// What a token endpoint is asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenBody {
    /// A form, as RFC 6749 has it.
    #[default]
    Form,
    /// A JSON map.
    Json,
}

/// Who asks for tokens, and where.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OAuthClient {
    /// What the service knows the asking program by; no secret.
    pub id: Text,
    /// What a program that can keep a secret shows beside it.
    pub secret: Option<Secret>,
    /// Where tokens are given.
    pub token_url: Text,
    /// How it says who it is.
    pub auth: ClientAuth,
    /// What it asks in.
    pub body: TokenBody,
}

impl OAuthClient {
    /// Returns a client without a secret.
    #[must_use]
    pub fn new(id: impl Into<Text>, token_url: impl Into<Text>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            token_url: token_url.into(),
            auth: ClientAuth::Body,
            body: TokenBody::Form,
        }
    }

    /// Adds the client's secret.
    #[must_use]
    pub fn with_secret(mut self, secret: Option<Secret>) -> Self {
        self.secret = secret;
        self
    }

    /// Says how it says who it is.
    #[must_use]
    pub fn with_auth(mut self, auth: ClientAuth) -> Self {
        self.auth = auth;
        self
    }

    /// Says what it asks in.
    #[must_use]
    pub fn with_body(mut self, body: TokenBody) -> Self {
        self.body = body;
        self
    }

    /// Exchanges a refresh token (RFC 6749, section 6). The service may give a new one along, and then the one that was
    /// sent is no longer good: what comes back has the one to keep.
    ///
    /// # Errors
    /// [`OAuthError`]; `invalid_grant` means that a person has to log in again.
    pub async fn refresh(
        &self,
        http: &Arc<dyn Http>,
        clock: &Arc<dyn Clock>,
        refresh_token: &Secret,
    ) -> Result<Tokens, OAuthError> {
        let asked = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ];
        let mut tokens = self.ask(http, clock, &asked).await?;
        tokens.refresh.get_or_insert_with(|| refresh_token.clone());
        Ok(tokens)
    }

    /// Asks the token endpoint.
    pub(super) async fn ask(
        &self,
        http: &Arc<dyn Http>,
        clock: &Arc<dyn Clock>,
        asked: &[(&str, &str)],
    ) -> Result<Tokens, OAuthError> {
        let (host, hosts) = self.host()?;
        let began = clock.now();
        let mut fields = asked.to_vec();
        let mut request =
            HttpRequest::new("POST", self.token_url.clone()).header("accept", "application/json");
        match (self.auth, &self.secret) {
            (ClientAuth::Basic, secret) => {
                let empty = Secret::new("");
                let password = secret.as_ref().unwrap_or(&empty);
                // Both are form-encoded before they are put together (section 2.3.1).
                let mut user = String::new();
                percent(&mut user, &self.id);
                let password = password.derive(|password| {
                    let mut encoded = String::new();
                    percent(&mut encoded, password);
                    encoded
                });
                let basic = password.for_hosts(hosts.clone()).basic(&user);
                request = request.header("authorization", basic);
            }
            (ClientAuth::Body, secret) => {
                fields.push(("client_id", &self.id));
                if let Some(secret) = secret {
                    fields.push(("client_secret", secret.expose()));
                }
            }
        }
        let (media, body) = match self.body {
            TokenBody::Form => ("application/x-www-form-urlencoded", pairs(fields)),
            TokenBody::Json => {
                let fields = fields.into_iter();
                let map: Map = fields
                    .map(|(name, value)| (Text::from(name), Value::from(value)))
                    .collect();
                ("application/json", to_json(&map.into()))
            }
        };
        request = request.header("content-type", media);
        request.body = Body::Secret(Secret::new(body).for_hosts(hosts));
        request.redirects = Some(0);
        request.max_bytes = Some(MAX_BYTES);
        request.timeout = Some(TIMEOUT);
        let failed = |source| OAuthError::Egress {
            host: host.clone(),
            source,
        };
        let answer = http.send(request).await.map_err(failed)?;
        let (status, is_success) = (answer.status, answer.is_success());
        let bytes = Zeroizing::new(answer.body.bytes().await.map_err(failed)?);
        // A service may say in an error what it was sent.
        let redactor = Redactor::new();
        for (_, value) in asked.iter().filter(|(name, _)| *name != "grant_type") {
            redactor.learn(&Secret::new(*value));
        }
        if let Some(secret) = &self.secret {
            redactor.learn(secret);
        }
        read(&bytes, status, is_success, &host, began, &redactor)
    }

    /// Returns the host of the token endpoint, and the machines that what is sent there may go to: it alone.
    fn host(&self) -> Result<(String, HostSet), OAuthError> {
        let wrong = |message: String| OAuthError::Request { message };
        let rest = match self.token_url.split_once("://") {
            Some(("https", rest)) => rest,
            // On one machine, as in tests; the web client refuses a secret to another.
            Some(("http", rest)) => rest,
            _ => {
                return Err(wrong(format!(
                    "\"{}\" is no address of a token endpoint: expected https://…",
                    self.token_url
                )));
            }
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let hosts = HostSet::parse([host]).map_err(|error| wrong(error.to_string()))?;
        Ok((host.to_owned(), hosts))
    }
}

/// What a service gave.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tokens {
    /// What opens doors for a while.
    pub access: Secret,
    /// What the next one is had for.
    pub refresh: Option<Secret>,
    /// When the access token ends, where the service says so.
    pub expires_at: Option<Timestamp>,
    /// What it is good for, where the service says so.
    pub scopes: Option<Vec<Text>>,
}

impl Tokens {
    /// Returns an access token that does not end and is not renewed.
    #[must_use]
    pub fn new(access: Secret) -> Self {
        Self {
            access,
            refresh: None,
            expires_at: None,
            scopes: None,
        }
    }

    /// Adds what the next one is had for.
    #[must_use]
    pub fn with_refresh(mut self, refresh: Secret) -> Self {
        self.refresh = Some(refresh);
        self
    }

    /// Says when the access token ends.
    #[must_use]
    pub fn until(mut self, ends: Timestamp) -> Self {
        self.expires_at = Some(ends);
        self
    }
}

fn read(
    bytes: &[u8],
    status: u16,
    is_success: bool,
    host: &str,
    began: Timestamp,
    redactor: &Redactor,
) -> Result<Tokens, OAuthError> {
    let wrong = |message: String| OAuthError::Answer {
        host: host.to_owned(),
        message,
    };
    let answer = read_value(bytes, &Limits::default())
        .map_err(|_| wrong(format!("status {status}, and no JSON")))?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    // Some say no with a status of success.
    if let Some(code) = text("error") {
        let description = text("error_description").unwrap_or_default();
        let description = match &*redactor.clean(&shown(description)) {
            "" => String::new(),
            known => format!(" ({known})"),
        };
        return Err(OAuthError::Refused {
            host: host.to_owned(),
            code: redactor.clean(&shown(code)).into_owned(),
            description,
        });
    }
    if !is_success {
        return Err(wrong(format!("status {status}")));
    }
    let access = text("access_token").filter(|token| !token.is_empty());
    let access = access.ok_or_else(|| wrong("there is no access_token".to_owned()))?;
    if let Some(kind) = text("token_type")
        && !kind.eq_ignore_ascii_case("bearer")
    {
        let message = format!("its tokens are of the type \"{}\", not bearer", shown(kind));
        return Err(wrong(message));
    }
    let seconds = answer.get("expires_in").and_then(|value| match value {
        // As a number by the standard, as a text by some.
        Value::Text(text) => text.parse::<f64>().ok(),
        other => other.as_f64(),
    });
    // Counted from before it was asked for: too early is harmless.
    let expires_at = seconds.filter(|seconds| *seconds > 0.0).map(|seconds| {
        let millis = (seconds * 1_000.0).min(1e15) as i64;
        Timestamp(began.as_millis().saturating_add(millis))
    });
    let refresh = text("refresh_token").filter(|token| !token.is_empty());
    Ok(Tokens {
        access: Secret::new(access),
        refresh: refresh.map(Secret::new),
        expires_at,
        scopes: text("scope").map(|scopes| {
            let each = scopes.split([' ', ',']).filter(|scope| !scope.is_empty());
            each.map(Text::from).collect()
        }),
    })
}
