//! Parameters: of the query and of the path.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use graphloom::Text;
use serde::de::DeserializeOwned;

use crate::ids::is_id;
use crate::problem::{Problem, ServerCode};

/// The query, as a `T`; parameters that `T` does not have are refused.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let Query(params) = query.map_err(|error| {
            Problem::new(
                ServerCode::Parameter,
                format!("the query: {}", error.body_text()),
            )
        })?;
        Ok(Self(params))
    }
}

/// The one id in the path. What cannot be an id is not there.
#[derive(Debug)]
pub struct Id(pub Text);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        match path {
            Ok(Path(id)) if is_id(&id) => Ok(Self(Text::from(id))),
            Ok(Path(id)) => Err(Problem::not_found("resource", &id)),
            Err(_) => Err(Problem::not_found("resource", "")),
        }
    }
}
