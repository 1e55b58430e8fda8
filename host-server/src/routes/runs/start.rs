//! Starting runs: once for each idempotency key, answered at once or when the run is over.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use graphloom::value::from_value;
use graphloom::{Fault, Value};

use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, Keyed, Params, WaitParams, Who, misfit, misfit_at};
use crate::principal::{Scope, Tenant};
use crate::problem::Problem;
use crate::runs::Origin;
use crate::starting::{self, Begun, How, What};
use crate::wire::{InlineStart, RunStart, RunView};

/// Start a run of a stored graph.
#[utoipa::path(post, path = "/v1/graphs/{graph}/runs", tag = "runs", request_body = RunStart,
    params(("graph" = String, Path, description = "The graph's id"), WaitParams,
        ("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key starts one run")),
    responses((status = 202, description = "It is accepted", body = RunView),
        (status = 200, description = "It is over, or waits for someone", body = RunView),
        (status = 404, description = "There is no such graph"),
        (status = 422, description = "What is wrong with the inputs")))]
pub(super) async fn start(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    Params(wait): Params<WaitParams>,
    asked: Keyed<RunStart, true>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    let what = What::Graph {
        id: graph,
        version: None,
    };
    answer(&app, tenant, what, &wait, asked).await
}

/// Start a run of a graph that is in the request, and is not stored.
#[utoipa::path(post, path = "/v1/runs", tag = "runs", request_body = InlineStart,
    params(WaitParams,
        ("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key starts one run")),
    responses((status = 202, description = "It is accepted", body = RunView),
        (status = 200, description = "It is over, or waits for someone", body = RunView),
        (status = 404, description = "There is no such run to reuse"),
        (status = 422, description = "What is wrong with the graph or the inputs")))]
pub(super) async fn start_inline(
    State(app): State<App>,
    who: Who,
    Params(wait): Params<WaitParams>,
    asked: Keyed<Value>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    let InlineStart { graph, run } = read(&asked.body)?;
    let ready = app.graphs().inline(&graph).await;
    let ready = ready.map_err(|faults| {
        // They are to tell where in the request something is.
        let place = |fault: Fault| asked.place(fault, "/graph");
        let faults: Vec<Fault> = faults.into_iter().map(place).collect();
        Problem::of_faults(&faults)
    })?;
    answer(&app, tenant, What::Inline(ready), &wait, asked.with(run)).await
}

/// Takes a request apart into the graph and the rest.
fn read(said: &Value) -> Result<InlineStart, Problem> {
    let Some(mut rest) = said.as_map().cloned() else {
        return Err(misfit_at("", "expected a map with `graph`"));
    };
    let graph = rest.remove("graph");
    let graph = graph.ok_or_else(|| misfit_at("", "missing field `graph`"))?;
    if rest.contains_key("version") {
        let what = "a graph that is not stored has no versions";
        return Err(misfit_at("/version", what));
    }
    let run = from_value(&rest.into()).map_err(|error| misfit(&error))?;
    Ok(InlineStart { graph, run })
}

/// Starts a run, and answers with it.
pub(in crate::routes) async fn answer<const OPTIONAL: bool>(
    app: &App,
    tenant: &Tenant,
    what: What,
    wait: &WaitParams,
    asked: Keyed<RunStart, OPTIONAL>,
) -> Result<Answer, Problem> {
    let (time, key) = (wait.time(asked.headers())?, asked.key(tenant)?);
    let how = How::from(Origin::Request).key(key).waits(!time.is_zero());
    let begun = starting::start(app, tenant, what, asked.body, how).await?;
    told(app, tenant, begun, time).await
}

/// Answers with a run that was started: waits for it so long, if it was started just now.
async fn told(
    app: &App,
    tenant: &Tenant,
    mut begun: Begun,
    time: Duration,
) -> Result<Answer, Problem> {
    let place = format!("/v1/runs/{}", begun.run);
    if !begun.is_new {
        begun.sync(app).await?;
        let view = super::view(app, tenant, &begun.run).await?;
        let status = match view.result {
            Some(_) => StatusCode::OK,
            None => StatusCode::ACCEPTED,
        };
        let answer = Answer::new(status, &view)?.replayed(false);
        return Ok(answer.location(&place));
    }
    if !time.is_zero() {
        if let Some(outcome) = begun.outcome(time).await {
            let view = RunView::over(&outcome, begun.graph);
            return Ok(Answer::ok(&view)?.location(&place));
        }
        begun.sync(app).await?;
    }
    let view = RunView::begun(&begun.run, begun.graph);
    Ok(Answer::new(StatusCode::ACCEPTED, &view)?.location(&place))
}
