//! Where the server stands: looked up when somebody asks.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Form, Metrics};
use crate::App;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Built {
    version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Looked {
    result: &'static str,
}

/// What stands.
pub(super) struct Standing {
    active: Gauge,
    kept: Gauge,
    draining: Gauge,
    streams: Gauge,
    live_bytes: Gauge,
    result_bytes: Gauge,
    results: Family<Looked, Counter>,
    is_kept: Gauge,
}

impl Standing {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let standing = Self {
            active: gauge("runs_active", "Runs that this process drives"),
            kept: gauge(
                "store_runs_going",
                "Runs in the store that are not over, whoever drives them",
            ),
            is_kept: gauge("store_up", "Whether the store answers: 1 or 0"),
            draining: gauge("draining", "Whether nothing new begins: 1 or 0"),
            streams: gauge(
                "live_streams",
                "Streams and WebSocket connections that are open",
            ),
            live_bytes: gauge(
                "live_cache_bytes",
                "Events in memory for whoever watches runs",
            ),
            result_bytes: gauge("result_cache_bytes", "Results of runs in memory"),
            results: Family::default(),
        };
        registry.register(
            "result_cache_lookups",
            "Results of runs that were asked for and were in memory (hit), or had to be computed (miss)",
            standing.results.clone(),
        );
        let built = Family::<Built, Gauge>::default();
        let version = env!("CARGO_PKG_VERSION");
        built.get_or_create(&Built { version }).set(1);
        registry.register("build", "The version that runs", built);
        standing
    }

    async fn look(&self, app: &App) {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.active.set(number(app.runs().active()));
        match app.runs().going().await {
            Ok(going) => {
                self.is_kept.set(1);
                self.kept.set(i64::try_from(going).unwrap_or(i64::MAX));
            }
            Err(error) => {
                tracing::warn!(%error, "the store does not say how many runs go on");
                self.is_kept.set(0);
            }
        }
        self.draining.set(i64::from(app.draining().is_on()));
        self.streams.set(number(app.live().streams()));
        self.live_bytes.set(number(app.live_cache_bytes()));
        let (bytes, hits, misses) = app.runs().results_held();
        self.result_bytes.set(number(bytes));
        for (result, count) in [("hit", hits), ("miss", misses)] {
            let counter = self.results.get_or_create(&Looked { result });
            // It is counted where it happens, and only grows.
            counter.inner().store(count, Ordering::Relaxed);
        }
    }
}

impl Metrics {
    /// Returns all numbers as text.
    pub(crate) async fn to_text(&self, app: &App, form: Form) -> String {
        self.standing.look(app).await;
        super::text::write(&self.registry, form)
    }
}
