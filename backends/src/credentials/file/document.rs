//! The file as it is written: see docs/formats/credentials.md.

use std::collections::BTreeMap;

use graphloom::Timestamp;
use graphloom::host::{Credential, CredentialKind, HostSet, Secret};
use graphloom::json::{Limits, read_value, to_json, to_json_pretty};
use graphloom::value::{from_value, to_value};
use graphloom::{Text, Value};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::credentials::keys::{Key, Keys};
use crate::credentials::oauth::{ClientAuth, OAuthClient, TokenBody};
use crate::credentials::{KeyError, seal};

/// The format that is written, and the latest that is read.
pub(super) const FORMAT: u64 = 1;

/// What the file says it is.
const MAGIC: &str = "graphloom-credentials";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    is: String,
    format: u64,
    pub(super) credentials: BTreeMap<String, Kept>,
}

/// One credential: what may be seen, and what is sealed together with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) about: About,
    key: Text,
    sealed: String,
}

/// What may be seen of a credential, and cannot be changed without its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    pub(super) provider: Text,
    pub(super) kind: Kind,
    pub(super) hosts: HostSet,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) oauth: Option<OAuth>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    ApiKey,
    UserPassword,
    HostScoped,
    Oauth2,
}

/// What may be seen of tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OAuth {
    pub(super) scopes: Vec<Text>,
    pub(super) expires_at: Option<Timestamp>,
    /// Who renews it, and where; nobody without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<Client>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) id: Text,
    pub(super) token_url: Text,
    pub(super) auth: ClientAuth,
    pub(super) body: TokenBody,
}

/// What is sealed; wiped when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Secrets {
    #[serde(rename = "secret")]
    One(Zeroizing<String>),
    #[serde(rename = "headers")]
    Headers(Vec<(Text, Zeroizing<String>)>),
    #[serde(rename = "tokens")]
    Tokens {
        access: Zeroizing<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refresh: Option<Zeroizing<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_secret: Option<Zeroizing<String>>,
    },
}

/// Why what is sealed does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shut {
    NoKey(Text),
    Broken,
}

/// Why bytes are no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    Foreign,
    Newer(u64),
    Damaged(String),
}

impl Document {
    pub(super) fn new() -> Self {
        Self {
            is: MAGIC.to_owned(),
            format: FORMAT,
            credentials: BTreeMap::new(),
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unread> {
        let value = read_value(bytes, &Limits::default());
        let value = value.map_err(|faults| match faults.0.first() {
            // Where, and not what: what stands there is not for the eye.
            Some(fault) if bytes.starts_with(b"{") => Unread::Damaged(fault.line.map_or_else(
                || fault.code.to_string(),
                |line| format!("{}, line {line}", fault.code),
            )),
            _ => Unread::Foreign,
        })?;
        if value.get("is").and_then(Value::as_str) != Some(MAGIC) {
            return Err(Unread::Foreign);
        }
        match value.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(found) if found > FORMAT => return Err(Unread::Newer(found)),
            _ => return Err(Unread::Damaged("it says no format".to_owned())),
        }
        from_value(&value).map_err(|error| Unread::Damaged(error.to_string()))
    }

    pub(super) fn write(&self) -> Result<String, String> {
        let value = to_value(self).map_err(|error| error.to_string())?;
        Ok(to_json_pretty(&value) + "\n")
    }
}

impl Kept {
    pub(super) fn seal(
        name: &str,
        about: About,
        secrets: &Secrets,
        key: &Key,
    ) -> Result<Self, KeyError> {
        let plain = serde_json::to_vec(secrets).map(Zeroizing::new);
        // Texts in a map always have a JSON form.
        let plain = plain.map_err(|_| KeyError::TooLong { bytes: 0 })?;
        let sealed = seal::seal(key, &bound(name, key.id(), &about), &plain)?;
        Ok(Self {
            about,
            key: key.id().clone(),
            sealed,
        })
    }

    pub(super) fn open(&self, name: &str, keys: &Keys) -> Result<Secrets, Shut> {
        let key = keys.get(&self.key);
        let key = key.ok_or_else(|| Shut::NoKey(self.key.clone()))?;
        let plain = seal::open(key, &bound(name, &self.key, &self.about), &self.sealed);
        let plain = plain.map_err(|_| Shut::Broken)?;
        serde_json::from_slice(&plain).map_err(|_| Shut::Broken)
    }

    pub(super) const fn key(&self) -> &Text {
        &self.key
    }
}

/// What the ciphertext is bound to: whose it is and what is said of it. Who changes the file without having the key can
/// neither give a secret to another name nor send it to another host.
fn bound(name: &str, key: &str, about: &About) -> Vec<u8> {
    // It was a value when it was written or read.
    let about = to_value(about).unwrap_or_default();
    let all = graphloom::value!({ "is": MAGIC, "format": FORMAT, "name": name, "key": key, "about": (about) });
    to_json(&all).into_bytes()
}

/// Parts a credential.
pub(super) fn parts(credential: &Credential, now: Timestamp) -> (About, Secrets) {
    let hosts = credential
        .secrets()
        .first()
        .map(|secret| secret.hosts().clone());
    let text = |secret: &Secret| Zeroizing::new(secret.expose().to_owned());
    let (mut user, mut oauth) = (None, None);
    let (kind, secrets) = match &credential.kind {
        CredentialKind::UserPassword {
            user: own,
            password,
        } => {
            user = Some(own.clone());
            (Kind::UserPassword, Secrets::One(text(password)))
        }
        CredentialKind::HostScoped(headers) => {
            let headers = headers.iter();
            let headers = headers.map(|(name, value)| (name.clone(), text(value)));
            (Kind::HostScoped, Secrets::Headers(headers.collect()))
        }
        CredentialKind::OAuth2 {
            access_token,
            scopes,
        } => {
            oauth = Some(OAuth {
                scopes: scopes.clone(),
                expires_at: None,
                client: None,
            });
            let secrets = Secrets::Tokens {
                access: text(access_token),
                refresh: None,
                client_secret: None,
            };
            (Kind::Oauth2, secrets)
        }
        CredentialKind::ApiKey(secret) => (Kind::ApiKey, Secrets::One(text(secret))),
        // A kind of later: what all have is a token.
        _ => {
            let secret = credential.token().map(text).unwrap_or_default();
            (Kind::ApiKey, Secrets::One(secret))
        }
    };
    let about = About {
        provider: credential.provider.clone(),
        kind,
        hosts: hosts.unwrap_or_default(),
        user,
        oauth,
        created_at: now,
        updated_at: now,
    };
    (about, secrets)
}

/// Puts the parts together again; `None` where they do not belong together.
pub(super) fn whole(name: &str, about: &About, secrets: &Secrets) -> Option<Credential> {
    let secret = |text: &Zeroizing<String>| Secret::new(text.as_str());
    let kind = match (about.kind, secrets) {
        (Kind::ApiKey, Secrets::One(own)) => CredentialKind::ApiKey(secret(own)),
        (Kind::UserPassword, Secrets::One(own)) => CredentialKind::UserPassword {
            user: about.user.clone()?,
            password: secret(own),
        },
        (Kind::HostScoped, Secrets::Headers(headers)) => {
            let headers = headers.iter();
            let headers = headers.map(|(name, value)| (name.clone(), secret(value)));
            CredentialKind::HostScoped(headers.collect())
        }
        (Kind::Oauth2, Secrets::Tokens { access, .. }) => CredentialKind::OAuth2 {
            access_token: secret(access),
            scopes: about.oauth.as_ref()?.scopes.clone(),
        },
        _ => return None,
    };
    let credential = Credential::new(name, kind).of(about.provider.clone());
    Some(credential.for_hosts(&about.hosts))
}

impl Client {
    pub(super) fn of(client: &OAuthClient) -> Self {
        Self {
            id: client.id.clone(),
            token_url: client.token_url.clone(),
            auth: client.auth,
            body: client.body,
        }
    }

    pub(super) fn with_secret(&self, secret: Option<&Zeroizing<String>>) -> OAuthClient {
        let secret = secret.map(|text| Secret::new(text.as_str()));
        OAuthClient::new(self.id.clone(), self.token_url.clone())
            .with_secret(secret)
            .with_auth(self.auth)
            .with_body(self.body)
    }
}
