//! Requests: how many, how long, how they ended. By the template of the route, never by what stands in the address.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::{Extensions, Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Histograms, counters, short};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Coded {
    code: &'static str,
}

/// Counts requests.
pub(crate) struct Requests {
    ended: Family<Ended, Counter>,
    seconds: Histograms<Timed>,
    underway: Gauge,
    problems: Family<Coded, Counter>,
}

impl Requests {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let seconds = Histograms::new_with_constructor(short as fn() -> _);
        let underway = Gauge::default();
        let requests = Self {
            ended: counters(registry, "http_requests", "Requests that were answered"),
            seconds: seconds.clone(),
            underway: underway.clone(),
            problems: counters(registry, "http_problems", "Refusals and faults, by code"),
        };
        registry.register(
            "http_request_seconds",
            "Time until the answer to a request began",
            seconds,
        );
        registry.register(
            "http_requests_underway",
            "Requests whose answer has not begun",
            underway,
        );
        requests
    }

    /// Counts a request from now on.
    pub(crate) fn begin(self: &Arc<Self>, method: &Method, extensions: &Extensions) -> Underway {
        self.underway.inc();
        Underway {
            requests: Arc::clone(self),
            method: method_of(method),
            route: route_of(extensions).to_owned(),
            is_answered: false,
        }
    }

    /// Counts a refusal or a fault by its code.
    pub(crate) fn problem(&self, code: &'static str) {
        self.problems.get_or_create(&Coded { code }).inc();
    }

    fn end(&self, method: &'static str, route: &str, status: &'static str) {
        let ended = Ended {
            method,
            route: route.to_owned(),
            status,
        };
        self.ended.get_or_create(&ended).inc();
    }
}

/// A request that is on its way. Dropped before its answer began, whoever asked has gone.
pub(crate) struct Underway {
    requests: Arc<Requests>,
    method: &'static str,
    route: String,
    is_answered: bool,
}

impl Underway {
    /// Returns the template of its route.
    pub(crate) fn route(&self) -> &str {
        &self.route
    }

    /// Returns its method, `other` where it is none that is known.
    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    /// Counts it as answered with this status after this time.
    pub(crate) fn answered(mut self, status: StatusCode, took: Duration) {
        self.is_answered = true;
        self.requests.end(self.method, &self.route, class(status));
        let timed = Timed {
            method: self.method,
            route: self.route.clone(),
        };
        let seconds = self.requests.seconds.get_or_create(&timed);
        seconds.observe(took.as_secs_f64());
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.requests.underway.dec();
        if !self.is_answered {
            self.requests.end(self.method, &self.route, "gone");
        }
    }
}

/// Returns the template of a route: `none` where there is no such place.
pub(crate) fn route_of(extensions: &Extensions) -> &str {
    let matched = extensions.get::<MatchedPath>();
    matched.map_or("none", MatchedPath::as_str)
}

/// Anything may stand where a method does.
fn method_of(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.into_iter().find(|known| *known == method.as_str());
    known.unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
