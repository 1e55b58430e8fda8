//! Presets: inputs kept for runs of a graph.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use super::runs::start;
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Id, Keyed, Listed, PageParams, Params, Patch, WaitParams, Who, under};
use crate::etag::Asked;
use crate::presets::{self, Become, KeptPreset};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::records::Kind;
use crate::resource;
use crate::starting::What;
use crate::wire::{PresetBody, PresetView, RunStart, RunView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(run))
}

/// Which presets to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct PresetFilters {
    /// Only those of this graph
    #[param(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    graph: Option<String>,
    /// Only those with this in their name or description
    q: Option<String>,
}

/// List the presets, the latest made first.
#[utoipa::path(get, path = "/v1/presets", tag = "presets", params(PageParams, PresetFilters),
    responses((status = 200, description = "A page of presets", body = PageOf<PresetView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<PresetFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let PresetFilters { graph, q } = &asked.filters;
    let query = asked.query(&app, tenant, Kind::Preset)?.word(q.as_deref());
    let query = under(query, "graph", graph.as_ref())?;
    let found: Vec<KeptPreset> = resource::list(&app, tenant, query).await?;
    let views = found.into_iter();
    let views = views.map(|kept| (kept.id.clone(), PresetView::of(kept)));
    listed(&app, tenant, &asked, views.collect())
}

fn answer(status: StatusCode, kept: KeptPreset) -> Result<Answer, Problem> {
    let (tag, id) = (kept.tag.clone(), kept.id.clone());
    let answer = Answer::new(status, &PresetView::of(kept))?.etag(&tag);
    Ok(answer.made_at("/v1/presets", &id))
}

/// Keep a new preset.
#[utoipa::path(post, path = "/v1/presets", tag = "presets", request_body = PresetBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key makes one preset")),
    responses((status = 201, description = "It is kept", body = PresetView),
        (status = 404, description = "What the key made was deleted since"),
        (status = 409, description = "It was done at the same time")))]
async fn create(
    State(app): State<App>,
    who: Who,
    asked: Keyed<PresetBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let made = presets::create(&app, tenant, &asked.body, asked.key(tenant)?).await?;
    let kept = resource::get(&app, tenant, &made.id).await?;
    Ok(answer(StatusCode::CREATED, kept)?.replayed(made.is_new))
}

/// Show a preset.
#[utoipa::path(get, path = "/v1/presets/{preset}", tag = "presets",
    params(("preset" = String, Path, description = "Its id"),
        ("If-None-Match" = Option<String>, Header, description = "Only if it is another version than this")),
    responses((status = 200, description = "The preset", body = PresetView),
        (status = 304, description = "It is the version that you have"),
        (status = 404, description = "There is none")))]
async fn get(
    State(app): State<App>,
    who: Who,
    Id(preset): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let kept: KeptPreset = resource::get(&app, tenant, &preset).await?;
    if let Some(known) = Answer::not_modified(&headers, &kept.tag) {
        return Ok(known);
    }
    Ok(answer(StatusCode::OK, kept)?.into_response())
}

/// Put a preset in the place of one, or make it under this id (`If-None-Match: *`).
#[utoipa::path(put, path = "/v1/presets/{preset}", tag = "presets", request_body = PresetBody,
    params(("preset" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is to be none yet")),
    responses((status = 200, description = "It is kept", body = PresetView),
        (status = 201, description = "It is made", body = PresetView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn replace(
    State(app): State<App>,
    who: Who,
    Id(preset): Id,
    headers: HeaderMap,
    Body(body): Body<PresetBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let (asked, to) = (Asked::of(&headers)?, Become::Whole(&body));
    let kept = presets::write(&app, tenant, &preset, &asked, &to).await?;
    answer(asked.status(), kept)
}

/// Change a preset.
#[utoipa::path(patch, path = "/v1/presets/{preset}", tag = "presets",
    request_body(description = "What is to be different",
        content((Vec<Object> = "application/json-patch+json"), (Object = "application/merge-patch+json"))),
    params(("preset" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 200, description = "It is changed", body = PresetView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn patch(
    State(app): State<App>,
    who: Who,
    Id(preset): Id,
    headers: HeaderMap,
    patch: Patch,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let (asked, to) = (Asked::of_change(&headers)?, Become::Patched(&patch));
    let kept = presets::write(&app, tenant, &preset, &asked, &to).await?;
    answer(asked.status(), kept)
}

/// Forget a preset. Its runs stay.
#[utoipa::path(delete, path = "/v1/presets/{preset}", tag = "presets",
    params(("preset" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "There is none"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Id(preset): Id,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    presets::delete(&app, tenant, &preset, &Asked::of_change(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start a run of a preset. What the request says goes before what the preset says; inputs are taken from both.
#[utoipa::path(post, path = "/v1/presets/{preset}/runs", tag = "presets", request_body = RunStart,
    params(("preset" = String, Path, description = "The preset's id"), WaitParams,
        ("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key starts one run")),
    responses((status = 202, description = "It is accepted", body = RunView),
        (status = 200, description = "It is over, or waits for someone", body = RunView),
        (status = 404, description = "There is no such preset"),
        (status = 409, description = "Its graph was deleted"),
        (status = 422, description = "What is wrong with the inputs")))]
async fn run(
    State(app): State<App>,
    who: Who,
    Id(preset): Id,
    Params(wait): Params<WaitParams>,
    asked: Keyed<RunStart, true>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    start::answer(&app, tenant, What::Preset(preset), &wait, asked).await
}
