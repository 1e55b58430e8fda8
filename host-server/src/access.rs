//! From where requests are taken: the address that a request comes from, and whether it is one of those that are allowed.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::address::{Address, asking};
use crate::problem::{Problem, ServerCode};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The layer: puts the address into the request, and refuses those that are not allowed before anything else is looked at.
pub(crate) async fn layer<F: Future<Output = Response>>(
    app: &App,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let address = address(app, &request);
    request.extensions_mut().insert(address);
    let allowed = &app.access().allow_addresses;
    let is_allowed = match address.0 {
        // Where someone wants to know, not knowing is a no.
        None => allowed.is_empty(),
        Some(address) => allowed.is_empty() || allowed.iter().any(|cidr| cidr.contains(address)),
    };
    let mut response = if is_allowed {
        next(request).await
    } else {
        let detail = "requests from this address are not taken";
        Problem::new(ServerCode::AuthAddress, detail).into_response()
    };
    response.extensions_mut().insert(address);
    response
}

fn address(app: &App, request: &Request) -> Address {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let lines = request.headers().get_all(&FORWARDED).iter();
    // What is no text is as if it were unreadable, and not as if it were not there.
    let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or("?")).collect();
    let trusted = &app.access().trusted_proxies;
    Address(peer.map(|ConnectInfo(peer)| asking(peer.ip(), &lines, trusted)))
}
