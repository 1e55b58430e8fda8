//! OAuth 2 (RFC 6749) with a proof key (PKCE, RFC 7636): a person logs in once, and what that gave is renewed before it
//! ends. It stands on the engine's [`Http`](graphloom::host::Http) and nothing else.
//!
//! [`Login`] is the way of a person through a service's page; [`OAuthClient`] says who asks; [`Tokens`] is what comes of
//! it, to be kept with [`FileCredentials::put_tokens`](super::FileCredentials::put_tokens).

mod encode;
mod error;
mod login;
mod services;
mod token;

pub use error::OAuthError;
pub use login::{Login, LoginOptions, Redirected};
pub use services::{OAuthProvider, SERVICES, service};
pub use token::{ClientAuth, OAuthClient, TokenBody, Tokens};
