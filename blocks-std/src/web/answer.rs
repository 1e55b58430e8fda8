//! What came back, as a value.

use graphloom::fault::Faults;
use graphloom::host::{EgressError, HttpBody, HttpResponse};
use graphloom::json::{Limits, read_value};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Retry, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::media::Media;
use super::{address, repeat};

/// How many bytes of an answer are read where nothing else is said.
pub(super) const MAX_BYTES: u64 = 8 << 20;

/// Of an answer that says why it is no success, this many characters are told.
const EXCERPT: usize = 300;

/// As what a body is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum ReadAs {
    /// As its content type says: JSON as the value it says, text as text, anything else as a blob.
    #[default]
    Auto,
    /// As JSON, whatever its content type says.
    Json,
    /// As a text, whatever its content type says.
    Text,
    /// As a blob.
    Blob,
}

/// An answer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Response {
    /// Its status, e.g. 200.
    pub(super) status: u16,
    /// Its header lines, names in lower case; one that comes several times has its values in one text, with `, ` between.
    pub(super) headers: Map,
    /// Its body.
    pub(super) body: Value,
    /// Where it came from in the end.
    pub(super) url: Text,
}

/// Waits for all of a body; the connection is given up at the first byte too many.
pub(super) async fn bytes(mut body: HttpBody, limit: u64) -> Result<Vec<u8>, BlockError> {
    let mut all = Vec::new();
    while let Some(piece) = body.next().await? {
        if (all.len() + piece.len()) as u64 > limit {
            return Err(EgressError::TooLarge { limit, how: "" }.into());
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// Returns an answer with its body as a value.
pub(super) async fn read(
    cx: &Context,
    answer: HttpResponse,
    read_as: ReadAs,
    limit: u64,
) -> Result<Response, BlockError> {
    let media = Media::read(answer.header("content-type"));
    let headers = headers(&answer);
    let (status, url) = (answer.status, answer.url);
    let bytes = bytes(answer.body, limit).await?;
    let body = match read_as {
        _ if bytes.is_empty() => Value::Null,
        ReadAs::Json => json(&media.text(&bytes))?,
        ReadAs::Auto if media.is_json() => json(&media.text(&bytes))?,
        ReadAs::Text => Value::from(media.text(&bytes)),
        ReadAs::Auto if media.is_text() => Value::from(media.text(&bytes)),
        // Nothing is said: a text that is one.
        ReadAs::Auto if media.essence.is_empty() => match String::from_utf8(bytes) {
            Ok(text) => Value::from(text),
            Err(error) => blob(cx, error.into_bytes(), &media).await?,
        },
        ReadAs::Auto | ReadAs::Blob => blob(cx, bytes, &media).await?,
    };
    Ok(Response {
        status,
        headers,
        body,
        url,
    })
}

fn headers(answer: &HttpResponse) -> Map {
    let mut headers = Map::new();
    for (name, value) in &answer.headers {
        let joined = match headers.get(name).and_then(Value::as_str) {
            Some(first) => Text::from(format!("{first}, {value}")),
            None => value.clone(),
        };
        headers.insert(name.clone(), joined);
    }
    headers
}

/// Keeps bytes outside of the graph.
pub(super) async fn blob(cx: &Context, bytes: Vec<u8>, media: &Media) -> Result<Value, BlockError> {
    let media_type = (!media.essence.is_empty()).then(|| Text::from(media.essence.as_str()));
    let kept = cx.blobs()?.put(bytes, media_type).await;
    let blob =
        kept.map_err(|error| BlockError::failed(format!("the answer could not be kept: {error}")))?;
    Ok(Value::Blob(blob.into()))
}

/// Reads JSON. What came was measured already: the limits are on its depth only.
pub(super) fn json(text: &str) -> Result<Value, BlockError> {
    let limits = Limits::default()
        .with_max_bytes(text.len())
        .with_max_text_bytes(text.len());
    read_value(text.as_bytes(), &limits).map_err(|Faults(mut faults)| {
        faults.truncate(1);
        BlockError::failed(format!(
            "the answer is not the JSON that it should be: {}",
            Faults(faults)
        ))
    })
}

/// Returns the error that an answer with a status of failure is, with the beginning of what it says.
pub(crate) async fn refusal(method: &str, url: &str, answer: HttpResponse) -> BlockError {
    let retry = repeat::of_status(&answer);
    failure(method, url, answer, retry).await
}

/// As [`refusal`], for a sender that knows better whether to send again.
pub(super) async fn failure(
    method: &str,
    url: &str,
    answer: HttpResponse,
    retry: Retry,
) -> BlockError {
    let media = Media::read(answer.header("content-type"));
    let mut message = format!(
        "{method} {}: the answer has the status {}",
        address::shown(url),
        answer.status
    );
    if media.is_json() || media.is_text() {
        match begin(answer.body).await {
            Ok(bytes) => {
                let text = media.text(&bytes);
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let excerpt: String = words.chars().take(EXCERPT).collect();
                if !excerpt.is_empty() {
                    message = format!("{message}: {excerpt}");
                }
            }
            Err(BlockError::Cancelled) => return BlockError::Cancelled,
            Err(_) => {}
        }
    }
    BlockError::Failed { message, retry }
}

/// Waits for enough of a body to tell what it is about.
async fn begin(mut body: HttpBody) -> Result<Vec<u8>, BlockError> {
    let mut all = Vec::new();
    while all.len() < EXCERPT * 8 {
        match body.next().await? {
            Some(piece) => all.extend_from_slice(&piece),
            None => break,
        }
    }
    all.truncate(EXCERPT * 8);
    Ok(all)
}
