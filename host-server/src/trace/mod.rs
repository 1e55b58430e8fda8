//! Where a request comes from and what it leads to: W3C Trace Context, taken in and given on, and spans for whoever
//! collects them.
//!
//! ```text
//! traceparent in -> span of the request -> `traceparent` of the answer
//!                          | label of the run
//!                    span of the run  -> `traceparent` of callbacks
//! ```
//!
//! Every request and every run is part of a trace, be it one of its own; logs and problem documents have its id. Spans are
//! given to a [`SpanSink`] where there is one; the feature `otel` has one that sends them on (`Otlp`).
//!
//! | file | what it is for |
//! |---|---|
//! | `context` | the form of `traceparent` |
//! | `span` | what a span is, and who gets them |
//! | `request`, `runs` | spans of requests and runs |
//! | `otlp` | sends spans by OTLP (feature `otel`) |
//! | `program` | where the program sends them |

mod context;
#[cfg(feature = "otel")]
mod otlp;
mod program;
mod request;
mod runs;
mod span;

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderName};
use graphloom::Timestamp;
use graphloom::host::RunEntry;

use crate::App;

pub use context::TraceContext;
#[cfg(feature = "otel")]
pub use otlp::{Otlp, OtlpError};
pub use span::{Span, SpanSink, SpanStatus};

pub(crate) use program::Collector;
pub(crate) use request::RequestSpan;
pub(crate) use runs::{RunSpans, label_of};

/// The header (W3C Trace Context, 3.2).
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

tokio::task_local! {
    static CURRENT: Option<TraceContext>;
}

/// Does this as a part of a span; `None`: nobody wants to know of which.
pub(crate) async fn within<T>(context: Option<TraceContext>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(context, work).await
}

/// Returns the span that the current task is a part of.
pub(crate) fn current() -> Option<TraceContext> {
    CURRENT.try_with(Option::clone).ok().flatten()
}

/// Returns what a request says that it is a part of. What cannot be read says nothing, and neither do two of them.
pub(crate) fn incoming(headers: &HeaderMap) -> Option<TraceContext> {
    let mut all = headers.get_all(TRACEPARENT).iter();
    let first = all.next()?;
    let only = all.next().is_none();
    first.to_str().ok().filter(|_| only)?.parse().ok()
}

/// Returns what others are told that a run is: something if whoever has started it has said so, or spans are collected here.
pub(crate) fn outgoing(app: &App, entry: &RunEntry) -> Option<TraceContext> {
    let (context, parent) = runs::of_run(entry);
    (parent.is_some() || app.spans().is_some()).then_some(context)
}

fn time(at: Timestamp) -> SystemTime {
    let ms = u64::try_from(at.as_millis()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
}
