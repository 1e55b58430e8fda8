//! The numbers of the server.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::ask::{Who, accepted};
use crate::metrics::Form;
use crate::principal::Scope;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Tell the numbers of the server, as Prometheus reads them: requests, runs, blocks, costs, callbacks, schedules, caches. Takes
/// the scope `metrics`, which no role but `admin` has; a key for it alone is made by an administrator.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, description = "The numbers: in the form of OpenMetrics where `Accept` prefers it, else in that of Prometheus 0.0.4",
            content((String = "text/plain"), (String = "application/openmetrics-text"))),
        (status = 406, description = "They are not to be had in the form that was asked for")))]
async fn metrics(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    who.may(Scope::Metrics)?;
    let offered = [Form::Prometheus, Form::OpenMetrics];
    let media = accepted(&headers, &offered.map(Form::media))?;
    let form = offered.into_iter().find(|form| form.media() == media);
    let form = form.unwrap_or(Form::Prometheus);
    let text = app.metrics().to_text(&app, form).await;
    Ok(([(header::CONTENT_TYPE, form.content_type())], text).into_response())
}
