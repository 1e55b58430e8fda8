//! Bodies with secrets in them: what is refused is told by its place, and never by what stands there.

use axum::extract::{FromRequest, Request};
use graphloom::host::Secret;
use graphloom::json::{Limits, read_value};
use graphloom::value::{Map, from_value};
use graphloom::{Text, Value};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use super::body::{all, json_type, misfit};
use crate::problem::Problem;

/// A JSON body that is a `T`, whose fields are read by the functions of this module.
#[derive(Debug)]
pub(crate) struct Hidden<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Hidden<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        json_type(request.headers(), &["application/json"])?;
        let bytes = all(request).await?;
        let value = read_value(&bytes, &Limits::default()).map_err(|mut faults| {
            for fault in &mut faults.0 {
                fault.message = fault.code.summary().to_owned();
                fault.actual = None;
                fault.suggestions.clear();
            }
            faults
        })?;
        from_value(&value).map(Self).map_err(|e| misfit(&e))
    }
}

fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    take: impl FnOnce(Value) -> Option<T>,
    expected: &str,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    take(value).ok_or_else(|| D::Error::custom(format!("expected {expected}")))
}

fn into_text(value: Value) -> Option<Text> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Reads a text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    read(deserializer, into_text, "a text")
}

/// Reads a text that may be left out.
pub(crate) fn maybe_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Text>, D::Error> {
    text(deserializer).map(Some)
}

/// Reads a list of texts that may be left out.
pub(crate) fn maybe_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Text>>, D::Error> {
    let take = |value: Value| {
        let list = value.as_list()?;
        list.iter().cloned().map(into_text).collect()
    };
    read(deserializer, take, "a list of texts").map(Some)
}

/// Reads a secret that may be left out.
pub(crate) fn maybe_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Secret>, D::Error> {
    let take = |value: Value| into_text(value).map(|text| Secret::new(text.as_str()));
    read(deserializer, take, "a text").map(Some)
}

/// Reads secrets by name that may be left out.
pub(crate) fn maybe_secrets<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<(Text, Secret)>>, D::Error> {
    let take = |value: Value| {
        let Value::Map(map) = value else { return None };
        let secret = |(name, value): (Text, Value)| {
            let text = into_text(value)?;
            Some((name, Secret::new(text.as_str())))
        };
        Map::into_iter(map).map(secret).collect()
    };
    read(deserializer, take, "texts by name").map(Some)
}
