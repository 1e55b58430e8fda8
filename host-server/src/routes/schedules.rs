//! Schedules.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Id, Keyed, Listed, PageParams, Params, Patch, Who, under};
use crate::etag::Asked;
use crate::principal::{Scope, Tenant};
use crate::problem::{Problem, ServerCode};
use crate::records::Kind;
use crate::resource;
use crate::schedules::{self, Found};
use crate::wire::{ScheduleBody, ScheduleView, TimesView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(next))
}

/// What a schedule does its writer does: both are to be allowed.
fn writes(who: &Who) -> Result<&Tenant, Problem> {
    who.may(Scope::RunsWrite)?;
    who.may(Scope::SchedulesWrite)
}

/// Which schedules to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct ScheduleFilters {
    /// Only those that run this graph or preset
    #[param(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    target: Option<String>,
    /// Only those with this in their name
    q: Option<String>,
}

/// List the schedules, the latest made first.
#[utoipa::path(get, path = "/v1/schedules", tag = "schedules", params(PageParams, ScheduleFilters),
    responses((status = 200, description = "A page of schedules", body = PageOf<ScheduleView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<ScheduleFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::SchedulesRead)?;
    let ScheduleFilters { target, q } = &asked.filters;
    let query = asked
        .query(&app, tenant, Kind::Schedule)?
        .word(q.as_deref());
    let query = under(query, "target", target.as_ref())?;
    let found: Vec<Found> = resource::list(&app, tenant, query).await?;
    let views = found.iter().map(|found| (found.id.clone(), found.view()));
    listed(&app, tenant, &asked, views.collect())
}

fn answer(status: StatusCode, found: &Found) -> Result<Answer, Problem> {
    let answer = Answer::new(status, &found.view())?.etag(&found.tag);
    Ok(answer.made_at("/v1/schedules", &found.id))
}

/// Keep a new schedule.
#[utoipa::path(post, path = "/v1/schedules", tag = "schedules", request_body = ScheduleBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key makes one schedule")),
    responses((status = 201, description = "It is kept", body = ScheduleView),
        (status = 404, description = "What the key made was deleted since"),
        (status = 409, description = "It was done at the same time"),
        (status = 422, description = "Everything that does not fit")))]
async fn create(
    State(app): State<App>,
    who: Who,
    asked: Keyed<ScheduleBody>,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let key = asked.key(tenant)?;
    let made = schedules::create(&app, tenant, asked.body, key).await?;
    let found: Found = resource::get(&app, tenant, &made.id).await?;
    Ok(answer(StatusCode::CREATED, &found)?.replayed(made.is_new))
}

/// Show a schedule: what it says, when it runs next, what became of the last time.
#[utoipa::path(get, path = "/v1/schedules/{schedule}", tag = "schedules",
    params(("schedule" = String, Path, description = "Its id"),
        ("If-None-Match" = Option<String>, Header, description = "Only if it is another version than this")),
    responses((status = 200, description = "The schedule", body = ScheduleView),
        (status = 304, description = "It is the version that you have"), (status = 404, description = "There is none")))]
async fn get(
    State(app): State<App>,
    who: Who,
    Id(schedule): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::SchedulesRead)?;
    let found: Found = resource::get(&app, tenant, &schedule).await?;
    if let Some(known) = Answer::not_modified(&headers, &found.tag) {
        return Ok(known);
    }
    Ok(answer(StatusCode::OK, &found)?.into_response())
}

/// Put a schedule in place of what is there, or make it under this id (`If-None-Match: *`).
#[utoipa::path(put, path = "/v1/schedules/{schedule}", tag = "schedules", request_body = ScheduleBody,
    params(("schedule" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is to be none yet")),
    responses((status = 200, description = "It is kept", body = ScheduleView),
        (status = 201, description = "It is made", body = ScheduleView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn replace(
    State(app): State<App>,
    who: Who,
    Id(schedule): Id,
    headers: HeaderMap,
    Body(body): Body<ScheduleBody>,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let asked = Asked::of(&headers)?;
    let found = schedules::replace(&app, tenant, &schedule, body, &asked).await?;
    answer(asked.status(), &found)
}

/// Change parts of a schedule, e.g. whether it is enabled.
#[utoipa::path(patch, path = "/v1/schedules/{schedule}", tag = "schedules",
    request_body(description = "What is to be different",
        content((Vec<Object> = "application/json-patch+json"), (Object = "application/merge-patch+json"))),
    params(("schedule" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 200, description = "It is kept", body = ScheduleView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn patch(
    State(app): State<App>,
    who: Who,
    Id(schedule): Id,
    headers: HeaderMap,
    patch: Patch,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let asked = Asked::of_change(&headers)?;
    let found = schedules::patch(&app, tenant, &schedule, &patch, &asked).await?;
    answer(StatusCode::OK, &found)
}

/// Forget a schedule. Its runs stay.
#[utoipa::path(delete, path = "/v1/schedules/{schedule}", tag = "schedules",
    params(("schedule" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Id(schedule): Id,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::SchedulesWrite)?;
    schedules::delete(&app, tenant, &schedule, &Asked::of_change(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many times are shown at most.
const MAX_TIMES: u64 = 100;

/// How many times to show.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct TimesParams {
    /// How many, 1 to 100
    #[param(minimum = 1, maximum = 100, default = 10)]
    n: Option<u64>,
}

/// Show the next times of a schedule, as if it were enabled.
#[utoipa::path(get, path = "/v1/schedules/{schedule}/next", tag = "schedules",
    params(("schedule" = String, Path, description = "Its id"), TimesParams),
    responses((status = 200, description = "The times", body = TimesView), (status = 404, description = "There is none")))]
async fn next(
    State(app): State<App>,
    who: Who,
    Id(schedule): Id,
    Params(asked): Params<TimesParams>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::SchedulesRead)?;
    let count = asked.n.unwrap_or(10);
    if !(1..=MAX_TIMES).contains(&count) {
        let detail = format!("n: {count} is not 1 to {MAX_TIMES}");
        return Err(Problem::new(ServerCode::Parameter, detail));
    }
    let count = usize::try_from(count).unwrap_or(1);
    let items = schedules::next(&app, tenant, &schedule, count).await?;
    Answer::ok(&TimesView { items })
}
