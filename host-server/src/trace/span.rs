//! What a span is, and who gets them.

use std::time::SystemTime;

use super::TraceContext;

/// Gets spans that have ended and are to be collected.
///
/// Called while a request is answered, and when a run has ended: it must not block, and what it does not take is lost.
pub trait SpanSink: Send + Sync {
    /// Takes a span.
    fn ended(&self, span: Span);

    /// Says whether a trace that begins here is to be collected. Default: each is.
    fn samples(&self, trace: u128) -> bool {
        let _ = trace;
        true
    }
}

/// Something that took a time, as a part of a trace. Has no text that a client has written, but for names of graphs' blocks.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Span {
    /// Which one.
    pub context: TraceContext,
    /// The span that it is a part of.
    pub parent: Option<u64>,
    /// Whether that one is of another process.
    pub is_remote: bool,
    /// What it is: `GET /v1/runs/{run}`, `run`.
    pub name: String,
    /// Whether it is a request that this process was asked.
    pub is_request: bool,
    /// When it began.
    pub began: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
    /// How it ended.
    pub status: SpanStatus,
    /// More about it, by the names of OpenTelemetry where there are any.
    pub attributes: Vec<(&'static str, String)>,
}

/// How a span ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanStatus {
    /// As it was to, or nobody has to mind.
    Unset,
    /// With this error code.
    Failed(String),
}
