//! Runs.

mod events;
pub(super) mod start;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use graphloom::host::{Message, RunQuery};
use graphloom::{Status, Text};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::page;
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, PageParams, Params, Who};
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};
use crate::wire::{AnswerBody, RunView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start::start))
        .routes(routes!(list, start::start_inline))
        .routes(routes!(get, delete))
        .routes(routes!(cancel))
        .routes(routes!(answer))
        .routes(routes!(events::events))
}

/// Which runs to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct RunParams {
    /// How many items at most, 1 to 200; more is taken as 200
    #[param(minimum = 1, default = 50)]
    limit: Option<u64>,
    /// The `next_cursor` of the page before
    cursor: Option<String>,
    /// Only those with this status: queued, running, waiting, completed, failed, cancelled
    status: Option<String>,
    /// Only those of this stored graph
    graph: Option<String>,
}

/// List the runs, the latest first.
#[utoipa::path(get, path = "/v1/runs", tag = "runs", params(RunParams),
    responses((status = 200, description = "A page of runs", body = super::page::PageOf<RunView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    Params(asked): Params<RunParams>,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    let mut path = "/v1/runs".to_owned();
    let mut query = RunQuery::latest(0);
    if let Some(word) = &asked.status {
        query = query.status(known(word)?);
        path += &format!("?status={word}");
    }
    if let Some(graph) = asked
        .graph
        .as_ref()
        .filter(|graph| crate::ids::is_id(graph))
    {
        query = query.source(graph.as_str());
        path += if asked.status.is_some() { "&" } else { "?" };
        path += &format!("graph={graph}");
    }
    let window = PageParams {
        limit: asked.limit,
        cursor: asked.cursor,
    };
    query.limit = window.limit()? + 1;
    if let Some(after) = super::page::after(&app, tenant, &path, &window)? {
        query = query.after(after);
    }
    let entries = app.runs().list(tenant, query).await?;
    let views = entries
        .iter()
        .map(|entry| (entry.run.clone(), RunView::of(entry)));
    page(&app, tenant, &path, &path, window.limit()?, views.collect())
}

fn known(word: &str) -> Result<Status, Problem> {
    let found = Status::ALL.iter().find(|status| status.as_str() == word);
    found.copied().ok_or_else(|| {
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        let detail = format!("status: {word:?} is none of {}", words.join(", "));
        Problem::new(ServerCode::Parameter, detail)
    })
}

/// Show a run: where it stands, and its result if it is over.
#[utoipa::path(get, path = "/v1/runs/{run}", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 200, description = "The run", body = RunView), (status = 404, description = "There is none")))]
async fn get(State(app): State<App>, who: Who, Path(run): Path<String>) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    Answer::ok(&view(&app, tenant, &Text::from(run)).await?)
}

/// Returns a run with its result, where it has one.
pub(crate) async fn view(
    app: &App,
    tenant: &crate::Tenant,
    run: &Text,
) -> Result<RunView, Problem> {
    let entry = app.runs().entry(tenant, run).await?;
    let mut view = RunView::of(&entry);
    if entry.status.is_terminal() || entry.status == Status::Waiting {
        view.result = app.runs().kept(tenant, run).await?.result().await?;
    }
    Ok(view)
}

/// Forget a run that is over, and all that is kept of it.
#[utoipa::path(delete, path = "/v1/runs/{run}", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), (status = 409, description = "It is not over")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Path(run): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    app.runs().delete(tenant, &Text::from(run)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask a run to stop. The receipt of what became of its work is in its result.
#[utoipa::path(post, path = "/v1/runs/{run}/cancel", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 202, description = "It is asked to", body = RunView), (status = 409, description = "It is over")))]
async fn cancel(
    State(app): State<App>,
    who: Who,
    Path(run): Path<String>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    let run = Text::from(run);
    app.runs().tell(tenant, &run, Message::Cancel).await?;
    let entry = app.runs().entry(tenant, &run).await?;
    Answer::new(StatusCode::ACCEPTED, &RunView::of(&entry))
}

/// Answer what a run asks.
#[utoipa::path(post, path = "/v1/runs/{run}/answers", tag = "runs", request_body = AnswerBody,
    params(("run" = String, Path, description = "Its id")),
    responses((status = 202, description = "It is kept for the run", body = RunView), (status = 409, description = "The run is over")))]
async fn answer(
    State(app): State<App>,
    who: Who,
    Path(run): Path<String>,
    Body(answer): Body<AnswerBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    let run = Text::from(run);
    let message = Message::Answer {
        node: answer.node,
        signal: answer.signal,
        value: answer.value,
    };
    app.runs().tell(tenant, &run, message).await?;
    let entry = app.runs().entry(tenant, &run).await?;
    Answer::new(StatusCode::ACCEPTED, &RunView::of(&entry))
}
