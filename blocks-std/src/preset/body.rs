//! The body of a request.

use graphloom::prelude::*;
use graphloom::value::{BlobRef, Map};
use graphloom::{Text, Value};

use super::address::encode;
use super::tree::{Ref, Scope, Tree, plain};

#[derive(Debug, Clone)]
pub(super) enum Body {
    None,
    Json(Tree),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(Text, Tree)>),
    /// `multipart/form-data` (RFC 7578); a blob becomes a file.
    Multipart(Vec<(Text, Tree)>),
}

/// A body as it is sent.
pub(super) struct Made {
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

impl Body {
    pub(super) fn refs(&self, see: &mut impl FnMut(&Ref)) {
        match self {
            Self::None => {}
            Self::Json(tree) => tree.refs(see),
            Self::Form(fields) | Self::Multipart(fields) => {
                fields.iter().for_each(|(_, tree)| tree.refs(see));
            }
        }
    }

    pub(super) async fn make(
        &self,
        cx: &Context,
        scope: &Scope,
    ) -> Result<Option<Made>, BlockError> {
        Ok(match self {
            Self::None => None,
            Self::Json(tree) => {
                let value = tree.fill(scope).unwrap_or_else(|| Value::Map(Map::new()));
                crate::plain::refuse(&value, |value| {
                    matches!(value, Value::Sealed(_) | Value::Blob(_))
                        || matches!(value, Value::Float(number) if !number.is_finite())
                })?;
                Some(Made {
                    content_type: "application/json".to_owned(),
                    bytes: graphloom::json::to_json(&value).into_bytes(),
                })
            }
            Self::Form(fields) => {
                let mut body = String::new();
                for (name, value) in pairs(fields, scope) {
                    if !body.is_empty() {
                        body.push('&');
                    }
                    encode(&mut body, &name);
                    body.push('=');
                    encode(&mut body, &plain(&value));
                }
                Some(Made {
                    content_type: "application/x-www-form-urlencoded".to_owned(),
                    bytes: body.into_bytes(),
                })
            }
            Self::Multipart(fields) => Some(multipart(cx, fields, scope).await?),
        })
    }
}

/// Returns the fields that have a value; each item of a list is one of its own.
pub(super) fn pairs(fields: &[(Text, Tree)], scope: &Scope) -> Vec<(Text, Value)> {
    let mut pairs = Vec::new();
    for (name, tree) in fields {
        match tree.fill(scope) {
            None => {}
            Some(Value::List(list)) => {
                pairs.extend(list.iter().map(|item| (name.clone(), item.clone())));
            }
            Some(value) => pairs.push((name.clone(), value)),
        }
    }
    pairs
}

async fn multipart(
    cx: &Context,
    fields: &[(Text, Tree)],
    scope: &Scope,
) -> Result<Made, BlockError> {
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in pairs(fields, scope) {
        let named = format!("content-disposition: form-data; name=\"{name}\"");
        match value {
            Value::Blob(blob) => {
                let bytes = cx.blobs()?.get(&blob).await;
                let bytes = bytes.map_err(|error| BlockError::failed(error.to_string()))?;
                let head = format!(
                    "{named}; filename=\"{name}\"\r\ncontent-type: {}",
                    media_type(&blob)
                );
                parts.push((head, bytes.to_vec()));
            }
            other => parts.push((named, plain(&other).into_bytes())),
        }
    }
    // The boundary must not occur in what it parts; it is the same for the same parts, so that a repeated request is too.
    let mut boundary = "graphloom".to_owned();
    let occurs = |boundary: &str| {
        let found = |part: &(String, Vec<u8>)| {
            let bytes = boundary.as_bytes();
            part.1.windows(bytes.len()).any(|window| window == bytes)
        };
        parts.iter().any(found)
    };
    for number in 0_u32.. {
        if !occurs(&boundary) {
            break;
        }
        boundary = format!("graphloom-{number}");
    }
    let mut bytes = Vec::new();
    for (head, content) in &parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Made {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        bytes,
    })
}

/// A media type comes from outside: what is no plain one is not written into a header line.
fn media_type(blob: &BlobRef) -> &str {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/+-._".contains(c);
    match &blob.media_type {
        Some(media_type) if media_type.chars().all(fits) => media_type,
        _ => "application/octet-stream",
    }
}
