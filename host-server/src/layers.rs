//! What stands around the handlers: request ids, problem documents that say which request they answer, and headers that
//! keep a browser from making something else of an answer.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use graphloom::Text;

use crate::App;
use crate::ask::BodyLimit;
use crate::handling::answered;
use crate::ids::{is_id, new_id};
use crate::problem::{Problem, ServerCode};
use crate::serve::Arrival;
use crate::{access, audit, cors};

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

/// Puts the layers around the router.
pub(crate) fn around(router: Router, app: &App) -> Router {
    router
        .layer(from_fn_with_state(app.clone(), cors::layer))
        .layer(from_fn_with_state(app.clone(), access::layer))
        .layer(from_fn_with_state(app.clone(), audit::layer))
        .layer(from_fn_with_state(app.clone(), outermost))
}

async fn outermost(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok());
    let id = match given.filter(|id| is_id(id)) {
        Some(id) => id.to_owned(),
        None => new_id(app.now())
            .map(|id| id.to_string())
            .unwrap_or_default(),
    };
    request
        .extensions_mut()
        .insert(RequestId(Text::from(id.as_str())));
    let path = request.uri().path().to_owned();
    request
        .extensions_mut()
        .insert(BodyLimit(app.max_body_bytes()));
    let arrival = request.extensions().get::<Arrival>().cloned();
    let counted = &app.metrics().requests;
    let underway = counted.begin(request.method(), request.extensions());
    let began = app.elapsed();
    let mut response = answered(next.run(request), app.request_time(), arrival).await;
    if let Some(problem) = problem_of(&response, &path) {
        counted.problem(problem.code());
        let said = std::mem::take(response.headers_mut());
        response = problem.to_response(&path, &id);
        keep(said, response.headers_mut());
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
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
    underway.answered(response.status(), took);
    response
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
