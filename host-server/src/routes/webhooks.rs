//! Webhooks, as their owners see them.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use graphloom::host::Secret;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{
    Body, Hidden, Id, Keyed, Listed, NoFilters, PageParams, Patch, Who, one_of, under,
};
use crate::etag::Asked;
use crate::principal::{Scope, Tenant};
use crate::problem::Problem;
use crate::records::Kind;
use crate::resource;
use crate::webhooks::{self, Found, Shows};
use crate::wire::{
    HookAnswer, HookCallView, ProviderKind, RotateBody, TrialBody, WebhookBody, WebhookView,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(rotate))
        .routes(routes!(trial))
        .routes(routes!(deliveries))
}

/// What a webhook does its writer does: both are to be allowed.
fn writes(who: &Who) -> Result<&Tenant, Problem> {
    who.may(Scope::RunsWrite)?;
    who.may(Scope::WebhooksWrite)
}

/// Which webhooks to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct WebhookFilters {
    /// Only those that run this graph or preset
    #[param(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    target: Option<String>,
    /// Only those of this kind of provider: standard, github, gitlab, stripe, slack, hmac, token, basic, unsigned
    #[param(value_type = Option<ProviderKind>, inline)]
    provider: Option<String>,
    /// Only those with this in their name, or in that of their kind of provider
    q: Option<String>,
}

/// List the webhooks, the latest made first.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", params(PageParams, WebhookFilters),
    responses((status = 200, description = "A page of webhooks", body = PageOf<WebhookView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<WebhookFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksRead)?;
    let filters = &asked.filters;
    let provider = filters.provider.as_deref().map(known).transpose()?;
    let provider = provider.map(webhooks::word);
    let query = asked.query(&app, tenant, Kind::Webhook)?;
    let query = query.word(filters.q.as_deref()).word(provider.as_deref());
    let query = under(query, "target", filters.target.as_ref())?;
    let mut views = Vec::new();
    for found in resource::list::<Found>(&app, tenant, query).await? {
        let view = found.view(&app, shows(&who, None)).await?;
        views.push((found.id, view));
    }
    listed(&app, tenant, &asked, views)
}

fn known(word: &str) -> Result<ProviderKind, Problem> {
    one_of(word, "provider", &ProviderKind::ALL, ProviderKind::as_str)
}

fn shows<'a>(who: &Who, drawn: Option<&'a Secret>) -> Shows<'a> {
    let address = who.may(Scope::WebhooksWrite).is_ok();
    Shows { address, drawn }
}

async fn answer(
    app: &App,
    status: StatusCode,
    found: &Found,
    shows: Shows<'_>,
) -> Result<Answer, Problem> {
    let answer = Answer::new(status, &found.view(app, shows).await?)?.etag(&found.tag);
    Ok(answer.made_at("/v1/webhooks", &found.id))
}

/// Keep a new webhook. Where no secret is given one is drawn, and shown in this answer only.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks", request_body = WebhookBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key makes one webhook")),
    responses((status = 201, description = "It is kept", body = WebhookView),
        (status = 404, description = "What the key made was deleted since"),
        (status = 409, description = "It was done at the same time"),
        (status = 422, description = "Everything that does not fit")))]
async fn create(
    State(app): State<App>,
    who: Who,
    asked: Keyed<WebhookBody>,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let key = asked.key(tenant)?;
    let (made, drawn) = webhooks::create(&app, tenant, asked.body, key).await?;
    let found: Found = resource::get(&app, tenant, &made.id).await?;
    let shows = shows(&who, drawn.as_ref());
    let answer = answer(&app, StatusCode::CREATED, &found, shows).await?;
    Ok(answer.replayed(made.is_new))
}

/// Show a webhook: what it says, and what became of the last request.
#[utoipa::path(get, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"),
        ("If-None-Match" = Option<String>, Header, description = "Only if it is another version than this")),
    responses((status = 200, description = "The webhook", body = WebhookView),
        (status = 304, description = "It is the version that you have"), (status = 404, description = "There is none")))]
async fn get(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::WebhooksRead)?;
    let found: Found = resource::get(&app, tenant, &webhook).await?;
    if let Some(known) = Answer::not_modified(&headers, &found.tag) {
        return Ok(known);
    }
    let answer = answer(&app, StatusCode::OK, &found, shows(&who, None)).await?;
    Ok(answer.into_response())
}

/// Put a webhook in place of what is there, or make it under this id (`If-None-Match: *`). One that is there keeps its address,
/// and its secret where no other one is given.
#[utoipa::path(put, path = "/v1/webhooks/{webhook}", tag = "webhooks", request_body = WebhookBody,
    params(("webhook" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is to be none yet")),
    responses((status = 200, description = "It is kept", body = WebhookView),
        (status = 201, description = "It is made", body = WebhookView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn replace(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    headers: HeaderMap,
    Hidden(body): Hidden<WebhookBody>,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let asked = Asked::of(&headers)?;
    let (found, drawn) = webhooks::replace(&app, tenant, &webhook, body, &asked).await?;
    answer(&app, asked.status(), &found, shows(&who, drawn.as_ref())).await
}

/// Change parts of a webhook, e.g. whether it is enabled.
#[utoipa::path(patch, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    request_body(description = "What is to be different",
        content((Vec<Object> = "application/json-patch+json"), (Object = "application/merge-patch+json"))),
    params(("webhook" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 200, description = "It is kept", body = WebhookView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn patch(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    headers: HeaderMap,
    patch: Patch,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let asked = Asked::of_change(&headers)?;
    let found = webhooks::patch(&app, tenant, &webhook, &patch, &asked).await?;
    answer(&app, StatusCode::OK, &found, shows(&who, None)).await
}

/// Forget a webhook: its address is nobody's from now on. Its runs stay.
#[utoipa::path(delete, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::WebhooksWrite)?;
    webhooks::delete(&app, tenant, &webhook, &Asked::of_change(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a webhook another secret. The one before is taken too, for a day. Where none is given one is drawn, and shown in this
/// answer only.
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/rotate", tag = "webhooks", request_body = RotateBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "It has another one", body = WebhookView),
        (status = 404, description = "There is none"), (status = 409, description = "It has no secret, or is changed all the time")))]
async fn rotate(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    Hidden(body): Hidden<RotateBody>,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let (found, drawn) = webhooks::rotate(&app, tenant, &webhook, body.secret).await?;
    answer(&app, StatusCode::OK, &found, shows(&who, drawn.as_ref())).await
}

/// Start a run as if a request had brought this payload, whether the webhook is enabled or not.
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/trial", tag = "webhooks", request_body = TrialBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 202, description = "It has its run", body = HookAnswer),
        (status = 404, description = "There is none, or its graph is gone"),
        (status = 409, description = "The graph of its preset is gone"),
        (status = 422, description = "The graph does not take it")))]
async fn trial(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    Body(body): Body<TrialBody>,
) -> Result<Answer, Problem> {
    let tenant = writes(&who)?;
    let told = webhooks::trial(&app, tenant, &webhook, body.payload).await?;
    let place = told.run_id.as_ref().map(|run| format!("/v1/runs/{run}"));
    let answer = Answer::new(StatusCode::ACCEPTED, &told)?;
    Ok(answer.location(place.as_deref().unwrap_or_default()))
}

/// List the last requests of a webhook, the latest first.
#[utoipa::path(get, path = "/v1/webhooks/{webhook}/deliveries", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"), PageParams),
    responses((status = 200, description = "A page of requests", body = PageOf<HookCallView>),
        (status = 404, description = "There is no such webhook")))]
async fn deliveries(
    State(app): State<App>,
    who: Who,
    Id(webhook): Id,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksRead)?;
    let hook: Found = resource::get(&app, tenant, &webhook).await?;
    let query = asked.query(&app, tenant, Kind::HookCall)?.under(hook.id);
    let calls = webhooks::list_calls(&app, tenant, query).await?;
    let views = calls.into_iter().map(|call| (call.id.clone(), call));
    listed(&app, tenant, &asked, views.collect())
}
