//! What is written of a request: one line of JSON.

use axum::response::Response;
use graphloom::Value;
use graphloom::json::to_json;
use graphloom::value::Map;
use hyper::body::Body as _;

use super::risk::Noted;
use super::what::{Asked, shown};
use crate::answer::moment;
use crate::problem::Problem;

/// Returns the line of a request that was answered.
pub(super) fn answered(asked: &Asked, bytes_in: Option<u64>, response: &Response) -> String {
    let mut line = begin(asked, bytes_in);
    let status = response.status().as_u16();
    line.insert("status", u64::from(status));
    if let Some(problem) = response.extensions().get::<Problem>() {
        line.insert("code", problem.code());
    }
    if let Some(bytes) = response.body().size_hint().exact() {
        line.insert("bytes_out", bytes);
    }
    let location = response
        .headers()
        .get("location")
        .and_then(|place| place.to_str().ok());
    if asked.resource.is_none()
        && let Some(made) = location.and_then(|place| shown(place.rsplit('/').next()?))
    {
        line.insert("resource", made);
    }
    if let Some(Noted(notes)) = response.extensions().get::<Noted>() {
        line.insert(
            "risk",
            notes.iter().cloned().map(Value::from).collect::<Value>(),
        );
    }
    end(line)
}

/// Returns the line of a request that nobody waited for: what was done of it is not known.
pub(super) fn abandoned(asked: &Asked, bytes_in: Option<u64>) -> String {
    let mut line = begin(asked, bytes_in);
    line.insert("status", Value::Null);
    line.insert("code", "ABANDONED");
    end(line)
}

/// Returns the line that says how many there should be before it.
pub(super) fn lost(at: graphloom::Timestamp, lines: u64) -> String {
    let mut line = Map::new();
    line.insert("time", moment(at));
    line.insert("lost", lines);
    end(line)
}

fn begin(asked: &Asked, bytes_in: Option<u64>) -> Map {
    let mut line = Map::new();
    line.insert("time", moment(asked.at));
    line.insert("request_id", asked.request_id.clone());
    if let Some(who) = &asked.who {
        line.insert("tenant", who.tenant_name().clone());
        line.insert("subject", who.subject.clone());
        if let Some(key) = &who.key {
            line.insert("key", key.clone());
        }
    }
    if let Some(address) = asked.address {
        line.insert("address", address.to_string());
    }
    line.insert("method", asked.method.clone());
    if let Some(route) = &asked.route {
        line.insert("route", route.clone());
    }
    if let Some(resource) = &asked.resource {
        line.insert("resource", resource.clone());
    }
    line.insert("sensitivity", asked.sensitivity.as_str());
    if let Some(bytes) = bytes_in {
        line.insert("bytes_in", bytes);
    }
    line
}

fn end(line: Map) -> String {
    let mut text = to_json(&Value::from(line));
    text.push('\n');
    text
}
