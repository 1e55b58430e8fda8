//! Credentials on requests.

use graphloom::Text;
use graphloom::host::{Credential, CredentialKind, HttpRequest};
use graphloom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::headers;
use crate::base64::{Alphabet, encode};

/// How a credential is shown to a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Auth {
    /// As its kind is usually shown: a key or token as `Authorization: Bearer …`, a name with a password as
    /// `Authorization: Basic …`, header lines as they are.
    #[default]
    Auto,
    /// As `Authorization: Bearer …`.
    Bearer,
    /// As `Authorization: Basic …`; a key stands as the name, without a password.
    Basic,
    /// In the header that `auth_name` names.
    Header,
    /// In the query, under the name that `auth_name` gives.
    Query,
}

/// Puts a credential onto a request. A header line that the graph wrote itself stays, and stands alone.
pub(super) fn attach(
    request: HttpRequest,
    credential: &Credential,
    auth: Auth,
    name: Option<&Text>,
) -> Result<HttpRequest, BlockError> {
    let refused = |message: &str| BlockError::Credential {
        name: credential.name.to_string(),
        message: message.to_owned(),
    };
    let token = || {
        credential
            .token()
            .map_err(|error| refused(&error.to_string()))
    };
    let named = || {
        let name = name.filter(|name| !name.is_empty());
        name.ok_or_else(|| {
            BlockError::input(
                "\"auth_name\" says the name of the header, or in the query: give one",
            )
        })
    };
    let header = |request: HttpRequest, name: Text, value| match headers::has(&request, &name) {
        true => request,
        false => request.header(name, value),
    };
    let authorization = || Text::from("authorization");
    Ok(match (auth, &credential.kind) {
        (Auth::Auto, CredentialKind::HostScoped(lines)) => {
            let mut request = request;
            for (name, value) in lines {
                request = header(request, headers::name(name)?, value.clone());
            }
            request
        }
        (Auth::Auto | Auth::Basic, CredentialKind::UserPassword { user, password }) => {
            header(request, authorization(), password.basic(user))
        }
        (Auth::Basic, _) => {
            let basic = |key: &str| {
                format!(
                    "Basic {}",
                    encode(format!("{key}:").as_bytes(), Alphabet::Standard)
                )
            };
            header(request, authorization(), token()?.derive(basic))
        }
        (Auth::Auto | Auth::Bearer, _) => {
            header(request, authorization(), token()?.prefixed("Bearer "))
        }
        (Auth::Header, _) => header(request, headers::name(named()?)?, token()?.clone()),
        (Auth::Query, _) => request.query(named()?.clone(), token()?.clone()),
    })
}
