//! Versions of graphs.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, Listed, NoFilters, PageParams, Who};
use crate::ids::is_id;
use crate::principal::Scope;
use crate::problem::Problem;
use crate::wire::VersionView;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// List the versions of a graph, the latest first.
#[utoipa::path(get, path = "/v1/graphs/{graph}/versions", tag = "versions",
    params(("graph" = String, Path, description = "The graph's id"), PageParams),
    responses((status = 200, description = "A page of versions, without their documents", body = PageOf<VersionView>),
        (status = 404, description = "There is no such graph")))]
async fn list(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let after = asked.after(&app, tenant)?;
    let after = after.and_then(|number| number.parse().ok());
    let limit = asked.limit()? + 1;
    let found = app.graphs().versions(tenant, &graph, after, limit).await?;
    let views = found.iter().map(|(entry, version)| {
        let number = Text::from(version.version.to_string());
        (number, VersionView::of(version, entry.created, None))
    });
    listed(&app, tenant, &asked, views.collect())
}

/// Show one version of a graph.
#[utoipa::path(get, path = "/v1/graphs/{graph}/versions/{version}", tag = "versions",
    params(("graph" = String, Path, description = "Its id"), ("version" = u64, Path, description = "Its number, from 1"),
        ("If-None-Match" = Option<String>, Header, description = "Only if it is another document than this")),
    responses((status = 200, description = "The version", body = VersionView),
        (status = 304, description = "It is the document that you have"),
        (status = 404, description = "There is none")))]
async fn show(
    State(app): State<App>,
    who: Who,
    Path((graph, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let number = version.parse().ok().filter(|_| is_id(&graph));
    let number = number.ok_or_else(|| Problem::not_found("version", &version))?;
    let graph = Text::from(graph);
    let (entry, kept) = app.graphs().version(tenant, &graph, number).await?;
    if let Some(known) = Answer::not_modified(&headers, &kept.document_hash) {
        return Ok(known);
    }
    let document = app.graphs().document(tenant, &graph, number).await?;
    let view = VersionView::of(&kept, entry.created, Some(document));
    Ok(Answer::ok(&view)?.etag(&kept.document_hash).into_response())
}
