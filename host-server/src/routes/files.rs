//! Files.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use graphloom::{Text, value};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::download::{self, About};
use super::page::{PageOf, listed};
use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, Listed, PageParams, Params, Who};
use crate::etag::Asked;
use crate::files::keep::{self, KeptFile};
use crate::files::receive::receive;
use crate::files::{disposition, media, name};
use crate::once::Key;
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};
use crate::records::Kind;
use crate::resource;
use crate::wire::{Bytes, FileView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload, list))
        .routes(routes!(download, delete))
}

/// What an upload is called.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct NameParams {
    /// What the file is called, 1 to 255 characters; goes before what `Content-Disposition` says, and may be left out only
    /// where that is there
    #[param(
        required = true,
        min_length = 1,
        max_length = 255,
        pattern = r"^[^/\\\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[^\s./\\\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff][^/\\\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*$"
    )]
    name: Option<String>,
}

/// Keep a file. The body is its bytes, and `Content-Type` their type; what it is called is said by `name` or by
/// `Content-Disposition: attachment; filename="…"`, and is no path.
#[utoipa::path(post, path = "/v1/files", tag = "files",
    request_body(description = "The bytes", content_type = "application/octet-stream", content = inline(Bytes)),
    params(NameParams,
        ("Idempotency-Key" = Option<String>, Header, description = "The same bytes with the same name, type and key make one file")),
    responses((status = 201, description = "It is kept", body = FileView),
        (status = 404, description = "What the key made was deleted since"),
        (status = 408, description = "The body took too long"),
        (status = 413, description = "It is larger than a file may be"),
        (status = 415, description = "It has no type, or is a form and not the file itself")))]
async fn upload(State(app): State<App>, who: Who, request: Request) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::FilesWrite)?;
    let (mut parts, body) = request.into_parts();
    let Params(params) = Params::<NameParams>::from_request_parts(&mut parts, &app).await?;
    let media_type = media::of_upload(&parts.headers)?;
    let name = name_of(&params, &parts.headers, &media_type)?;
    let draft = receive(&app, tenant, &parts.headers, body).await?;
    let said = value!({
        "name": name.clone(),
        "media_type": media_type.clone(),
        "hash": (draft.hash()),
    });
    let key = Key::of_request(tenant, &parts.headers, parts.uri.path(), &said)?;
    let made = keep::create(&app, tenant, (name, media_type), draft, key).await?;
    let file: KeptFile = resource::get(&app, tenant, &made.id).await?;
    let answer = Answer::new(StatusCode::CREATED, &FileView::of(&file))?;
    let answer = answer.etag(&file.hash).made_at("/v1/files", &file.id);
    Ok(answer.replayed(made.is_new))
}

/// Returns what an upload is called.
fn name_of(params: &NameParams, headers: &HeaderMap, media_type: &str) -> Result<Text, Problem> {
    if let Some(name) = &params.name {
        return name::read(name);
    }
    if let Some(said) = headers.get(header::CONTENT_DISPOSITION) {
        let said = std::str::from_utf8(said.as_bytes()).ok();
        return match said.and_then(disposition::name) {
            Some(name) => name::read(&name),
            None => {
                let detail = "Content-Disposition: expected attachment; filename=\"NAME\"";
                Err(Problem::new(ServerCode::Parameter, detail))
            }
        };
    }
    if media_type.starts_with("application/json") {
        // Perhaps a request that was meant for something else: what it says of files is never looked at.
        let detail = "a body of JSON is a file only where it has a name: ?name=NAME.json";
        return Err(Problem::new(ServerCode::MediaType, detail));
    }
    let detail = "name: say what the file is called, by ?name= or Content-Disposition";
    Err(Problem::new(ServerCode::Parameter, detail))
}

/// Which files to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct FileFilters {
    /// Only those whose names have this in them
    q: Option<String>,
}

/// List the files, the latest first.
#[utoipa::path(get, path = "/v1/files", tag = "files", params(PageParams, FileFilters),
    responses((status = 200, description = "A page of files", body = PageOf<FileView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<FileFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::FilesRead)?;
    let query = asked.query(&app, tenant, Kind::File)?;
    let query = query.word(asked.filters.q.as_deref());
    let files: Vec<KeptFile> = resource::list(&app, tenant, query).await?;
    let views = files
        .iter()
        .map(|file| (file.id.clone(), FileView::of(file)));
    listed(&app, tenant, &asked, views.collect())
}

/// Download a file, or a part of it. `HEAD` says what there is. It is always to be saved: what a browser would run is
/// answered as `application/octet-stream`.
#[utoipa::path(get, path = "/v1/files/{file}", tag = "files",
    params(("file" = String, Path, description = "Its id"),
        ("Range" = Option<String>, Header, description = "One part, as `bytes=0-1023`"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag of what is there already")),
    responses((status = 200, description = "The bytes", body = inline(Bytes), content_type = "*/*"),
        (status = 206, description = "The part", body = inline(Bytes), content_type = "*/*"),
        (status = 304, description = "It is there already"),
        (status = 404, description = "There is none"),
        (status = 416, description = "There is no such part")))]
async fn download(
    State(app): State<App>,
    who: Who,
    Id(file): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::FilesRead)?;
    let file: KeptFile = resource::get(&app, tenant, &file).await?;
    let content = keep::content(&app, tenant, &file).await?;
    let about = About {
        hash: &file.hash,
        name: &file.name,
        media_type: &file.media_type,
    };
    download::answer(&headers, &about, content)
}

/// Forget a file. Runs that were given it keep what they have.
#[utoipa::path(delete, path = "/v1/files/{file}", tag = "files",
    params(("file" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of what is meant, or `*`")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "There is none"),
        (status = 412, description = "It is another one"), (status = 428, description = "Say which is meant")))]
async fn delete(
    State(app): State<App>,
    who: Who,
    Id(file): Id,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::FilesWrite)?;
    keep::delete(&app, tenant, &file, &Asked::of_change(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
