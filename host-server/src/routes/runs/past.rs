//! What happened in runs.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use graphloom::Text;
use graphloom::journal::Export;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, Params, Who};
use crate::ids::is_id;
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};

/// Show all that is kept of a run, as lines of JSON: a header, then each event. `graphloom replay` reads it.
#[utoipa::path(get, path = "/v1/runs/{run}/export", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 200, description = "The lines", body = String, content_type = "application/jsonl"),
        (status = 404, description = "There is none")))]
pub(super) async fn export(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    app.runs().entry(tenant, &run).await?;
    let mut export = Export::of(run.clone());
    // What is wrong with the head is told with a status; what goes wrong behind it can only cut the answer off.
    let first = app.runs().lines(&mut export).await?;
    let state = (app, export, first);
    let lines = unfold(state, |(app, mut export, first)| async move {
        let lines = match first {
            Some(first) => Ok(Some(first)),
            None => app.runs().lines(&mut export).await,
        };
        match lines.transpose()? {
            Ok(lines) => Some((Ok(lines), (app, export, None))),
            Err(problem) => {
                let error = std::io::Error::other(problem.detail().to_owned());
                Some((Err(error), (app, export, None)))
            }
        }
    });
    let name = format!("attachment; filename=\"{run}.jsonl\"");
    let name = HeaderValue::from_str(&name).map_err(Problem::internal)?;
    let media = HeaderValue::from_static("application/jsonl");
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// What is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhyParams {
    /// `node`: why it fired last, or does not fire; `node.pin`: where the last value there came from, or what keeps one
    /// away; `node:firing`; with `call/` before it for what is inside a sub-graph
    #[param(min_length = 1)]
    of: String,
}

/// Say why something happened in a run, or did not.
#[utoipa::path(get, path = "/v1/runs/{run}/why", tag = "runs",
    params(("run" = String, Path, description = "Its id"), WhyParams),
    responses((status = 200, description = "The causes, as the command line prints them", body = Object),
        (status = 404, description = "There is no such run"),
        (status = 409, description = "Its blocks have changed, so that its events mean something else"),
        (status = 422, description = "There is nothing of this name in the run, or it is too long for this")))]
pub(super) async fn why(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
    Params(asked): Params<WhyParams>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    if asked.of.is_empty() {
        return Err(Problem::new(ServerCode::Parameter, "of: name a node"));
    }
    let entry = app.runs().entry(tenant, &run).await?;
    Answer::ok(&app.runs().why(&entry, asked.of).await?)
}

/// Say how another run differs from one: by the graph, by what its firings did, by outputs and costs.
#[utoipa::path(get, path = "/v1/runs/{run}/diff/{other}", tag = "runs",
    params(("run" = String, Path, description = "Its id"), ("other" = String, Path, description = "The other one's")),
    responses((status = 200, description = "What differs, as the command line prints it", body = Object),
        (status = 404, description = "There is no such run"),
        (status = 409, description = "The blocks of one have changed, so that its events mean something else"),
        (status = 422, description = "One is too long for this")))]
pub(super) async fn diff(
    State(app): State<App>,
    who: Who,
    Path((run, other)): Path<(String, String)>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    for id in [&run, &other] {
        if !is_id(id) {
            return Err(Problem::not_found("run", id));
        }
    }
    let entry = app.runs().entry(tenant, &Text::from(run)).await?;
    let diff = app.runs().diff(tenant, &entry, &Text::from(other)).await?;
    Answer::ok(&diff)
}
