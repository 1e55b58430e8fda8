//! Sends spans to a collector: OTLP over HTTP, in Protocol Buffers, in batches by a thread of the SDK.
//!
//! Spans are made here with the ids that requests and runs have already, and given to the SDK's processor: its tracers would
//! draw ids of their own, and keep what is current in a place of the thread, which a process with several applications has
//! once. `OTEL_BSP_*` of the environment says how large batches are; `OTEL_EXPORTER_OTLP_HEADERS` what is sent with them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use graphloom::host::{Http, HttpRequest};
use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, SpanId, TraceId};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};
use tokio::runtime::Handle;

use super::{Span, SpanSink, SpanStatus};

/// How long a batch may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends spans to a collector. [`Otlp::shutdown`] sends those that wait: without it they are lost.
pub struct Otlp {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
    /// Of so many traces, of a hundred.
    percent: u32,
}

/// Spans cannot be sent, or were not.
#[derive(Debug, thiserror::Error)]
#[error("spans cannot be sent: {0}")]
pub struct OtlpError(String);

impl Otlp {
    /// Begins to send spans to a collector: `endpoint` is its address, to which `/v1/traces` is added, `service` what this
    /// program is called there, `percent` of how many traces of a hundred that begin here. Requests go through `http`, which
    /// may have to be told that the address is a private one. Inside of a tokio runtime, which has to be there until
    /// [`Otlp::shutdown`] has returned.
    ///
    /// # Errors
    /// For an address that cannot be one; outside of a tokio runtime.
    pub fn begin(
        endpoint: &str,
        service: &str,
        percent: u32,
        http: Arc<dyn Http>,
    ) -> Result<Self, OtlpError> {
        let runtime = Handle::try_current().map_err(|e| OtlpError(e.to_string()))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { http, runtime })
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(TIMEOUT)
            .build()
            .map_err(|e| OtlpError(e.to_string()))?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        let version = env!("CARGO_PKG_VERSION");
        let resource = Resource::builder()
            .with_service_name(service.to_owned())
            .with_attribute(KeyValue::new("service.version", version))
            .build();
        processor.set_resource(&resource);
        let scope = InstrumentationScope::builder("graphloom-server").with_version(version);
        Ok(Self {
            processor,
            scope: scope.build(),
            percent: percent.min(100),
        })
    }

    /// Sends what waits, and then nothing any more. Blocks for a few seconds at most: not for a thread of the runtime.
    ///
    /// # Errors
    /// Where not all of it could be sent.
    pub fn shutdown(&self) -> Result<(), OtlpError> {
        let done = self.processor.shutdown();
        done.map_err(|e| OtlpError(e.to_string()))
    }

    fn data(&self, span: Span) -> SpanData {
        let flags = TraceFlags::default().with_sampled(span.context.sampled);
        let context = SpanContext::new(
            TraceId::from(span.context.trace),
            SpanId::from(span.context.span),
            flags,
            false,
            TraceState::default(),
        );
        let attributes = span.attributes.into_iter().map(|(name, text)| {
            // The one number among them.
            match text.parse::<i64>().ok().filter(|_| name == STATUS_CODE) {
                Some(number) => KeyValue::new(name, number),
                None => KeyValue::new(name, text),
            }
        });
        SpanData {
            span_context: context,
            parent_span_id: span.parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote: span.is_remote,
            span_kind: match span.is_request {
                true => SpanKind::Server,
                false => SpanKind::Internal,
            },
            name: span.name.into(),
            start_time: span.began,
            end_time: span.ended,
            attributes: attributes.collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: match span.status {
                SpanStatus::Unset => Status::Unset,
                SpanStatus::Failed(code) => Status::error(code),
            },
            instrumentation_scope: self.scope.clone(),
        }
    }
}

const STATUS_CODE: &str = "http.response.status_code";

impl SpanSink for Otlp {
    fn ended(&self, span: Span) {
        self.processor.on_end(self.data(span));
    }

    /// By the id, so that whoever else decides so decides alike.
    fn samples(&self, trace: u128) -> bool {
        trace % 100 < u128::from(self.percent)
    }
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp").finish_non_exhaustive()
    }
}

/// The server's own client, for a thread that is none of the runtime's.
struct Client {
    http: Arc<dyn Http>,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut asked = HttpRequest::new(parts.method.as_str(), parts.uri.to_string());
        for (name, value) in &parts.headers {
            asked = asked.header(name.as_str(), value.to_str()?);
        }
        let mut asked = asked.bytes(body.to_vec());
        asked.redirects = Some(0);
        asked.timeout = Some(TIMEOUT);
        let http = Arc::clone(&self.http);
        let sent = self.runtime.spawn(async move {
            let answer = http.send(asked).await?;
            let status = answer.status;
            Ok::<_, graphloom::host::EgressError>((status, answer.body.bytes().await?))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(Bytes::from(body))?)
    }
}
