//! What whoever runs the server does: drain it, look at limits and tenants, take along or forget a tenant. All of it takes
//! the scope `admin`, and is highly sensitive to the audit log.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use graphloom::Text;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Listed, NoFilters, PageParams, Params, Who};
use crate::auth::KeyKept;
use crate::config::Rate;
use crate::ids::is_id;
use crate::principal::{Scope, Tenant};
use crate::problem::{Problem, ServerCode};
use crate::records::{Kind, Usage};
use crate::tenants;
use crate::wire::{DrainBody, DrainView, ErasedView, KeyView, LimitsView, TenantView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(drain, set_drain))
        .routes(routes!(limits))
        .routes(routes!(list_tenants))
        .routes(routes!(erase_tenant))
        .routes(routes!(export_tenant))
        .routes(routes!(list_keys))
        .routes(routes!(revoke_key))
        .routes(routes!(export_own))
}

fn standing(app: &App) -> DrainView {
    let drain = app.draining();
    DrainView {
        draining: drain.is_on(),
        ending: drain.ending().is_cancelled(),
        runs_active: app.runs().active() as u64,
    }
}

/// Say whether anything new begins.
#[utoipa::path(get, path = "/v1/admin/drain", tag = "admin",
    responses((status = 200, description = "Where it stands", body = DrainView)))]
async fn drain(State(app): State<App>, who: Who) -> Result<Answer, Problem> {
    who.may(Scope::Admin)?;
    Answer::ok(&standing(&app))
}

/// Have nothing new begin from now on, or let it again. Holds for this process, until it ends.
#[utoipa::path(put, path = "/v1/admin/drain", tag = "admin", request_body = DrainBody,
    responses((status = 200, description = "Where it stands now", body = DrainView),
        (status = 409, description = "The process was told to stop: there is no way back")))]
async fn set_drain(
    State(app): State<App>,
    who: Who,
    Body(body): Body<DrainBody>,
) -> Result<Answer, Problem> {
    who.may(Scope::Admin)?;
    if app.drain(body.draining) && !body.draining {
        let detail = "the process was told to stop: there is no way back";
        return Err(Problem::new(ServerCode::Conflict, detail));
    }
    Answer::ok(&standing(&app))
}

/// Show the limits that hold.
#[utoipa::path(get, path = "/v1/admin/limits", tag = "admin",
    responses((status = 200, description = "The limits", body = LimitsView)))]
async fn limits(State(app): State<App>, who: Who) -> Result<Answer, Problem> {
    who.may(Scope::Admin)?;
    let quotas = app.quotas();
    let rate = app.rate().settings();
    let a_second = |of: fn(&Rate) -> u32| rate.map_or(0, of).into();
    Answer::ok(&LimitsView {
        max_graphs: quotas.max_graphs,
        max_versions: quotas.max_versions,
        max_presets: quotas.max_presets,
        max_runs_going: quotas.max_runs_going,
        max_schedules: app.schedules().options.max_per_tenant,
        max_body_bytes: app.max_body_bytes() as u64,
        request_time_ms: u64::try_from(app.request_time().as_millis()).unwrap_or(u64::MAX),
        max_streams: app.live().options().max_streams as u64,
        requests_per_second: a_second(|rate| rate.requests_per_second),
        burst: a_second(|rate| rate.burst),
        address_requests_per_second: a_second(|rate| rate.address_requests_per_second),
        address_burst: a_second(|rate| rate.address_burst),
        failures_per_minute: a_second(|rate| rate.failures_per_minute),
    })
}

/// List the tenants that have records or runs, by name.
#[utoipa::path(get, path = "/v1/admin/tenants", tag = "admin", params(PageParams),
    responses((status = 200, description = "A page of tenants", body = PageOf<TenantView>)))]
async fn list_tenants(
    State(app): State<App>,
    who: Who,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let own = who.may(Scope::Admin)?;
    let after = asked.after(&app, own)?;
    let found = tenants::page(&app, after, asked.limit()? + 1).await?;
    let mut views = Vec::new();
    for tenant in found {
        views.push((tenant.as_text().clone(), view(&app, &tenant).await?));
    }
    listed(&app, own, &asked, views)
}

async fn view(app: &App, tenant: &Tenant) -> Result<TenantView, Problem> {
    let mut view = TenantView {
        tenant: tenant.as_text().clone(),
        graphs: 0,
        presets: 0,
        schedules: 0,
        webhooks: 0,
        files: 0,
        keys: 0,
        records: 0,
        bytes: 0,
        runs_going: app.runs().going_of(tenant).await?,
    };
    for kind in Kind::ALL {
        let Usage { records, bytes, .. } = app.records().usage(tenant, *kind).await?;
        view.records += records;
        view.bytes += bytes;
        match kind {
            Kind::Graph => view.graphs = records,
            Kind::Preset => view.presets = records,
            Kind::Schedule => view.schedules = records,
            Kind::Webhook => view.webhooks = records,
            Kind::File => view.files = records,
            Kind::ApiKey => view.keys = records,
            _ => {}
        }
    }
    Ok(view)
}

/// How to mean it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct EraseParams {
    /// The name of the tenant once more: what is forgotten is gone
    confirm: Option<String>,
}

/// Forget a tenant: graphs, presets, schedules, keys, credentials, values, runs with their journals, and what files have left of
/// them. Runs that go on are cancelled first. The answer comes when all of it is gone; the audit log stays.
#[utoipa::path(delete, path = "/v1/admin/tenants/{tenant}", tag = "admin", params(
        ("tenant" = String, Path, description = "Its name"), EraseParams),
    responses((status = 200, description = "How much there was", body = ErasedView),
        (status = 428, description = "`confirm` is not the name of the tenant"),
        (status = 503, description = "Runs have not stopped yet, or others still read what was deleted: ask again")))]
async fn erase_tenant(
    State(app): State<App>,
    who: Who,
    Path(name): Path<String>,
    Params(asked): Params<EraseParams>,
) -> Result<Answer, Problem> {
    let tenant = who.0.over(&name)?;
    if asked.confirm.as_deref() != Some(name.as_str()) {
        let detail = "say `?confirm=` with the name of the tenant: what is forgotten is gone";
        return Err(Problem::new(ServerCode::PreconditionRequired, detail));
    }
    let worker = app.clone();
    // Whoever asked may go away: it is not left half done.
    let work = async move { tenants::erase(&worker, &tenant).await };
    let erased = app.aside().to_the_end(work).await??;
    Answer::new(
        StatusCode::OK,
        &ErasedView {
            records: erased.records,
            runs: erased.runs,
            credentials: erased.credentials,
        },
    )
}

/// Take along everything that a tenant owns, as JSON Lines: records, credentials without what is secret, runs with their
/// journals. The last line is of the type `end`: without it the answer was cut off.
#[utoipa::path(get, path = "/v1/admin/tenants/{tenant}/export", tag = "admin",
    params(("tenant" = String, Path, description = "Its name")),
    responses((status = 200, description = "The lines", body = String, content_type = "application/jsonl")))]
async fn export_tenant(
    State(app): State<App>,
    who: Who,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    tenants::export(&app, &who.0.over(&name)?).await
}

/// List the keys of a tenant, the latest made first.
#[utoipa::path(get, path = "/v1/admin/tenants/{tenant}/keys", tag = "admin", params(
        ("tenant" = String, Path, description = "Its name"), PageParams),
    responses((status = 200, description = "A page of keys", body = PageOf<KeyView>)))]
async fn list_keys(
    State(app): State<App>,
    who: Who,
    Path(name): Path<String>,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let own = who.may(Scope::Admin)?;
    let tenant = who.0.over(&name)?;
    let query = asked.query(&app, own, Kind::ApiKey)?;
    let entries = app.records().list(&tenant, query).await?;
    let kept: Vec<KeyKept> = entries.iter().map(KeyKept::of).collect::<Result<_, _>>()?;
    let views = kept
        .iter()
        .map(|kept| (kept.id.clone(), KeyView::of(kept, None)));
    listed(&app, own, &asked, views.collect())
}

/// Revoke a key of a tenant: from now on it is not taken.
#[utoipa::path(delete, path = "/v1/admin/tenants/{tenant}/keys/{key}", tag = "admin", params(
        ("tenant" = String, Path, description = "The name of the tenant"),
        ("key" = String, Path, description = "The id of the key")),
    responses((status = 204, description = "It is revoked"), (status = 404, description = "There is none")))]
async fn revoke_key(
    State(app): State<App>,
    who: Who,
    Path((name, key)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = who.0.over(&name)?;
    if !is_id(&key) {
        return Err(Problem::not_found("key", &key));
    }
    app.auth().keys()?.revoke(&tenant, &Text::from(key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What one has to be allowed to see for all of it.
const ALL_THAT_READS: [Scope; 7] = [
    Scope::GraphsRead,
    Scope::RunsRead,
    Scope::FilesRead,
    Scope::SchedulesRead,
    Scope::WebhooksRead,
    Scope::CredentialsRead,
    Scope::KeysWrite,
];

/// Take along everything that the tenant itself owns, as `/v1/admin/tenants/{tenant}/export` gives it. Takes every scope that
/// reads, and `keys:write`.
#[utoipa::path(get, path = "/v1/export", tag = "server",
    responses((status = 200, description = "The lines", body = String, content_type = "application/jsonl")))]
async fn export_own(State(app): State<App>, who: Who) -> Result<Response, Problem> {
    for scope in ALL_THAT_READS {
        who.may(scope)?;
    }
    tenants::export(&app, who.may(Scope::RunsRead)?).await
}
