//! Queries and bodies of requests.

use graphloom::host::{Body, HttpRequest};
use graphloom::json::to_json;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{form, headers};
use crate::plain::refuse_secrets;

/// What is added to an address has this many bytes at most.
const MAX_QUERY_BYTES: usize = 64 << 10;

/// As what a body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum WriteAs {
    /// A text as it stands, a blob as its bytes, anything else as JSON.
    #[default]
    Auto,
    /// Anything as JSON, a text too.
    Json,
    /// A map as a form writes it (`a=1&b=2`).
    Form,
}

/// Adds pairs to the address: texts, numbers, truth values, secrets; a list gives its name several times, null says nothing.
pub(super) fn query(
    cx: &Context,
    mut request: HttpRequest,
    query: &Map,
) -> Result<HttpRequest, BlockError> {
    let mut left = MAX_QUERY_BYTES;
    for (name, value) in query.iter() {
        let one = std::slice::from_ref(value);
        for value in value.as_list().map_or(one, |list| &**list) {
            let Some(part) = headers::part(cx, value, &format!("\"{name}\" in the query"))? else {
                continue;
            };
            let bytes = name.len() + value.as_str().map_or(0, str::len) + 1;
            left = left.checked_sub(bytes).ok_or_else(|| {
                BlockError::input(format!(
                    "the query may have {MAX_QUERY_BYTES} bytes, and has more"
                ))
            })?;
            request = request.query(name.clone(), part);
        }
    }
    Ok(request)
}

/// Adds a body, and says what it is unless the headers do.
pub(super) async fn body(
    cx: &Context,
    mut request: HttpRequest,
    body: Value,
    write_as: WriteAs,
) -> Result<HttpRequest, BlockError> {
    let (bytes, media_type) = match (write_as, body) {
        (_, Value::Null) => return Ok(request),
        // What it says is not known, so neither is what it is.
        (_, Value::Sealed(sealed)) => {
            request.body = Body::Secret(cx.unseal(&sealed)?);
            return Ok(request);
        }
        (WriteAs::Form, Value::Map(pairs)) => {
            refuse_secrets(&Value::from(pairs.clone()))?;
            let written = form::encode(&pairs).into_bytes();
            (written, Text::from("application/x-www-form-urlencoded"))
        }
        (WriteAs::Form, other) => {
            return Err(BlockError::input(format!(
                "the body is a {}: a form is written of a map",
                other.type_name()
            )));
        }
        (WriteAs::Auto, Value::Text(text)) => (
            text.as_bytes().to_vec(),
            Text::from("text/plain; charset=utf-8"),
        ),
        (_, Value::Blob(blob)) => {
            let bytes = cx.blobs()?.get(&blob).await;
            let bytes = bytes
                .map_err(|error| BlockError::failed(format!("the body cannot be had: {error}")))?;
            let usual = || Text::from("application/octet-stream");
            (
                bytes.to_vec(),
                blob.media_type.clone().unwrap_or_else(usual),
            )
        }
        (WriteAs::Auto | WriteAs::Json, value) => {
            refuse_secrets(&value)?;
            (to_json(&value).into_bytes(), Text::from("application/json"))
        }
    };
    if !headers::has(&request, "content-type") {
        request = request.header("content-type", media_type);
    }
    Ok(request.bytes(bytes))
}
