//! The layer around the handlers: finds out who asks.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::principal::Principal;

/// Puts who asks into the request. A principal that is there already, from whoever embeds the router, is left.
pub(crate) async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Principal>().is_none() {
        match app.auth().principal(request.headers()).await {
            Ok(principal) => drop(request.extensions_mut().insert(principal)),
            Err(problem) => return problem.into_response(),
        }
    }
    next.run(request).await
}
