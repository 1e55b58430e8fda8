//! Credentials of a tenant: written, never read.

use std::collections::HashSet;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use graphloom::Text;
use graphloom::host::{Credential, CredentialKind, HostPattern, HostSet, Secret};
use graphloom_backends::credentials::providers;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::listed;
use crate::App;
use crate::answer::Answer;
use crate::ask::{Hidden, Listed, NoFilters, PageParams, Who, misfit_at};
use crate::principal::{Scope, Tenant};
use crate::problem::Problem;
use crate::vault::is_name;
use crate::wire::{CredentialBody, CredentialView};

/// How large a secret may be: 64 KiB.
pub(super) const MAX_SECRET: usize = 64 << 10;
/// How many hosts may be named.
const MAX_HOSTS: usize = 100;
/// How many header lines there may be.
const MAX_HEADERS: usize = 32;
/// How long the name that goes with a password may be, in bytes.
const MAX_USER: usize = 1_024;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, delete))
}

/// The name in the path. What cannot be one is not there.
pub(super) struct Name(pub(super) Text);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        match path {
            Ok(Path(name)) if is_name(&name) => Ok(Self(Text::from(name))),
            Ok(Path(name)) => Err(Problem::not_found("credential", &name)),
            Err(_) => Err(Problem::not_found("credential", "")),
        }
    }
}

/// List the credentials by name, without what is secret about them.
#[utoipa::path(get, path = "/v1/credentials", tag = "credentials", params(PageParams),
    responses((status = 200, description = "A page of credentials", body = super::page::PageOf<CredentialView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<NoFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::CredentialsRead)?;
    let limit = asked.limit()?;
    let after = asked.after(&app, tenant)?.unwrap_or_default();
    let entries = app.vault()?.list(tenant).await?;
    let entries = entries
        .into_iter()
        .filter(|e| e.name.as_str() > after.as_str());
    let views = entries
        .take(limit + 1)
        .map(|entry| (Text::from(entry.name.as_str()), CredentialView::from(entry)));
    listed(&app, tenant, &asked, views.collect())
}

/// Show a credential, without what is secret about it.
#[utoipa::path(get, path = "/v1/credentials/{name}", tag = "credentials",
    params(("name" = String, Path, description = "What it is called")),
    responses((status = 200, description = "The credential", body = CredentialView),
        (status = 404, description = "There is none")))]
async fn show(State(app): State<App>, who: Who, Name(name): Name) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::CredentialsRead)?;
    Answer::ok(&find(&app, tenant, &name).await?)
}

async fn find(app: &App, tenant: &Tenant, name: &str) -> Result<CredentialView, Problem> {
    let entries = app.vault()?.list(tenant).await?;
    let found = entries.into_iter().find(|entry| entry.name == name);
    let found = found.ok_or_else(|| Problem::not_found("credential", name))?;
    Ok(found.into())
}

/// Keep a credential under a name, in place of the one that is there. What is secret in it is never shown again.
#[utoipa::path(put, path = "/v1/credentials/{name}", tag = "credentials", request_body = CredentialBody,
    params(("name" = String, Path, description = "What graphs call it: letters, digits and `_.:-`, 1 to 128, the first of \
        them a letter or digit")),
    responses((status = 200, description = "It is in place of the former", body = CredentialView),
        (status = 201, description = "It is kept", body = CredentialView),
        (status = 404, description = "No credential can be called that")))]
async fn put(
    State(app): State<App>,
    who: Who,
    Name(name): Name,
    Hidden(body): Hidden<CredentialBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::CredentialsWrite)?;
    let vault = app.vault()?;
    let credential = credential(&name, body)?;
    let is_new = vault.put(tenant, credential).await?;
    let view = find(&app, tenant, &name).await?;
    let status = match is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok(Answer::new(status, &view)?.made_at("/v1/credentials", &name))
}

/// Forget a credential. Runs that asked for it before keep what they have.
#[utoipa::path(delete, path = "/v1/credentials/{name}", tag = "credentials",
    params(("name" = String, Path, description = "What it is called")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "There is none")))]
async fn delete(State(app): State<App>, who: Who, Name(name): Name) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::CredentialsWrite)?;
    if app.vault()?.remove(tenant, &name).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("credential", &name))
}

fn credential(name: &Text, body: CredentialBody) -> Result<Credential, Problem> {
    let provider = provider(body.provider, name)?;
    let hosts = hosts(body.hosts, &provider)?;
    let unfit = |place: &str, given: bool| match given {
        true => Err(misfit_at(place, "this kind of credential has none")),
        false => Ok(()),
    };
    let user = body.user;
    let kind = match body.kind.as_str() {
        "api_key" => {
            unfit("/user", user.is_some())?;
            unfit("/headers", body.headers.is_some())?;
            CredentialKind::ApiKey(secret("/secret", body.secret)?)
        }
        "user_password" => {
            unfit("/headers", body.headers.is_some())?;
            let fits = |user: &Text| {
                (1..=MAX_USER).contains(&user.len()) && !user.contains(char::is_control)
            };
            CredentialKind::UserPassword {
                user: user.filter(fits).ok_or_else(|| {
                    let what = format!("expected a name of at most {MAX_USER} bytes");
                    misfit_at("/user", &what)
                })?,
                password: secret("/secret", body.secret)?,
            }
        }
        "host_scoped" => {
            unfit("/user", user.is_some())?;
            unfit("/secret", body.secret.is_some())?;
            CredentialKind::HostScoped(headers(body.headers)?)
        }
        _ => {
            let what = "expected api_key, user_password or host_scoped";
            return Err(misfit_at("/kind", what));
        }
    };
    let credential = Credential::new(name.clone(), kind).of(provider);
    Ok(credential.for_hosts(&hosts))
}

/// Returns whose a credential is: what was said, or else as it is called.
pub(super) fn provider(said: Option<Text>, name: &Text) -> Result<Text, Problem> {
    let provider = said.unwrap_or_else(|| name.clone());
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_.:/-".contains(&b);
    if (1..=128).contains(&provider.len()) && provider.bytes().all(fits) {
        return Ok(provider);
    }
    let what = "expected 1 to 128 letters, digits and _.:/-";
    Err(misfit_at("/provider", what))
}

/// Returns where a secret may go: what was said, or else what is known of the provider.
pub(super) fn hosts(said: Option<Vec<Text>>, provider: &str) -> Result<HostSet, Problem> {
    let Some(said) = said else {
        let known = providers::hosts(provider);
        if known.is_empty() {
            let what = format!(
                "where secrets of the provider {provider:?} may go is not known here: name its hosts"
            );
            return Err(misfit_at("/hosts", &what));
        }
        return Ok(known);
    };
    if !(1..=MAX_HOSTS).contains(&said.len()) {
        let what = format!("expected 1 to {MAX_HOSTS} hosts, found {}", said.len());
        return Err(misfit_at("/hosts", &what));
    }
    let pattern = |(at, text): (usize, &Text)| {
        HostPattern::parse(text).map_err(|_| {
            let what = "expected a host, as api.example.com, *.example.com or api.example.com:8443";
            misfit_at(&format!("/hosts/{at}"), what)
        })
    };
    said.iter().enumerate().map(pattern).collect()
}

/// Refuses what is no secret: nothing, or more than there is room for.
pub(super) fn secret(place: &str, said: Option<Secret>) -> Result<Secret, Problem> {
    let said = said.ok_or_else(|| misfit_at(place, "this kind of credential takes one"))?;
    let text = said.expose();
    if text.trim().is_empty() || text.len() > MAX_SECRET || text.contains('\0') {
        let what =
            format!("expected a text of at most {MAX_SECRET} bytes, without NUL, and not empty");
        return Err(misfit_at(place, &what));
    }
    Ok(said)
}

fn headers(said: Option<Vec<(Text, Secret)>>) -> Result<Vec<(Text, Secret)>, Problem> {
    let said = said.unwrap_or_default();
    let wrong = |what: &str| Err(misfit_at("/headers", what));
    if !(1..=MAX_HEADERS).contains(&said.len()) {
        return wrong(&format!("expected 1 to {MAX_HEADERS} header lines"));
    }
    let mut names = HashSet::new();
    for (name, value) in &said {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if !(1..=256).contains(&name.len()) || !name.bytes().all(token) {
            return wrong("the name of a header line has letters, digits and !#$%&'*+-.^_`|~");
        }
        if !names.insert(name.to_ascii_lowercase()) {
            return wrong("each header line stands once");
        }
        // No line can be begun inside of another.
        let fits = |c: char| c == '\t' || !c.is_control();
        let text = value.expose();
        if text.trim().is_empty() || text.len() > MAX_SECRET || !text.chars().all(fits) {
            let what = format!(
                "a value has at most {MAX_SECRET} bytes, no control characters, and is not empty"
            );
            return wrong(&what);
        }
    }
    Ok(said)
}
