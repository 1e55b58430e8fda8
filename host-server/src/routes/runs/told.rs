//! What runs are told.

use axum::extract::State;
use axum::http::StatusCode;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Id, Who};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::runs::Reply;
use crate::wire::{AnswerBody, CancelView, RunView};

/// Ask a run to stop. Asking again gives the same answer, as long as the run is not over.
#[utoipa::path(post, path = "/v1/runs/{run}/cancel", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 202, description = "It is asked to; `receipt` says where what became of its work will be", body = CancelView),
        (status = 404, description = "There is none"), (status = 409, description = "It is over")))]
pub(super) async fn cancel(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    app.runs().cancel(tenant, &run).await?;
    let view = CancelView::of(&run);
    let answer = Answer::new(StatusCode::ACCEPTED, &view)?;
    Ok(answer.location(&view.receipt.href))
}

/// Go on with a run at once, whatever it waits for. One that is in motion stays so.
#[utoipa::path(post, path = "/v1/runs/{run}/resume", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 202, description = "It goes on", body = RunView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is over, or its blocks have changed"),
        (status = 503, description = "The server is about to stop")))]
pub(super) async fn resume(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    app.runs().resume(tenant, &run).await?;
    let entry = app.runs().entry(tenant, &run).await?;
    Answer::new(StatusCode::ACCEPTED, &RunView::of(&entry))
}

/// Answer what a run asks.
#[utoipa::path(post, path = "/v1/runs/{run}/answers", tag = "runs", request_body = AnswerBody,
    params(("run" = String, Path, description = "Its id")),
    responses((status = 202, description = "It is kept for the run", body = RunView),
        (status = 404, description = "There is none"),
        (status = 409, description = "Nobody asks this, or not any more")))]
pub(super) async fn answer(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
    Body(answer): Body<AnswerBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    let reply = Reply {
        node: answer.node,
        signal: answer.signal,
        value: answer.value,
    };
    app.runs().answer(tenant, &run, reply).await?;
    let entry = app.runs().entry(tenant, &run).await?;
    Answer::new(StatusCode::ACCEPTED, &RunView::of(&entry))
}
