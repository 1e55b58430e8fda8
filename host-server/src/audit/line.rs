//! What is written of a request: one line of JSON.

use axum::response::Response;
use graphloom::Text;
use graphloom::json::encode;
use hyper::body::Body as _;
use serde::Serialize;

use super::risk::Noted;
use super::what::{Asked, shown};
use crate::answer::moment;
use crate::problem::Problem;

/// A line, in the order of the documentation.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<std::net::IpAddr>,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Text>,
    sensitivity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_in: Option<u64>,
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_out: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<&'a [Text]>,
}

impl<'a> Line<'a> {
    fn of(asked: &'a Asked, bytes_in: Option<u64>) -> Self {
        let who = asked.who.as_ref();
        Self {
            time: moment(asked.at),
            request_id: &asked.request_id,
            tenant: who.map(|who| who.tenant_name()),
            subject: who.map(|who| &who.subject),
            key: who.and_then(|who| who.key.as_ref()),
            address: asked.address,
            method: &asked.method,
            route: asked.route.as_ref(),
            resource: asked.resource.clone(),
            sensitivity: asked.sensitivity.as_str(),
            bytes_in,
            status: None,
            code: None,
            bytes_out: None,
            risk: None,
        }
    }
}

/// Returns the line of a request that was answered.
pub(super) fn answered(asked: &Asked, bytes_in: Option<u64>, response: &Response) -> String {
    let extensions = response.extensions();
    let mut line = Line::of(asked, bytes_in);
    line.status = Some(response.status().as_u16());
    line.code = extensions.get::<Problem>().map(Problem::code);
    line.bytes_out = response.body().size_hint().exact();
    if line.resource.is_none() {
        let place = response.headers().get("location");
        let made = place.and_then(|place| place.to_str().ok()?.rsplit('/').next());
        line.resource = made.and_then(shown);
    }
    line.risk = extensions
        .get::<Noted>()
        .map(|Noted(notes)| notes.as_slice());
    end(&line)
}

/// Returns the line of a request that nobody waited for: what was done of it is not known.
pub(super) fn abandoned(asked: &Asked, bytes_in: Option<u64>) -> String {
    let mut line = Line::of(asked, bytes_in);
    line.code = Some("ABANDONED");
    end(&line)
}

/// Returns the line that says how many there should be before it.
pub(super) fn lost(at: graphloom::Timestamp, lines: u64) -> String {
    #[derive(Serialize)]
    struct Lost {
        time: String,
        lost: u64,
    }
    end(&Lost {
        time: moment(at),
        lost: lines,
    })
}

fn end(line: &impl Serialize) -> String {
    // It is made of texts and numbers: it can always be JSON.
    let mut text = encode(line).unwrap_or_default();
    text.push('\n');
    text
}
