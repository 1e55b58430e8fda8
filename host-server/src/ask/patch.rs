//! Patches: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderName, HeaderValue};
use graphloom::Value;
use graphloom::json::{Limits, PatchOp, apply, merge, parse, read_patch, read_value};
use graphloom::value::{from_value, to_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::{all, json_type, misfit};
use crate::problem::Problem;

/// The media types that a patch may have.
const TYPES: [&str; 2] = [
    "application/json-patch+json",
    "application/merge-patch+json",
];

const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// A change to a document, in the body of a request.
#[derive(Debug)]
pub(crate) struct Patch {
    sent: Bytes,
    what: What,
}

#[derive(Debug)]
enum What {
    Operations(Vec<PatchOp>),
    Merge(Value),
}

impl<S: Sync> FromRequest<S> for Patch {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let which = json_type(request.headers(), &TYPES).map_err(|problem| {
            let types = HeaderValue::from_static(
                "application/json-patch+json, application/merge-patch+json",
            );
            problem.header(ACCEPT_PATCH, types)
        })?;
        let sent = all(request).await?;
        let limits = Limits::default();
        let what = match which {
            0 => What::Operations(read_patch(&sent, &limits)?),
            _ => What::Merge(read_value(&sent, &limits)?),
        };
        Ok(Self { sent, what })
    }
}

impl Patch {
    /// Returns something as it is when it is changed.
    ///
    /// # Errors
    /// As [`Patch::apply`]; `HTTP_BODY` for what is something else then.
    pub(crate) fn changed<T: Serialize + DeserializeOwned>(&self, what: &T) -> Result<T, Problem> {
        let mut value = to_value(what).map_err(Problem::internal)?;
        self.apply(&mut value)?;
        from_value(&value).map_err(|error| misfit(&error))
    }

    /// Changes a document, all of it or nothing.
    ///
    /// # Errors
    /// The operation that cannot be done, with its place in the patch.
    pub(crate) fn apply(&self, document: &mut Value) -> Result<(), Problem> {
        match &self.what {
            What::Merge(patch) => merge(document, patch),
            What::Operations(patch) => {
                if let Err(mut fault) = apply(document, patch) {
                    if let Some(tree) = &parse(&self.sent, &Limits::default()).tree {
                        fault.locate(&self.sent, tree);
                    }
                    return Err(Problem::of_faults(&[*fault]));
                }
            }
        }
        Ok(())
    }
}
