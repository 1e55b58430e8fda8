//! Events of a run as server-sent events (WHATWG HTML, 9.2): `id` is the number of the event, `event` its type, `data` its
//! line.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use graphloom::json::to_json;
use graphloom::{Status, Text, Value, value};

use super::follow::{Follow, Part};

/// What a line is that says nothing.
const BEAT: &[u8] = b":\n\n";

/// Answers with the events as they come.
pub(crate) fn response(run: &Text, follow: Follow, retry: std::time::Duration) -> Response {
    let first = format!("retry: {}\n\n", retry.as_millis());
    let state = State {
        run: run.clone(),
        first: Some(Bytes::from(first)),
        follow,
    };
    let frames = unfold(state, |mut state| async move {
        let frame = state.next().await?;
        Some((Ok::<_, std::convert::Infallible>(frame), state))
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        // A proxy that collects answers before it passes them on would make something else of it (nginx).
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

struct State {
    run: Text,
    first: Option<Bytes>,
    follow: Follow,
}

impl State {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        Some(match self.follow.next().await? {
            Part::Events(page, from) => page.frames_from(from),
            Part::Note(note) => frame("note", &note),
            Part::Beat => Bytes::from_static(BEAT),
            Part::Over(status) => frame("end", to_json(&end(&self.run, status)).as_bytes()),
            Part::Refused(problem) => {
                // `error` is what a browser calls a connection that broke.
                let name = match problem.status().as_u16() {
                    401 => "expired",
                    _ => "problem",
                };
                frame(name, to_json(&problem.to_value("", "")).as_bytes())
            }
        })
    }
}

/// Returns what is told of a run that is over.
pub(super) fn end(run: &Text, status: Status) -> Value {
    value!({ "type": "end", "run": run.clone(), "status": status.as_str() })
}

/// A frame without an `id`: where to go on after a break stays what it was.
fn frame(event: &str, data: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(data.len() + event.len() + 17);
    frame.extend_from_slice(b"event: ");
    frame.extend_from_slice(event.as_bytes());
    frame.extend_from_slice(b"\ndata: ");
    frame.extend_from_slice(data);
    frame.extend_from_slice(b"\n\n");
    Bytes::from(frame)
}
