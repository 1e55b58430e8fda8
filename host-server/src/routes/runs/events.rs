//! Events of a run: a page of them, or all of them as they come.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::ask::{PageParams, Params, Who, accepted};
use crate::live::{Step, Wanted, Watcher, lines, sse};
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};

const JSON: &str = "application/json";
const LINES: &str = "application/jsonl";
/// The other name that the same thing has.
const NDJSON: &str = "application/x-ndjson";
const SSE: &str = "text/event-stream";

/// A page of JSON that has so many bytes takes no further event.
const PAGE_BYTES: usize = 1 << 20;

/// Where to begin.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EventParams {
    /// Only events behind this one
    after: Option<u64>,
    /// How many items at most, 1 to 200, 50 without it; more is taken as 200. For pages of JSON
    // No `default`: a client that sends it with each request could follow no stream.
    #[param(minimum = 1)]
    limit: Option<u64>,
    /// Tell also what blocks tell while they work: progress, lines of text, parts of texts. For streams: notes are not kept,
    /// so that no page has any, and some are left out for whoever is slow
    notes: Option<bool>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventPage {
    /// The events: `seq`, `at` (milliseconds since 1970), `scope`, `type`, and what the type has.
    #[schema(value_type = Vec<Object>)]
    items: Vec<()>,
    /// What to give as `after` for the next page; left out where there is no event yet.
    next_after: Option<u64>,
    /// The run is over, and there is nothing behind this page.
    over: bool,
}

/// Show the events of a run: a page of them, or all of them as they come.
///
/// `application/json` is a page. `application/jsonl` is a line for each event until the run is over, after a header and
/// before the result. `text/event-stream` has the event's number as `id`; after a break `Last-Event-ID` goes on behind it.
/// With `notes`, streams have also what blocks tell while they work, without an `id`.
#[utoipa::path(get, path = "/v1/runs/{run}/events", tag = "runs",
    params(("run" = String, Path, description = "Its id"), EventParams,
        ("Last-Event-ID" = Option<u64>, Header, description = "Only events behind this one, for event streams; counts before `after`")),
    responses((status = 200, description = "Events", content(
            (EventPage = "application/json"), (String = "application/jsonl"), (String = "text/event-stream"))),
        (status = 404, description = "There is no such run"),
        (status = 406, description = "It is not to be had in this form")))]
pub(super) async fn events(
    State(app): State<App>,
    who: Who,
    Path(run): Path<String>,
    Params(asked): Params<EventParams>,
    request: Request,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    let media = accepted(request.headers(), &[JSON, LINES, NDJSON, SSE])?;
    if media != JSON && asked.limit.is_some() {
        let detail = "limit: a stream has no pages";
        return Err(Problem::new(ServerCode::Parameter, detail));
    }
    let last = last_event_id(request.headers())?;
    let after = match media {
        SSE => last.or(asked.after),
        _ => asked.after,
    };
    let far = |number: &u64| i64::try_from(*number).is_err();
    // The description says that they are signed numbers of 64 bits.
    if let Some(after) = [asked.after, last].into_iter().flatten().find(far) {
        let detail = format!("after: no event has the number {after}");
        return Err(Problem::new(ServerCode::Parameter, detail));
    }
    let live = app.live();
    let run = Text::from(run);
    let wanted = Wanted {
        after,
        notes: asked.notes == Some(true),
    };
    let (watcher, entry) = live.watch(&app, tenant, &run, wanted).await?;
    if media == JSON {
        let window = PageParams {
            limit: asked.limit,
            cursor: None,
        };
        return page(watcher, after, window.limit()?).await;
    }
    let follow = live.follow(&app, &who.0, watcher, request.extensions())?;
    Ok(match media {
        SSE => sse::response(&run, follow, live.options().retry),
        _ => lines::response(&app, tenant, &entry, follow, media),
    })
}

/// Returns behind which event a browser wants to go on after a break.
fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut all = headers.get_all("last-event-id").iter();
    let Some(first) = all.next() else {
        return Ok(None);
    };
    let id = first.to_str().ok().filter(|_| all.next().is_none());
    let is_number = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    let id = id.filter(is_number).and_then(|id| id.parse().ok());
    id.map(Some).ok_or_else(|| {
        let detail = "Last-Event-ID: expected the number of an event, as its `id` has it";
        Problem::new(ServerCode::Parameter, detail)
    })
}

/// Answers with the events that are kept, as many as a page has.
async fn page(mut watcher: Watcher, after: Option<u64>, limit: usize) -> Result<Response, Problem> {
    let mut body = b"{\"items\":[".to_vec();
    let (mut count, mut is_over) = (0, false);
    while count < limit && body.len() < PAGE_BYTES {
        match watcher.ready().await? {
            None | Some(Step::Note(_)) => break,
            Some(Step::Over(_)) => {
                is_over = true;
                break;
            }
            Some(Step::Events(events, from)) => {
                let mut all = events.lines_from(from).peekable();
                while count < limit && body.len() < PAGE_BYTES {
                    let Some(line) = all.next() else { break };
                    if count > 0 {
                        body.push(b',');
                    }
                    body.extend_from_slice(line);
                    count += 1;
                }
                is_over = events.over().is_some() && all.peek().is_none();
            }
        }
    }
    let next = watcher_after(after, count);
    let end = match next {
        Some(next) => format!("],\"next_after\":{next},\"over\":{is_over}}}"),
        None => format!("],\"over\":{is_over}}}"),
    };
    body.extend_from_slice(end.as_bytes());
    let media = [(header::CONTENT_TYPE, HeaderValue::from_static(JSON))];
    Ok((media, Body::from(body)).into_response())
}

/// Returns the number of the last of so many events behind `after`.
fn watcher_after(after: Option<u64>, count: usize) -> Option<u64> {
    match (after, count as u64) {
        (after, 0) => after,
        (None, count) => Some(count - 1),
        (Some(after), count) => Some(after.saturating_add(count)),
    }
}
