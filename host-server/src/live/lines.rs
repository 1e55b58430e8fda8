//! Events of a run as JSON Lines, to its end: the form that the command line writes with `--events`. The first line is a
//! header and the last one the result, so that a stream that was cut can be told from one that is over.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use graphloom::host::RunEntry;
use graphloom::json::to_json;
use graphloom::value::Map;
use graphloom::{Text, Value};

use crate::App;
use crate::principal::Tenant;

use super::follow::{Follow, Part};

/// Answers with the lines as they come, in this media type.
pub(crate) fn response(
    app: &App,
    tenant: &Tenant,
    entry: &RunEntry,
    follow: Follow,
    media: &'static str,
) -> Response {
    let state = State {
        header: Some(head(entry)),
        app: app.clone(),
        tenant: tenant.clone(),
        run: entry.run.clone(),
        follow,
    };
    let lines = unfold(state, |mut state| async move {
        let lines = state.next().await?;
        Some((Ok::<_, std::convert::Infallible>(lines), state))
    });
    let media = [(header::CONTENT_TYPE, HeaderValue::from_static(media))];
    (media, Body::from_stream(lines)).into_response()
}

struct State {
    header: Option<Bytes>,
    app: App,
    tenant: Tenant,
    run: Text,
    follow: Follow,
}

impl State {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(header) = self.header.take() {
            return Some(header);
        }
        loop {
            return Some(match self.follow.next().await? {
                Part::Events(page, from) => {
                    let mut lines = Vec::new();
                    for line in page.lines_from(from) {
                        lines.extend_from_slice(line);
                        lines.push(b'\n');
                    }
                    Bytes::from(lines)
                }
                Part::Note(note) => {
                    let mut line = note.to_vec();
                    line.push(b'\n');
                    Bytes::from(line)
                }
                // A line would have to be something.
                Part::Beat => continue,
                Part::Over(_) => self.result().await,
                Part::Refused(problem) => typed("error", problem.to_value("", "")),
            });
        }
    }

    async fn result(&mut self) -> Bytes {
        let result = async {
            let entry = self.app.runs().entry(&self.tenant, &self.run).await?;
            self.app.runs().result(&entry).await
        };
        match result.await {
            Ok(result) => typed("result", result.unwrap_or_else(|| Map::new().into())),
            Err(problem) => typed("error", problem.to_value("", "")),
        }
    }
}

fn head(entry: &RunEntry) -> Bytes {
    let mut header = Map::new();
    header.insert("schema", "events/1");
    header.insert("graphloom", env!("CARGO_PKG_VERSION"));
    header.insert("run_id", entry.run.clone());
    header.insert("graph", entry.name.clone());
    header.insert("semantic_hash", entry.hash.clone());
    typed("header", header.into())
}

/// Returns a line of this type.
fn typed(kind: &str, what: Value) -> Bytes {
    let mut line = Map::new();
    line.insert("type", kind);
    if let Value::Map(map) = what {
        let rest = map.iter().filter(|(name, _)| *name != "type");
        line.extend(rest.map(|(name, value)| (name.clone(), value.clone())));
    }
    let mut line = to_json(&line.into());
    line.push('\n');
    Bytes::from(line)
}
