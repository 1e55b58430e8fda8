//! The blobs of a run.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use graphloom::Text;

use super::super::download::{self, About};
use super::super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, Listed, NoFilters, PageParams, Who};
use crate::files::media;
use crate::ids::is_id;
use crate::principal::Scope;
use crate::problem::Problem;
use crate::wire::{ArtifactView, Bytes};

/// List the blobs that a run names, in what it was given, in what its nodes emitted and in its outputs, by their hash.
#[utoipa::path(get, path = "/v1/runs/{run}/artifacts", tag = "runs",
    params(("run" = String, Path, description = "Its id"), PageParams),
    responses((status = 200, description = "A page of them", body = PageOf<ArtifactView>),
        (status = 404, description = "There is no such run"),
        (status = 409, description = "Its blocks have changed, so that its events mean something else"),
        (status = 422, description = "The run is too long for this")))]
pub(super) async fn artifacts(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    let (limit, after) = (asked.limit()?, asked.after(&app, tenant)?);
    let entry = app.runs().entry(tenant, &run).await?;
    let all = app.runs().artifacts(&entry).await?;
    let behind = all.into_iter().filter(|artifact| {
        after
            .as_ref()
            .is_none_or(|after| artifact.blob.hash > *after)
    });
    let views = behind.take(limit + 1).map(|artifact| {
        let hash = artifact.blob.hash.clone();
        (hash, ArtifactView::of(&run, artifact))
    });
    listed(&app, tenant, &asked, views.collect())
}

/// Download a blob that a run names, or a part of it, as a file is downloaded.
#[utoipa::path(get, path = "/v1/runs/{run}/artifacts/{hash}", tag = "runs",
    params(("run" = String, Path, description = "The run's id"),
        ("hash" = String, Path, description = "What the blob is called: `sha256:` and 64 digits"),
        ("Range" = Option<String>, Header, description = "One part, as `bytes=0-1023`"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag of what is there already")),
    responses((status = 200, description = "The bytes", body = inline(Bytes), content_type = "*/*"),
        (status = 206, description = "The part", body = inline(Bytes), content_type = "*/*"),
        (status = 304, description = "It is there already"),
        (status = 404, description = "There is no such run, or it has no such blob"),
        (status = 409, description = "Its blocks have changed, so that its events mean something else"),
        (status = 416, description = "There is no such part"),
        (status = 422, description = "The run is too long for this")))]
pub(super) async fn artifact(
    State(app): State<App>,
    who: Who,
    Path((run, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    if !is_id(&run) {
        return Err(Problem::not_found("run", &run));
    }
    let run = Text::from(run);
    let entry = app.runs().entry(tenant, &run).await?;
    let space = app.files().of(tenant);
    let none = || Problem::not_found("artifact", &hash);
    let noted = space.of_run(&run, &hash).await?;
    let media_type = match noted {
        Some(media_type) => media_type,
        // It is only handed on, and perhaps still there.
        None => {
            let all = app.runs().artifacts(&entry).await?;
            let found = all.into_iter().find(|one| one.blob.hash == hash.as_str());
            found.ok_or_else(none)?.blob.media_type
        }
    };
    let content = space.open(&hash).await?.ok_or_else(none)?;
    let about = About {
        hash: &hash,
        name: &hash.replace(':', "-"),
        media_type: media_type.as_deref().unwrap_or(media::BYTES),
    };
    download::answer(&headers, &about, content)
}
