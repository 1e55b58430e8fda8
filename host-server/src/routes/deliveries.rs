//! Deliveries of callbacks, and what they are signed with.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, Listed, PageParams, Who, one_of, under};
use crate::callbacks::{self, Found};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::records::Kind;
use crate::resource;
use crate::wire::{CallbackSecretView, DeliveryState, DeliveryView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(retry))
        .routes(routes!(secret))
        .routes(routes!(rotate))
}

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct DeliveryFilters {
    /// Only those in this state: pending, delivered, dead
    #[param(inline, value_type = Option<DeliveryState>)]
    state: Option<String>,
    /// Only those that tell of this run
    #[param(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    run: Option<String>,
}

/// List the deliveries, the latest first.
#[utoipa::path(get, path = "/v1/deliveries", tag = "deliveries", params(PageParams, DeliveryFilters),
    responses((status = 200, description = "A page of deliveries", body = PageOf<DeliveryView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<DeliveryFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksRead)?;
    let state = asked.filters.state.as_deref().map(known).transpose()?;
    let word = state.map(|state| format!("state={}", state.as_str()));
    let query = asked.query(&app, tenant, Kind::Delivery)?;
    let query = under(query, "run", asked.filters.run.as_ref())?.word(word.as_deref());
    let found: Vec<Found> = resource::list(&app, tenant, query).await?;
    let views = found
        .iter()
        .map(|found| (found.id.clone(), found.view(false)));
    listed(&app, tenant, &asked, views.collect())
}

fn known(word: &str) -> Result<DeliveryState, Problem> {
    one_of(word, "state", &DeliveryState::ALL, DeliveryState::as_str)
}

/// Show a delivery, with what is sent.
#[utoipa::path(get, path = "/v1/deliveries/{delivery}", tag = "deliveries",
    params(("delivery" = String, Path, description = "Its id")),
    responses((status = 200, description = "The delivery", body = DeliveryView), (status = 404, description = "There is none")))]
async fn get(State(app): State<App>, who: Who, Id(delivery): Id) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksRead)?;
    let found: Found = resource::get(&app, tenant, &delivery).await?;
    Answer::ok(&found.view(true))
}

/// Send a delivery once more that was given up, or waits for its next attempt.
#[utoipa::path(post, path = "/v1/deliveries/{delivery}/retry", tag = "deliveries",
    params(("delivery" = String, Path, description = "Its id")),
    responses((status = 202, description = "It is sent again", body = DeliveryView),
        (status = 404, description = "There is none"), (status = 409, description = "It was taken")))]
async fn retry(State(app): State<App>, who: Who, Id(delivery): Id) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksWrite)?;
    let found = callbacks::again(&app, tenant, &delivery).await?;
    Answer::new(StatusCode::ACCEPTED, &found.view(true))
}

/// Show what callbacks of the tenant are signed with. The first time it is drawn.
#[utoipa::path(get, path = "/v1/callback-secret", tag = "deliveries",
    responses((status = 200, description = "The secret", body = CallbackSecretView)))]
async fn secret(State(app): State<App>, who: Who) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksWrite)?;
    Answer::ok(&callbacks::show(&app, tenant).await?)
}

/// Draw another secret to sign callbacks with. The one before signs too, for a day.
#[utoipa::path(post, path = "/v1/callback-secret:rotate", tag = "deliveries",
    responses((status = 200, description = "The new secret", body = CallbackSecretView)))]
async fn rotate(State(app): State<App>, who: Who) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::WebhooksWrite)?;
    Answer::ok(&callbacks::rotate(&app, tenant).await?)
}
