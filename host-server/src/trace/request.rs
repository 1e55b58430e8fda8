//! The span of a request.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use graphloom::Timestamp;

use super::{Span, SpanStatus, TraceContext, incoming, time};
use crate::App;

/// The span of a request that is on its way.
pub(crate) struct RequestSpan {
    pub(crate) context: TraceContext,
    parent: Option<TraceContext>,
    began: Timestamp,
}

impl RequestSpan {
    /// Begins one: of the trace that the request says, or of a new one.
    pub(crate) fn begin(app: &App, headers: &HeaderMap) -> Self {
        let parent = incoming(headers);
        let context = match parent {
            Some(parent) => parent.child(),
            None => {
                let mut root = TraceContext::root();
                root.sampled = app.spans().is_some_and(|sink| sink.samples(root.trace));
                root
            }
        };
        Self {
            context,
            parent,
            began: app.now(),
        }
    }

    /// Returns it for what the request leads to, if anybody wants to know.
    pub(crate) fn kept(&self, app: &App) -> Option<TraceContext> {
        (self.parent.is_some() || app.spans().is_some()).then_some(self.context)
    }

    /// Gives the span to whoever collects it.
    pub(crate) fn end(
        &self,
        app: &App,
        (method, route): (&str, &str),
        (status, code): (StatusCode, Option<&'static str>),
        (took, request_id): (Duration, &str),
    ) {
        let Some(sink) = app.spans().filter(|_| self.context.sampled) else {
            return;
        };
        let began = time(self.began);
        let mut attributes = vec![
            ("http.request.method", method.to_string()),
            ("http.route", route.to_owned()),
            ("http.response.status_code", status.as_u16().to_string()),
            ("graphloom.request.id", request_id.to_owned()),
        ];
        attributes.extend(code.map(|code| ("error.type", code.to_owned())));
        sink.ended(Span {
            context: self.context,
            parent: self.parent.map(|parent| parent.span),
            is_remote: self.parent.is_some(),
            name: format!("{method} {route}"),
            is_request: true,
            began,
            ended: began + took,
            // What is wrong with a request is no fault of whoever answers it.
            status: match code.filter(|_| status.is_server_error()) {
                Some(code) => SpanStatus::Failed(code.to_owned()),
                None => SpanStatus::Unset,
            },
            attributes,
        });
    }
}
