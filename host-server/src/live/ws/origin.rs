//! From whose pages a connection may be opened. A browser lets any page open one, and says only by `Origin` whose it is.

use axum::http::{HeaderMap, header};

use crate::cors::Origin;
use crate::problem::{Problem, ServerCode};

/// Refuses what a page of someone else asks for. Programs that are no browsers send no `Origin`.
///
/// # Errors
/// `HTTP_ORIGIN`.
pub(super) fn check(headers: &HeaderMap, allowed: &[Origin]) -> Result<(), Problem> {
    let mut said = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = said.next() else {
        return Ok(());
    };
    let origin = origin.to_str().ok().filter(|_| said.next().is_none());
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let is_fine = origin.is_some_and(|origin| {
        let is_own = host.is_some_and(|host| is_own(origin, host));
        is_own
            || allowed
                .iter()
                .any(|known| known.as_str().eq_ignore_ascii_case(origin))
    });
    if is_fine {
        return Ok(());
    }
    let shown: String = origin.unwrap_or("it").chars().take(80).collect();
    let detail = format!("pages of {shown:?} may not open a connection here");
    Err(Problem::new(ServerCode::Origin, detail))
}

/// Says whether an origin is where the request was sent to. The scheme does not count: before this server may stand one
/// that speaks TLS.
fn is_own(origin: &str, host: &str) -> bool {
    let Some((scheme, place)) = origin.split_once("://") else {
        return false;
    };
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let plain = |place: &str| {
        let place = place.to_ascii_lowercase();
        place.strip_suffix(port).map(str::to_owned).unwrap_or(place)
    };
    !place.is_empty() && plain(place) == plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_own_or_allowed_or_refused() {
        let check = |origins: &[&str], host: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            for origin in origins {
                headers.append(header::ORIGIN, origin.parse().expect("a header"));
            }
            headers.insert(header::HOST, host.parse().expect("a header"));
            let allowed = ["https://app.example.com".parse().expect("an origin")];
            let found = super::check(&headers, &allowed).map_err(|p| p.code());
            let expected = if expected { Ok(()) } else { Err("HTTP_ORIGIN") };
            assert_eq!(found, expected, "{origins:?} {host}");
        };
        check(&[], "localhost:7331", true);
        check(&["http://localhost:7331"], "localhost:7331", true);
        check(&["http://LOCALHOST:7331"], "localhost:7331", true);
        check(&["https://a.example"], "a.example", true);
        check(&["https://a.example"], "a.example:443", true);
        check(&["https://app.example.com"], "a.example", true);
        check(&["https://app.example.com.evil"], "a.example", false);
        check(&["http://localhost:7332"], "localhost:7331", false);
        check(&["http://evil.example"], "localhost:7331", false);
        check(&["null"], "localhost:7331", false);
        check(&["null"], "null", false);
        check(&["://"], "", false);
        check(&["file://localhost:7331"], "localhost:7331", false);
        check(
            &["http://localhost:7331", "http://evil.example"],
            "localhost:7331",
            false,
        );
    }
}
