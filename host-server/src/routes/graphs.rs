//! Graphs.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use graphloom::Value;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Document, Id, Listed, PageParams, Patch, Who};
use crate::etag::Asked;
use crate::graphs::{Edit, Kept, tag_word};
use crate::once::{Key, make};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::records::Kind;
use crate::wire::GraphView;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
}

/// How many words a search may have.
const MAX_WORDS: usize = 16;

/// Which graphs to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct GraphFilters {
    /// Only those that have all of these words in their name or tags
    q: Option<String>,
    /// Only those with this tag; the case of letters does not count
    tag: Option<String>,
}

/// List the graphs, the latest made first.
#[utoipa::path(get, path = "/v1/graphs", tag = "graphs", params(PageParams, GraphFilters),
    responses((status = 200, description = "A page of graphs", body = PageOf<GraphView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<GraphFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let mut query = asked.query(&app, tenant, Kind::Graph)?;
    let GraphFilters { q, tag } = &asked.filters;
    for word in q.iter().flat_map(|q| q.split_whitespace()).take(MAX_WORDS) {
        query = query.word(Some(word));
    }
    query = query.word(tag.as_deref().map(tag_word).as_deref());
    let entries = app.records().list(tenant, query).await?;
    let views = entries.iter().map(|entry| {
        let view = GraphView::of(&Kept::of(entry)?, None);
        Ok((entry.id.clone(), view))
    });
    listed(&app, tenant, &asked, views.collect::<Result<_, Problem>>()?)
}

/// Keep a new graph. The body is the document itself: native, or an AutoGPT export.
#[utoipa::path(post, path = "/v1/graphs", tag = "graphs", request_body = Object,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key makes one graph")),
    responses((status = 201, description = "It is kept", body = GraphView),
        (status = 404, description = "What the key made was deleted since"),
        (status = 409, description = "It was done at the same time"),
        (status = 422, description = "Everything that is wrong with the document")))]
async fn create(
    State(app): State<App>,
    who: Who,
    uri: Uri,
    headers: HeaderMap,
    Document(bytes): Document,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let compiled = app.graphs().compile(bytes).await;
    let compiled = compiled.map_err(|faults| Problem::of_faults(&faults))?;
    let said = Value::from(compiled.hash.clone());
    let key = Key::of_request(tenant, &headers, uri.path(), &said)?;
    let made = make(&app, tenant, key, async |id, more| {
        app.graphs().create(tenant, id, compiled, more).await
    });
    let made = made.await?;
    let kept = app.graphs().get(tenant, &made.id).await?;
    Ok(answer(StatusCode::CREATED, &kept, None)?.replayed(made.is_new))
}

pub(super) fn answer(
    status: StatusCode,
    kept: &Kept,
    document: Option<Value>,
) -> Result<Answer, Problem> {
    let answer = Answer::new(status, &GraphView::of(kept, document))?.etag(&kept.tag());
    Ok(answer.made_at("/v1/graphs", &kept.id))
}

/// Show a graph: its latest version.
#[utoipa::path(get, path = "/v1/graphs/{graph}", tag = "graphs",
    params(("graph" = String, Path, description = "Its id"),
        ("If-None-Match" = Option<String>, Header, description = "Only if it is another version than this")),
    responses((status = 200, description = "The graph", body = GraphView),
        (status = 304, description = "It is the version that you have"),
        (status = 404, description = "There is none")))]
async fn get(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let kept = app.graphs().get(tenant, &graph).await?;
    if let Some(known) = Answer::not_modified(&headers, &kept.tag()) {
        return Ok(known);
    }
    let latest = kept.head.version;
    let document = app.graphs().document(tenant, &graph, latest).await?;
    Ok(answer(StatusCode::OK, &kept, Some(document))?.into_response())
}

/// Put a new version of a graph in place of the latest, or make the graph under this id (`If-None-Match: *`).
#[utoipa::path(put, path = "/v1/graphs/{graph}", tag = "graphs", request_body = Object,
    params(("graph" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is to be none yet")),
    responses((status = 200, description = "It is kept", body = GraphView),
        (status = 201, description = "It is made", body = GraphView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since: see `etag` and `diff`"),
        (status = 428, description = "Say which version is meant")))]
async fn replace(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
    Document(bytes): Document,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let (asked, edit) = (Asked::of(&headers)?, Edit::Whole(bytes));
    let kept = app.graphs().edit(tenant, &graph, &asked, &edit).await?;
    answer(asked.status(), &kept, None)
}

/// Change the document of a graph, which makes a version.
#[utoipa::path(patch, path = "/v1/graphs/{graph}", tag = "graphs",
    request_body(description = "What is to be different",
        content((Vec<Object> = "application/json-patch+json"), (Object = "application/merge-patch+json"))),
    params(("graph" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 200, description = "It is changed", body = GraphView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since: see `etag` and `diff`"),
        (status = 422, description = "The patch cannot be applied, or what is wrong with the document then"),
        (status = 428, description = "Say which version is meant")))]
async fn patch(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
    patch: Patch,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let (asked, edit) = (Asked::of_change(&headers)?, Edit::Patched(&patch));
    let kept = app.graphs().edit(tenant, &graph, &asked, &edit).await?;
    answer(asked.status(), &kept, None)
}

/// Forget a graph and its versions. Its runs stay.
#[utoipa::path(delete, path = "/v1/graphs/{graph}", tag = "graphs",
    params(("graph" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant")),
    responses((status = 204, description = "It is gone"),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time"),
        (status = 412, description = "It has changed since: see `etag` and `diff`"),
        (status = 428, description = "Say which version is meant")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let asked = Asked::of_change(&headers)?;
    app.graphs().delete(tenant, &graph, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}
