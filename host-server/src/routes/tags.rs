//! Tags: words to find graphs by.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use graphloom::Text;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Id, Listed, NoFilters, PageParams, Who, misfit_at};
use crate::graphs::Kept;
use crate::principal::Scope;
use crate::problem::Problem;
use crate::records::{Kind, Query};
use crate::wire::{GraphView, TagView, TagsBody};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(replace))
}

/// How many tags a graph may have.
const MAX_TAGS: usize = 32;
/// How long one may be, in characters.
const MAX_TAG: usize = 64;
/// How many graphs are read at a time.
const PAGE: usize = 1_000;

/// List the tags, in the order of the alphabet, each with the number of graphs that have it.
#[utoipa::path(get, path = "/v1/tags", tag = "tags", params(PageParams),
    responses((status = 200, description = "A page of tags", body = PageOf<TagView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::GraphsRead)?;
    let from = asked.after(&app, tenant)?;
    let mut counts: BTreeMap<Text, u64> = BTreeMap::new();
    let mut after = None;
    loop {
        // What has a tag has its mark among its words.
        let query = Query::of(Kind::Graph, PAGE).word(Some("\n#")).after(after);
        let entries = app.records().list(tenant, query).await?;
        for entry in &entries {
            for tag in Kept::of(entry)?.head.tags {
                *counts.entry(tag).or_default() += 1;
            }
        }
        match entries.last().filter(|_| entries.len() == PAGE) {
            Some(last) => after = Some(last.id.clone()),
            None => break,
        }
    }
    let wanted = counts
        .into_iter()
        .filter(|(tag, _)| from.as_ref().is_none_or(|from| tag > from))
        .take(asked.limit()? + 1)
        .map(|(tag, graphs)| (tag.clone(), TagView { tag, graphs }));
    listed(&app, tenant, &asked, wanted.collect())
}

/// Give a graph other tags, in place of those that it has.
#[utoipa::path(put, path = "/v1/graphs/{graph}/tags", tag = "tags", request_body = TagsBody,
    params(("graph" = String, Path, description = "Its id")),
    responses((status = 200, description = "It has them", body = GraphView),
        (status = 404, description = "There is none"),
        (status = 409, description = "It is changed all the time")))]
async fn replace(
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
    let kept = app.graphs().tag(tenant, &graph, &tags).await?;
    super::graphs::answer(StatusCode::OK, &kept, None)
}
