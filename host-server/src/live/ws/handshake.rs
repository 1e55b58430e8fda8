//! The way into a WebSocket connection (RFC 6455, 4.2).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::App;
use crate::live::standing::Standing;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};

use super::frames::Frames;
use super::origin;
use super::talk::Talk;

/// The protocol that is spoken.
const PROTOCOL: &str = "graphloom.v1";
/// What stands before a token among the protocols: a browser can send it nowhere else.
const BEARER: &str = "bearer.";

/// Takes a token from among the protocols to where every other request has it. Two of them are as bad there as here.
///
/// # Errors
/// `AUTH_INVALID` where it cannot be read.
pub(crate) fn token_of_protocol(request: &mut Request) -> Result<(), Problem> {
    let said = words(request.headers(), &header::SEC_WEBSOCKET_PROTOCOL);
    let tokens = said.iter().filter_map(|word| word.strip_prefix(BEARER));
    let tokens: Vec<_> = tokens
        .map(|token| HeaderValue::from_str(&format!("Bearer {token}")))
        .collect();
    for token in tokens {
        let unreadable = |_| Problem::new(ServerCode::AuthInvalid, "the token cannot be read");
        let mut token = token.map_err(unreadable)?;
        token.set_sensitive(true);
        request.headers_mut().append(header::AUTHORIZATION, token);
    }
    Ok(())
}

/// Opens a connection for this principal.
///
/// # Errors
/// `HTTP_ORIGIN`; `HTTP_UPGRADE` where the request asks for no WebSocket; `HTTP_PARAMETER` for a handshake that is none;
/// `HTTP_TOO_MANY`.
pub(crate) fn accept(
    app: &App,
    who: &Principal,
    mut request: Request,
) -> Result<Response, Problem> {
    let live = app.live();
    let headers = request.headers();
    origin::check(headers, &live.options().origins)?;
    let key = key(headers)?;
    let protocols = words(headers, &header::SEC_WEBSOCKET_PROTOCOL);
    if !protocols.is_empty() && !protocols.contains(&PROTOCOL) {
        let detail =
            format!("Sec-WebSocket-Protocol: {PROTOCOL} is spoken here, and is to be offered");
        return Err(Problem::new(ServerCode::Parameter, detail));
    }
    let names_protocol = !protocols.is_empty();
    let accept_key = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    let accept_key = accept_key.map_err(Problem::internal)?;
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(|| refuse("this connection cannot become one"))?;
    let place = live.place(who)?;
    let stop = live.ends(request.extensions());
    let standing = Standing::new(app, who);
    let talk = {
        let app = app.clone();
        async move {
            match upgrade.await {
                Ok(upgraded) => {
                    let frames = Frames::new(upgraded, app.live().options()).await;
                    Talk::new(&app, frames, standing, stop).run().await;
                }
                Err(error) => tracing::debug!(%error, "a connection did not become a WebSocket"),
            }
            drop(place);
        }
    };
    live.spawn(talk);
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept_key);
    if names_protocol {
        let protocol = HeaderValue::from_static(PROTOCOL);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Ok(response)
}

/// Returns the key of a handshake.
fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let has = |name, word: &str| {
        let words = words(headers, name);
        words.iter().any(|said| said.eq_ignore_ascii_case(word))
    };
    if !has(&header::CONNECTION, "upgrade") || !has(&header::UPGRADE, "websocket") {
        return Err(refuse("this is the address of a WebSocket"));
    }
    if words(headers, &header::SEC_WEBSOCKET_VERSION) != ["13"] {
        return Err(refuse("Sec-WebSocket-Version: 13 is spoken here"));
    }
    let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
    let key = keys.next().and_then(|key| key.to_str().ok());
    // 16 bytes in base64.
    let is_key = |key: &&str| key.len() == 24 && key.is_ascii();
    key.filter(is_key)
        .filter(|_| keys.next().is_none())
        .ok_or_else(|| {
            let detail = "Sec-WebSocket-Key: one is needed, of 16 bytes in base64";
            Problem::new(ServerCode::Parameter, detail)
        })
}

fn refuse(why: &str) -> Problem {
    Problem::new(ServerCode::Upgrade, why)
        .header(header::UPGRADE, HeaderValue::from_static("websocket"))
        .header(
            header::SEC_WEBSOCKET_VERSION,
            HeaderValue::from_static("13"),
        )
}

/// Returns the words of a header that is a list.
fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let lines = headers.get_all(name).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let words = lines.flat_map(|line| line.split(',')).map(str::trim);
    words.filter(|word| !word.is_empty()).collect()
}
