//! Web requests as AutoGPT's blocks send them: what its two blocks share.

use std::collections::BTreeMap;

use graphloom::Text;
use graphloom::Value;
use graphloom::host::HttpRequest;
use graphloom::json::to_json;
use graphloom::prelude::*;
use graphloom::value::Map;
use schemars::JsonSchema;
use serde::Serialize;

use super::answer;
use super::media::Media;
use super::request::Method;
use super::{form, headers};
use crate::data_uri::File;

/// How many bytes of an answer are read.
const MAX_BYTES: u64 = 32 << 20;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What a successful answer says (status 200 to 299): JSON as the value it says, anything else as a text, null where
    /// there is nothing.
    Response(Value),
    /// What an answer says that blames the request (status 400 to 499).
    ClientError(Value),
    /// What an answer of any other status says.
    ServerError(Value),
}

/// What a node asks for.
pub(super) struct Sending {
    pub(super) url: Text,
    pub(super) method: Method,
    pub(super) headers: BTreeMap<Text, Text>,
    pub(super) json_format: bool,
    pub(super) body: Option<Map>,
    pub(super) files_name: Text,
    pub(super) files: Vec<Text>,
}

impl Sending {
    /// Returns the request, without a credential.
    pub(super) fn request(self, cx: &Context) -> Result<HttpRequest, BlockError> {
        if self.json_format && !self.files.is_empty() {
            return Err(BlockError::input(
                "files are sent as a form: set \"json_format\" to false, or send no files",
            ));
        }
        let lines = self
            .headers
            .into_iter()
            .map(|(name, value)| (name, Value::from(value)));
        let mut request = HttpRequest::new(self.method.as_str(), self.url);
        request = headers::add(cx, request, &lines.collect())?;
        let (bytes, media_type) = match self.body {
            body if !self.files.is_empty() => {
                let files = self.files.iter().map(|file| File::read(file));
                let files = files.collect::<Result<Vec<_>, _>>()?;
                form::multipart(&body.unwrap_or_default(), &self.files_name, &files)
            }
            None => return Ok(request),
            Some(body) if self.json_format => (
                to_json(&Value::from(body)).into_bytes(),
                "application/json".to_owned(),
            ),
            Some(body) => {
                let media_type = "application/x-www-form-urlencoded".to_owned();
                (form::encode(&body).into_bytes(), media_type)
            }
        };
        if !headers::has(&request, "content-type") {
            request = request.header("content-type", media_type);
        }
        Ok(request.bytes(bytes))
    }
}

/// Sends a request once, and emits what came back on the pin of its status.
pub(super) async fn send(
    cx: &Context,
    mut request: HttpRequest,
    out: Emitter<'_, Output>,
) -> Result<(), BlockError> {
    request.max_bytes = Some(MAX_BYTES);
    let answer = cx.http()?.send(request).await?;
    let media = Media::read(answer.header("content-type"));
    let status = answer.status;
    let bytes = answer::bytes(answer.body, MAX_BYTES).await?;
    let said = match media.essence.starts_with("application/json") {
        true if status == 204 => Value::Null,
        true => answer::json(&media.text(&bytes))?,
        false => Value::from(media.text(&bytes)),
    };
    out.emit(match status {
        200..=299 => Output::Response(said),
        400..=499 => Output::ClientError(said),
        _ => Output::ServerError(said),
    })
    .await?;
    Ok(())
}
