//! A body on its way into a space: as it comes, so that memory does not grow with it.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;

use super::Draft;
use crate::App;
use crate::ask::cut_off;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};

/// How much is written at a time: 256 KiB.
const WRITE: usize = 256 << 10;

/// Takes all of a body. What is refused leaves nothing.
///
/// # Errors
/// `HTTP_BODY_SIZE`, for one that says so at once; `HTTP_TOO_MANY`; `HTTP_MEDIA_TYPE` for a content encoding;
/// `HTTP_TIMEOUT`, `HTTP_REQUEST` for one that does not come.
pub(crate) async fn receive(
    app: &App,
    tenant: &Tenant,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Draft, Problem> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        let detail = "a body with a content encoding is not taken";
        return Err(Problem::new(ServerCode::MediaType, detail));
    }
    let limit = app.files().limits().max_file_bytes;
    let said = headers.get(header::CONTENT_LENGTH);
    let said = said.and_then(|said| said.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > limit) {
        let detail = format!("a file may have {limit} bytes and this one has more");
        return Err(Problem::new(ServerCode::BodySize, detail));
    }
    let mut draft = app.files().of(tenant).begin().await?;
    let mut waiting = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| cut_off(&error))?;
        // Trailers say nothing here.
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        waiting.extend_from_slice(&bytes);
        if waiting.len() >= WRITE {
            draft.write(std::mem::take(&mut waiting)).await?;
        }
    }
    draft.write(waiting).await?;
    Ok(draft)
}
