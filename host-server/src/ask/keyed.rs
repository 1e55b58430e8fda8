//! Bodies of requests that may come with an idempotency key.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use graphloom::json::{Limits, PatchOp, Pointer, parse, read_value};
use graphloom::value::{Map, from_value};
use graphloom::{Fault, Value};
use serde::de::DeserializeOwned;

use super::body::{all, json_type, misfit, wrong_type};
use crate::once::Key;
use crate::principal::Tenant;
use crate::problem::Problem;

/// A JSON body that is a `T`, and what is needed to know the request when it comes again. With `OPTIONAL` the body may be
/// left out altogether, and is read as `{}` then.
#[derive(Debug)]
pub(crate) struct Keyed<T, const OPTIONAL: bool = false> {
    /// The body.
    pub(crate) body: T,
    said: Value,
    sent: Bytes,
    path: String,
    headers: HeaderMap,
}

impl<T, const OPTIONAL: bool> Keyed<T, OPTIONAL> {
    /// Returns the request's key, if it has one.
    ///
    /// # Errors
    /// `HTTP_PARAMETER` for one that cannot be read.
    pub(crate) fn key(&self, tenant: &Tenant) -> Result<Option<Key>, Problem> {
        Key::of_request(tenant, &self.headers, &self.path, &self.said)
    }

    /// Returns the same request, with what its body was found to say.
    pub(crate) fn with<U>(self, body: U) -> Keyed<U, OPTIONAL> {
        Keyed {
            body,
            said: self.said,
            sent: self.sent,
            path: self.path,
            headers: self.headers,
        }
    }

    /// Returns a fault of what stands at a place of the body, with where in the body it is.
    pub(crate) fn place(&self, mut fault: Fault, at: &str) -> Fault {
        let under = |place: &mut Pointer| {
            if let Ok(moved) = Pointer::parse(&format!("{at}{place}")) {
                *place = moved;
            }
        };
        under(&mut fault.pointer);
        for op in &mut fault.fix {
            match op {
                PatchOp::Move { from, path } | PatchOp::Copy { from, path } => {
                    under(from);
                    under(path);
                }
                PatchOp::Add { path, .. }
                | PatchOp::Remove { path }
                | PatchOp::Replace { path, .. }
                | PatchOp::Test { path, .. } => under(path),
            }
        }
        (fault.line, fault.column) = (None, None);
        if let Some(tree) = &parse(&self.sent, &Limits::default()).tree {
            fault.locate(&self.sent, tree);
        }
        fault
    }

    /// Returns the headers of the request.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl<S: Sync, T: DeserializeOwned, const OPTIONAL: bool> FromRequest<S> for Keyed<T, OPTIONAL> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
        let types = ["application/json"];
        let typed = headers.contains_key(header::CONTENT_TYPE);
        if typed || !OPTIONAL {
            json_type(&headers, &types)?;
        }
        let bytes = all(request).await?;
        let said = if OPTIONAL && bytes.is_empty() {
            Value::from(Map::new())
        } else if typed {
            read_value(&bytes, &Limits::default())?
        } else {
            return Err(wrong_type(&types));
        };
        let body = from_value(&said).map_err(|error| misfit(&error))?;
        Ok(Self {
            body,
            said,
            sent: bytes,
            path,
            headers,
        })
    }
}
