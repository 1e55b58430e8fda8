//! The server itself: whether it lives, which version it is, what a code means, who asks.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use graphloom::Code;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::answer::{Answer, moment};
use crate::ask::Who;
use crate::problem::{Problem, ServerCode};

pub(super) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(ready))
        .routes(routes!(version))
        .routes(routes!(error_page))
}

pub(super) fn guarded() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me))
}

/// Whether the process answers at all.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`: a process that cannot say it does not answer.
    status: &'static str,
}

/// Say that the process lives.
#[utoipa::path(get, path = "/health", tag = "server", security(()),
    responses((status = 200, description = "It lives", body = Health)))]
async fn health() -> Result<Answer, Problem> {
    Answer::ok(&Health { status: "ok" })
}

/// Whether the server takes up something new.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// Always `ready`: one that is not says so by its status.
    status: &'static str,
}

/// Say whether the server takes up something new: it does not stop, and what it takes up can be kept.
#[utoipa::path(get, path = "/ready", tag = "server", security(()),
    responses((status = 200, description = "It does", body = Readiness),
        (status = 503, description = "It does not: it is about to stop, or nothing can be kept")))]
async fn ready(State(app): State<App>) -> Result<Answer, Problem> {
    app.draining().check()?;
    app.probe().check(app.now()).await?;
    Answer::ok(&Readiness { status: "ready" })
}

/// Which version this is.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    /// The version of the server.
    graphloom: &'static str,
    /// The version of this interface.
    api: &'static str,
}

/// Say which version this is.
#[utoipa::path(get, path = "/v1/version", tag = "server", security(()),
    responses((status = 200, description = "The version", body = Version)))]
async fn version() -> Result<Answer, Problem> {
    Answer::ok(&Version {
        graphloom: env!("CARGO_PKG_VERSION"),
        api: "v1",
    })
}

/// Say what an error code means, and how to mend it.
#[utoipa::path(get, path = "/errors/{code}", tag = "server", security(()),
    params(("code" = String, Path, description = "The code, e.g. `GRAPH_LINK_TYPE`")),
    responses((status = 200, description = "Its page", body = String, content_type = "text/markdown"),
        (status = 404, description = "There is no such code")))]
async fn error_page(Path(code): Path<String>) -> Response {
    // Pages lead to each other by the names of their files.
    let code = code.strip_suffix(".md").unwrap_or(&code);
    let ours = ServerCode::ALL.iter().find(|known| known.as_str() == code);
    let engines = Code::ALL.iter().find(|known| known.as_str() == code);
    let page = match (ours, engines) {
        (Some(code), _) => {
            let (name, title, mend) = (code.as_str(), code.title(), code.mend());
            format!(
                "# {name}\n\nHTTP status {}: {title}.\n\nMend: {mend}.\n",
                code.status()
            )
        }
        (None, Some(code)) => code.page().to_owned(),
        (None, None) => return Problem::not_found("error code", code).into_response(),
    };
    (
        [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")],
        page,
    )
        .into_response()
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// Whose graphs and runs are seen.
    tenant: String,
    /// Who it is.
    subject: String,
    /// What may be done.
    scopes: Vec<&'static str>,
    /// When the token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Say who asks, as the token has it.
#[utoipa::path(get, path = "/v1/me", tag = "server",
    responses((status = 200, description = "Who asks", body = Me)))]
async fn me(Who(who): Who) -> Result<Answer, Problem> {
    let me = Me {
        tenant: who.tenant_name().to_string(),
        subject: who.subject.to_string(),
        scopes: who.scopes.iter().map(crate::Scope::as_str).collect(),
        expires_at: who.expires.map(moment),
    };
    Answer::new(StatusCode::OK, &me)
}
