//! Services whose addresses are known: data, each with the vendor's page that says so.

use super::token::{ClientAuth, TokenBody};

/// How a service is asked for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthProvider<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The page where a person says yes.
    pub authorize_url: &'a str,
    /// Where tokens are given.
    pub token_url: &'a str,
    /// Where they are taken back (RFC 7009), where there is such a place.
    pub revoke_url: Option<&'a str>,
    /// What is asked for where nothing is said.
    pub scopes: &'a [&'a str],
    /// What stands between two scopes.
    pub separator: &'a str,
    /// What else the address of its page needs.
    pub extra: &'a [(&'a str, &'a str)],
    /// How it wants to know who asks.
    pub auth: ClientAuth,
    /// What it wants to be asked in.
    pub body: TokenBody,
    /// The vendor's page about it.
    pub page: &'a str,
}

impl<'a> OAuthProvider<'a> {
    /// Returns a service with the usual ways: scopes with spaces between, a form, the client's secret in the body.
    #[must_use]
    pub const fn new(name: &'a str, authorize_url: &'a str, token_url: &'a str) -> Self {
        Self {
            name,
            authorize_url,
            token_url,
            ..USUAL
        }
    }
}

const USUAL: OAuthProvider<'static> = OAuthProvider {
    name: "",
    authorize_url: "",
    token_url: "",
    revoke_url: None,
    scopes: &[],
    separator: " ",
    extra: &[],
    auth: ClientAuth::Body,
    body: TokenBody::Form,
    page: "",
};

/// Every service that is known, by name.
pub const SERVICES: &[OAuthProvider<'static>] = &[
    OAuthProvider {
        name: "discord",
        authorize_url: "https://discord.com/oauth2/authorize",
        token_url: "https://discord.com/api/oauth2/token",
        revoke_url: Some("https://discord.com/api/oauth2/token/revoke"),
        scopes: &["identify"],
        page: "https://discord.com/developers/docs/topics/oauth2",
        ..USUAL
    },
    OAuthProvider {
        name: "github",
        authorize_url: "https://github.com/login/oauth/authorize",
        token_url: "https://github.com/login/oauth/access_token",
        page: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        ..USUAL
    },
    OAuthProvider {
        name: "google",
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        revoke_url: Some("https://oauth2.googleapis.com/revoke"),
        // Without both there is no refresh token for whoever has said yes before.
        extra: &[("access_type", "offline"), ("prompt", "consent")],
        page: "https://developers.google.com/identity/protocols/oauth2/native-app",
        ..USUAL
    },
    OAuthProvider {
        name: "linear",
        authorize_url: "https://linear.app/oauth/authorize",
        token_url: "https://api.linear.app/oauth/token",
        revoke_url: Some("https://api.linear.app/oauth/revoke"),
        scopes: &["read"],
        separator: ",",
        page: "https://linear.app/developers/oauth-2-0-authentication",
        ..USUAL
    },
    OAuthProvider {
        name: "microsoft",
        authorize_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        scopes: &["offline_access", "User.Read"],
        page: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow",
        ..USUAL
    },
    OAuthProvider {
        name: "notion",
        authorize_url: "https://api.notion.com/v1/oauth/authorize",
        token_url: "https://api.notion.com/v1/oauth/token",
        extra: &[("owner", "user")],
        auth: ClientAuth::Basic,
        body: TokenBody::Json,
        page: "https://developers.notion.com/docs/authorization",
        ..USUAL
    },
    OAuthProvider {
        name: "todoist",
        authorize_url: "https://todoist.com/oauth/authorize",
        token_url: "https://todoist.com/oauth/access_token",
        scopes: &["data:read"],
        separator: ",",
        page: "https://developer.todoist.com/api/v1/#tag/Authorization",
        ..USUAL
    },
];

/// Returns the service of this name.
#[must_use]
pub fn service(name: &str) -> Option<&'static OAuthProvider<'static>> {
    SERVICES.iter().find(|service| service.name == name)
}
