//! The resources: one file each. A handler reads what a request says, names the scope that it takes, asks the
//! application, and writes the answer.

mod admin;
mod blocks;
mod check;
mod credentials;
mod deliveries;
mod download;
mod files;
mod graphs;
mod hooks;
mod keys;
mod live;
mod logins;
mod meta;
mod metrics;
mod page;
mod presets;
mod runs;
mod schedules;
mod tags;
mod versions;
mod webhooks;

use axum::Router;
use axum::extract::Request;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::layers::{Gate, around};
use crate::problem::Problem;
use crate::{App, openapi};

pub(crate) use runs::view as run_view;

/// Returns the routes with all that stands around their handlers, and their description.
pub(crate) fn all(app: &App) -> (Router, OpenApi) {
    let guarded = OpenApiRouter::new()
        .merge(graphs::routes())
        .merge(versions::routes())
        .merge(tags::routes())
        .merge(check::routes())
        .merge(blocks::routes())
        .merge(presets::routes())
        .merge(runs::routes())
        .merge(schedules::routes())
        .merge(deliveries::routes())
        .merge(webhooks::routes())
        .merge(files::routes())
        .merge(keys::routes())
        .merge(credentials::routes())
        .merge(logins::routes())
        .merge(admin::routes())
        .merge(metrics::routes())
        .merge(meta::guarded());
    let (guarded, described) = guarded.split_for_parts();
    let guarded = around(guarded.fallback(nothing), app, Gate::Token);
    let open = meta::open().merge(logins::open()).merge(hooks::open());
    let (open, more) = open.split_for_parts();
    let (live, of_live) = live::routes();
    let description = openapi::describe([described, more, of_live]);
    let open = around(open.merge(openapi::route(&description)), app, Gate::Address);
    let live = around(live, app, Gate::Socket);
    let all = guarded.merge(open).merge(live);
    (all.with_state(app.clone()), description)
}

async fn nothing(request: Request) -> Problem {
    Problem::not_found("resource", request.uri().path())
}
