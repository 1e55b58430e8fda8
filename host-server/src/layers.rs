//! What stands around the handlers: request ids, problem documents that say which request they answer, and headers that
//! keep a browser from making something else of an answer.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use graphloom::{Text, fresh_id};
use tracing::Instrument;

use crate::App;
use crate::ask::BodyLimit;
use crate::handling::answered;
use crate::ids::is_id;
use crate::live::ws;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};
use crate::serve::Arrival;
use crate::trace::{self, RequestSpan, TRACEPARENT};
use crate::{access, audit, auth, cors, rate};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Sent with every answer: nothing of ours is to be run, framed, guessed at or kept by a browser.
const GUARDS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The id of a request, for what stands further in.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) Text);

/// What has to be known of whoever asks before a handler is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate {
    /// Who it is.
    Token,
    /// The same; it may be said where a page can say it that opens a WebSocket.
    Socket,
    /// Where it is: who is not asked for.
    Address,
}

/// Puts all that stands around handlers around those of a router.
///
/// It is one layer of axum, and each step is a function that calls the next one. With every request the router copies each
/// of its layers together with those within: as seven of them this was a twelfth of the instructions of a start.
pub(crate) fn around(router: Router<App>, app: &App, gate: Gate) -> Router<App> {
    router.layer(from_fn_with_state((app.clone(), gate), all))
}

/// All steps, from the outermost on.
async fn all(State((app, gate)): State<(App, Gate)>, request: Request, next: Next) -> Response {
    let handler = |request| next.run(request);
    let judged = |request| audit::risk_layer(&app, request, handler);
    let gated = |request| pass(&app, gate, request, judged);
    let optioned = |request| options(request, gated);
    let shared = |request| cors::layer(&app, request, optioned);
    let placed = |request| access::layer(&app, request, shared);
    // The outermost step passes it from hand to hand: five times its size, which was 4 KB.
    let noted = |request| Box::pin(audit::layer(&app, request, placed));
    outermost(&app, request, noted).await
}

async fn pass<F: Future<Output = Response>>(
    app: &App,
    gate: Gate,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if let Gate::Address = gate {
        return rate::layer(app, request, next).await;
    }
    if let Gate::Socket = gate
        && let Err(problem) = ws::token_of_protocol(&mut request)
    {
        return problem.into_response();
    }
    auth::layer(app, request, next).await
}

/// Answers `OPTIONS` with the methods that do something at a path (RFC 9110, 9.3.7), which the router tells. A
/// browser that asks first is not answered here: what it may is for `cors` to say.
async fn options<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let is_asked = request.method() == Method::OPTIONS
        && !request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = next(request).await;
    // No handler takes the method, so that it is the router which refuses; it adds `Allow` when the layers are through.
    if is_asked && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = Body::empty();
        response.extensions_mut().remove::<Problem>();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            response.headers_mut().remove(name);
        }
    }
    response
}

async fn outermost<F: Future<Output = Response>>(
    app: &App,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok());
    let id = match given.filter(|id| is_id(id)) {
        Some(id) => Text::from(id),
        None => fresh_id(app.now()),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let path = request.uri().path().to_owned();
    request
        .extensions_mut()
        .insert(BodyLimit(app.max_body_bytes()));
    let arrival = request.extensions().get::<Arrival>().cloned();
    let counted = &app.metrics().requests;
    let underway = counted.begin(request.method(), request.extensions());
    let began = app.elapsed();
    let span = RequestSpan::begin(app, request.headers());
    let trace = span.context.trace_id();
    // Of the highest level, so that it is around whatever is written.
    let around = tracing::error_span!("request", request_id = %id, trace_id = %trace);
    let handled = answered(next(request), app.request_time(), arrival);
    let handled = trace::within(span.kept(app), handled);
    let mut response = handled.instrument(around.clone()).await;
    let who = response.extensions().get::<Principal>().cloned();
    let mut code = None;
    if let Some(problem) = problem_of(&response, &path) {
        counted.problem(problem.code());
        code = Some(problem.code());
        let said = std::mem::take(response.headers_mut());
        response = problem.to_response(&path, &trace);
        keep(said, response.headers_mut());
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Ok(context) = HeaderValue::from_str(&span.context.to_string()) {
        headers.insert(TRACEPARENT, context);
    }
    for (name, value) in GUARDS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    let took = app.elapsed().saturating_sub(began);
    let status = response.status();
    let route = underway.route();
    span.end(app, (underway.method(), route), (status, code), (took, &id));
    around.in_scope(|| told(underway.method(), route, (status, code), took, who.as_ref()));
    underway.answered(status, took);
    response
}

/// Writes the line of a request to the log. Those that went well are many, and what they changed is in the audit log.
fn told(
    method: &str,
    route: &str,
    (status, code): (StatusCode, Option<&str>),
    took: Duration,
    who: Option<&Principal>,
) {
    macro_rules! told {
        ($level:ident) => {
            tracing::$level!(
                target: "graphloom_server::request",
                method,
                route,
                status = status.as_u16(),
                code,
                duration_ms = took.as_secs_f64() * 1_000.0,
                tenant = who.map(|who| who.tenant_name().as_str()),
                subject = who.map(|who| who.subject.as_str()),
                "a request was answered"
            )
        };
    }
    match status {
        status if status.is_server_error() => told!(warn),
        status if status.is_client_error() => told!(info),
        _ => told!(debug),
    }
}

/// Keeps what layers and routes have said in the head of an answer whose body is written anew.
fn keep(said: HeaderMap, headers: &mut HeaderMap) {
    let mut last = None;
    for (name, value) in said {
        // A name stands with its first value only.
        last = name.or(last);
        if let Some(name) = &last
            && *name != header::CONTENT_LENGTH
            && (*name == header::VARY || !headers.contains_key(name))
        {
            headers.append(name, value);
        }
    }
}

/// Returns the problem that an answer is: one of a handler, or what axum itself refuses with.
fn problem_of(response: &Response, path: &str) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            let detail = "this method does nothing here: see the header Allow";
            Some(Problem::new(ServerCode::Method, detail))
        }
        StatusCode::NOT_FOUND => Some(Problem::not_found("resource", path)),
        _ => None,
    }
}
