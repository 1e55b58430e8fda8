//! The layer around what needs no token: it is counted by address.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::address::Address;

/// What is never counted: whoever watches over the process asks often, and has to be answered.
const FREE: [&str; 2] = ["/health", "/ready"];

/// Counts a request by its address.
pub(crate) async fn layer<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let address = request.extensions().get::<Address>().copied();
    let address = address.filter(|_| !FREE.contains(&request.uri().path()));
    let standing = match app.rate().address(address.unwrap_or(Address(None))) {
        Ok(standing) => standing,
        Err(problem) => return problem.into_response(),
    };
    let mut response = next(request).await;
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    response
}
