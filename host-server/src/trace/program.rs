//! Where the program sends its spans, as its settings say.

#[cfg(feature = "otel")]
use std::sync::Arc;

use axum::http::Uri;

use crate::AppBuilder;
use crate::config::{Config, ConfigCode, ConfigFault};

const ENDPOINT: &str = "trace.otlp_endpoint";

/// Whoever gets the spans; perhaps nobody.
pub(crate) struct Collector {
    #[cfg(feature = "otel")]
    otlp: Option<Arc<super::Otlp>>,
}

impl Collector {
    /// Says what is wrong with the settings.
    pub(crate) fn check(config: &Config) -> Option<ConfigFault> {
        let endpoint = config.trace.otlp_endpoint.as_deref()?;
        if !cfg!(feature = "otel") {
            let what =
                "this program was built without the feature `otel`, which it takes to send spans";
            return Some(config.fault(ConfigCode::Conflict, ENDPOINT, what));
        }
        let what = format!("expected an address, as http://127.0.0.1:4318, found {endpoint:?}");
        place(endpoint)
            .is_none()
            .then(|| config.fault(ConfigCode::Value, ENDPOINT, what))
    }

    /// Begins to send, inside of a tokio runtime.
    ///
    /// # Errors
    /// What is wrong with the address, for people.
    #[cfg(feature = "otel")]
    pub(crate) fn begin(config: &Config) -> Result<Self, String> {
        use graphloom::host::HostSet;
        use graphloom_backends::egress::EgressPolicy;
        use graphloom_backends::http::{GuardedHttp, HttpOptions};

        let settings = &config.trace;
        let Some(endpoint) = settings.otlp_endpoint.as_deref() else {
            return Ok(Self { otlp: None });
        };
        // It goes there and nowhere else, be the address a private one.
        let host = HostSet::parse(place(endpoint)).map_err(|e| e.to_string())?;
        let policy = EgressPolicy::new()
            .allow_hosts(host.clone())
            .only_hosts(host);
        let http = Arc::new(GuardedHttp::new(HttpOptions::new().policy(policy)));
        let (service, percent) = (settings.service_name.as_str(), settings.sample_percent);
        let otlp = super::Otlp::begin(endpoint, service, percent, http);
        let otlp = otlp.map_err(|e| e.to_string())?;
        Ok(Self {
            otlp: Some(Arc::new(otlp)),
        })
    }

    /// There is nothing to begin.
    #[cfg(not(feature = "otel"))]
    pub(crate) fn begin(_: &Config) -> Result<Self, String> {
        Ok(Self {})
    }

    /// Has an application give its spans.
    #[cfg(feature = "otel")]
    pub(crate) fn of(&self, builder: AppBuilder) -> AppBuilder {
        match &self.otlp {
            Some(otlp) => builder.spans(Arc::clone(otlp) as _),
            None => builder,
        }
    }

    /// Nobody gets any.
    #[cfg(not(feature = "otel"))]
    pub(crate) fn of(&self, builder: AppBuilder) -> AppBuilder {
        builder
    }

    /// Sends what waits.
    pub(crate) async fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(otlp) = self.otlp {
            // It waits for a thread that waits for this runtime.
            let done = tokio::task::spawn_blocking(move || otlp.shutdown()).await;
            if let Ok(Err(error)) = done {
                tracing::warn!(%error, "the last spans are lost");
            }
        }
    }
}

/// Returns the host and port of an address of the web.
fn place(endpoint: &str) -> Option<String> {
    let uri: Uri = endpoint.parse().ok()?;
    let port = match uri.scheme_str()? {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let port = uri.port_u16().unwrap_or(port);
    (uri.query().is_none()).then(|| Some(format!("{}:{port}", uri.host()?)))?
}
