//! Graphs and their versions.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::page;
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Document, Id, PageParams, Params, Who, misfit_at};
use crate::etag::{Asked, is_known};
use crate::graphs::Kept;
use crate::ids::is_id;
use crate::principal::Scope;
use crate::problem::Problem;
use crate::records::{Kind, Query};
use crate::wire::{GraphView, TagsBody, VersionView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, delete))
        .routes(routes!(version))
        .routes(routes!(tag))
}

/// List the graphs, the latest made first.
#[utoipa::path(get, path = "/v1/graphs", tag = "graphs", params(PageParams),
    responses((status = 200, description = "A page of graphs", body = super::page::PageOf<GraphView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    Params(asked): Params<PageParams>,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let limit = asked.limit()?;
    let after = super::page::after(&app, tenant, "graphs", &asked)?;
    let query = Query::of(Kind::Graph, limit + 1).after(after);
    let entries = app.records().list(tenant, query).await?;
    let kept: Vec<Kept> = entries.iter().map(Kept::of).collect::<Result<_, _>>()?;
    let views = kept
        .iter()
        .map(|kept| (kept.id.clone(), GraphView::of(kept, None)));
    page(&app, tenant, "/v1/graphs", "graphs", limit, views.collect())
}

/// Keep a new graph. The body is the document itself: native, or an AutoGPT export.
#[utoipa::path(post, path = "/v1/graphs", tag = "graphs", request_body = Object,
    responses((status = 201, description = "It is kept", body = GraphView),
        (status = 422, description = "Everything that is wrong with the document")))]
async fn create(
    State(app): State<App>,
    who: Who,
    Document(bytes): Document,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let kept = app.graphs().create(tenant, &bytes).await?;
    answer(StatusCode::CREATED, &kept, None)
}

fn answer(
    status: StatusCode,
    kept: &Kept,
    document: Option<graphloom::Value>,
) -> Result<Answer, Problem> {
    let place = format!("/v1/graphs/{}", kept.id);
    let answer = Answer::new(status, &GraphView::of(kept, document))?;
    let answer = answer.etag(&kept.head.document_hash);
    Ok(if status == StatusCode::CREATED {
        answer.location(&place)
    } else {
        answer
    })
}

/// Show a graph: its latest version.
#[utoipa::path(get, path = "/v1/graphs/{graph}", tag = "graphs",
    params(("graph" = String, Path, description = "Its id")),
    responses((status = 200, description = "The graph", body = GraphView), (status = 404, description = "There is none")))]
async fn get(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let kept = app.graphs().get(tenant, &graph).await?;
    if is_known(&headers, &kept.head.document_hash) {
        let tag = format!("\"{}\"", kept.head.document_hash);
        return Ok((StatusCode::NOT_MODIFIED, [("etag", tag)]).into_response());
    }
    let (_, version) = app
        .graphs()
        .version(tenant, &graph, kept.head.version)
        .await?;
    Ok(answer(StatusCode::OK, &kept, Some(version.document))?.into_response())
}

/// Put a new version of a graph in place of the latest, or make the graph under this id (`If-None-Match: *`).
#[utoipa::path(put, path = "/v1/graphs/{graph}", tag = "graphs", request_body = Object,
    params(("graph" = String, Path, description = "Its id")),
    responses((status = 200, description = "It is kept", body = GraphView),
        (status = 201, description = "It is made", body = GraphView),
        (status = 412, description = "It has changed since"), (status = 428, description = "Say which version is meant")))]
async fn replace(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
    Document(bytes): Document,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    let asked = Asked::of(&headers)?;
    let kept = app.graphs().replace(tenant, &graph, &bytes, &asked).await?;
    let made = asked == Asked::None;
    answer(
        if made {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        &kept,
        None,
    )
}

/// Forget a graph and its versions. Its runs stay.
#[utoipa::path(delete, path = "/v1/graphs/{graph}", tag = "graphs",
    params(("graph" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), (status = 412, description = "It has changed since")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    app.graphs()
        .delete(tenant, &graph, &Asked::of(&headers)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show one version of a graph.
#[utoipa::path(get, path = "/v1/graphs/{graph}/versions/{version}", tag = "graphs",
    params(("graph" = String, Path, description = "Its id"), ("version" = u64, Path, description = "Its number, from 1")),
    responses((status = 200, description = "The version", body = VersionView), (status = 404, description = "There is none")))]
async fn version(
    State(app): State<App>,
    who: Who,
    Path((graph, version)): Path<(String, String)>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let number = version.parse().ok().filter(|_| is_id(&graph));
    let number = number.ok_or_else(|| Problem::not_found("version", &version))?;
    let (entry, kept) = app
        .graphs()
        .version(tenant, &Text::from(graph), number)
        .await?;
    let answer = Answer::ok(&VersionView::of(&kept, entry.created, true))?;
    Ok(answer.etag(&kept.document_hash))
}

/// How many tags a graph may have.
const MAX_TAGS: usize = 32;
/// How long one may be, in characters.
const MAX_TAG: usize = 64;

/// Give a graph other tags, in place of those that it has.
#[utoipa::path(put, path = "/v1/graphs/{graph}/tags", tag = "graphs", request_body = TagsBody,
    params(("graph" = String, Path, description = "Its id")),
    responses((status = 200, description = "It has them", body = GraphView), (status = 404, description = "There is none")))]
async fn tag(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    Body(TagsBody { mut tags }): Body<TagsBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsWrite)?;
    if tags.len() > MAX_TAGS {
        let detail = format!("a graph has at most {MAX_TAGS} tags, not {}", tags.len());
        return Err(misfit_at("/tags", &detail));
    }
    let fits = |tag: &Text| {
        (1..=MAX_TAG).contains(&tag.chars().count()) && !tag.contains(char::is_control)
    };
    if let Some(at) = tags.iter().position(|tag| !fits(tag)) {
        let detail =
            format!("a tag has 1 to {MAX_TAG} characters, none of them a control character");
        return Err(misfit_at(&format!("/tags/{at}"), &detail));
    }
    tags.sort();
    tags.dedup();
    let kept = app.graphs().tag(tenant, &graph, tags).await?;
    answer(StatusCode::OK, &kept, None)
}
