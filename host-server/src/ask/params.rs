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

/// Returns an id that a parameter of this name has.
///
/// # Errors
/// `HTTP_PARAMETER` for what cannot be one.
pub(crate) fn id<'a>(text: &'a str, name: &str) -> Result<&'a str, Problem> {
    if is_id(text) {
        return Ok(text);
    }
    let shown: String = text.chars().take(80).collect();
    let detail = format!("{name}: {shown:?} is no id");
    Err(Problem::new(ServerCode::Parameter, detail))
}

/// Returns what the word of a parameter of this name stands for.
///
/// # Errors
/// `HTTP_PARAMETER`, with the words that there are.
pub(crate) fn one_of<T: Copy>(
    word: &str,
    name: &str,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
) -> Result<T, Problem> {
    let found = all.iter().find(|one| as_str(**one) == word);
    found.copied().ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|one| as_str(*one)).collect();
        let shown: String = word.chars().take(40).collect();
        let detail = format!("{name}: {shown:?} is none of {}", words.join(", "));
        Problem::new(ServerCode::Parameter, detail)
    })
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
