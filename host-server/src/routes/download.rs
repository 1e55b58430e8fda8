//! Bytes as they are answered: whole or a part, to be saved and never shown, since who uploads them need not be who sees them.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::answer::Answer;
use crate::files::disposition::attachment;
use crate::files::range::{self, Asked};
use crate::files::{Content, Piece, media};
use crate::problem::{Problem, ServerCode};

/// Under one address there are always the same bytes.
const CACHE: &str = "private, max-age=31536000, immutable";
/// Nothing in them is to be run, whatever opens them.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// What is known of bytes.
pub(super) struct About<'a> {
    /// Their hash, which is their entity tag.
    pub(super) hash: &'a str,
    pub(super) name: &'a str,
    pub(super) media_type: &'a str,
}

/// Answers with bytes, or what is asked for of them.
pub(super) fn answer(
    headers: &HeaderMap,
    about: &About<'_>,
    content: Content,
) -> Result<Response, Problem> {
    let bytes = content.len();
    if let Some(mut response) = Answer::not_modified(headers, about.hash) {
        let cache = HeaderValue::from_static(CACHE);
        response.headers_mut().insert(header::CACHE_CONTROL, cache);
        return Ok(response);
    }
    Ok(match range::of(headers, bytes, about.hash) {
        Asked::All => {
            let piece = content.all(about.hash);
            sent(StatusCode::OK, about, piece, bytes)?
        }
        Asked::Part(part) => {
            let said = format!("bytes {}-{}/{bytes}", part.start, part.end - 1);
            let length = part.end - part.start;
            let piece = content.part(part);
            let mut response = sent(StatusCode::PARTIAL_CONTENT, about, piece, length)?;
            put(&mut response, header::CONTENT_RANGE, &said)?;
            response
        }
        Asked::Nothing => {
            let detail = format!("there are {bytes} bytes, and none where they are asked for");
            let said = HeaderValue::from_str(&format!("bytes */{bytes}"));
            let said = said.map_err(Problem::internal)?;
            let problem = Problem::new(ServerCode::Range, detail);
            return Err(problem.header(header::CONTENT_RANGE, said));
        }
    })
}

fn sent(
    status: StatusCode,
    about: &About<'_>,
    piece: Piece,
    length: u64,
) -> Result<Response, Problem> {
    let mut response = (status, Body::from_stream(piece.stream())).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, media::answered(about.media_type)),
        (header::CONTENT_DISPOSITION, &attachment(about.name)),
        (header::CONTENT_LENGTH, &length.to_string()),
        (header::ETAG, &format!("\"{}\"", about.hash)),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, CACHE),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ] {
        put(&mut response, name, value)?;
    }
    Ok(response)
}

fn put(response: &mut Response, name: HeaderName, value: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(value).map_err(Problem::internal)?;
    response.headers_mut().insert(name, value);
    Ok(())
}
