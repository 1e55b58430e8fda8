//! Logins at services: begun by whoever may write credentials, finished by the person who comes back from the service.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use graphloom::fault::nearest;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::credentials::{self, Name};
use crate::App;
use crate::answer::{Answer, moment};
use crate::ask::{Hidden, Who, misfit_at};
use crate::logins::{Service, Whose};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::wire::{ClientBody, LoggedInView, LoginBody, LoginView};

/// How many scopes may be asked for.
const MAX_SCOPES: usize = 100;
/// How long one may be, and the id of a client, in bytes.
const MAX_TEXT: usize = 1_024;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(authorize))
}

pub(super) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(callback))
}

/// Begin a login at a service (OAuth 2 with a proof key). Who opens the address and agrees lends their account to this
/// tenant: it is for the person who asked, and for ten minutes.
#[utoipa::path(post, path = "/v1/credentials/{name}/authorize", tag = "credentials", request_body = LoginBody,
    params(("name" = String, Path, description = "What the credential will be called, in place of one of that name")),
    responses((status = 200, description = "The login", body = LoginView),
        (status = 404, description = "No credential can be called that"),
        (status = 503, description = "The server does not know where people reach it, or keeps no credentials")))]
async fn authorize(
    State(app): State<App>,
    who: Who,
    Name(name): Name,
    Hidden(body): Hidden<LoginBody>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::CredentialsWrite)?;
    app.vault()?;
    let provider = credentials::provider(body.provider, &name)?;
    let service = service(&app, &provider)?;
    let hosts = match body.hosts {
        None if !service.hosts.is_empty() => service.hosts.clone(),
        said => credentials::hosts(said, &provider)?,
    };
    let scopes = scopes(body.scopes.unwrap_or_default())?;
    let client = match body.client {
        Some(ClientBody { id, secret }) => {
            if !is_plain(&id) {
                return Err(misfit_at("/client/id", &plain()));
            }
            let secret = secret.map(|secret| credentials::secret("/client/secret", Some(secret)));
            (id, secret.transpose()?)
        }
        None => service.client.clone().ok_or_else(|| {
            let what = "the settings name none for this service: give one";
            misfit_at("/client", what)
        })?,
    };
    let whose = Whose {
        tenant: tenant.clone(),
        principal: who.0.clone(),
        name,
        provider,
        hosts,
    };
    let begun = app.logins().begin(&service, client, scopes, whose)?;
    Answer::ok(&LoginView {
        authorize_url: begun.url,
        state: begun.state,
        expires_at: moment(begun.until),
    })
}

fn service(app: &App, provider: &str) -> Result<Service, Problem> {
    let services = &app.logins().services;
    services.get(provider).ok_or_else(|| {
        let near = nearest(provider, services.names());
        let meant = match near.is_empty() {
            true => String::new(),
            false => format!("; did you mean {}?", near.join(", ")),
        };
        let what = format!("there is no service {provider:?} to log in to{meant}");
        misfit_at("/provider", &what)
    })
}

fn is_plain(text: &str) -> bool {
    (1..=MAX_TEXT).contains(&text.len()) && !text.contains(|c: char| c.is_control() || c == ' ')
}

fn plain() -> String {
    format!("expected at most {MAX_TEXT} bytes without spaces and control characters")
}

fn scopes(said: Vec<Text>) -> Result<Vec<Text>, Problem> {
    if said.len() > MAX_SCOPES {
        let what = format!("at most {MAX_SCOPES}, not {}", said.len());
        return Err(misfit_at("/scopes", &what));
    }
    match said.iter().position(|scope| !is_plain(scope)) {
        Some(at) => Err(misfit_at(&format!("/scopes/{at}"), &plain())),
        None => Ok(said),
    }
}

/// Finish a login: services send people here. Open to all, since it is a browser that comes; the state tells which login
/// it is, once. A page for people where the request accepts `text/html`, else JSON.
#[utoipa::path(get, path = "/oauth/callback", tag = "credentials", security(()),
    params(("state" = String, Query, description = "What the login was begun with"),
        ("code" = Option<String>, Query, description = "What the service gives for it"),
        ("error" = Option<String>, Query, description = "Why it gives none")),
    responses((status = 200, description = "The credential is kept", content((LoggedInView = "application/json"), (String = "text/html"))),
        (status = 404, description = "This login was not begun here, or is over"),
        (status = 403, description = "The person or the service said no"),
        (status = 409, description = "The service gives no token"),
        (status = 503, description = "The server keeps no credentials")))]
async fn callback(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let vault = app.vault()?;
    let query = query.unwrap_or_default();
    let done = app.logins().finish(vault, &query).await;
    if !wants_page(&headers) {
        let whose = done?;
        let view = LoggedInView {
            name: whose.name,
            provider: whose.provider,
        };
        return Ok(Answer::ok(&view)?.into_response());
    }
    Ok(match done {
        Ok(whose) => {
            let (name, provider) = (whose.name, whose.provider);
            let text =
                format!("The login at {provider} is kept as {name}. You can close this page.");
            page(StatusCode::OK, "Logged in", &text)
        }
        Err(problem) => page(problem.status(), "The login failed", problem.detail()),
    })
}

fn wants_page(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter();
    let mut types = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|part| part.split(';').next().unwrap_or_default().trim());
    types.any(|one| one.eq_ignore_ascii_case("text/html"))
}

/// Returns a page for people: no script, no style, nothing of elsewhere.
fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let (title, text) = (escaped(title), escaped(text));
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_TYPE, html)];
    (status, headers, page).into_response()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
