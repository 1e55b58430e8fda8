//! Who asks, as the auth layer found out.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::principal::{Principal, Scope, Tenant};
use crate::problem::{Problem, ServerCode};

/// The principal of a request.
#[derive(Debug, Clone)]
pub struct Who(pub Principal);

impl Who {
    /// Returns its tenant, for doing what this scope allows.
    ///
    /// # Errors
    /// `AUTH_SCOPE` where it may not.
    pub fn may(&self, scope: Scope) -> Result<&Tenant, Problem> {
        self.0.may(scope)
    }
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    /// Without a principal nothing is done: there is no default one.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Principal>().cloned();
        found.map(Self).ok_or_else(|| {
            Problem::new(ServerCode::AuthMissing, "the request does not say who asks")
        })
    }
}
