//! Keys of the API.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use graphloom::fault::nearest;
use graphloom::{Text, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::page;
use crate::App;
use crate::answer::Answer;
use crate::ask::{Body, Id, PageParams, Params, Who, misfit_at};
use crate::auth::{KeyDraft, KeyKept};
use crate::principal::{Scope, Scopes};
use crate::problem::{Problem, ServerCode};
use crate::records::{Kind, Query};
use crate::wire::{KeyBody, KeyView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, revoke))
}

/// List the keys of the tenant, the latest made first.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", params(PageParams),
    responses((status = 200, description = "A page of keys", body = super::page::PageOf<KeyView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    Params(asked): Params<PageParams>,
) -> Result<Response, Problem> {
    let tenant = who.may(Scope::KeysWrite)?;
    let limit = asked.limit()?;
    let after = super::page::after(&app, tenant, "keys", &asked)?;
    let query = Query::of(Kind::ApiKey, limit + 1).after(after);
    let entries = app.records().list(tenant, query).await?;
    let kept: Vec<KeyKept> = entries.iter().map(KeyKept::of).collect::<Result<_, _>>()?;
    let views = kept
        .iter()
        .map(|kept| (kept.id.clone(), KeyView::of(kept, None)));
    page(&app, tenant, "/v1/keys", "keys", limit, views.collect())
}

/// Make a key. The answer has it, once; what is kept of it is a hash.
#[utoipa::path(post, path = "/v1/keys", tag = "keys", request_body = KeyBody,
    responses((status = 201, description = "The key", body = KeyView)))]
async fn create(
    State(app): State<App>,
    who: Who,
    Body(body): Body<KeyBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::KeysWrite)?;
    let draft = draft(&body, app.now())?;
    if let Some(more) = draft.scopes.iter().find(|scope| !who.0.scopes.has(*scope)) {
        let detail = format!("a key may only do what its maker may, and that is not \"{more}\"");
        return Err(Problem::new(ServerCode::AuthScope, detail));
    }
    let (kept, key) = app.auth().keys()?.make(tenant, &who.0, draft).await?;
    let answer = Answer::new(StatusCode::CREATED, &KeyView::of(&kept, Some(key)))?;
    Ok(answer.made_at("/v1/keys", &kept.id))
}

/// How long the name of a key may be, in characters.
const MAX_NAME: usize = 100;
/// How many scopes may be named.
const MAX_SCOPES: usize = 64;

fn draft(body: &KeyBody, now: Timestamp) -> Result<KeyDraft, Problem> {
    let name = &body.name;
    if !(1..=MAX_NAME).contains(&name.chars().count()) || name.contains(char::is_control) {
        let detail =
            format!("a name has 1 to {MAX_NAME} characters, none of them a control character");
        return Err(misfit_at("/name", &detail));
    }
    if !(1..=MAX_SCOPES).contains(&body.scopes.len()) {
        let detail = format!(
            "expected 1 to {MAX_SCOPES} scopes, found {}",
            body.scopes.len()
        );
        return Err(misfit_at("/scopes", &detail));
    }
    let known = || Scope::ALL.iter().map(|scope| scope.as_str());
    for (at, word) in body.scopes.iter().enumerate() {
        if !known().any(|scope| scope == word.as_str()) {
            let shown: String = word.chars().take(80).collect();
            let near = nearest(&shown, known());
            let meant = match near.is_empty() {
                true => String::new(),
                false => format!("; did you mean {}?", near.join(", ")),
            };
            let detail = format!("there is no scope {shown:?}{meant}");
            return Err(misfit_at(&format!("/scopes/{at}"), &detail));
        }
    }
    let expires = match &body.expires_at {
        None => None,
        Some(text) => Some(ends(text, now)?),
    };
    Ok(KeyDraft {
        name: name.clone(),
        scopes: Scopes::of_words(body.scopes.iter().map(Text::as_str)),
        expires,
    })
}

fn ends(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let wrong = |detail: &str| misfit_at("/expires_at", detail);
    let at: jiff::Timestamp = text
        .parse()
        .map_err(|_| wrong("expected a moment as 2030-01-31T00:00:00Z"))?;
    let at = Timestamp(at.as_millisecond());
    if at <= now {
        return Err(wrong("expected a moment that is yet to come"));
    }
    Ok(at)
}

/// Show a key, without what it is.
#[utoipa::path(get, path = "/v1/keys/{key}", tag = "keys",
    params(("key" = String, Path, description = "Its id")),
    responses((status = 200, description = "The key", body = KeyView), (status = 404, description = "There is none")))]
async fn show(State(app): State<App>, who: Who, Id(key): Id) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::KeysWrite)?;
    let kept = app.auth().keys()?.get(tenant, &key).await?;
    Answer::ok(&KeyView::of(&kept, None))
}

/// Revoke a key: from now on it is not taken.
#[utoipa::path(delete, path = "/v1/keys/{key}", tag = "keys",
    params(("key" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is revoked"), (status = 404, description = "There is none")))]
async fn revoke(State(app): State<App>, who: Who, Id(key): Id) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::KeysWrite)?;
    app.auth().keys()?.revoke(tenant, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
