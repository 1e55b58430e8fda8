//! The layer around the handlers: finds out who asks, and counts how often.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::token;
use crate::App;
use crate::address::Address;
use crate::principal::Principal;
use crate::problem::Problem;

/// Puts who asks into the request, and into the answer, for what stands further out. A principal that is there already, from
/// whoever embeds the router, is left.
pub(crate) async fn layer<F: Future<Output = Response>>(
    app: &App,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let there = request.extensions().get::<Principal>().cloned();
    let address = request.extensions().get::<Address>().copied();
    let address = address.unwrap_or(Address(None));
    let who = match there {
        Some(who) => who,
        None => match find(app, request.headers(), address).await {
            Ok(who) => {
                request.extensions_mut().insert(who.clone());
                who
            }
            Err(problem) => return problem.into_response(),
        },
    };
    let mut response = match app.rate().principal(&who) {
        Ok(standing) => {
            let mut response = next(request).await;
            if let Some(standing) = standing {
                standing.write(response.headers_mut());
            }
            response
        }
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(who);
    response
}

/// Finds out who asks. An address that has shown too many tokens which were not taken has no more of them looked at, but for
/// those that were good a while ago: whoever tries tokens must not lock out everyone else behind the same address.
async fn find(app: &App, headers: &HeaderMap, address: Address) -> Result<Principal, Problem> {
    let token = match token::of(headers) {
        Ok(token) => token,
        Err(problem) => {
            app.rate().address(address)?;
            return Err(problem);
        }
    };
    let auth = app.auth();
    let hash = super::hash(&token);
    if !auth.was_good(&hash) {
        app.rate().may_fail(address)?;
    }
    let found = auth.identify(&token, &hash).await;
    match &found {
        Ok(_) => auth.note_good(&hash),
        Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => app.rate().failed(address),
        Err(_) => {}
    }
    found
}
