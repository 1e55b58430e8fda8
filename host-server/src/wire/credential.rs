//! Credentials: what may be seen of them goes out, what is secret only comes in.

use graphloom::Text;
use graphloom::host::Secret;
use graphloom_backends::credentials::Entry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::moment;
use crate::ask::hidden;

/// A credential to be kept. What is secret in it is never shown again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialBody {
    /// `api_key` (a `secret`), `user_password` (a `user` and a `secret`) or `host_scoped` (`headers`).
    #[serde(deserialize_with = "hidden::text")]
    #[schema(value_type = String, pattern = "^(api_key|user_password|host_scoped)$")]
    pub kind: Text,
    /// Whose it is: `openai`, `github`; left out: as the credential is called.
    #[serde(default, deserialize_with = "hidden::maybe_text")]
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_.:/-]{1,128}$", required = false)]
    pub provider: Option<Text>,
    /// Where its secrets may go, as `api.example.com`, `*.example.com` or `api.example.com:8443`; left out: to the
    /// provider's own hosts, where they are known.
    #[serde(default, deserialize_with = "hidden::maybe_texts")]
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 100, required = false)]
    pub hosts: Option<Vec<Text>>,
    /// The name that goes with a password.
    #[serde(default, deserialize_with = "hidden::maybe_text")]
    #[schema(value_type = String, min_length = 1, max_length = 1024, required = false)]
    pub user: Option<Text>,
    /// The key or the password, of at most 64 KiB.
    #[serde(default, deserialize_with = "hidden::maybe_secret")]
    #[schema(value_type = String, min_length = 1, max_length = 65536, format = Password, write_only, required = false)]
    pub secret: Option<Secret>,
    /// Header lines by name, each of them secret.
    #[serde(default, deserialize_with = "hidden::maybe_secrets")]
    #[schema(value_type = std::collections::BTreeMap<String, String>, write_only, required = false)]
    pub headers: Option<Vec<(Text, Secret)>>,
}

/// What may be seen of a credential.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialView {
    /// What it is called.
    pub name: String,
    /// Whose it is.
    #[schema(value_type = String)]
    pub provider: Text,
    /// `api_key`, `user_password`, `host_scoped` or `oauth2`.
    pub kind: &'static str,
    /// Where its secrets may go.
    pub hosts: Vec<String>,
    /// The name that goes with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub user: Option<Text>,
    /// What a token is good for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false)]
    pub scopes: Vec<Text>,
    /// When a token ends; it is renewed before, where that is possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// When it was first kept.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When its secrets were last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<Entry> for CredentialView {
    fn from(entry: Entry) -> Self {
        Self {
            name: entry.name,
            provider: entry.provider,
            kind: entry.kind,
            hosts: entry.hosts.iter().map(ToString::to_string).collect(),
            user: entry.user,
            scopes: entry.scopes,
            expires_at: entry.expires_at.map(moment),
            created_at: moment(entry.created_at),
            updated_at: moment(entry.updated_at),
        }
    }
}

/// A login that is to be begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// The service: one of those that come along (`google`, `github`, …) or of the settings; left out: as the credential
    /// is called.
    #[serde(default, deserialize_with = "hidden::maybe_text")]
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_.:/-]{1,128}$", required = false)]
    pub provider: Option<Text>,
    /// What is asked for; left out: the service's usual.
    #[serde(default, deserialize_with = "hidden::maybe_texts")]
    #[schema(value_type = Vec<String>, max_items = 100, required = false)]
    pub scopes: Option<Vec<Text>>,
    /// Where the token may go; left out: to the service's own hosts, where they are known.
    #[serde(default, deserialize_with = "hidden::maybe_texts")]
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 100, required = false)]
    pub hosts: Option<Vec<Text>>,
    /// What the service knows the asking program by; left out: the one of the settings.
    #[serde(default)]
    #[schema(required = false)]
    pub client: Option<ClientBody>,
}

/// What a service knows a program by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientBody {
    /// Its id; no secret.
    #[serde(deserialize_with = "hidden::text")]
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    pub id: Text,
    /// Its secret, where it has one.
    #[serde(default, deserialize_with = "hidden::maybe_secret")]
    #[schema(value_type = String, min_length = 1, max_length = 65536, format = Password, write_only, required = false)]
    pub secret: Option<Secret>,
}

/// A login that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginView {
    /// The page of the service that the person opens who is to log in: nobody else.
    pub authorize_url: String,
    /// What tells this login from others when the person comes back.
    pub state: String,
    /// Until when it can be finished.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A login that was finished: the credential is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedInView {
    /// What the credential is called.
    #[schema(value_type = String)]
    pub name: Text,
    /// The service.
    #[schema(value_type = String)]
    pub provider: Text,
}
