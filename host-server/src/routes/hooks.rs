//! Where others call webhooks. Open to all: who it is is proven by what the webhook asks for, over the bytes of the body.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::answer::Answer;
use crate::problem::Problem;
use crate::webhooks;
use crate::wire::{HookAnswer, HookOutcome};

pub(super) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive))
}

/// Call a webhook. The body goes to its graph: JSON, a form, or a text, as `Content-Type` says. A delivery that comes again is
/// answered with the run that it has.
#[utoipa::path(post, path = "/hooks/{hook}", tag = "webhooks", security(()),
    params(("hook" = String, Path, description = "What the address of the webhook ends with")),
    request_body(description = "What the sender says, as it has signed it",
        content((serde_json::Value = "application/json"), (Object = "application/x-www-form-urlencoded"), (String = "text/plain"))),
    responses((status = 202, description = "It has its run", body = HookAnswer),
        (status = 200, description = "No run is wanted: another event, or only a question whether somebody is there", body = HookAnswer),
        (status = 401, description = "It is not proven to be of the sender, or was sent too long ago"),
        (status = 404, description = "There is no such webhook, or it is not enabled"),
        (status = 422, description = "The body is not what it says, or the graph does not take it"),
        (status = 503, description = "Nothing new begins here: send it again")))]
async fn receive(
    State(app): State<App>,
    hook: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Answer, Problem> {
    // What is no text is no address.
    let hook = hook.map_or_else(|_| String::new(), |Path(hook)| hook);
    let (status, told) = webhooks::receive(&app, &hook, request).await?;
    let is_new = told.outcome != HookOutcome::Repeated;
    Ok(Answer::new(status, &told)?.replayed(is_new))
}
