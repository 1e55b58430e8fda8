//! What a request is after: by the route that it takes, not by what it says.

use std::fmt;
use std::net::IpAddr;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use graphloom::{Text, Timestamp};

use crate::address::Address;
use crate::auth::KEY_PREFIX;
use crate::layers::RequestId;
use crate::principal::Principal;

/// How much depends on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Sensitivity {
    /// It reads.
    Low,
    /// It changes something.
    Medium,
    /// It is about keys, credentials, or the server itself.
    High,
}

impl Sensitivity {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Sensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the paths of highly sensitive routes begin with.
const HIGH: [&str; 4] = ["/v1/keys", "/v1/credentials", "/v1/admin", "/oauth/"];
/// Routes that are posted to and change nothing.
const READS: [&str; 2] = ["/v1/graphs:validate", "/v1/graphs:plan"];

/// What someone asks for, as far as rules may know it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Asked {
    /// Who asks; `None`: nobody has to say so here, or has not yet.
    pub who: Option<Principal>,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// When.
    pub at: Timestamp,
    /// The id of the request.
    pub request_id: Text,
    /// How.
    pub method: Text,
    /// The route, as `/v1/graphs/{graph}`; `None`: there is none.
    pub route: Option<Text>,
    /// The id of the resource, where the path has one.
    pub resource: Option<Text>,
    /// How much depends on it.
    pub sensitivity: Sensitivity,
}

impl Asked {
    pub(super) fn of(request: &Request, at: Timestamp) -> Self {
        let extensions = request.extensions();
        let route = extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let resource = route.and_then(|route| resource(route, request.uri().path()));
        let id = extensions.get::<RequestId>().map(|id| id.0.clone());
        Self {
            who: extensions.get::<Principal>().cloned(),
            address: extensions.get::<Address>().and_then(|address| address.0),
            at,
            request_id: id.unwrap_or_default(),
            method: Text::from(request.method().as_str()),
            route: route.map(Text::from),
            resource,
            sensitivity: sensitivity(request.method(), route),
        }
    }

    /// Says whether something is to be changed.
    pub(super) fn changes(&self) -> bool {
        !reads(&self.method)
            && !self
                .route
                .as_deref()
                .is_some_and(|route| READS.contains(&route))
    }
}

fn reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn sensitivity(method: &Method, route: Option<&str>) -> Sensitivity {
    match route {
        Some(route) if HIGH.iter().any(|high| route.starts_with(high)) => Sensitivity::High,
        Some(route) if READS.contains(&route) => Sensitivity::Low,
        _ if reads(method.as_str()) => Sensitivity::Low,
        _ => Sensitivity::Medium,
    }
}

/// Returns the last id that a path has where its route has a parameter. What stands in the address of a webhook may be all
/// that it takes to call it.
fn resource(route: &str, path: &str) -> Option<Text> {
    if route.starts_with("/hooks/") {
        return None;
    }
    let both = route.split('/').zip(path.split('/'));
    let given = both.filter(|(name, _)| name.starts_with('{')).last();
    given.and_then(|(_, given)| shown(given))
}

/// Returns an id as it is written down: nothing that is none, and above all no key that was put into a path by mistake.
pub(super) fn shown(id: &str) -> Option<Text> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':');
    let is_fine = (1..=128).contains(&id.len()) && id.bytes().all(fits) && !id.contains(KEY_PREFIX);
    // Three parts in base64: what somebody has signed.
    let is_token = id.matches('.').count() == 2 && id.len() > 60;
    (is_fine && !is_token).then(|| Text::from(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shown_and_secrets_are_not() {
        let shown = |route, path| resource(route, path).map(|id| id.to_string());
        assert_eq!(
            shown("/v1/graphs/{graph}", "/v1/graphs/a-1"),
            Some("a-1".to_owned())
        );
        assert_eq!(
            shown(
                "/v1/graphs/{graph}/versions/{version}",
                "/v1/graphs/a/versions/3"
            ),
            Some("3".to_owned())
        );
        assert_eq!(
            shown("/v1/blocks/{block}", "/v1/blocks/text.join"),
            Some("text.join".to_owned())
        );
        assert_eq!(shown("/v1/graphs", "/v1/graphs"), None);
        assert_eq!(shown("/v1/keys/{key}", "/v1/keys/glk_abc"), None);
        assert_eq!(shown("/hooks/{hook}", "/hooks/abc"), None);
        assert_eq!(shown("/v1/keys/{key}", "/v1/keys/a%20b"), None);
        let token = format!("{}.{}.{}", "a".repeat(30), "b".repeat(30), "c".repeat(30));
        assert_eq!(shown("/v1/keys/{key}", &format!("/v1/keys/{token}")), None);
    }

    #[test]
    fn how_sensitive_a_route_is() {
        for (method, route, expected) in [
            ("GET", "/v1/graphs", Sensitivity::Low),
            ("POST", "/v1/graphs", Sensitivity::Medium),
            ("POST", "/v1/graphs:validate", Sensitivity::Low),
            ("GET", "/v1/keys", Sensitivity::High),
            ("DELETE", "/v1/keys/{key}", Sensitivity::High),
            ("PUT", "/v1/credentials/{name}", Sensitivity::High),
            ("POST", "/v1/admin/drain", Sensitivity::High),
        ] {
            let method: Method = method.parse().expect("a method");
            assert_eq!(
                sensitivity(&method, Some(route)),
                expected,
                "{method} {route}"
            );
        }
    }
}
