//! Where the server stands: looked up when somebody asks.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Form, Metrics};
use crate::App;
use crate::locked::lock;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Built {
    version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Looked {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
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
    records: Family<OfKind, Gauge>,
    counted: Mutex<Option<Duration>>,
}

/// How long a count of records holds: it reads an index through.
const COUNTED: Duration = Duration::from_mins(1);

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
            records: Family::default(),
            counted: Mutex::default(),
        };
        registry.register(
            "records",
            "Records of all tenants, by kind, counted at most once a minute",
            standing.records.clone(),
        );
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

    /// Counts records, if that is long ago.
    async fn count(&self, app: &App) {
        let now = app.elapsed();
        let last = lock(&self.counted).replace(now);
        if last.is_some_and(|last| now.saturating_sub(last) < COUNTED) {
            *lock(&self.counted) = last;
            return;
        }
        match app.records().counts().await {
            Ok(counts) => {
                self.records.clear();
                for (kind, count) in counts {
                    let kind = kind.as_str();
                    let gauge = self.records.get_or_create(&OfKind { kind });
                    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
                }
            }
            Err(error) => tracing::warn!(%error, "records cannot be counted"),
        }
    }

    async fn look(&self, app: &App) {
        self.count(app).await;
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
